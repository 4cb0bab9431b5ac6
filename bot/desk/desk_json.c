/* The JSON of the desk's API. */
#include "bot/desk/desk_json.h"

#include <stddef.h>

static const struct known_field {
	const char *name;
	unsigned bit;
	size_t max_bytes; /* 0: a whole number above 0 */
	size_t at;        /* in struct desk_body */
} known_field[] = {
	{"person", DESK_PERSON, desk_person_bytes, offsetof(struct desk_body, person)},
	{"version", DESK_VERSION, 0, offsetof(struct desk_body, version)},
	{"text", DESK_TEXT, desk_text_bytes, offsetof(struct desk_body, text)},
	{"id", DESK_ID, desk_id_bytes, offsetof(struct desk_body, id)},
	{"file", DESK_FILE, desk_id_bytes, offsetof(struct desk_body, file)},
	{"outcome", DESK_OUTCOME, desk_id_bytes, offsetof(struct desk_body, outcome)},
	{"because", DESK_BECAUSE, desk_place_bytes, offsetof(struct desk_body, because)},
	{"order", DESK_ORDER, desk_id_bytes, offsetof(struct desk_body, order)},
	{"to", DESK_TO, desk_place_bytes, offsetof(struct desk_body, to)},
};
enum { n_known_fields = sizeof(known_field) / sizeof(known_field[0]) };

struct reading {
	struct arena *arena;
	struct desk_body *body;
	struct str *why;
};

static const struct known_field *find_field(struct str name, unsigned allowed)
{
	for (size_t i = 0; i < n_known_fields; i++)
		if (str_is(name, known_field[i].name) && (known_field[i].bit & allowed))
			return &known_field[i];
	return NULL;
}

/* Lines and tabs belong to what people write; a name has one line. */
static bool has_control(struct str s, bool lines)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' || c == 0x7f) && !(lines && (c == '\n' || c == '\t')))
			return true;
	}
	return false;
}

static bool read_number(
	const struct reading *r, const struct known_field *field, const struct json *node)
{
	int64_t *number = (int64_t *)(void *)((char *)r->body + field->at);

	if (json_is(node, JSON_NUMBER) && json_int(node, number) && *number > 0)
		return true;
	*r->why = arena_printf(r->arena, "'%s' is a whole number above 0", field->name);
	return false;
}

static bool read_text(
	const struct reading *r, const struct known_field *field, const struct json *node)
{
	struct str text = str_trim(json_text(node));

	if (!json_is(node, JSON_TEXT) || !text.n || text.n > field->max_bytes)
		*r->why = arena_printf(r->arena, "'%s' is a text of 1 to %zu bytes", field->name,
			field->max_bytes);
	else if (has_control(text, field->bit == DESK_TEXT))
		*r->why = arena_printf(r->arena, "'%s' has control characters", field->name);
	else {
		*(struct str *)(void *)((char *)r->body + field->at) = arena_str(r->arena, text);
		return true;
	}
	return false;
}

static bool has_all(const struct reading *r, unsigned needed, unsigned seen)
{
	for (size_t i = 0; i < n_known_fields; i++)
		if (known_field[i].bit & needed & ~seen) {
			*r->why = arena_printf(r->arena, "'%s' is missing", known_field[i].name);
			return false;
		}
	return true;
}

static enum desk_reading read_object(
	const struct reading *r, const struct json *object, unsigned needed, unsigned allowed)
{
	unsigned seen = 0;

	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		const struct known_field *field = find_field(json_key(m), needed | allowed);

		if (!field) {
			*r->why = arena_printf(r->arena, "'%.*s' is no field of this request",
				STR(str_sub(json_key(m), 0, 40)));
			return DESK_BAD_FIELD;
		}
		seen |= field->bit;
		if (!(field->max_bytes ? read_text : read_number)(r, field, m))
			return DESK_BAD_FIELD;
	}
	return has_all(r, needed, seen) ? DESK_READ : DESK_BAD_FIELD;
}

enum desk_reading desk_body_read(struct str bytes, unsigned needed, unsigned allowed,
	struct arena *arena, struct desk_body *body, struct str *why)
{
	static const struct json_limits limits = {.bytes = 16384, .nodes = 100, .depth = 4};
	struct source source = {"body", bytes};
	struct reading reading = {arena, body, why};
	struct json_doc *doc = json_parse(&source, 0, &limits, NULL);
	enum desk_reading result = DESK_NO_JSON;

	*body = (struct desk_body){.version = 0};
	*why = S("the body is one JSON object");
	if (doc && json_is(json_root(doc), JSON_OBJECT))
		result = read_object(&reading, json_root(doc), needed, allowed);
	json_doc_free(doc);
	return result;
}

static struct json *copy_of(struct str text, struct arena *arena)
{
	struct source source = {"card", text};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);
	struct json *copy =
		doc ? value_to_json(value_from_json(arena, json_root(doc))) : json_new_object();

	json_doc_free(doc);
	return copy;
}

struct json *desk_card_json(
	const struct store_card *card, const char *state, int64_t now, struct arena *arena)
{
	struct json *object = json_new_object();
	int64_t until = card->person.n ? card->claimed : card->closed ? card->closed : now;

	json_put_int(object, "id", card->id);
	json_put_int(object, "version", card->version);
	json_put_text(object, "conversation", card->conversation);
	json_put_text(object, "queue", card->queue);
	json_put_int(object, "at", card->at);
	json_put_int(object, "waited_s", until > card->at ? until - card->at : 0);
	json_put_text(object, "state", str_of(state));
	json_put_text(object, "person", card->person);
	json_put_int(object, "closed", card->closed);
	json_put(object, "card", copy_of(card->json, arena));
	return object;
}

struct json *desk_post_json(const struct post *post)
{
	struct json *object = json_new_object();

	json_put_int(object, "n", post->n);
	json_put_int(object, "at", post->at_ms);
	json_put_text(object, "who", str_of(post_who_name[post->who]));
	json_put_text(object, "name", post->name);
	json_put(object, "body", value_to_json(post->body));
	return object;
}

struct json *desk_send_json(const struct store_send *send)
{
	struct json *object = json_new_object();

	json_put_int(object, "id", send->id);
	json_put_text(object, "key", send->key);
	json_put_int(object, "at", send->at / 1000);
	json_put_int(object, "tries", send->tries);
	json_put_text(object, "state",
		send->sent   ? S("sent")
		: send->dead ? S("dead")
			     : S("waiting"));
	json_put_int(object, "next_at", send->next_at / 1000);
	json_put_text(object, "error", send->error);
	return object;
}

struct json *desk_error_json(const char *code, struct str message)
{
	struct json *whole = json_new_object(), *error = json_new_object();

	json_put_text(error, "code", str_of(code));
	json_put_text(error, "message", message);
	json_put(whole, "error", error);
	return whole;
}

struct json *desk_promise_json(
	const struct store_promise *promise, const char *state, const char *why)
{
	struct json *json = json_new_object();

	json_put_int(json, "id", promise->id);
	json_put_text(json, "state", str_of(state));
	if (*why)
		json_put_text(json, "why", str_of(why));
	json_put_text(json, "conversation", promise->conversation);
	json_put_text(json, "event", promise->event);
	json_put_text(json, "order", promise->of);
	json_put_int(json, "made", promise->made_ms);
	json_put_int(json, "kept", promise->kept_ms);
	json_put_int(json, "times", promise->kept);
	json_put_int(json, "ended", promise->ended_ms);
	json_put_int(json, "news", promise->news_ms);
	json_put_int(json, "looked", promise->looked_ms);
	return json;
}

/* Direct Line: what clients send. */
#include "adapters/directline/directline.h"

#include <string.h>

#include "bot/base/text.h"

enum {
	max_nodes = 4000,
	max_depth = 24,
	max_id_bytes = 128,
	max_name_bytes = 256,
	max_choice_bytes = 256,
	max_url_bytes = 2000,
	max_language_bytes = 35, /* RFC 5646 section 4.4.1 */
	max_post_digits = 10,
};

static bool wrong(struct buf *error, const char *why)
{
	buf_adds(error, why);
	return false;
}

/* --- routes --- */

static const struct str root = S("/v3/directline/");
enum { max_conversation_bytes = 64 };

/* @tail: what follows "conversations/ID"; NULL: the path is @head alone. */
static const struct {
	const char *head, *tail, *method;
	enum directline_route_kind kind;
} route_of[] = {
	{"tokens/generate", NULL, "POST", ROUTE_GENERATE},
	{"tokens/refresh", NULL, "POST", ROUTE_REFRESH},
	{"conversations", NULL, "POST", ROUTE_START},
	{"conversations/", "", "GET", ROUTE_RECONNECT},
	{"conversations/", "/activities", "GET", ROUTE_GET},
	{"conversations/", "/activities", "POST", ROUTE_POST},
	{"conversations/", "/upload", "POST", ROUTE_UPLOAD},
	{"conversations/", "/stream", "GET", ROUTE_STREAM},
};

static bool is_conversation(struct str id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i], small = c | 0x20;

		if (!(c >= '0' && c <= '9') && !(small >= 'a' && small <= 'z') && c != '_' &&
			c != '-')
			return false;
	}
	return id.n && id.n <= max_conversation_bytes;
}

static bool path_is(struct str path, const char *head, const char *tail, struct str *conversation)
{
	long slash;

	*conversation = S("");
	if (!tail)
		return str_is(path, head);
	if (!str_starts(path, str_of(head)))
		return false;
	path = str_sub(path, strlen(head), path.n);
	slash = str_find(path, S("/"));
	*conversation = str_sub(path, 0, slash < 0 ? path.n : (size_t)slash);
	return is_conversation(*conversation) &&
	       str_is(str_sub(path, conversation->n, path.n), tail);
}

struct directline_route directline_route(struct str method, struct str path)
{
	struct directline_route route = {ROUTE_NONE, {0}};

	if (!str_starts(path, root))
		return route;
	path = str_sub(path, root.n, path.n);
	for (size_t i = 0; i < sizeof(route_of) / sizeof(*route_of); i++) {
		struct str conversation;

		if (!path_is(path, route_of[i].head, route_of[i].tail, &conversation))
			continue;
		if (str_is(method, "OPTIONS"))
			return (struct directline_route){ROUTE_PREFLIGHT, conversation};
		if (str_is(method, route_of[i].method))
			return (struct directline_route){route_of[i].kind, conversation};
		route = (struct directline_route){ROUTE_WRONG_METHOD, conversation};
	}
	return route;
}

void directline_cors(struct str origin, struct arena *arena, struct str line[directline_n_cors])
{
	line[0] = arena_printf(arena, "Access-Control-Allow-Origin: %.*s", STR(origin));
	line[1] = S("Vary: Origin");
	line[2] = S("Access-Control-Allow-Methods: GET, POST");
	line[3] = S("Access-Control-Allow-Headers: Authorization, Content-Type, x-ms-bot-agent, "
		    "x-requested-with");
	line[4] = S("Access-Control-Max-Age: 600");
}

/* --- bodies --- */

/* A whole number of any length is read as text: clients put their own clocks into channelData. */
static struct json_doc *object_of(
	struct source *source, struct str body, size_t max_bytes, struct buf *error)
{
	struct json_limits limits = {max_bytes, max_nodes, max_depth};
	struct json_doc *doc;

	*source = (struct source){"body", body};
	doc = json_parse(source, JSON_BIG_AS_TEXT, &limits, NULL);
	if (doc && json_is(json_root(doc), JSON_OBJECT))
		return doc;
	json_doc_free(doc);
	wrong(error, "this is no JSON object, or too large");
	return NULL;
}

static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7F)
			return false;
	return true;
}

/* Absent and null are the empty text. */
static bool read_text(const struct json *object, const char *name, size_t max_bytes,
	struct arena *arena, struct str *out, struct buf *error)
{
	const struct json *node = json_get(object, name);

	*out = S("");
	if (!node || json_is(node, JSON_NULL))
		return true;
	if (!json_is(node, JSON_TEXT) || json_text(node).n > max_bytes ||
		!is_plain(json_text(node))) {
		buf_addf(error, "'%s' is no text, too long, or has control characters", name);
		return false;
	}
	*out = arena_str(arena, json_text(node));
	return true;
}

/* --- start --- */

static bool is_vouched(struct str user)
{
	return str_starts(user, S("dl_"));
}

static bool check_user(struct str user, bool trusted, struct buf *error)
{
	if (!user.n)
		return true;
	if (trusted && !is_vouched(user))
		return wrong(error, "a user's id that is vouched for begins with 'dl_'");
	if (!trusted && is_vouched(user))
		return wrong(error, "a user's id may begin with 'dl_' in a token only");
	return true;
}

static bool read_origin(
	const struct json *body, struct arena *arena, struct str *origin, struct buf *error)
{
	const struct json *list = json_get(body, "trustedOrigins"), *first = json_first(list);
	struct str text = json_text(first);

	*origin = S("");
	if (!list || json_is(list, JSON_NULL) || (json_is(list, JSON_ARRAY) && !first))
		return true;
	if (!json_is(list, JSON_ARRAY) || json_count(list) > 1 || text.n > max_name_bytes ||
		!is_plain(text) ||
		(!str_starts(text, S("https://")) && !str_starts(text, S("http://"))))
		return wrong(error, "'trustedOrigins' must be a list of one http or https origin");
	*origin = arena_str(arena, text);
	return true;
}

bool directline_start_read(struct str body, bool trusted, struct arena *arena,
	struct directline_start *start, struct buf *error)
{
	struct source source;
	struct json_doc *doc;
	const struct json *user;
	bool ok;

	*start = (struct directline_start){0};
	if (!str_trim(body).n)
		return true;
	doc = object_of(&source, body, directline_max_activity_bytes, error);
	if (!doc)
		return false;
	user = json_get(json_root(doc), "user");
	ok = read_text(user, "id", max_id_bytes, arena, &start->user, error) &&
	     read_text(user, "name", max_name_bytes, arena, &start->user_name, error) &&
	     read_text(json_root(doc), "locale", max_language_bytes, arena, &start->language,
		     error) &&
	     read_origin(json_root(doc), arena, &start->origin, error) &&
	     check_user(start->user, trusted, error);
	json_doc_free(doc);
	return ok;
}

/* --- activities --- */

struct reading {
	const struct json *root;
	struct arena *arena;
	struct directline_activity *activity;
	struct buf *error;
	bool is_caption;
};

/* Our own buttons send back {"choice": ID, "post": N} (messageBack); what another client makes of
 * them, an imBack or a text typed, is a text like any other. */
static bool read_press(struct reading *r)
{
	const struct json *value = json_get(r->root, "value");
	struct str choice = json_text(json_get(value, "choice"));
	int64_t post;

	if (!choice.n || choice.n > max_choice_bytes)
		return false;
	r->activity->kind = DIRECTLINE_PRESS;
	r->activity->choice = arena_str(r->arena, choice);
	if (json_int(json_get(value, "post"), &post) && post > 0 && post <= UINT32_MAX)
		r->activity->post = (uint32_t)post;
	return true;
}

static bool is_web(struct str url)
{
	return (str_starts(url, S("https://")) || str_starts(url, S("http://"))) &&
	       url.n <= max_url_bytes && is_plain(url) && str_find(url, S(" ")) < 0;
}

static bool read_attachment(struct reading *r, const struct json *node)
{
	struct directline_activity *activity = r->activity;
	struct str url = json_text(json_get(node, "contentUrl"));
	struct directline_attachment *a = &activity->attachment[activity->n_attachments];

	if (!is_web(url))
		return wrong(r->error, "an attachment needs a 'contentUrl' of http or https");
	if (activity->n_attachments == directline_max_attachments)
		return wrong(r->error, "more than 4 attachments");
	a->url = arena_str(r->arena, url);
	activity->n_attachments++;
	return read_text(node, "contentType", max_name_bytes, r->arena, &a->type, r->error) &&
	       read_text(node, "name", max_name_bytes, r->arena, &a->name, r->error);
}

static bool read_attachments(struct reading *r)
{
	const struct json *list = json_get(r->root, "attachments");

	for (const struct json *node = json_is(list, JSON_ARRAY) ? json_first(list) : NULL; node;
		node = json_next(node))
		if (!read_attachment(r, node))
			return false;
	if (r->activity->n_attachments)
		r->activity->kind = DIRECTLINE_FILE;
	return true;
}

/* A postBack has its text in "value". */
static struct str said(const struct json *activity)
{
	struct str text = str_trim(json_text(json_get(activity, "text")));

	return text.n ? text : str_trim(json_text(json_get(activity, "value")));
}

static bool read_message(struct reading *r)
{
	struct str text = said(r->root);

	if (read_press(r))
		return true;
	r->activity->kind = DIRECTLINE_TEXT;
	if (text.n > directline_max_text_bytes)
		return wrong(r->error, "'text' is over 4,000 bytes");
	r->activity->text = arena_str(r->arena, text);
	if (r->is_caption)
		return true;
	if (!read_attachments(r))
		return false;
	return text.n || r->activity->n_attachments || wrong(r->error, "the message is empty");
}

static bool read_event(struct reading *r)
{
	r->activity->kind = DIRECTLINE_EVENT;
	return read_text(r->root, "name", max_name_bytes, r->arena, &r->activity->name, r->error);
}

static bool read_common(struct reading *r)
{
	return read_text(json_get(r->root, "channelData"), "clientActivityID", max_id_bytes,
		       r->arena, &r->activity->id, r->error) &&
	       read_text(json_get(r->root, "from"), "id", max_id_bytes, r->arena,
		       &r->activity->from, r->error) &&
	       read_text(r->root, "locale", max_language_bytes, r->arena, &r->activity->language,
		       r->error);
}

static bool read_activity(struct reading *r)
{
	struct str type = json_text(json_get(r->root, "type"));

	if (!type.n)
		return wrong(r->error, "an activity needs a 'type'");
	if (!read_common(r))
		return false;
	if (str_is(type, "message"))
		return read_message(r);
	if (str_is(type, "event"))
		return read_event(r);
	r->activity->kind = str_is(type, "typing") ? DIRECTLINE_TYPING : DIRECTLINE_OTHER;
	return true;
}

static bool read_body(struct reading *r, struct str body)
{
	struct source source;
	struct json_doc *doc = object_of(&source, body,
		r->is_caption ? directline_max_caption_bytes : directline_max_activity_bytes,
		r->error);
	bool ok;

	*r->activity = (struct directline_activity){0};
	if (!doc)
		return false;
	r->root = json_root(doc);
	ok = read_activity(r);
	json_doc_free(doc);
	return ok;
}

bool directline_activity_read(struct str body, struct arena *arena,
	struct directline_activity *activity, struct buf *error)
{
	struct reading r = {NULL, arena, activity, error, false};

	return read_body(&r, body);
}

bool directline_caption_read(struct str body, struct arena *arena,
	struct directline_activity *activity, struct buf *error)
{
	struct reading r = {NULL, arena, activity, error, true};

	if (!read_body(&r, body))
		return false;
	if (activity->kind == DIRECTLINE_TEXT)
		return true;
	return wrong(error, "what goes along with files is a message");
}

bool directline_watermark(struct str text, uint32_t *after)
{
	int64_t number;

	*after = 0;
	if (!text.n || str_is(text, "-"))
		return true;
	if (text.n > max_post_digits || text.p[0] == '-' || text.p[0] == '+' ||
		!str_int(text, &number) || number < 0 || number > UINT32_MAX)
		return false;
	*after = (uint32_t)number;
	return true;
}

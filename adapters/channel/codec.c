/* What all codecs do alike. */
#include "adapters/channel/codec.h"

#include "bot/base/text.h"

enum {
	max_parse_bytes =
		4 * 1024 * 1024, /* Meta's batches; what the server takes is its own limit */
	max_parse_nodes = 100000,
	max_parse_depth = 32,
	max_line_bytes = 200,
};

/* --- what came --- */

struct str codec_header(const struct channel_request *request, const char *name)
{
	return request->header ? request->header(request->inside, name) : S("");
}

struct json_doc *codec_parse(struct source *source, struct str body)
{
	static const struct json_limits limits = {
		max_parse_bytes, max_parse_nodes, max_parse_depth};

	*source = (struct source){"body", body};
	return json_parse(source, JSON_BIG_AS_TEXT, &limits, NULL);
}

struct str codec_text(const struct json *object, const char *key, struct arena *arena)
{
	return arena_str(arena, json_text(json_get(object, key)));
}

bool codec_is_name(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= 0x20 || text.p[i] >= 0x7F)
			return false;
	return text.n && text.n <= codec_max_id_bytes;
}

struct str codec_id(const struct json *object, const char *key, struct arena *arena)
{
	const struct json *node = json_get(object, key);
	int64_t number;

	if (codec_is_name(json_text(node)))
		return arena_str(arena, json_text(node));
	if (json_is(node, JSON_NUMBER) && json_int(node, &number))
		return arena_printf(arena, "%lld", (long long)number);
	return S("");
}

int64_t codec_int(const struct json *object, const char *key)
{
	const struct json *node = json_get(object, key);
	int64_t number = 0;

	if (json_is(node, JSON_TEXT) ? str_int(json_text(node), &number)
				     : json_is(node, JSON_NUMBER) && json_int(node, &number))
		return number;
	return 0;
}

void codec_add(struct codec_events *events, const struct channel_event *event)
{
	if (!codec_is_name(event->peer) || !codec_is_name(event->id)) {
		events->why = "unknown";
		return;
	}
	if (events->n >= codec_max_events || arena_over(events->arena)) {
		events->why = "too many";
		return;
	}
	events->event = arena_grow(events->arena, events->event, events->n, struct channel_event);
	events->event[events->n++] = *event;
}

void codec_add_part(struct codec_events *events, const struct channel_event *event, size_t n)
{
	struct channel_event part = *event;

	if (n) {
		part.id = arena_printf(events->arena, "%.*s/%zu", STR(event->id), n);
		part.text = S("");
	}
	codec_add(events, &part);
}

void codec_add_files(struct codec_events *events, const struct channel_event *event,
	const struct json *files, const struct codec_file_members *members)
{
	struct channel_event part = *event;
	size_t n = 0;

	part.kind = CHANNEL_ATTACHMENT;
	for (const struct json *f = json_first(files); f; f = json_next(f)) {
		part.file.id = codec_text(f, members->id, events->arena);
		part.file.name = codec_text(f, members->name, events->arena);
		part.file.type = codec_text(f, members->type, events->arena);
		part.file.bytes = codec_int(f, members->bytes);
		part.file.kind = codec_media_kind(part.file.type);
		codec_add_part(events, &part, n++);
	}
}

struct str codec_file_kind(const struct codec_file_kind *table, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(name, table[i].name))
			return str_of(table[i].kind);
	return S("");
}

struct str codec_media_kind(struct str type)
{
	return str_starts(type, S("image/"))   ? S("image")
	       : str_starts(type, S("video/")) ? S("video")
	       : str_starts(type, S("audio/")) ? S("voice")
					       : S("file");
}

void codec_read(const struct codec_kind *table, size_t n, struct str name, const struct json *root,
	struct codec_events *events)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(name, table[i].name)) {
			events->why = NULL;
			table[i].read(root, events);
			return;
		}
	events->why = "unknown";
}

static const struct str press_sign = {"\xE2\x96\xB6", 3};

struct str codec_typed_press(struct arena *arena, struct str choice)
{
	return arena_printf(arena, "%.*s%.*s", STR(press_sign), STR(choice));
}

void codec_read_press(struct channel_event *event)
{
	if (!str_starts(event->text, press_sign))
		return;
	event->kind = CHANNEL_PRESS;
	event->text = str_sub(event->text, press_sign.n, event->text.n);
}

struct channel_taken codec_taken(const struct codec_events *events)
{
	return (struct channel_taken){
		.status = 200, .event = events->event, .n_events = events->n, .why = events->why};
}

struct channel_taken codec_passed(const char *why)
{
	return (struct channel_taken){.status = 200, .why = why};
}

struct channel_taken codec_refused(unsigned status, const char *why)
{
	return (struct channel_taken){.status = status, .why = why};
}

struct channel_taken codec_answered(const char *type, struct str body)
{
	return (struct channel_taken){.status = 200, .type = str_of(type), .body = body};
}

/* --- what goes out --- */

bool codec_shows(const struct post *post)
{
	return post->who != POST_BUYER && (codec_said(post).n || codec_choices(post));
}

struct str codec_said(const struct post *post)
{
	return value_get_text(post->body, "text");
}

struct str codec_filled(struct str said)
{
	return said.n ? said : S("\xE2\x80\xA6");
}

static const struct value *choices_of(const struct post *post)
{
	const struct value *list = value_get(post->body, "choices");

	return list && list->type == VALUE_LIST ? list : NULL;
}

size_t codec_choices(const struct post *post)
{
	const struct value *list = choices_of(post);

	return list ? list->list.n : 0;
}

struct str codec_choice_id(const struct post *post, size_t index)
{
	return value_get_text(value_at(choices_of(post), index), "id");
}

struct str codec_choice_label(const struct post *post, size_t index)
{
	return value_get_text(value_at(choices_of(post), index), "label");
}

void codec_write_choices(struct buf *body, const char *key, const struct post *post,
	struct arena *arena, void (*write)(struct buf *body, const struct codec_choice *choice))
{
	json_out_key(body, key);
	json_out_open(body, '[');
	for (size_t i = 0; i < codec_choices(post); i++) {
		struct codec_choice choice = {
			codec_choice_id(post, i), codec_choice_label(post, i), i, arena};

		json_out_open(body, '{');
		write(body, &choice);
		json_out_close(body, '}');
	}
	json_out_close(body, ']');
}

struct str codec_base(struct str url)
{
	return str_ends(url, S("/")) ? str_sub(url, 0, url.n - 1) : url;
}

void codec_begin(struct buf *body)
{
	buf_init(body, codec_max_body_bytes);
	json_out_start(body, '{');
}

struct channel_call codec_call(struct arena *arena, const char *method, struct str url,
	struct str header, struct buf *body)
{
	struct str *headers = arena_array(arena, struct str, 2);
	struct channel_call call = {.method = str_of(method), .url = url, .headers = headers};

	headers[call.n_headers++] = S("Content-Type: application/json; charset=utf-8");
	if (header.n)
		headers[call.n_headers++] = header;
	json_out_close(body, '}');
	call.body = arena_str(arena, buf_str(body));
	buf_release(body);
	return call;
}

size_t codec_one(struct arena *arena, struct channel_call call, const struct channel_call **calls)
{
	struct channel_call *kept = arena_new_of(arena, struct channel_call);

	*kept = call;
	*calls = kept;
	return 1;
}

/* --- what became of it --- */

static enum channel_verdict verdict_of(unsigned status)
{
	if (status >= 200 && status < 300)
		return CHANNEL_SENT;
	if (status == 401 || status == 403)
		return CHANNEL_LOST;
	if (status == 408 || status == 425 || status == 429 || status == 503)
		return CHANNEL_AGAIN;
	return status >= 500 ? CHANNEL_UNCLEAR : CHANNEL_NEVER;
}

struct channel_judgement codec_judge_status(
	const struct channel_answer *answer, struct arena *arena)
{
	return (struct channel_judgement){.verdict = verdict_of(answer->status),
		.wait_ms = answer->retry_after_ms,
		.why = arena_printf(arena, "HTTP status %u", answer->status)};
}

struct str codec_line(struct arena *arena, struct str words, struct str secret)
{
	struct str line = arena_str(arena, text_clip(words, max_line_bytes));
	char *p = (char *)line.p;

	if (secret.n && str_find(words, secret) >= 0)
		return S("(its words have the token in them)");
	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7F)
			p[i] = ' ';
	return line;
}

void codec_judge_code(
	struct channel_judgement *judgement, const struct codec_rule *rule, size_t n, int64_t code)
{
	for (size_t i = 0; i < n; i++) {
		if (rule[i].code != code)
			continue;
		judgement->verdict = rule[i].verdict;
		if (judgement->wait_ms < 0 && rule[i].wait_ms)
			judgement->wait_ms = rule[i].wait_ms;
		return;
	}
}

struct channel_judgement codec_judge_inside(const struct codec_inside *inside,
	const struct channel_answer *answer, struct str secret, struct arena *arena)
{
	struct channel_judgement judgement = codec_judge_status(answer, arena);
	struct source source;
	struct json_doc *doc = codec_parse(&source, answer->body);
	const struct json *root = doc ? json_root(doc) : NULL;

	if (json_get(root, inside->code)) {
		judgement.verdict = CHANNEL_NEVER;
		codec_judge_code(
			&judgement, inside->rule, inside->n_rules, codec_int(root, inside->code));
		judgement.why = codec_line(arena, json_text(json_get(root, inside->words)), secret);
		judgement.message = codec_id(inside->id_in ? json_get(root, inside->id_in) : root,
			inside->message, arena);
	} else if (judgement.verdict == CHANNEL_SENT) {
		judgement.verdict = CHANNEL_UNCLEAR;
		judgement.why = arena_printf(arena, "200 without \"%s\"", inside->code);
	}
	json_doc_free(doc);
	return judgement;
}

/* Discord's Gateway: what the socket says, and what it is told. */
#include "adapters/discord/discord.h"

#include "adapters/channel/codec.h"

enum {
	op_dispatch = 0,
	op_beat = 1,
	op_identify = 2,
	op_resume = 6,
	op_reconnect = 7,
	op_invalid = 9,
	op_hello = 10,
	op_beat_heard = 11,
	direct_messages = 1 << 12, /* the only intent: their text needs no further right */
	shortest_beat_ms = 1000,
	longest_beat_ms = 3600 * 1000,
};

bool discord_wants_gateway(const struct channel_account *account)
{
	return account->value[DISCORD_GATEWAY].n;
}

/* --- the address --- */

struct channel_call discord_gateway(const struct channel_account *account, struct arena *arena)
{
	struct str *header = arena_new_of(arena, struct str);

	*header =
		arena_printf(arena, "Authorization: Bot %.*s", STR(account->value[DISCORD_TOKEN]));
	return (struct channel_call){
		.method = S("GET"),
		.url = arena_printf(
			arena, "%.*s/gateway/bot", STR(codec_base(account->value[DISCORD_API]))),
		.headers = header,
		.n_headers = 1,
	};
}

struct str discord_gateway_url(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena, bool *lost, struct str *why)
{
	struct channel_judgement judgement = discord_channel.judge(account, answer, arena);
	struct str url = S("");
	struct source source;
	struct json_doc *doc = codec_parse(&source, answer->body);

	*lost = judgement.verdict == CHANNEL_LOST;
	*why = judgement.why;
	if (doc && judgement.verdict == CHANNEL_SENT)
		url = codec_text(json_root(doc), "url", arena);
	json_doc_free(doc);
	return url;
}

struct str discord_gateway_address(struct str url, struct arena *arena)
{
	return arena_printf(arena, "%.*s/?v=10&encoding=json", STR(codec_base(url)));
}

/* --- what comes --- */

static void read_message(const struct json *d, struct codec_events *events)
{
	static const struct codec_file_members members = {
		"url", "filename", "content_type", "size"};
	const struct json *author = json_get(d, "author");
	struct channel_event event = {
		.kind = CHANNEL_TEXT,
		.peer = codec_id(d, "channel_id", events->arena),
		.id = codec_id(d, "id", events->arena),
		.text = codec_text(d, "content", events->arena),
		.user = codec_id(author, "id", events->arena),
		.user_name = codec_text(author, "global_name", events->arena),
	};

	if (json_bool(json_get(author, "bot")))
		events->why = "echo";
	/* Orders are nothing for everybody on a server to read. */
	else if (json_get(d, "guild_id"))
		events->why = "group";
	else if (json_count(json_get(d, "attachments")))
		codec_add_files(events, &event, json_get(d, "attachments"), &members);
	else if (event.text.n)
		codec_add(events, &event);
	else
		events->why = "unknown";
}

static void read_edit(const struct json *d, struct codec_events *events)
{
	struct str at = codec_id(d, "edited_timestamp", events->arena);
	size_t n = events->n;

	if (!at.n || json_count(json_get(d, "attachments"))) { /* a link got its picture */
		events->why = "unknown";
		return;
	}
	read_message(d, events);
	if (events->n == n)
		return;
	events->event[n].kind = CHANNEL_EDITED;
	events->event[n].id =
		arena_printf(events->arena, "%.*s/%.*s", STR(events->event[n].id), STR(at));
}

/* An interaction that comes this way is answered by a request. */
static struct channel_call callback(const struct channel_account *account,
	const struct channel_event *event, struct str answer, struct arena *arena)
{
	static const struct str header[] = {{"Content-Type: application/json", 30}};

	if (!event->ticket.n)
		return (struct channel_call){0};
	return (struct channel_call){
		.method = S("POST"),
		.url = arena_printf(arena, "%.*s/interactions/%.*s/%.*s/callback",
			STR(codec_base(account->value[DISCORD_API])), STR(event->id),
			STR(event->ticket)),
		.headers = header,
		.n_headers = 1,
		.body = answer,
		.optional = true,
	};
}

static void read_interaction(const struct channel_account *account, const struct json *d,
	struct discord_frame *frame, struct arena *arena)
{
	if (!discord_is_interaction(d))
		return;
	frame->taken = discord_take_interaction(d, arena);
	if (frame->taken.n_events)
		frame->answer = callback(account, frame->taken.event, frame->taken.body, arena);
}

static void read_dispatch(const struct channel_account *account, const struct json *root,
	struct discord_frame *frame, struct arena *arena)
{
	struct str name = json_text(json_get(root, "t"));
	const struct json *d = json_get(root, "d");
	struct codec_events events = {.arena = arena, .why = "unknown"};

	frame->kind = DISCORD_EVENT;
	frame->sequence = codec_int(root, "s");
	if (str_is(name, "READY")) {
		frame->kind = DISCORD_READY;
		frame->session = codec_text(d, "session_id", arena);
		frame->resume_url = codec_text(d, "resume_gateway_url", arena);
	} else if (str_is(name, "RESUMED")) {
		frame->kind = DISCORD_RESUMED;
	} else if (str_is(name, "INTERACTION_CREATE")) {
		frame->taken = codec_passed("unknown");
		read_interaction(account, d, frame, arena);
	} else {
		events.why = str_is(name, "MESSAGE_CREATE") || str_is(name, "MESSAGE_UPDATE")
				     ? NULL
				     : "unknown";
		if (str_is(name, "MESSAGE_CREATE"))
			read_message(d, &events);
		else if (str_is(name, "MESSAGE_UPDATE"))
			read_edit(d, &events);
		frame->taken = codec_taken(&events);
	}
}

static int64_t interval_of(const struct json *d)
{
	int64_t ms = codec_int(d, "heartbeat_interval");

	return ms < shortest_beat_ms  ? shortest_beat_ms
	       : ms > longest_beat_ms ? longest_beat_ms
				      : ms;
}

static const struct {
	int64_t op;
	enum discord_frame_kind kind;
} plain[] = {
	{op_beat, DISCORD_ASKS_BEAT},
	{op_reconnect, DISCORD_RECONNECT},
	{op_invalid, DISCORD_INVALID},
	{op_hello, DISCORD_HELLO},
	{op_beat_heard, DISCORD_BEAT_HEARD},
};

static void read_frame(const struct channel_account *account, const struct json *root,
	struct discord_frame *frame, struct arena *arena)
{
	int64_t op;

	if (!json_is(json_get(root, "op"), JSON_NUMBER) || !json_int(json_get(root, "op"), &op))
		return;
	if (op == op_dispatch)
		read_dispatch(account, root, frame, arena);
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (plain[i].op == op)
			frame->kind = plain[i].kind;
	frame->interval_ms = interval_of(json_get(root, "d"));
	frame->may_resume = json_bool(json_get(root, "d"));
}

struct discord_frame discord_frame_read(
	const struct channel_account *account, struct str text, struct arena *arena)
{
	struct discord_frame frame = {.kind = DISCORD_OTHER, .sequence = -1};
	struct source source;
	struct json_doc *doc = codec_parse(&source, text);

	if (doc)
		read_frame(account, json_root(doc), &frame, arena);
	json_doc_free(doc);
	return frame;
}

/* --- what goes --- */

static void begin(struct buf *out, int64_t op)
{
	buf_init(out, 4096); /* Discord takes no more in one frame */
	json_out_start(out, '{');
	json_out_member_int(out, "op", op);
	json_out_key(out, "d");
}

static struct str end(struct buf *out, struct arena *arena)
{
	struct str text;

	json_out_close(out, '}');
	text = arena_str(arena, buf_str(out));
	buf_release(out);
	return text;
}

struct str discord_identify(const struct channel_account *account, struct arena *arena)
{
	struct buf out;

	begin(&out, op_identify);
	json_out_open(&out, '{');
	json_out_member(&out, "token", account->value[DISCORD_TOKEN]);
	json_out_member_int(&out, "intents", direct_messages);
	json_out_key(&out, "properties");
	json_out_open(&out, '{');
	json_out_member(&out, "os", S("linux"));
	json_out_member(&out, "browser", S("tenstep"));
	json_out_member(&out, "device", S("tenstep"));
	json_out_close(&out, '}');
	json_out_close(&out, '}');
	return end(&out, arena);
}

struct str discord_resume(const struct channel_account *account, struct str session,
	int64_t sequence, struct arena *arena)
{
	struct buf out;

	begin(&out, op_resume);
	json_out_open(&out, '{');
	json_out_member(&out, "token", account->value[DISCORD_TOKEN]);
	json_out_member(&out, "session_id", session);
	json_out_member_int(&out, "seq", sequence);
	json_out_close(&out, '}');
	return end(&out, arena);
}

struct str discord_beat(int64_t sequence, struct arena *arena)
{
	struct buf out;

	begin(&out, op_beat);
	if (sequence < 0)
		json_out_value(&out, NULL);
	else
		json_out_int(&out, sequence);
	return end(&out, arena);
}

bool discord_is_final(unsigned close_code)
{
	return close_code == 4004 || (close_code >= 4010 && close_code <= 4014);
}

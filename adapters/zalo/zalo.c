/* Zalo: what comes, what goes out, and what its answers mean. */
#include "adapters/zalo/zalo.h"

#include <string.h>

#include "adapters/channel/codec.h"
#include "bot/base/digest.h"

static const struct channel_setting setting[n_zalo_settings] = {
	[ZALO_APP] = {"app", "the app's id", CHANNEL_SETTING_TEXT, true, NULL, 1, 64},
	[ZALO_SECRET] = {"secret", "the Official Account's secret key: signs what Zalo sends",
		CHANNEL_SETTING_SECRET, true, NULL, 8, 256},
	[ZALO_TOKEN] = {"token", "the Official Account's access token (good for about a day)",
		CHANNEL_SETTING_SECRET, true, NULL, 8, 1024},
	[ZALO_API] = {"api", "the open API", CHANNEL_SETTING_URL, false,
		"https://openapi.zalo.me/v3.0/oa"},
};

/* --- in --- */

/* SHA-256 of the app's id, the raw body, the body's own time and the secret: no HMAC.  The secret
 * stands last, so nothing can be added to what was signed. */
static bool is_signed(const struct channel_account *account, const struct channel_request *request,
	struct str at, struct arena *arena)
{
	struct str piece[] = {
		account->value[ZALO_APP], request->body, at, account->value[ZALO_SECRET]};
	struct str given = codec_header(request, "x-zevent-signature");
	struct digest digest;
	char hex[65], *whole;
	size_t n = 0;

	if (!account->value[ZALO_SECRET].n)
		return false;
	for (size_t i = 0; i < 4; i++)
		n += piece[i].n;
	whole = arena_raw(arena, n + 1);
	n = 0;
	for (size_t i = 0; i < 4; i++) {
		if (piece[i].n)
			memcpy(whole + n, piece[i].p, piece[i].n);
		n += piece[i].n;
	}
	digest = digest_of((struct str){whole, n});
	digest_hex(digest, hex);
	if (str_starts(given, S("mac=")))
		given = str_sub(given, 4, given.n);
	return digest_same(given, (struct str){hex, 64});
}

/* The last part of the event's name says what it is. */
static const struct codec_file_kind file_kind[] = {
	{"user_send_image", "image"},
	{"user_send_gif", "image"},
	{"user_send_video", "video"},
	{"user_send_audio", "voice"},
	{"user_send_file", "file"},
	{"user_send_link", "file"},
	{"user_send_sticker", "sticker"},
	{"user_send_location", "place"},
};

static void read_file(struct channel_event *event, const struct json *message, struct arena *arena)
{
	const struct json *payload =
		json_get(json_first(json_get(message, "attachments")), "payload");

	event->kind = CHANNEL_ATTACHMENT;
	event->file.id = codec_text(payload, "url", arena);
	event->file.name = codec_text(payload, "name", arena);
	event->file.type = codec_text(payload, "type", arena);
	event->file.bytes = codec_int(payload, "size");
}

static void read_sent(const struct json *root, struct str name, struct codec_events *events)
{
	const struct json *message = json_get(root, "message");
	struct channel_event event = {
		.peer = codec_id(json_get(root, "sender"), "id", events->arena),
		.id = codec_id(message, "msg_id", events->arena),
		.text = codec_text(message, "text", events->arena),
		.at_ms = codec_int(root, "timestamp"),
		.file.kind =
			codec_file_kind(file_kind, sizeof(file_kind) / sizeof(*file_kind), name),
	};

	event.user = event.peer;
	if (event.file.kind.n)
		read_file(&event, message, events->arena);
	else
		codec_read_press(&event);
	if (event.file.kind.n || (str_is(name, "user_send_text") && event.text.n))
		codec_add(events, &event);
	else
		events->why = "unknown";
}

static void read_event(const struct json *root, struct codec_events *events)
{
	struct str name = json_text(json_get(root, "event_name"));

	if (str_starts(name, S("oa_send_")))
		events->why = "echo";
	else if (str_is(name, "user_received_message") || str_is(name, "user_seen_message"))
		events->why = "receipt";
	else if (str_starts(name, S("user_send_")))
		read_sent(root, name, events);
	else
		events->why = "unknown";
}

/* The page where the address is set tries it with nothing or {}, and without a signature. */
static bool is_trial(struct str body)
{
	body = str_trim(body);
	return !body.n || str_is(body, "{}");
}

static struct channel_taken take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	struct codec_events events = {.arena = arena};
	struct source source;
	struct json_doc *doc;

	if (is_trial(request->body))
		return codec_passed("unknown");
	doc = codec_parse(&source, request->body);
	/* The time is part of what is signed and stands in the body: read, but not believed yet. */
	if (!is_signed(account, request, codec_id(doc ? json_root(doc) : NULL, "timestamp", arena),
		    arena)) {
		json_doc_free(doc);
		return codec_refused(401, "signature");
	}
	if (!doc)
		return codec_passed("not json");
	read_event(json_root(doc), &events);
	json_doc_free(doc);
	return codec_taken(&events);
}

/* --- out --- */

static void write_button(struct buf *body, const struct codec_choice *choice)
{
	json_out_member(body, "title", choice->label);
	json_out_member(body, "type", S("oa.query.hide"));
	json_out_member(body, "payload", codec_typed_press(choice->arena, choice->id));
}

static void write_buttons(struct buf *body, const struct post *post, struct arena *arena)
{
	json_out_key(body, "attachment");
	json_out_open(body, '{');
	json_out_member(body, "type", S("template"));
	json_out_key(body, "payload");
	json_out_open(body, '{');
	codec_write_choices(body, "buttons", post, arena, write_button);
	json_out_close(body, '}');
	json_out_close(body, '}');
}

static size_t encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	struct str said = codec_said(post);
	struct buf body;

	if (!codec_shows(post))
		return 0;
	codec_begin(&body);
	json_out_key(&body, "recipient");
	json_out_open(&body, '{');
	json_out_member(&body, "user_id", peer->peer);
	json_out_close(&body, '}');
	json_out_key(&body, "message");
	json_out_open(&body, '{');
	json_out_member(&body, "text", codec_filled(said));
	if (codec_choices(post))
		write_buttons(&body, post, arena);
	json_out_close(&body, '}');
	return codec_one(arena,
		codec_call(arena, "POST",
			arena_printf(arena, "%.*s/message/cs",
				STR(codec_base(account->value[ZALO_API]))),
			arena_printf(arena, "access_token: %.*s", STR(account->value[ZALO_TOKEN])),
			&body),
		calls);
}

static const struct codec_rule rule[] = {
	{0, CHANNEL_SENT}, {-32, CHANNEL_AGAIN, 60000}, /* too fast */
	{-216, CHANNEL_LOST},                           /* the token is no good or over */
	{-230, CHANNEL_NEVER},                          /* the buyer has not written lately */
};

static struct channel_judgement judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	static const struct codec_inside inside = {
		"error", "message", "data", "message_id", rule, sizeof(rule) / sizeof(*rule)};

	return codec_judge_inside(&inside, answer, account->value[ZALO_TOKEN], arena);
}

static const char *const headers[] = {"x-zevent-signature", NULL};

const struct channel zalo_channel = {
	.name = "zalo",
	.about = "Zalo Official Account",
	.setting = setting,
	.n_settings = n_zalo_settings,
	.limits =
		{
			.text = {2000, CHANNEL_UTF16},
			.buttons = 5,
			.label = {100, CHANNEL_UTF16},
			.payload = {900, CHANNEL_BYTES},
			.window_ms = 48 * 3600 * 1000LL,
			.answer_ms = 2000,
		},
	.take = take,
	.headers = headers,
	.encode = encode,
	.judge = judge,
};

/* Viber: what comes, what goes out, and what its answers mean. */
#include "adapters/viber/viber.h"

#include "adapters/channel/codec.h"

static const struct channel_setting setting[n_viber_settings] = {
	[VIBER_TOKEN] = {"token", "the bot's authentication token; signs what Viber sends, too",
		CHANNEL_SETTING_SECRET, true, NULL, 8, 256},
	[VIBER_SENDER] = {"sender", "the name that buyers see", CHANNEL_SETTING_TEXT, true, NULL, 1,
		28},
	[VIBER_API] = {"api", "the bot API", CHANNEL_SETTING_URL, false,
		"https://chatapi.viber.com/pa"},
};

/* --- in --- */

static const struct codec_file_kind file_kind[] = {
	{"picture", "image"},
	{"video", "video"},
	{"file", "file"},
	{"contact", "file"},
	{"sticker", "sticker"},
	{"location", "place"},
};

static bool read_file(struct channel_event *event, const struct json *message, struct arena *arena)
{
	event->text = codec_text(message, "text", arena);
	event->file.kind = codec_file_kind(file_kind, sizeof(file_kind) / sizeof(*file_kind),
		json_text(json_get(message, "type")));
	if (!event->file.kind.n)
		return false;
	event->kind = CHANNEL_ATTACHMENT;
	event->file.id = codec_text(message, "media", arena);
	event->file.name = codec_text(message, "file_name", arena);
	event->file.bytes = codec_int(message, "size");
	return true;
}

static bool read_words(struct channel_event *event)
{
	codec_read_press(event);
	return event->text.n;
}

/* message_token is beyond 2^53: its digits are the id, never a double. */
static void read_message(const struct json *root, struct codec_events *events)
{
	const struct json *message = json_get(root, "message"), *sender = json_get(root, "sender");
	struct channel_event event = {
		.peer = codec_id(sender, "id", events->arena),
		.id = codec_id(root, "message_token", events->arena),
		.user_name = codec_text(sender, "name", events->arena),
		.language = codec_id(sender, "language", events->arena),
		.at_ms = codec_int(root, "timestamp"),
	};

	event.user = event.peer;
	if (read_file(&event, message, events->arena) || read_words(&event))
		codec_add(events, &event);
	else
		events->why = "unknown";
}

static void read_unsubscribed(const struct json *root, struct codec_events *events)
{
	codec_add(events, &(struct channel_event){
				  .kind = CHANNEL_CLOSED,
				  .peer = codec_id(root, "user_id", events->arena),
				  .id = codec_id(root, "message_token", events->arena),
				  .at_ms = codec_int(root, "timestamp"),
			  });
}

static void read_receipt(const struct json *root, struct codec_events *events)
{
	(void)root;
	events->why = "receipt";
}

static const struct codec_kind kind[] = {
	{"message", read_message},
	{"unsubscribed", read_unsubscribed},
	{"delivered", read_receipt},
	{"seen", read_receipt},
	{"failed", read_receipt},
};

static void read_event(const struct json *root, struct codec_events *events)
{
	codec_read(kind, sizeof(kind) / sizeof(*kind), json_text(json_get(root, "event")), root,
		events);
}

static struct channel_taken take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	struct codec_events events = {.arena = arena};
	struct source source;
	struct json_doc *doc;

	if (!channel_signed(account->value[VIBER_TOKEN], &request->body, 1,
		    codec_header(request, "x-viber-content-signature"), CHANNEL_HEX))
		return codec_refused(401, "signature");
	doc = codec_parse(&source, request->body);
	if (!doc)
		return codec_passed("not json");
	read_event(json_root(doc), &events);
	json_doc_free(doc);
	return codec_taken(&events);
}

/* --- out --- */

static struct channel_call call_of(const struct channel_account *account, const char *path,
	struct buf *body, struct arena *arena)
{
	return codec_call(arena, "POST",
		arena_printf(arena, "%.*s%s", STR(codec_base(account->value[VIBER_API])), path),
		arena_printf(arena, "X-Viber-Auth-Token: %.*s", STR(account->value[VIBER_TOKEN])),
		body);
}

static void write_button(struct buf *body, const struct codec_choice *choice)
{
	json_out_member_int(body, "Columns", 6);
	json_out_member_int(body, "Rows", 1);
	json_out_member(body, "ActionType", S("reply"));
	json_out_member(body, "ActionBody", codec_typed_press(choice->arena, choice->id));
	json_out_member(body, "Text", choice->label);
	json_out_member_bool(body, "Silent", true); /* the payload is not shown as said */
}

static void write_keyboard(struct buf *body, const struct post *post, struct arena *arena)
{
	json_out_key(body, "keyboard");
	json_out_open(body, '{');
	json_out_member(body, "Type", S("keyboard"));
	codec_write_choices(body, "Buttons", post, arena, write_button);
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
	json_out_member(&body, "receiver", peer->peer);
	json_out_member_int(&body, "min_api_version", 6); /* Silent */
	json_out_key(&body, "sender");
	json_out_open(&body, '{');
	json_out_member(&body, "name", account->value[VIBER_SENDER]);
	json_out_close(&body, '}');
	json_out_member(&body, "type", S("text"));
	json_out_member(&body, "text", codec_filled(said));
	if (codec_choices(post))
		write_keyboard(&body, post, arena);
	return codec_one(arena, call_of(account, "/send_message", &body, arena), calls);
}

static size_t enroll(const struct channel_account *account, struct str address, struct arena *arena,
	const struct channel_call **calls)
{
	static const char *const wanted[] = {"message", "unsubscribed"};
	struct buf body;

	codec_begin(&body);
	json_out_member(&body, "url", address);
	json_out_key(&body, "event_types");
	json_out_open(&body, '[');
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		json_out_text(&body, str_of(wanted[i]));
	json_out_close(&body, ']');
	json_out_member_bool(&body, "send_name", true);
	return codec_one(arena, call_of(account, "/set_webhook", &body, arena), calls);
}

static const struct codec_rule rule[] = {
	{0, CHANNEL_SENT},
	{1, CHANNEL_NEVER}, /* the address is no good: only set_webhook says so */
	{2, CHANNEL_LOST},  /* the token */
	{3, CHANNEL_NEVER}, /* a fault in what we send */
	{4, CHANNEL_NEVER},
	{5, CHANNEL_NEVER}, /* the buyer is not registered */
	{6, CHANNEL_NEVER}, /* the buyer has left */
	{7, CHANNEL_LOST},  /* the bot is suspended */
	{8, CHANNEL_LOST},
	{9, CHANNEL_NEVER}, /* the buyer's device cannot */
	{10, CHANNEL_LOST}, /* no address is set */
	{11, CHANNEL_NEVER},
	{12, CHANNEL_AGAIN, 60000}, /* too fast, or 100 an hour to one who does not answer */
	{13, CHANNEL_NEVER},
	{14, CHANNEL_NEVER},
};

static struct channel_judgement judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	static const struct codec_inside inside = {"status", "status_message", NULL,
		"message_token", rule, sizeof(rule) / sizeof(*rule)};

	return codec_judge_inside(&inside, answer, account->value[VIBER_TOKEN], arena);
}

static const char *const headers[] = {"x-viber-content-signature", NULL};

const struct channel viber_channel = {
	.name = "viber",
	.about = "Viber bot",
	.setting = setting,
	.n_settings = n_viber_settings,
	.limits =
		{
			.text = {7000 / 2, CHANNEL_UTF16}, /* the whole call has 30 kB */
			.buttons = 12,
			.label = {100, CHANNEL_UTF16},
			.payload = {200, CHANNEL_BYTES},
			.answer_ms = 5000,
		},
	.take = take,
	.headers = headers,
	.encode = encode,
	.judge = judge,
	.enroll = enroll,
};

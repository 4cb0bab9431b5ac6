/* Telegram: what goes out, and the table of the codec. */
#include "adapters/telegram/telegram_parts.h"

#include "bot/base/text.h"

enum {
	max_body_bytes = 128 << 10,
	row_label = 18,
	in_a_row = 2,
	spinner_ms = 140 * 1000,
	on_its_way_ms = 300
};

static const struct channel_setting setting[n_telegram_settings] = {
	[TELEGRAM_TOKEN] = {"token", "What @BotFather gave for the bot: \"123456:ABC…\".",
		CHANNEL_SETTING_SECRET, true},
	[TELEGRAM_SECRET] = {"secret",
		"A word of your own that Telegram shows with every update: letters, digits, '_' "
		"and "
		"'-'. Needed unless \"polling\" is on.",
		CHANNEL_SETTING_SECRET, false, NULL, 0, 256},
	[TELEGRAM_POLLING] = {"polling",
		"Ask Telegram for updates instead of having them brought: for servers without a "
		"public address.",
		CHANNEL_SETTING_SWITCH, false},
	[TELEGRAM_API] = {"api", "The Bot API; another one for a server of your own.",
		CHANNEL_SETTING_URL, false, "https://api.telegram.org"},
};

bool telegram_asks(const struct channel_account *account)
{
	return account->value[TELEGRAM_POLLING].n > 0;
}

static bool is_word(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '_' || c == '-'))
			return false;
	}
	return text.n > 0;
}

/* Digits, a colon, and a word: anything else would make another address of the URL. */
static bool is_token(struct str token)
{
	struct str rest = token, bot = str_cut(&rest, ':');
	int64_t number;

	return str_int(bot, &number) && number > 0 && is_word(rest);
}

static const char *fault(const struct channel_account *account)
{
	if (!is_token(account->value[TELEGRAM_TOKEN]))
		return "the token is not of the form \"123456:ABC…\"";
	if (telegram_asks(account))
		return NULL;
	if (!account->value[TELEGRAM_SECRET].n)
		return "needs 'secret', or \"polling\": true";
	return is_word(account->value[TELEGRAM_SECRET])
		       ? NULL
		       : "the secret may have letters, digits, '_' and '-' only";
}

/* --- calls --- */

struct channel_call telegram_call(const struct channel_account *account, const char *method,
	struct buf *body, struct arena *arena)
{
	static const struct str header[] = {S("Content-Type: application/json")};
	struct channel_call call = {
		.method = S("POST"),
		.url = arena_printf(arena, "%.*s/bot%.*s/%s", STR(account->value[TELEGRAM_API]),
			STR(account->value[TELEGRAM_TOKEN]), method),
		.headers = header,
		.n_headers = 1,
		.body = arena_str(arena, buf_str(body)),
	};

	buf_release(body);
	return call;
}

static void open_body(struct buf *body)
{
	buf_init(body, max_body_bytes);
	json_out_start(body, '{');
}

/* The id of a chat is a number on the wire. */
static void put_chat(struct buf *body, const struct channel_peer *peer)
{
	int64_t chat = 0;

	if (str_int(peer->peer, &chat))
		json_out_member_int(body, "chat_id", chat);
	else
		json_out_member(body, "chat_id", peer->peer);
}

/* --- buttons --- */

static void put_button(struct buf *body, const struct value *choice)
{
	json_out_open(body, '{');
	json_out_member(body, "text", value_get_text(choice, "label"));
	json_out_member(body, "callback_data", value_get_text(choice, "id"));
	json_out_close(body, '}');
}

static bool is_short(const struct value *choices, size_t i)
{
	return i < value_count(choices) &&
	       text_width(value_get_text(value_at(choices, i), "label")) <= row_label;
}

/* Two short ones side by side; a long one has a row of its own. */
static void put_keyboard(struct buf *body, const struct value *choices)
{
	json_out_key(body, "reply_markup");
	json_out_open(body, '{');
	json_out_key(body, "inline_keyboard");
	json_out_open(body, '[');
	for (size_t i = 0, in_row; i < value_count(choices); i += in_row) {
		in_row = is_short(choices, i) && is_short(choices, i + 1) ? in_a_row : 1;
		json_out_open(body, '[');
		for (size_t k = i; k < i + in_row; k++)
			put_button(body, value_at(choices, k));
		json_out_close(body, ']');
	}
	json_out_close(body, ']');
	json_out_close(body, '}');
}

/* --- the functions of the table --- */

/* Who asks for updates has no answer to give to a press: the button's spinner is stopped before the
 * first thing that is said to it. */
static bool spins(const struct channel_account *account, const struct channel_peer *peer)
{
	return telegram_asks(account) && peer->ticket.n &&
	       peer->sent_ms < peer->ticket_ms + on_its_way_ms &&
	       peer->now_ms - peer->ticket_ms < spinner_ms;
}

static struct channel_call stop_spinner(
	const struct channel_account *account, const struct channel_peer *peer, struct arena *arena)
{
	struct channel_call call;
	struct buf body;

	open_body(&body);
	json_out_member(&body, "callback_query_id", peer->ticket);
	json_out_close(&body, '}');
	call = telegram_call(account, "answerCallbackQuery", &body, arena);
	call.optional = true;
	return call;
}

static size_t encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	struct channel_call *call = arena_array(arena, struct channel_call, 2);
	const struct value *choices = value_get(post->body, "choices");
	struct str text = value_get_text(post->body, "text");
	struct buf body;
	size_t n = 0;

	if (!text.n && !value_count(choices))
		return 0;
	if (spins(account, peer))
		call[n++] = stop_spinner(account, peer, arena);
	open_body(&body);
	put_chat(&body, peer);
	json_out_member(&body, "text", text.n ? text : S("…")); /* none may be empty */
	json_out_key(&body, "link_preview_options");
	json_out_open(&body, '{');
	json_out_member_bool(&body, "is_disabled", true);
	json_out_close(&body, '}');
	if (value_count(choices))
		put_keyboard(&body, choices);
	json_out_close(&body, '}');
	call[n++] = telegram_call(account, "sendMessage", &body, arena);
	*calls = call;
	return n;
}

static bool typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call)
{
	struct buf body;

	open_body(&body);
	put_chat(&body, peer);
	json_out_member(&body, "action", S("typing"));
	json_out_close(&body, '}');
	*call = telegram_call(account, "sendChatAction", &body, arena);
	call->optional = true;
	return true;
}

void telegram_write_wanted(struct buf *body)
{
	json_out_key(body, "allowed_updates");
	json_out_open(body, '[');
	json_out_text(body, S("message"));
	json_out_text(body, S("edited_message"));
	json_out_text(body, S("callback_query"));
	json_out_close(body, ']');
}

static size_t enroll(const struct channel_account *account, struct str address, struct arena *arena,
	const struct channel_call **calls)
{
	struct channel_call *call = arena_new_of(arena, struct channel_call);
	struct buf body;

	open_body(&body);
	if (!telegram_asks(account)) {
		json_out_member(&body, "url", address);
		json_out_member(&body, "secret_token", account->value[TELEGRAM_SECRET]);
		telegram_write_wanted(&body);
	}
	json_out_close(&body, '}');
	*call = telegram_call(
		account, telegram_asks(account) ? "deleteWebhook" : "setWebhook", &body, arena);
	*calls = call;
	return 1;
}

static const char *const headers[] = {"x-telegram-bot-api-secret-token", NULL};

const struct channel telegram_channel = {
	.name = "telegram",
	.about = "Telegram Bot API",
	.setting = setting,
	.n_settings = n_telegram_settings,
	.limits =
		{
			.text = {4096, CHANNEL_UTF16},
			.buttons = 100,
			.label = {64, CHANNEL_CHARACTERS},
			.payload = {64, CHANNEL_BYTES},
			.per_s = 30,
			.per_peer_ms = 350, /* 1 a second over time; short bursts are let through */
			.answer_ms = 60 * 1000,
		},
	.take = telegram_take,
	.headers = headers,
	.encode = encode,
	.judge = telegram_judge,
	.typing = typing,
	.enroll = enroll,
	.fault = fault,
	.pull = telegram_pull,
	.pulled = telegram_pulled,
};

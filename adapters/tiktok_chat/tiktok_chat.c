/* The table of the buyer chat, and what its webhook says. */
#include "adapters/tiktok_chat/tiktok_chat.h"

#include "adapters/channel/channel_sign.h"
#include "adapters/tiktok_chat/chat_message.h"
#include "adapters/tiktok_chat/chat_send.h"

enum {
	new_message = 14, /* the webhook's type */
	max_body_bytes = 1 << 20,
	max_nodes = 10000,
	max_depth = 32,
	max_text_characters = 2000,
	answer_ms = 3000,
	requests_per_s = 10, /* the platform's limit moves and is not published */
};

/* --- the webhook --- */

static bool is_signed(const struct channel_account *account, const struct channel_request *request)
{
	const struct str piece[] = {account->value[TIKTOK_CHAT_KEY], request->body};

	return channel_signed(account->value[TIKTOK_CHAT_SECRET], piece, 2,
		request->header(request->inside, "authorization"), CHANNEL_HEX);
}

static bool is_new_message(const struct json *root)
{
	int64_t type = 0;

	return json_int(json_get(root, "type"), &type) && type == new_message;
}

/* Several shops of a seller have one address. */
static bool is_of_shop(const struct channel_account *account, const struct json *root)
{
	struct str shop = account->value[TIKTOK_CHAT_SHOP];

	return !shop.n || str_eq(shop, json_text(json_get(root, "shop_id")));
}

static void read_hook(const struct channel_account *account, const struct json *root,
	struct arena *arena, struct channel_taken *taken)
{
	struct channel_event *event = arena_new_of(arena, struct channel_event);
	const struct value *data;
	struct chat_raw raw;

	if (!is_new_message(root) || !is_of_shop(account, root)) {
		taken->why = is_new_message(root) ? "other_shop" : "unknown";
		return;
	}
	data = value_from_json(arena, json_get(root, "data"));
	raw = chat_raw_of(data, "message_id", value_get_text(data, "conversation_id"));
	taken->why = chat_message_read(&raw, arena, event);
	if (taken->why)
		return;
	taken->event = event;
	taken->n_events = 1;
}

/* What is signed and cannot be read would not be better the next time: it is not asked for again.
 */
static struct channel_taken take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	static const struct json_limits limits = {max_body_bytes, max_nodes, max_depth};
	struct source source = {"webhook", request->body};
	struct channel_taken taken = {.status = 200};
	struct json_doc *doc;

	if (!str_is(request->method, "POST"))
		return (struct channel_taken){.status = 405, .why = "method"};
	if (!is_signed(account, request))
		return (struct channel_taken){.status = 401, .why = "signature"};
	doc = json_parse(&source, JSON_BIG_AS_TEXT, &limits, NULL);
	if (!doc)
		return (struct channel_taken){.status = 200, .why = "unknown"};
	read_hook(account, json_root(doc), arena, &taken);
	json_doc_free(doc);
	return taken;
}

bool tiktok_chat_read_echo(
	struct str body, struct arena *arena, struct str *conversation, struct str *message)
{
	static const struct json_limits limits = {max_body_bytes, max_nodes, max_depth};
	struct source source = {"webhook", body};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, &limits, NULL);
	struct chat_raw raw = {.hidden = true};
	const struct value *data;

	if (doc) {
		data = value_from_json(arena, json_get(json_root(doc), "data"));
		raw = chat_raw_of(data, "message_id", value_get_text(data, "conversation_id"));
	}
	json_doc_free(doc);
	*conversation = raw.conversation;
	*message = raw.id;
	return chat_is_by_agent(&raw) && chat_is_id(raw.id) && chat_is_id(raw.conversation);
}

/* --- the table --- */

static const struct channel_setting setting[] = {
	{"shop",
		"The id of the shop, when the seller's consent is for several; else none is "
		"needed.",
		CHANNEL_SETTING_TEXT, false, NULL, 0, tiktok_chat_id_bytes},
};

const struct channel tiktok_chat = {
	.name = "tiktok_chat",
	.about = "the buyer chat of TikTok Shop",
	.setting = setting,
	.n_settings = sizeof setting / sizeof *setting,
	.limits =
		{
			.text = {max_text_characters, CHANNEL_CHARACTERS},
			.pictures = true,
			.cards = true,
			.per_s = requests_per_s,
			.answer_ms = answer_ms,
		},
	.borrows = true,
	.take = take,
	.encode = chat_encode,
	.judge = chat_judge,
	.enroll = chat_enroll,
};

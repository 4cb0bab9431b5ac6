/* Conversations and messages that are asked for, page by page. */
#include "adapters/tiktok_chat/chat_message.h"
#include "adapters/tiktok_chat/chat_send.h"

/* --- requests --- */

/* Page tokens are the platform's: digits here, base64 elsewhere. */
static void add_token(struct buf *path, struct str token)
{
	static const char digit[] = "0123456789ABCDEF";

	if (!token.n)
		return;
	buf_adds(path, "&page_token=");
	for (size_t i = 0; i < token.n; i++) {
		unsigned char c = (unsigned char)token.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			c == '-' || c == '_' || c == '.')
			buf_addc(path, (char)c);
		else
			buf_addf(path, "%%%c%c", digit[c >> 4], digit[c & 15]);
	}
}

static struct channel_call get(const struct channel_account *account, struct str path,
	struct str token, struct arena *arena)
{
	struct channel_call call;
	struct buf whole;

	buf_init(&whole, 8192);
	buf_add(&whole, path);
	add_token(&whole, token);
	call = chat_call(account, "GET", buf_str(&whole), S(""), arena);
	buf_release(&whole);
	return call;
}

struct channel_call tiktok_chat_list(
	const struct channel_account *account, struct str token, struct arena *arena)
{
	return get(account,
		arena_printf(arena, "/customer_service/202309/conversations?page_size=%d",
			tiktok_chat_conversations),
		token, arena);
}

struct channel_call tiktok_chat_find(
	const struct channel_account *account, struct str conversation, struct arena *arena)
{
	return get(account,
		arena_printf(
			arena, "/customer_service/202601/conversations/%.*s", STR(conversation)),
		S(""), arena);
}

struct channel_call tiktok_chat_messages(const struct channel_account *account,
	struct str conversation, struct str token, struct arena *arena)
{
	return get(account,
		arena_printf(arena,
			"/customer_service/202309/conversations/%.*s/messages?page_size=%d"
			"&sort_order=DESC&sort_field=create_time",
			STR(conversation), tiktok_chat_page),
		token, arena);
}

struct channel_call tiktok_chat_accept(const struct channel_account *account, struct arena *arena)
{
	return chat_call(account, "PUT", S("/customer_service/202309/agents/settings"),
		S("{\"can_accept_chat\":true}"), arena);
}

/* --- answers --- */

static bool wrong(struct arena *arena, const struct chat_envelope *e, struct str *why)
{
	*why = e->readable ? arena_printf(arena, "%lld: %.*s", (long long)e->code,
				     STR(str_sub(e->message, 0, 200)))
			   : S("no envelope");
	return false;
}

static int64_t seconds_of(const struct json *node)
{
	int64_t at = 0;

	return json_int(node, &at) && at > 0 ? at : 0;
}

static void read_buyer(const struct json *participants, struct arena *arena,
	struct tiktok_conversation *conversation)
{
	for (const struct json *p = json_first(participants); p; p = json_next(p))
		if (str_is(json_text(json_get(p, "role")), "BUYER")) {
			conversation->buyer = arena_str(arena, json_text(json_get(p, "user_id")));
			conversation->buyer_name =
				arena_str(arena, json_text(json_get(p, "nickname")));
			return;
		}
}

static struct tiktok_conversation read_conversation(const struct json *node, struct arena *arena)
{
	const struct json *last = json_get(node, "latest_message"),
			  *may = json_get(node, "can_send_message");
	struct tiktok_conversation c = {
		.id = arena_str(arena, json_text(json_get(node, "id"))),
		.can_send = !json_is(may, JSON_BOOL) || json_bool(may),
		.last = arena_str(arena, json_text(json_get(last, "id"))),
		.last_s = seconds_of(json_get(last, "create_time")),
		.last_is_buyers =
			str_is(json_text(json_get(json_get(last, "sender"), "role")), "BUYER"),
	};

	read_buyer(json_get(node, "participants"), arena, &c);
	return c;
}

static void read_list(
	const struct json *data, struct arena *arena, struct tiktok_conversations *page)
{
	const struct json *list = json_get(data, "conversations");

	page->conversation = arena_array(arena, struct tiktok_conversation, json_count(list) + 1);
	for (const struct json *c = json_first(list); c; c = json_next(c))
		if (chat_is_id(json_text(json_get(c, "id"))))
			page->conversation[page->n++] = read_conversation(c, arena);
	page->next = arena_str(arena, json_text(json_get(data, "next_page_token")));
}

bool tiktok_chat_read_list(
	struct str body, struct arena *arena, struct tiktok_conversations *page, struct str *why)
{
	struct source source = {"answer", body};
	struct chat_envelope e = chat_open(&source);
	bool good = e.readable && e.code == 0;

	*page = (struct tiktok_conversations){.n = 0};
	if (good)
		read_list(e.data, arena, page);
	else
		(void)wrong(arena, &e, why);
	json_doc_free(e.doc);
	return good;
}

bool tiktok_chat_read_found(struct str body, struct arena *arena,
	struct tiktok_conversation *conversation, struct str *why)
{
	struct source source = {"answer", body};
	struct chat_envelope e = chat_open(&source);
	bool good = e.readable && e.code == 0;

	*conversation = (struct tiktok_conversation){.can_send = false};
	if (good)
		*conversation = read_conversation(json_get(e.data, "conversation"), arena);
	else
		(void)wrong(arena, &e, why);
	json_doc_free(e.doc);
	return good;
}

static struct tiktok_message read_message(
	const struct json *node, struct str conversation, struct arena *arena)
{
	const struct json *sender = json_get(node, "sender"),
			  *visible = json_get(node, "is_visible");
	struct chat_raw raw = {
		.id = json_text(json_get(node, "id")),
		.conversation = conversation,
		.type = json_text(json_get(node, "type")),
		.content = json_text(json_get(node, "content")),
		.role = json_text(json_get(sender, "role")),
		.user = json_text(json_get(sender, "im_user_id")),
		.user_name = json_text(json_get(sender, "nickname")),
		.at_s = seconds_of(json_get(node, "create_time")),
		.hidden = json_is(visible, JSON_BOOL) && !json_bool(visible),
	};
	struct tiktok_message m = {
		.id = arena_str(arena, raw.id),
		.at_s = raw.at_s,
		.role = arena_str(arena, raw.role),
		.text = chat_message_text(&raw, arena),
	};

	m.is_said = !chat_message_read(&raw, arena, &m.event);
	return m;
}

static void read_messages(const struct json *data, struct str conversation, struct arena *arena,
	struct tiktok_messages *page)
{
	const struct json *list = json_get(data, "messages");

	page->message = arena_array(arena, struct tiktok_message, json_count(list) + 1);
	for (const struct json *m = json_first(list); m; m = json_next(m))
		if (chat_is_id(json_text(json_get(m, "id"))))
			page->message[page->n++] = read_message(m, conversation, arena);
	page->next = arena_str(arena, json_text(json_get(data, "next_page_token")));
}

bool tiktok_chat_read_messages(struct str body, struct str conversation, struct arena *arena,
	struct tiktok_messages *page, struct str *why)
{
	struct source source = {"answer", body};
	struct chat_envelope e = chat_open(&source);
	bool good = e.readable && e.code == 0;

	*page = (struct tiktok_messages){.n = 0};
	if (good)
		read_messages(e.data, conversation, arena, page);
	else
		(void)wrong(arena, &e, why);
	json_doc_free(e.doc);
	return good;
}

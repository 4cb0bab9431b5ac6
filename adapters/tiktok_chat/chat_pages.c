/* Conversations and messages that are asked for, page by page. */
#include "adapters/tiktok_chat/chat_message.h"
#include "adapters/tiktok_chat/chat_picture.h"
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
			"&sort_order=DESC&sort_field=index",
			STR(conversation), tiktok_chat_page),
		token, arena);
}

struct channel_call tiktok_chat_accept(const struct channel_account *account, struct arena *arena)
{
	return chat_call(account, "PUT", S("/customer_service/202309/agents/settings"),
		S("{\"can_accept_chat\":true}"), arena);
}

/* --- answers --- */

static bool is_true(const struct value *value, bool otherwise)
{
	return value->type == VALUE_BOOL ? value_bool_of(value) : otherwise;
}

static void read_buyer(const struct value *participants, struct arena *arena,
	struct tiktok_conversation *conversation)
{
	for (size_t i = 0; i < value_count(participants); i++) {
		const struct value *p = value_at(participants, i);

		if (!str_is(value_get_text(p, "role"), "BUYER"))
			continue;
		conversation->buyer = arena_str(arena, value_get_text(p, "user_id"));
		conversation->buyer_name = arena_str(arena, value_get_text(p, "nickname"));
		return;
	}
}

static struct tiktok_conversation read_conversation(const struct value *node, struct arena *arena)
{
	const struct value *last = value_get(node, "latest_message");
	struct tiktok_conversation c = {
		.id = arena_str(arena, value_get_text(node, "id")),
		.can_send = is_true(value_get(node, "can_send_message"), true),
		.last = arena_str(arena, value_get_text(last, "id")),
		.last_s = value_get_int(last, "create_time"),
	};

	read_buyer(value_get(node, "participants"), arena, &c);
	return c;
}

void tiktok_chat_read_list(
	const struct value *data, struct arena *arena, struct tiktok_conversations *page)
{
	const struct value *list = value_get(data, "conversations");

	*page = (struct tiktok_conversations){.n = 0};
	page->conversation = arena_array(arena, struct tiktok_conversation, value_count(list) + 1);
	for (size_t i = 0; i < value_count(list); i++)
		if (chat_is_id(value_get_text(value_at(list, i), "id")))
			page->conversation[page->n++] = read_conversation(value_at(list, i), arena);
	page->next = arena_str(arena, value_get_text(data, "next_page_token"));
}

struct tiktok_conversation tiktok_chat_read_found(const struct value *data, struct arena *arena)
{
	return read_conversation(value_get(data, "conversation"), arena);
}

static struct tiktok_message read_message(
	const struct value *node, struct str conversation, struct arena *arena)
{
	struct chat_raw raw = chat_raw_of(node, "id", conversation);
	struct tiktok_message m = {
		.id = arena_str(arena, raw.id),
		.at_s = raw.at_s,
		.role = arena_str(arena, raw.role),
		.name = arena_str(arena, raw.user_name),
		.by_agent = chat_is_by_agent(&raw),
	};

	m.is_said = !chat_message_read(&raw, arena, &m.event);
	return m;
}

void tiktok_chat_read_messages(const struct value *data, struct str conversation,
	struct arena *arena, struct tiktok_messages *page)
{
	const struct value *list = value_get(data, "messages");

	*page = (struct tiktok_messages){.n = 0};
	page->message = arena_array(arena, struct tiktok_message, value_count(list) + 1);
	for (size_t i = 0; i < value_count(list); i++)
		if (chat_is_id(value_get_text(value_at(list, i), "id")))
			page->message[page->n++] =
				read_message(value_at(list, i), conversation, arena);
	page->next = arena_str(arena, value_get_text(data, "next_page_token"));
}

/* What tells a message of one type from others of it, out of the JSON document that its content is.
 */
static struct str mark_of(struct str type, struct str content, struct arena *arena)
{
	const char *name = str_is(type, "TEXT") ? "content" : str_is(type, "IMAGE") ? "url" : "";
	struct source source = {"content", content};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);
	struct str mark = {0};

	if (doc)
		mark = arena_str(arena, json_text(json_get(json_root(doc), name)));
	json_doc_free(doc);
	return mark;
}

static bool is_same(struct str type, struct str mark, struct str other)
{
	return str_is(type, "IMAGE") ? chat_picture_is(mark, other) : str_eq(mark, other);
}

/* False: it shows nothing that could be found again. */
static bool read_call(
	const struct channel_call *call, struct arena *arena, struct str *type, struct str *mark)
{
	struct source source = {"body", call->body};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);

	*mark = (struct str){0};
	if (doc) {
		*type = arena_str(arena, json_text(json_get(json_root(doc), "type")));
		*mark = mark_of(*type, json_text(json_get(json_root(doc), "content")), arena);
	}
	json_doc_free(doc);
	return mark->n;
}

/* People of the shop may have written since; what is known as ours was sent before, be it the same
 * words. */
struct str tiktok_chat_is_there(const struct value *data, const struct tiktok_chat_trace *trace,
	struct arena *arena, struct str *next)
{
	const struct value *list = value_get(data, "messages");
	struct str type, mark;

	*next = S("");
	if (!read_call(trace->call, arena, &type, &mark))
		return S("");
	for (size_t i = 0; i < value_count(list); i++) {
		struct chat_raw m = chat_raw_of(value_at(list, i), "id", S(""));

		if (m.at_s && m.at_s < trace->oldest_s)
			return S("");
		if (!str_is(m.role, "CUSTOMER_SERVICE"))
			continue;
		if (trace->knows(trace->self, m.id))
			return S("");
		if (str_eq(m.type, type) && is_same(type, mark_of(type, m.content, arena), mark))
			return m.id;
	}
	*next = arena_str(arena, value_get_text(data, "next_page_token"));
	return S("");
}

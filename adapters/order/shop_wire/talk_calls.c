/* Buyer messages: conversations, messages, the agent. */
#include "adapters/order/shop_wire/parts.h"

/* The platform's own codes for the chat are not known: these are the sandbox's. */
enum {
	NO_TALK = 45101001,
	NO_BUYER = 45101002,
	CLOSED = 45101003,
	BAD_CONTENT = 45101004,
	BAD_TYPE = 45101005,
	NOT_ACCEPTING = 45101006,
	MAX_TEXT = 2000,
	PAGE_TALKS = 20,
	PAGE_MESSAGES = 10,
	CHAT_DAYS = 30,
	ORDER_DAYS = 60,
};

#define SHOP_USER "7494049642642441621"
#define SHOP_IM "7494049642642441622"
#define AGENT_IM "7494049642642441623"
#define AVATAR "https://juniper-finch.example/pictures/teapot.svg"

/* --- who takes part --- */

struct person {
	const char *role;
	struct str user, im, nickname;
};

static struct person buyer_person(struct visit *v, struct str buyer)
{
	struct sql_query *q = sql_query(v->sql, "select given, family from buyer where id = ?");
	struct person p = {.role = "BUYER",
		.user = wire_user_id(v->arena, buyer),
		.im = id_of_name(v->arena, "im", buyer)};

	sql_bind_text(q, buyer);
	if (sql_next(q))
		p.nickname = arena_printf(v->arena, "%.*s.%.*s", STR(sql_text(q, "given")),
			STR(str_sub(sql_text(q, "family"), 0, 1)));
	sql_end(q);
	return p;
}

static struct person person_of(struct visit *v, struct str role, struct str buyer)
{
	if (str_is(role, "BUYER"))
		return buyer_person(v, buyer);
	if (str_is(role, "SHOP"))
		return (struct person){"SHOP", S(SHOP_USER), S(SHOP_IM), S("Juniper & Finch")};
	if (str_is(role, "CUSTOMER_SERVICE"))
		return (struct person){
			"CUSTOMER_SERVICE", S(SHOP_USER), S(AGENT_IM), S("Juniper & Finch")};
	return (struct person){str_is(role, "ROBOT") ? "ROBOT" : "SYSTEM", S(""), S(""), S("")};
}

static void write_participant(struct buf *out, const struct person *p)
{
	json_out_open(out, '{');
	json_out_member(out, "role", str_of(p->role));
	json_out_member(out, "user_id", p->user);
	json_out_member(out, "im_user_id", p->im);
	json_out_member(out, "nickname", p->nickname);
	json_out_member(out, "avatar", S(AVATAR));
	json_out_close(out, '}');
}

static void write_sender(struct buf *out, const struct person *p)
{
	json_out_key(out, "sender");
	json_out_open(out, '{');
	json_out_member(out, "role", str_of(p->role));
	json_out_member(out, "im_user_id", p->im);
	json_out_member(out, "nickname", p->nickname);
	json_out_member(out, "avatar", p->im.n ? S(AVATAR) : S(""));
	json_out_close(out, '}');
}

/* --- conversations --- */

static struct str buyer_of_talk(struct visit *v, int64_t talk)
{
	struct sql_query *q = sql_query(v->sql, "select buyer from talk where id = ?");
	struct str buyer = {0};

	sql_bind_int(q, talk);
	if (sql_next(q))
		buyer = sql_copy(q, v->arena, "buyer");
	sql_end(q);
	return buyer;
}

static const char *silence_name(struct arena *arena, int64_t talk)
{
	return arena_printf(arena, "wire_silent_%lld", (long long)talk).p;
}

bool wire_set_silent(struct wire *wire, struct str buyer, bool silent)
{
	int64_t talk;

	if (!wire_begin(wire, "hand"))
		return false;
	talk = talk_with(wire->setup.sandbox, buyer);
	if (talk)
		meta_set(wire->sql, silence_name(wire->arena, talk), silent);
	return wire_end(wire) && talk;
}

/* A chat in the last 30 days, an order in the last 60, or any return ever; and nobody has silenced
 * it by hand. */
static bool may_send(struct visit *v, int64_t talk, struct str buyer)
{
	struct sql_query *q = sql_query(v->sql,
		"select exists(select 1 from talk_message where talk = ?1 and created > ?3)"
		" or exists(select 1 from orders where buyer = ?2 and created > ?4)"
		" or exists(select 1 from returns join orders on number = order_number"
		"  where buyer = ?2)");

	sql_bind_int(q, talk);
	sql_bind_text(q, buyer);
	sql_bind_int(q, v->shop->now - (int64_t)CHAT_DAYS * DAY);
	sql_bind_int(q, v->shop->now - (int64_t)ORDER_DAYS * DAY);
	return sql_number(q) && !meta_get(v->sql, silence_name(v->arena, talk));
}

static void write_message(struct visit *v, struct str buyer, struct sql_query *q)
{
	struct person sender = person_of(v, sql_text(q, "role"), buyer);
	int64_t id = sql_int(q, "id");

	out_id(v->out, "id", ID_MESSAGE, id);
	json_out_member(v->out, "index",
		arena_printf(v->arena, "%lld", (long long)(sql_int(q, "created") * 1000000 + id)));
	json_out_member(v->out, "type", sql_text(q, "type"));
	json_out_member(v->out, "content", sql_text(q, "content"));
	json_out_member_int(v->out, "create_time", sql_int(q, "created"));
	json_out_member_bool(v->out, "is_visible", sql_int(q, "visible"));
	write_sender(v->out, &sender);
}

static void write_latest(struct visit *v, int64_t talk, struct str buyer)
{
	struct sql_query *q = sql_query(
		v->sql, "select * from talk_message where talk = ? order by id desc limit 1");

	sql_bind_int(q, talk);
	if (sql_next(q)) {
		json_out_key(v->out, "latest_message");
		json_out_open(v->out, '{');
		write_message(v, buyer, q);
		json_out_close(v->out, '}');
	}
	sql_end(q);
}

static int64_t count_unread(struct visit *v, int64_t talk)
{
	struct sql_query *q = sql_query(v->sql,
		"select count(*) from talk_message m join talk on talk.id = m.talk"
		" where m.talk = ? and m.id > seen and m.role = 'BUYER'");

	sql_bind_int(q, talk);
	return sql_number(q);
}

/* What both shapes have. */
static void write_talk_head(struct visit *v, int64_t talk, struct str buyer, bool agent)
{
	struct sql_query *q = sql_query(v->sql, "select created from talk where id = ?");
	static const char *const role[] = {"BUYER", "SHOP", "CUSTOMER_SERVICE"};
	size_t n = agent ? 3 : 2;

	sql_bind_int(q, talk);
	out_id(v->out, "id", ID_TALK, talk);
	json_out_member_int(v->out, "create_time", sql_number(q));
	json_out_member_int(v->out, "unread_count", count_unread(v, talk));
	json_out_member_int(v->out, "participant_count", (int64_t)n);
	json_out_key(v->out, "participants");
	json_out_open(v->out, '[');
	for (size_t i = 0; i < n; i++) {
		struct person p = person_of(v, str_of(role[i]), buyer);

		write_participant(v->out, &p);
	}
	json_out_close(v->out, ']');
}

static bool has_agent(struct visit *v, int64_t talk)
{
	struct sql_query *q = sql_query(v->sql, "select agent from talk where id = ?");

	sql_bind_int(q, talk);
	return sql_number(q);
}

void conversations_list(struct visit *v)
{
	static const struct page_rule rule = {1, PAGE_TALKS, 0, true};
	struct sql_query *q;
	struct page page;
	struct hits hits;

	if (!page_read(v, &rule, &page))
		return;
	q = sql_query(v->sql,
		"select row, sort_key, name from (select id as row, buyer as name,"
		" coalesce((select max(m.created) from talk_message m where m.talk = talk.id),"
		" created) as sort_key from talk)"
		" where (?1 = 0 or (?2 * sort_key, ?2 * row) > (?3, ?4))"
		" order by ?2 * sort_key, ?2 * row limit ?5");
	page_bind(q, &page);
	hits = page_hits(v, &page, q);
	json_out_start(v->out, '{');
	json_out_key(v->out, "conversations");
	json_out_open(v->out, '[');
	for (size_t i = 0; i < hits.n; i++) {
		json_out_open(v->out, '{');
		write_talk_head(v, hits.row[i], hits.name[i], has_agent(v, hits.row[i]));
		json_out_member_bool(
			v->out, "can_send_message", may_send(v, hits.row[i], hits.name[i]));
		write_latest(v, hits.row[i], hits.name[i]);
		json_out_close(v->out, '}');
	}
	json_out_close(v->out, ']');
	json_out_member(v->out, "next_page_token", hits.next);
	json_out_close(v->out, '}');
}

/* The conversation of the path; 0 after a refusal. */
static int64_t the_talk(struct visit *v, struct str *buyer)
{
	int64_t talk;

	if (id_own(ID_TALK, v->id[0], &talk)) {
		*buyer = buyer_of_talk(v, talk);
		if (buyer->n)
			return talk;
	}
	(void)visit_refuse(v, NO_TALK, "The conversation does not exist");
	return 0;
}

void conversations_get(struct visit *v)
{
	struct str buyer;
	int64_t talk = the_talk(v, &buyer);

	if (!talk)
		return;
	json_out_start(v->out, '{');
	json_out_key(v->out, "conversation");
	json_out_open(v->out, '{');
	write_talk_head(v, talk, buyer, has_agent(v, talk));
	json_out_close(v->out, '}');
	json_out_close(v->out, '}');
}

void conversations_create(struct visit *v)
{
	struct str user, buyer;
	int64_t talk;

	if (!body_text_needed(v, "buyer_user_id", &user))
		return;
	buyer = buyer_of_id(v, user);
	talk = buyer.n ? talk_with(v->shop, buyer) : 0;
	if (!talk) {
		(void)visit_refuse(v, NO_BUYER, "The buyer does not exist");
		return;
	}
	json_out_start(v->out, '{');
	out_id(v->out, "conversation_id", ID_TALK, talk);
	json_out_close(v->out, '}');
}

/* --- messages --- */

static bool read_message_page(struct visit *v, int64_t *size, int64_t *sign, int64_t *behind)
{
	struct str n = visit_param(v, "page_size"), token = visit_param(v, "page_token");
	struct str order = visit_param(v, "sort_order"), field = visit_param(v, "sort_field");

	if (!str_int(n, size) || *size < 1 || *size > PAGE_MESSAGES)
		return visit_bad(v, "page_size", "must be between 1 and 10.");
	if (field.n && !str_is(field, "create_time") && !str_is(field, "index"))
		return visit_bad(v, "sort_field", "must be create_time or index.");
	if (order.n && !str_is(order, "DESC") && !str_is(order, "ASC"))
		return visit_bad(v, "sort_order", "must be ASC or DESC.");
	*sign = str_is(order, "ASC") ? 1 : -1;
	*behind = -1;
	return !token.n || id_own(ID_MESSAGE, token, behind) ||
	       visit_bad(v, "page_token", "is not one that was given.");
}

/* The token is the id of the last message shown: digits, as the platform's are. */
void messages_list(struct visit *v)
{
	struct str buyer;
	int64_t talk = the_talk(v, &buyer), size, sign, behind, last = 0, n = 0;
	struct sql_query *q;
	bool more = false;

	if (!talk || !read_message_page(v, &size, &sign, &behind))
		return;
	q = sql_query(v->sql, "select * from talk_message where talk = ?1"
			      " and (?2 < 0 or ?3 * id > ?3 * ?2) order by ?3 * id limit ?4");
	sql_bind_int(q, talk);
	sql_bind_int(q, behind);
	sql_bind_int(q, sign);
	sql_bind_int(q, size + 1);
	json_out_start(v->out, '{');
	json_out_key(v->out, "messages");
	json_out_open(v->out, '[');
	while (sql_next(q)) {
		if (n++ == size) {
			more = true;
			break;
		}
		last = sql_int(q, "id");
		json_out_open(v->out, '{');
		write_message(v, buyer, q);
		json_out_close(v->out, '}');
	}
	sql_end(q);
	json_out_close(v->out, ']');
	json_out_member(v->out, "next_page_token",
		more ? id_of(v->arena, ID_MESSAGE, last) : (struct str){0});
	json_out_member(v->out, "unsupported_msg_tips",
		S("This message cannot be shown here; open Seller Center to see it."));
	json_out_close(v->out, '}');
}

void messages_read(struct visit *v)
{
	struct str buyer;
	int64_t talk = the_talk(v, &buyer);

	if (talk)
		talk_read(v->shop, talk);
}

/* --- sending --- */

static bool text_is_good(struct visit *v, const struct json *content)
{
	struct str text = json_text(json_get(content, "content"));
	size_t characters = 0;

	for (size_t i = 0; i < text.n; i++)
		characters += ((unsigned char)text.p[i] & 0xC0) != 0x80;
	if (!characters || characters > MAX_TEXT)
		return visit_refuse(v, BAD_CONTENT, "content must have 1 to 2000 characters");
	return str_find(text, S("whatsapp")) < 0 || /* the one word that this sandbox forbids */
	       visit_refuse(v, BAD_CONTENT, "content has forbidden words");
}

static bool image_is_good(struct visit *v, const struct json *content)
{
	struct str url = json_text(json_get(content, "url"));
	int64_t width, height;

	return (str_starts(url, v->wire->setup.image_url) &&
		       json_int(json_get(content, "width"), &width) &&
		       json_int(json_get(content, "height"), &height)) ||
	       visit_refuse(v, BAD_CONTENT, "url must come from Upload Buyer Messages Image");
}

static bool order_is_good(struct visit *v, const struct json *content)
{
	struct str number = number_of_id(v->arena, json_text(json_get(content, "order_id")));
	struct order o;

	return (order_read(v->shop, v->arena, number, &o) &&
		       str_eq(o.buyer, buyer_of_talk(v, v->talk))) ||
	       visit_refuse(v, BAD_CONTENT, "the order is not one of this buyer");
}

static bool return_card_is_good(struct visit *v, const struct json *content)
{
	return order_is_good(v, content) &&
	       (sku_of_id(v, json_text(json_get(content, "sku_id"))).n ||
		       visit_refuse(v, BAD_CONTENT, "the sku does not exist"));
}

static bool product_is_good(struct visit *v, const struct json *content)
{
	return json_text(json_get(content, "product_id")).n ||
	       visit_refuse(v, BAD_CONTENT, "product_id is needed");
}

static bool video_is_good(struct visit *v, const struct json *content)
{
	return json_text(json_get(content, "vid")).n ||
	       visit_refuse(v, BAD_CONTENT, "vid is needed");
}

static bool coupon_is_good(struct visit *v, const struct json *content)
{
	(void)content;
	return visit_refuse(v, BAD_CONTENT, "the coupon is not ongoing");
}

static const struct {
	const char *type;
	bool (*is_good)(struct visit *v, const struct json *content);
} sendable[] = {
	{"TEXT", text_is_good},
	{"IMAGE", image_is_good},
	{"VIDEO", video_is_good},
	{"PRODUCT_CARD", product_is_good},
	{"ORDER_CARD", order_is_good},
	{"LOGISTICS_CARD", order_is_good},
	{"RETURN_REFUND_CARD", return_card_is_good},
	{"COUPON_CARD", coupon_is_good},
};

static bool content_is_good(struct visit *v, struct str type, struct str content)
{
	struct source source = {"content", content};
	struct json_limits limits = {64 << 10, 100, 8};
	struct json_doc *doc = json_parse(&source, 0, &limits, NULL);
	bool good = false, known = false;

	for (size_t i = 0; i < sizeof(sendable) / sizeof(sendable[0]); i++)
		if (str_is(type, sendable[i].type)) {
			known = true;
			good = doc && json_is(json_root(doc), JSON_OBJECT) &&
			       sendable[i].is_good(v, json_root(doc));
		}
	json_doc_free(doc);
	if (!known)
		return visit_refuse(v, BAD_TYPE, "messages of this type cannot be sent");
	return good || v->fault.code ||
	       visit_refuse(v, BAD_CONTENT, "content is not a JSON object in a string");
}

static bool agent_accepts(struct visit *v)
{
	return !meta_get(v->sql, "wire_closed");
}

void messages_send(struct visit *v)
{
	struct str buyer, type, content;
	int64_t talk = the_talk(v, &buyer), id;

	if (!talk || !body_text_needed(v, "type", &type) ||
		!body_text_needed(v, "content", &content))
		return;
	if (!agent_accepts(v)) {
		(void)visit_refuse(v, NOT_ACCEPTING, "the agent does not accept chats");
		return;
	}
	if (!may_send(v, talk, buyer)) {
		(void)visit_refuse(v, CLOSED, "messages cannot be sent in this conversation");
		return;
	}
	v->talk = talk;
	if (!content_is_good(v, type, content) || v->fault.code)
		return;
	talk_agent(v->shop, talk, true);
	id = talk_say(v->shop, talk, "CUSTOMER_SERVICE", type, content);
	json_out_start(v->out, '{');
	out_id(v->out, "message_id", ID_MESSAGE, id);
	json_out_close(v->out, '}');
}

/* --- the agent --- */

void agent_get(struct visit *v)
{
	json_out_start(v->out, '{');
	json_out_member_bool(v->out, "can_accept_chat", agent_accepts(v));
	json_out_close(v->out, '}');
}

void agent_put(struct visit *v)
{
	int yes;

	if (!body_bool(v, "can_accept_chat", &yes))
		return;
	if (yes < 0)
		(void)visit_bad(v, "can_accept_chat", "is needed.");
	else
		meta_set(v->sql, "wire_closed", !yes);
}

static bool is_day(struct str text)
{
	int64_t year, month, day;
	struct str rest = text;

	return text.n == 10 && str_int(str_cut(&rest, '-'), &year) &&
	       str_int(str_cut(&rest, '-'), &month) && str_int(rest, &day);
}

void performance_get(struct visit *v)
{
	if (!is_day(visit_param(v, "support_date_ge")) ||
		!is_day(visit_param(v, "support_date_lt"))) {
		(void)visit_bad(v, "support_date_ge", "and `support_date_lt` must be YYYY-MM-DD.");
		return;
	}
	json_out_start(v->out, '{');
	json_out_key(v->out, "performance");
	json_out_open(v->out, '{');
	json_out_member_int(v->out, "support_session_count",
		sql_number(sql_query(v->sql, "select count(distinct talk) from talk_message"
					     " where role = 'BUYER'")));
	json_out_member(v->out, "response_percentage", S("100.00"));
	json_out_member(v->out, "response_time_mins", S("0.20"));
	json_out_member(v->out, "satisfaction_percentage", S("0.00"));
	json_out_close(v->out, '}');
	json_out_close(v->out, '}');
}

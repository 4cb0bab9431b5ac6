/* What goes out: a post becomes a text, and a card where the platform has one for it. */
#include "adapters/tiktok_chat/chat_send.h"

#include "adapters/tiktok_chat/chat_message.h"
#include "adapters/tiktok_chat/chat_picture.h"
#include "bot/base/date.h"
#include "bot/base/json_out.h"

enum {
	max_body_bytes = 64 << 10,
	max_answer_bytes = 1 << 20,
	max_answer_nodes = 20000,
	max_answer_depth = 16,
	max_calls = 3,
	max_message_bytes = 200, /* of the platform's words in a log */
	max_fault_bytes = 100,
	general = 36009004, /* stands for many things: the platform says to look at the message */
};

struct channel_call chat_call(const struct channel_account *account, const char *method,
	struct str path, struct str body, struct arena *arena)
{
	static const struct str header[] = {S("Content-Type: application/json")};

	return (struct channel_call){
		.method = str_of(method),
		.url = arena_printf(
			arena, "%.*s%.*s", STR(account->value[TIKTOK_CHAT_API]), STR(path)),
		.headers = header,
		.n_headers = 1,
		.body = body,
	};
}

/* --- messages --- */

static struct str path_of(const struct channel_peer *peer, const char *behind, struct arena *arena)
{
	return arena_printf(arena, "/customer_service/202309/conversations/%.*s/messages%s",
		STR(peer->peer), behind);
}

/* {"type": …, "content": "…"}: the content is a JSON document inside a text. */
static struct channel_call message(const struct channel_account *account,
	const struct channel_peer *peer, const char *type, struct str content, struct arena *arena)
{
	struct channel_call call;
	struct buf body;

	buf_init(&body, max_body_bytes);
	json_out_start(&body, '{');
	json_out_member(&body, "type", str_of(type));
	json_out_member(&body, "content", content);
	json_out_close(&body, '}');
	call = chat_call(
		account, "POST", path_of(peer, "", arena), arena_str(arena, buf_str(&body)), arena);
	buf_release(&body);
	return call;
}

static struct str text_content(struct str text, struct arena *arena)
{
	struct str content;
	struct buf out;

	buf_init(&out, max_body_bytes);
	json_out_start(&out, '{');
	json_out_member(&out, "content", text);
	json_out_close(&out, '}');
	content = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return content;
}

/* --- cards --- */

/* The order that a card of the flows is about, with its parcels when they are on their way. */
static bool card_of(
	const struct value *card, struct arena *arena, const char **type, struct str *content)
{
	struct str number = value_get_text(card, "number");

	if (!chat_is_id(number))
		return false;
	*type = value_is_set(value_get(card, "tracking")) ? "LOGISTICS_CARD" : "ORDER_CARD";
	*content = arena_printf(arena, "{\"order_id\":\"%.*s\"}", STR(number));
	return true;
}

/* Read first: the platform advises it, and shows the buyer that somebody is there. */
size_t chat_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	struct channel_call *call = arena_array(arena, struct channel_call, max_calls);
	const struct value *picture = value_get(post->body, "picture");
	struct str text = value_get_text(post->body, "text"), content;
	const char *type;
	size_t n = 0;

	*calls = call;
	if ((!text.n && !value_is_set(picture)) || post->who == POST_BUYER)
		return 0;
	call[n] = chat_call(account, "POST", path_of(peer, "/read", arena), S(""), arena);
	call[n++].optional = true;
	if (value_is_set(picture)) {
		call[n++] = message(
			account, peer, "IMAGE", chat_picture_content(picture, arena), arena);
		return n;
	}
	call[n++] = message(account, peer, "TEXT", text_content(text, arena), arena);
	if (card_of(value_get(post->body, "card"), arena, &type, &content)) {
		call[n] = message(account, peer, type, content, arena);
		call[n++].optional = true; /* the text makes sense without it */
	}
	return n;
}

/* --- answers --- */

struct chat_envelope chat_open(struct source *source)
{
	static const struct json_limits limits = {
		max_answer_bytes, max_answer_nodes, max_answer_depth};
	struct chat_envelope e = {.doc = json_parse(source, JSON_BIG_AS_TEXT, &limits, NULL)};
	const struct json *root = e.doc ? json_root(e.doc) : NULL;

	e.readable = json_int(json_get(root, "code"), &e.code);
	e.message = json_text(json_get(root, "message"));
	e.data = json_get(root, "data");
	return e;
}

/* The gateway's codes that mean something else than "this message cannot be sent". */
static const struct {
	int64_t code;
	enum channel_verdict verdict;
	int64_t wait_ms;
} gateway[] = {
	{36009002, CHANNEL_AGAIN, -1},   /* too many requests */
	{36009003, CHANNEL_UNCLEAR, -1}, /* internal error */
	{36009007, CHANNEL_UNCLEAR, -1}, /* the gateway did not wait for the answer */
	{105002, CHANNEL_AGAIN, 5000},   /* the access token is over: it is renewed by itself */
	{105005, CHANNEL_LOST, -1},      /* the app lacks the scope */
	{101000, CHANNEL_LOST, -1},      /* token invalid */
	{106001, CHANNEL_LOST, -1},      /* signature invalid: the wrong secret */
	{106011, CHANNEL_LOST, -1},      /* shop_cipher invalid */
	{106013, CHANNEL_LOST, -1},      /* shop_cipher missing */
	{36009033, CHANNEL_LOST, -1},    /* our address is not on the app's list */
};
enum { n_gateway = sizeof gateway / sizeof *gateway };

bool tiktok_chat_is_refusal(int64_t code)
{
	for (size_t i = 0; i < n_gateway; i++)
		if (gateway[i].code == code)
			return false;
	return code != 0;
}

static struct channel_judgement by_status(unsigned status, int64_t retry_after_ms)
{
	struct channel_judgement j = {.verdict = CHANNEL_NEVER, .wait_ms = retry_after_ms};

	if (status == 429)
		j.verdict = CHANNEL_AGAIN;
	else if (status == 401 || status == 403)
		j.verdict = CHANNEL_LOST;
	else if (status >= 500 || status == 408 || status < 300)
		j.verdict = CHANNEL_UNCLEAR;
	return j;
}

/* The request was signed by a clock that is wrong: signed again by the right one it passes. */
static bool is_about_our_clock(const struct chat_envelope *e)
{
	return e->code == general && str_find(e->message, S("timestamp")) >= 0;
}

static struct channel_judgement by_code(
	const struct chat_envelope *e, const struct channel_answer *answer)
{
	struct channel_judgement j = by_status(answer->status, answer->retry_after_ms);

	if (is_about_our_clock(e)) {
		j.verdict = CHANNEL_AGAIN;
		return j;
	}
	for (size_t i = 0; i < n_gateway; i++)
		if (gateway[i].code == e->code) {
			j.verdict = gateway[i].verdict;
			if (j.wait_ms < gateway[i].wait_ms)
				j.wait_ms = gateway[i].wait_ms;
			return j;
		}
	/* What the business logic answers comes with 200: refused for good. */
	if (answer->status < 300)
		j.verdict = CHANNEL_NEVER;
	return j;
}

static struct str why_of(
	const struct chat_envelope *e, const struct channel_answer *answer, struct arena *arena)
{
	struct str message = str_sub(e->message, 0, max_message_bytes), why;
	struct buf fault;

	if (!is_about_our_clock(e))
		return arena_printf(arena, "%lld: %.*s", (long long)e->code, STR(message));
	buf_init(&fault, max_fault_bytes);
	date_show_fault(answer->now_ms, answer->date_ms, &fault);
	why = arena_printf(
		arena, "%.*s (%lld: %.*s)", STR(buf_str(&fault)), (long long)e->code, STR(message));
	buf_release(&fault);
	return why;
}

struct channel_judgement chat_judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	struct source source = {"answer", answer->body};
	struct chat_envelope e = chat_open(&source);
	struct channel_judgement j;

	(void)account;
	if (!e.readable) {
		j = by_status(answer->status, answer->retry_after_ms);
		j.why = arena_printf(arena, "answered %u without an envelope", answer->status);
	} else if (e.code == 0 && answer->status < 300) {
		j = (struct channel_judgement){.verdict = CHANNEL_SENT, .wait_ms = -1};
		j.message = arena_str(arena, json_text(json_get(e.data, "message_id")));
	} else {
		j = by_code(&e, answer);
		j.why = why_of(&e, answer, arena);
	}
	json_doc_free(e.doc);
	return j;
}

/* --- webhooks --- */

size_t chat_enroll(const struct channel_account *account, struct str address, struct arena *arena,
	const struct channel_call **calls)
{
	struct channel_call *call = arena_array(arena, struct channel_call, 2);
	struct buf body;

	buf_init(&body, max_body_bytes);
	json_out_start(&body, '{');
	json_out_member(&body, "event_type", S("NEW_MESSAGE"));
	json_out_member(&body, "address", address);
	json_out_close(&body, '}');
	call[0] = chat_call(account, "PUT", S("/event/202309/webhooks"),
		arena_str(arena, buf_str(&body)), arena);
	call[1] = tiktok_chat_accept(account, arena);
	buf_release(&body);
	*calls = call;
	return 2;
}

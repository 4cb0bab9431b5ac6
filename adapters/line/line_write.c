/* What LINE is told: replies while their token is good, pushes afterwards. */
#include "adapters/line/line.h"

#include "adapters/channel/codec.h"

enum {
	token_ms = 50 * 1000, /* it is good for a minute, less the way to LINE */
	loading_s = 20,       /* 5 to 60 in steps of 5; it ends with the next message */
};

static struct channel_call call_of(const struct channel_account *account, const char *method,
	const char *path, struct buf *body, struct arena *arena)
{
	return codec_call(arena, method,
		arena_printf(arena, "%.*s%s", STR(codec_base(account->value[LINE_API])), path),
		arena_printf(arena, "Authorization: Bearer %.*s", STR(account->value[LINE_TOKEN])),
		body);
}

/* --- the retry key --- */

/* Our key as a UUID of version 4 (RFC 9562 section 5.4): the same one at each try. */
static struct str retry_key(struct str key, struct arena *arena)
{
	static const char variant[] = "89ab";
	char digit[32];

	if (key.n != sizeof(digit))
		return S("");
	for (size_t i = 0; i < sizeof(digit); i++)
		digit[i] = key.p[i];
	digit[12] = '4';
	digit[16] = variant[(unsigned char)digit[16] & 3];
	return arena_printf(arena, "X-Line-Retry-Key: %.8s-%.4s-%.4s-%.4s-%.12s", digit, digit + 8,
		digit + 12, digit + 16, digit + 20);
}

static void add_header(struct channel_call *call, struct str header, struct arena *arena)
{
	struct str *headers = arena_array(arena, struct str, call->n_headers + 1);

	if (!header.n)
		return;
	for (size_t i = 0; i < call->n_headers; i++)
		headers[i] = call->headers[i];
	headers[call->n_headers++] = header;
	call->headers = headers;
}

/* --- messages --- */

static void write_quick_reply(struct buf *body, const struct codec_choice *choice)
{
	json_out_member(body, "type", S("action"));
	json_out_key(body, "action");
	json_out_open(body, '{');
	json_out_member(body, "type", S("postback"));
	json_out_member(body, "label", choice->label);
	json_out_member(body, "data", choice->id);
	json_out_member(body, "displayText", choice->label);
	json_out_close(body, '}');
}

static void write_messages(struct buf *body, const struct post *post, struct arena *arena)
{
	struct str said = codec_said(post);

	json_out_key(body, "messages");
	json_out_open(body, '[');
	json_out_open(body, '{');
	json_out_member(body, "type", S("text"));
	json_out_member(body, "text", codec_filled(said));
	if (codec_choices(post)) {
		json_out_key(body, "quickReply");
		json_out_open(body, '{');
		codec_write_choices(body, "items", post, arena, write_quick_reply);
		json_out_close(body, '}');
	}
	json_out_close(body, '}');
	json_out_close(body, ']');
}

static struct channel_call reply(const struct channel_account *account,
	const struct channel_peer *peer, const struct post *post, struct arena *arena)
{
	struct buf body;

	codec_begin(&body);
	json_out_member(&body, "replyToken", peer->ticket);
	write_messages(&body, post, arena);
	return call_of(account, "POST", "/v2/bot/message/reply", &body, arena);
}

static struct channel_call push(const struct channel_account *account,
	const struct channel_peer *peer, const struct post *post, struct arena *arena)
{
	struct channel_call call;
	struct buf body;

	codec_begin(&body);
	json_out_member(&body, "to", peer->peer);
	write_messages(&body, post, arena);
	call = call_of(account, "POST", "/v2/bot/message/push", &body, arena);
	add_header(&call, retry_key(peer->key, arena), arena);
	return call;
}

/* A token is good for one reply: not for what follows it, and not for a second try, which might be
 * refused because the first one arrived. */
static bool has_fresh_token(const struct channel_peer *peer)
{
	return peer->ticket.n && peer->now_ms - peer->ticket_ms < token_ms &&
	       peer->sent_ms < peer->ticket_ms && !peer->tries;
}

size_t line_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	if (!codec_shows(post))
		return 0;
	return codec_one(arena,
		has_fresh_token(peer) ? reply(account, peer, post, arena)
				      : push(account, peer, post, arena),
		calls);
}

bool line_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call)
{
	struct buf body;

	codec_begin(&body);
	json_out_member(&body, "chatId", peer->peer);
	json_out_member_int(&body, "loadingSeconds", loading_s);
	*call = call_of(account, "POST", "/v2/bot/chat/loading/start", &body, arena);
	call->optional = true;
	return true;
}

size_t line_enroll(const struct channel_account *account, struct str address, struct arena *arena,
	const struct channel_call **calls)
{
	struct buf body;

	codec_begin(&body);
	json_out_member(&body, "endpoint", address);
	return codec_one(arena,
		call_of(account, "PUT", "/v2/bot/channel/webhook/endpoint", &body, arena), calls);
}

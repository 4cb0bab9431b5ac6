/* The buyer chat's requests on the shop's line. */
#include "bot/shop/shop_line.h"

#include <stdlib.h>
#include <utlist.h>

#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/base/percent.h"

enum {
	max_arena_bytes = 4 << 20,
	max_param_bytes = 4096,
	within_ms = 10 * 1000,
	upload_ms = 60 * 1000, /* for all tries, and for one */
};

/* A request that waits for its answer. */
struct asking {
	struct shop_line *line;
	struct asking *prev, *next;
	struct arena *arena;
	struct tts_request request;
	shop_chat_heard *heard; /* one of these; both NULL: they went away */
	shop_answered *uploaded;
	void *whose;
};

struct shop_line {
	struct shop_link *link;
	const struct channel_seat *seat;
	struct asking *asking;
};

bool shop_line_shop(struct shop_link *link, const struct channel_seat *seat, size_t *shop)
{
	struct str id = seat->account.value[TIKTOK_CHAT_SHOP];

	*shop = 0;
	return !id.n || shop_link_find(link, id, shop);
}

static struct str decoded(struct str text, struct arena *arena)
{
	struct str value = {0};
	struct buf out;

	buf_init(&out, max_param_bytes);
	if (percent_decode_form(text, &out))
		value = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return value;
}

/* What is behind "Content-Type: " where it is not the JSON that a request has else. */
static struct str type_of(const struct channel_call *call, struct arena *arena)
{
	static const struct str name = S("Content-Type: ");

	for (size_t i = 0; i < call->n_headers; i++)
		if (str_starts(call->headers[i], name) &&
			str_find(call->headers[i], S("application/json")) < 0)
			return arena_str(
				arena, str_sub(call->headers[i], name.n, call->headers[i].n));
	return S("");
}

/* The codec's address, taken apart: what is signed is neither the host nor percent signs. */
static struct tts_request request_of(
	const struct channel_seat *seat, const struct channel_call *call, struct arena *arena)
{
	struct str query = str_sub(call->url, seat->account.value[TIKTOK_CHAT_API].n, call->url.n);
	struct str path = str_cut(&query, '?');
	struct tts_request request = {.method = arena_cstr(arena, call->method),
		.path = arena_str(arena, path),
		.body = arena_str(arena, call->body),
		.type = type_of(call, arena),
		.changes = !str_is(call->method, "GET")};

	while (query.n) {
		struct str value = str_cut(&query, '&');
		struct str name = str_cut(&value, '=');

		tts_request_param(arena, &request, arena_cstr(arena, name), decoded(value, arena));
	}
	return request;
}

bool shop_line_authorise(struct shop_link *link, const struct channel_seat *seat,
	struct channel_call *call, struct arena *arena)
{
	struct tts_request request = request_of(seat, call, arena);
	struct tts_wire *wire = arena_new_of(arena, struct tts_wire);
	size_t shop;

	if (!shop_line_shop(link, seat, &shop) ||
		!shop_link_authorise(link, &request, shop, arena, wire))
		return false;
	call->url = wire->url;
	call->headers = wire->header;
	call->n_headers = wire->n_headers;
	return true;
}

/* --- reads --- */

struct shop_line *shop_line_new(struct shop_link *link, const struct channel_seat *seat)
{
	struct shop_line *line = calloc(1, sizeof *line);

	if (!line)
		abort();
	line->link = link;
	line->seat = seat;
	return line;
}

static void release(struct asking *asking)
{
	DL_DELETE(asking->line->asking, asking);
	arena_free(asking->arena);
	free(asking);
}

void shop_line_free(struct shop_line *line)
{
	if (!line)
		return;
	while (line->asking) {
		shop_link_forget(line->link, line->asking);
		release(line->asking);
	}
	free(line);
}

static void answered(void *self, const struct tts_answer *answer)
{
	struct asking *asking = self;
	bool good = answer->meaning == TTS_OK;
	struct str why = arena_printf(
		asking->arena, "%s %.*s", tts_meaning_name(answer->meaning), STR(answer->message));

	if (asking->heard)
		asking->heard(asking->whose, good ? answer->data : NULL, why.p);
	else if (asking->uploaded)
		asking->uploaded(asking->whose, answer);
	release(asking);
}

static struct asking *asking_new(
	struct shop_line *line, const struct channel_call *call, void *whose)
{
	struct asking *asking = calloc(1, sizeof *asking);

	if (!asking)
		abort();
	asking->line = line;
	asking->arena = arena_new(max_arena_bytes + 2 * call->body.n);
	asking->request = request_of(line->seat, call, asking->arena);
	asking->whose = whose;
	DL_APPEND(line->asking, asking);
	return asking;
}

/* A shop that the consent is not for is told by the line: it has no such number. */
static void send(struct asking *asking, struct shop_send send)
{
	struct shop_line *line = asking->line;

	send.request = &asking->request;
	send.arena = asking->arena;
	if (!shop_line_shop(line->link, line->seat, &send.shop))
		send.shop = SIZE_MAX;
	shop_link_send(line->link, &send, answered, asking);
}

void shop_line_ask(void *self, const struct channel_call *call, shop_chat_heard *heard, void *whose)
{
	struct asking *asking = asking_new(self, call, whose);

	asking->heard = heard;
	send(asking, (struct shop_send){.within_ms = within_ms});
}

void shop_line_upload(struct shop_line *line, const struct channel_call *call,
	shop_answered *uploaded, void *whose)
{
	struct asking *asking = asking_new(line, call, whose);

	asking->uploaded = uploaded;
	asking->request.changes = false;
	send(asking, (struct shop_send){.within_ms = upload_ms,
			     .total_ms = upload_ms,
			     .is_refusal = tiktok_chat_is_refusal});
}

void shop_line_forget(void *self, const void *whose)
{
	struct shop_line *line = self;
	struct asking *asking;

	DL_FOREACH(line->asking, asking)
	if (asking->whose == whose) {
		asking->heard = NULL;
		asking->uploaded = NULL;
	}
}

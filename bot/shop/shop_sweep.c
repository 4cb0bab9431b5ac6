/* What has changed in the shop, asked for instead of told. */
#include "bot/shop/shop_sweep.h"

#include <stdlib.h>

#include "bot/base/json_out.h"

enum {
	max_arena_bytes = 16 << 20,
	max_pages = 200, /* of one kind: what is left comes next time */
	within_ms = 15 * 1000,
	overlap_s = 120,     /* clocks of several machines; what is found twice is looked at once */
	first_s = 24 * 3600, /* the first sweep begins so long ago */
	n_seen = 4096,       /* changes that are not told again */
};

static const struct sought {
	const char *what, *path, *list, *order, *page_size;
} sought[] = {
	{"orders", "/order/202309/orders/search", "orders", "id", "100"},
	{"cancellations", "/return_refund/202309/cancellations/search", "cancellations", "order_id",
		"50"},
	{"returns", "/return_refund/202309/returns/search", "return_orders", "order_id", "50"},
};
enum { n_sought = sizeof sought / sizeof *sought };

struct shop_sweep {
	struct shop_sweep_setup setup;
	struct loop_timer timer;
	struct arena *arena; /* NULL: nothing is under way */
	struct tts_request request;
	size_t shop, at; /* of the shops; of what is sought */
	unsigned n_pages;
	int64_t since, newest; /* of this shop and kind, by the platform's clock, Unix seconds */
	bool good;
	uint64_t seen[n_seen]; /* a table of hashes: what falls out is only told once more */
};

static int64_t now_of(const struct shop_sweep *sweep)
{
	return loop_now_ms(sweep->setup.loop);
}

static void begin(void *self);
static void seek_next(struct shop_sweep *sweep);

/* --- how far it was read --- */

static struct str cursor_name(struct shop_sweep *sweep, const struct tts_grant *grant)
{
	return arena_printf(sweep->arena, "sweep %s %.*s", sought[sweep->at].what,
		STR(grant->shop[sweep->shop].id));
}

static bool load_cursor(struct shop_sweep *sweep, const struct tts_grant *grant)
{
	struct str cursor;
	enum store_status status =
		store_cursor(sweep->setup.store, cursor_name(sweep, grant), sweep->arena, &cursor);

	if (!str_int(cursor, &sweep->since))
		sweep->since = now_of(sweep) / 1000 - first_s;
	sweep->newest = sweep->since;
	return status == STORE_OK || status == STORE_NONE;
}

static void save_cursor(struct shop_sweep *sweep, const struct tts_grant *grant)
{
	if (sweep->newest > sweep->since && sweep->setup.write(sweep->setup.self))
		store_set_cursor(sweep->setup.store, cursor_name(sweep, grant),
			arena_printf(sweep->arena, "%lld", (long long)sweep->newest));
}

/* --- a page --- */

/* Sweeps overlap. */
static bool is_seen(struct shop_sweep *sweep, struct str order, int64_t at)
{
	uint64_t mark = (str_hash(order) ^ (uint64_t)at) * UINT64_C(0x9E3779B97F4A7C15) + sweep->at;
	uint64_t *place = &sweep->seen[mark % n_seen];
	bool seen = *place == mark;

	*place = mark;
	return seen;
}

static void note(struct shop_sweep *sweep, const struct value *one)
{
	int64_t at = value_get_int(one, "update_time");
	struct str order = value_get_text(one, sought[sweep->at].order);

	if (at > sweep->newest)
		sweep->newest = at;
	if (order.n && sweep->setup.write(sweep->setup.self) && !is_seen(sweep, order, at))
		sweep->setup.changed(sweep->setup.self, order);
}

static void ask(struct shop_sweep *sweep, struct str token);

static void heard(void *self, const struct tts_answer *answer)
{
	struct shop_sweep *sweep = self;
	const struct tts_grant *grant = shop_grant_now(sweep->setup.grant);
	const struct value *list = value_get(answer->data, sought[sweep->at].list);
	struct str token = value_get_text(answer->data, "next_page_token");

	for (size_t i = 0; i < value_count(list); i++)
		note(sweep, value_at(list, i));
	if (answer->meaning == TTS_OK && token.n && ++sweep->n_pages < max_pages &&
		!arena_over(sweep->arena)) {
		ask(sweep, token);
		return;
	}
	sweep->good = sweep->good && answer->meaning == TTS_OK;
	if (answer->meaning == TTS_OK && grant && sweep->shop < grant->n_shops)
		save_cursor(sweep, grant);
	sweep->at++;
	seek_next(sweep);
}

static struct str body_of(struct shop_sweep *sweep)
{
	struct str body;
	struct buf out;

	buf_init(&out, 256);
	json_out_start(&out, '{');
	json_out_member_int(&out, "update_time_ge", sweep->since - overlap_s);
	json_out_close(&out, '}');
	body = arena_str(sweep->arena, buf_str(&out));
	buf_release(&out);
	return body;
}

/* Oldest first: what changes while it is read comes behind and is not missed. */
static void ask(struct shop_sweep *sweep, struct str token)
{
	struct shop_send send = {.request = &sweep->request,
		.shop = sweep->shop,
		.within_ms = within_ms,
		.arena = sweep->arena};
	struct tts_request *request = &sweep->request;

	*request = (struct tts_request){
		.method = "POST", .path = str_of(sought[sweep->at].path), .body = body_of(sweep)};
	tts_request_param(sweep->arena, request, "page_size", str_of(sought[sweep->at].page_size));
	tts_request_param(sweep->arena, request, "sort_field", S("update_time"));
	tts_request_param(sweep->arena, request, "sort_order", S("ASC"));
	if (token.n)
		tts_request_param(
			sweep->arena, request, "page_token", arena_str(sweep->arena, token));
	shop_link_send(sweep->setup.link, &send, heard, sweep);
}

/* --- one after the other --- */

static void end(struct shop_sweep *sweep)
{
	metrics_add(sweep->setup.metrics, "tenstep_shop_sweeps_total",
		sweep->good ? "good" : "failed", NULL, 1);
	if (sweep->good)
		metrics_set(sweep->setup.metrics, "tenstep_shop_read_timestamp_seconds", "changes",
			NULL, (double)(now_of(sweep) / 1000));
	arena_free(sweep->arena);
	sweep->arena = NULL;
	sweep->setup.done(sweep->setup.self, sweep->good);
	loop_timer_start(sweep->setup.loop, &sweep->timer, sweep->setup.every_ms, begin, sweep);
}

static void seek_next(struct shop_sweep *sweep)
{
	const struct tts_grant *grant = shop_grant_now(sweep->setup.grant);

	if (sweep->at == n_sought) {
		sweep->at = 0;
		sweep->shop++;
	}
	if (!grant || sweep->shop >= grant->n_shops) {
		sweep->good = sweep->good && grant;
		end(sweep);
		return;
	}
	sweep->n_pages = 0;
	if (!load_cursor(sweep, grant)) {
		sweep->good = false;
		end(sweep);
		return;
	}
	ask(sweep, S(""));
}

static void begin(void *self)
{
	struct shop_sweep *sweep = self;

	sweep->arena = arena_new(max_arena_bytes);
	sweep->shop = sweep->at = 0;
	sweep->good = true;
	seek_next(sweep);
}

/* --- the door --- */

struct shop_sweep *shop_sweep_new(const struct shop_sweep_setup *setup)
{
	struct shop_sweep *sweep = calloc(1, sizeof *sweep);

	if (!sweep)
		abort();
	sweep->setup = *setup;
	return sweep;
}

void shop_sweep_start(struct shop_sweep *sweep)
{
	loop_timer_start(sweep->setup.loop, &sweep->timer, 0, begin, sweep);
}

void shop_sweep_free(struct shop_sweep *sweep)
{
	if (!sweep)
		return;
	loop_timer_stop(sweep->setup.loop, &sweep->timer);
	shop_link_forget(sweep->setup.link, sweep);
	if (sweep->arena)
		arena_free(sweep->arena);
	free(sweep);
}

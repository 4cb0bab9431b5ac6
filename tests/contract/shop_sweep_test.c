/* What has changed in the shop is asked for, from where it was left: against `tenstep shop`. */
#include "tests/contract/sandbox_platform.h"

#include "adapters/store/store.h"
#include "bot/shop/shop_sweep.h"

enum { max_changed = 100, every_ms = 100 };

struct sweeping {
	struct platform *p;
	struct store *store;
	struct metrics *metrics;
	struct shop_sweep *sweep;
	char changed[max_changed][40];
	size_t n_changed;
	unsigned n_done, n_good, wanted;
	bool open, closed; /* a transaction is; the store takes none */
};

static bool write_now(void *self)
{
	struct sweeping *s = self;

	if (!s->closed && !s->open)
		s->open = store_begin(s->store) == STORE_OK;
	return s->open;
}

static void has_changed(void *self, struct str order)
{
	struct sweeping *s = self;

	assert_true(s->open);
	assert_in_range(s->n_changed, 0, max_changed - 1);
	snprintf(s->changed[s->n_changed++], sizeof s->changed[0], "%.*s", STR(order));
}

static void is_done(void *self, bool good)
{
	struct sweeping *s = self;

	s->n_done++;
	s->n_good += good;
	if (s->open)
		assert_int_equal(store_commit(s->store), STORE_OK);
	s->open = false;
	if (s->n_done >= s->wanted)
		loop_stop(s->p->loop);
}

static void begin(struct sweeping *s)
{
	struct shop_sweep_setup setup = {.loop = s->p->loop,
		.store = s->store,
		.link = s->p->link,
		.grant = s->p->grant,
		.every_ms = every_ms,
		.log = s->p->log,
		.metrics = s->metrics,
		.write = write_now,
		.changed = has_changed,
		.done = is_done,
		.self = s};

	s->sweep = shop_sweep_new(&setup);
	shop_sweep_start(s->sweep);
}

static void open_sweeping(struct sweeping *s, const struct mischief_rule *rule, size_t n)
{
	struct buf error;

	*s = (struct sweeping){.p = platform_open("one_open_order", rule, n, 1)};
	s->metrics = metrics_new();
	buf_init(&error, 400);
	assert_int_equal(store_open(NULL, &s->store, &error), STORE_OK);
	buf_release(&error);
	begin(s);
}

/* Until so many more sweeps are over. */
static void sweep(struct sweeping *s, unsigned n)
{
	s->wanted = s->n_done + n;
	loop_run(s->p->loop);
	assert_true(s->n_done >= s->wanted);
}

static void end(struct sweeping *s)
{
	shop_sweep_free(s->sweep);
	if (s->open)
		store_rollback(s->store);
	store_close(s->store);
	metrics_free(s->metrics);
	platform_close(s->p);
}

static size_t count_of(const struct sweeping *s, const char *number)
{
	struct str id = wire_order_id(s->p->arena, str_of(number));
	size_t n = 0;

	for (size_t i = 0; i < s->n_changed; i++)
		n += str_is(id, s->changed[i]);
	return n;
}

static void change__is_told__once_a_kind(void **state)
{
	struct sweeping s;

	(void)state;
	open_sweeping(&s, NULL, 0);
	sweep(&s, 2);
	assert_int_equal(s.n_good, 2);
	s.n_changed = 0;
	sweep(&s, 2);
	assert_int_equal(s.n_changed, 0); /* what is seen again is nothing new */
	assert_int_equal(platform_ask(s.p, "orders.cancel",
				 "{\"order\":\"A-1001\",\"reason\":\"changed_mind\"}"),
		ORDER_OK);
	sweep(&s, 2);
	assert_in_range(count_of(&s, "A-1001"), 1, 2); /* the order, and its cancellation */
	assert_int_equal(count_of(&s, "A-1001"), s.n_changed);
	s.n_changed = 0;
	sweep(&s, 2);
	assert_int_equal(s.n_changed, 0);
	assert_true(metrics_value(s.metrics, "tenstep_shop_sweeps_total", "good", NULL) >= 8);
	assert_true(metrics_value(
			    s.metrics, "tenstep_shop_read_timestamp_seconds", "changes", NULL) > 0);
	end(&s);
}

/* As after a restart: only the cursor is left. */
static void change__while_nobody_asked__is_found_from_the_cursor(void **state)
{
	struct sweeping s;

	(void)state;
	open_sweeping(&s, NULL, 0);
	sweep(&s, 1);
	shop_sweep_free(s.sweep);
	s.n_changed = 0;
	assert_int_equal(platform_ask(s.p, "orders.cancel",
				 "{\"order\":\"A-1001\",\"reason\":\"changed_mind\"}"),
		ORDER_OK);
	begin(&s);
	sweep(&s, 1);
	assert_true(count_of(&s, "A-1001") >= 1);
	end(&s);
}

static void sweep__that_fails__is_made_up_for(void **state)
{
	static const struct mischief_rule rule[] = {
		{.operation = "orders.search", .act = MISCHIEF_ERROR_500, .count = 10}};
	struct sweeping s;

	(void)state;
	open_sweeping(&s, rule, 1);
	sweep(&s, 1);
	assert_int_equal(s.n_good, 0);
	assert_true(metrics_value(s.metrics, "tenstep_shop_read_timestamp_seconds", "changes",
			    NULL) == 0);
	while (!s.n_good)
		sweep(&s, 1);
	assert_true(metrics_value(s.metrics, "tenstep_shop_sweeps_total", "failed", NULL) >= 1);
	end(&s);
}

/* What cannot be written down now is told later, not never. */
static void change__is_not_lost__when_the_store_takes_nothing(void **state)
{
	struct sweeping s;

	(void)state;
	open_sweeping(&s, NULL, 0);
	sweep(&s, 2);
	s.closed = true;
	s.n_changed = 0;
	assert_int_equal(platform_ask(s.p, "orders.cancel",
				 "{\"order\":\"A-1001\",\"reason\":\"changed_mind\"}"),
		ORDER_OK);
	sweep(&s, 2);
	assert_int_equal(s.n_changed, 0);
	s.closed = false;
	sweep(&s, 2);
	assert_true(count_of(&s, "A-1001") >= 1);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(change__is_told__once_a_kind),
		cmocka_unit_test(change__while_nobody_asked__is_found_from_the_cursor),
		cmocka_unit_test(sweep__that_fails__is_made_up_for),
		cmocka_unit_test(change__is_not_lost__when_the_store_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

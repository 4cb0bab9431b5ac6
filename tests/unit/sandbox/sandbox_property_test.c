/* Whatever buyers do in whatever order: no word of another buyer, no money too much, nothing done
 * twice, and (by the shop's own asserts) no step that its rules do not know. */
#include "tests/unit/sandbox/shop_under_test.h"

enum { CROWD = 50, ORDERS_EACH = 4, STEPS = 6000 };

struct world {
	struct under_test shop;
	uint64_t random;
	int cancelled[CROWD + 1][ORDERS_EACH]; /* times that orders.cancel said ok */
	int64_t now;
};

static unsigned pick(struct world *w, unsigned n)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(w->random >> 33) % n;
}

/* Each buyer's goods, e-mail and city carry "CanaryNN", each order number "A-5NNk". */
static void no_word_of_another(struct world *w, int buyer)
{
	struct buf said;
	const char *p;

	buf_init(&said, 1 << 20);
	value_show(w->shop.answer.value, &said);
	for (p = said.p; p && (p = strstr(p, "Canary")); p += 6)
		assert_int_equal(atoi(p + 6), buyer);
	for (p = said.p; p && (p = strstr(p, "A-5")); p += 3)
		assert_int_equal((atoi(p + 2) - 5000) / 10, buyer);
	buf_release(&said);
}

static void one_call(struct world *w)
{
	static const char *const operation[] = {"orders.list", "orders.get", "orders.can_cancel",
		"orders.cancel", "orders.cancel", "orders.track", "refunds.status",
		"returns.can_return", "returns.create", "returns.create", "returns.list",
		"returns.status", "returns.set_tracking"};
	const char *op = operation[pick(w, sizeof(operation) / sizeof(operation[0]))];
	int caller = 1 + (int)pick(w, CROWD);
	int owner = pick(w, 3) ? caller : 1 + (int)pick(w, CROWD); /* often somebody else's order */
	int k = (int)pick(w, ORDERS_EACH);
	char args[300], buyer[20];
	enum order_outcome outcome;

	snprintf(buyer, sizeof(buyer), "crowd-%02d", caller);
	w->shop.buyer = buyer;
	snprintf(args, sizeof(args),
		"{\"order\":\"A-%d\",\"items\":[\"A-%d-%d\"],\"reason\":\"%s\",\"return\":\"R-%d\","
		"\"number\":\"RW00%08uUS\"}",
		5000 + owner * 10 + k, 5000 + owner * 10 + k, 1 + (int)pick(w, 2),
		pick(w, 2) ? "damaged" : "changed_mind", 5001 + (int)pick(w, 60),
		pick(w, 100000000));
	if (strcmp(op, "orders.list") == 0 || strcmp(op, "returns.list") == 0)
		snprintf(args, sizeof(args), "{}");
	outcome = ask(&w->shop, op, args);
	assert_true(outcome == ORDER_OK || outcome == ORDER_REFUSED);
	no_word_of_another(w, caller);
	if (owner != caller && strncmp(op, "returns.s", 9) != 0 && strcmp(args, "{}") != 0) {
		assert_int_equal(outcome, ORDER_REFUSED);
		is_text(&w->shop, "why", "not_found");
	} else if (strcmp(op, "orders.cancel") == 0 && outcome == ORDER_OK) {
		w->cancelled[owner][k]++;
		assert_int_equal(w->cancelled[owner][k], 1);
	}
}

static void take_notices(struct world *w)
{
	struct order_notice notice;

	while (!str_is(take_notice(&w->shop, &notice), "none")) {
		w->shop.answer.value = notice.fields;
		no_word_of_another(w, atoi(notice.buyer.p + strlen("crowd-")));
	}
}

static int64_t returned_money(struct world *w, const char *args)
{
	int64_t sum = 0;

	ask_ok(&w->shop, "returns.list", args);
	for (size_t i = 0; i < value_count(w->shop.answer.value); i++) {
		const struct value *r = value_at(w->shop.answer.value, i);
		struct str state = value_get_text(r, "state");

		if (!str_is(state, "rejected") && !str_is(state, "closed") &&
			value_is_set(value_get(r, "refund")))
			sum += minor(value_get(r, "refund"));
	}
	return sum;
}

static void money_holds(struct world *w)
{
	for (int i = 1; i <= CROWD; i++)
		for (int k = 0; k < ORDERS_EACH; k++) {
			char args[64], buyer[20];
			int64_t total, back;
			bool cancelled;

			snprintf(buyer, sizeof(buyer), "crowd-%02d", i);
			snprintf(args, sizeof(args), "{\"order\":\"A-%d\"}", 5000 + i * 10 + k);
			w->shop.buyer = buyer;
			ask_ok(&w->shop, "orders.get", args);
			total = minor(field(&w->shop, "total"));
			cancelled =
				str_is(value_get_text(w->shop.answer.value, "status"), "CANCELLED");
			back = returned_money(w, args);
			ask_ok(&w->shop, "refunds.status", args);
			if (cancelled) {
				assert_int_equal(back, 0);
				is_money(&w->shop, "amount", total);
			}
			assert_true(back <= total);
		}
}

static void crowd__at_random__keeps_every_promise(void **state)
{
	static struct world w;

	(void)state;
	for (uint64_t seed = 1; seed <= 2; seed++) {
		w = (struct world){.shop = open_shop("crowd"), .random = seed};
		for (int step = 0; step < STEPS; step++) {
			one_call(&w);
			if (pick(&w, 20) == 0) {
				w.now += pick(&w, 3 * HOURS);
				at(&w.shop, w.now);
				take_notices(&w);
				arena_reset(w.shop.arena);
			}
		}
		money_holds(&w);
		at(&w.shop, w.now + 90 * DAYS);
		take_notices(&w);
		arena_reset(w.shop.arena);
		money_holds(&w);
		close_shop(&w.shop);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crowd__at_random__keeps_every_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

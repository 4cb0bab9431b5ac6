/* A shop that an older tenstep made. */
#include "shop_under_test.h"

#include <unistd.h>

#include "adapters/order/sandbox/shop.h"

static struct sandbox *open_file(const char *path)
{
	struct sandbox *shop;
	struct buf error;

	buf_init(&error, 1000);
	shop = sandbox_create(path, NOW, &error);
	if (!shop)
		fail_msg("%.*s", STR(buf_str(&error)));
	buf_release(&error);
	return shop;
}

/* As the first version left it: without what the seller's side needs. */
static void take_back(struct sandbox *shop)
{
	assert_int_equal(sql_begin(shop->sql), SQL_OK);
	sql_script(shop->sql,
		"alter table returns drop column type; alter table returns drop column role;"
		"alter table returns drop column keeps; alter table returns drop column offer;"
		"alter table orders drop column changed;"
		"drop table return_step; drop table talk_message; drop table talk;"
		"drop index one_cancellation; alter table item drop column cancellation;"
		"alter table cancellation drop column partial;"
		"create unique index one_cancellation on cancellation(order_number)"
		" where state in ('pending', 'approved', 'complete');");
	meta_set(shop->sql, "schema", 1);
	assert_int_equal(sql_commit(shop->sql), SQL_OK);
}

static void a_shop_of_version_1__goes_on_with_its_orders(void **state)
{
	char path[] = "/tmp/tenstep-shop-XXXXXX";
	int file = mkstemp(path);
	struct under_test t = {.buyer = "buyer-open", .who = "c1", .key = ""};
	struct order o;

	(void)state;
	assert_true(file >= 0);
	close(file);
	t.sandbox = open_file(path);
	take_back(t.sandbox);
	sandbox_api(t.sandbox)->free(sandbox_api(t.sandbox));
	t.sandbox = open_file(path);
	t.api = sandbox_api(t.sandbox);
	t.arena = arena_new(16 << 20);
	assert_int_equal(meta_get(t.sandbox->sql, "schema"), 3);
	ask_ok(&t, "orders.cancel", "{\"order\":\"A-1001\",\"reason\":\"other\"}");
	assert_true(order_read(t.sandbox, t.arena, S("A-1001"), &o));
	assert_int_equal(o.status, CANCELLED);
	ask_ok(&t, "returns.create",
		"{\"order\":\"A-1003\",\"reason\":\"changed_mind\",\"items\":[\"A-1003-1\"]}");
	close_shop(&t);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shop_of_version_1__goes_on_with_its_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A demo shop for a test: opened on a fixture, asked in JSON, answered in values. */
#ifndef TENSTEP_TESTS_UNIT_SANDBOX_SHOP_UNDER_TEST_H
#define TENSTEP_TESTS_UNIT_SANDBOX_SHOP_UNDER_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/base/money.h"
#include "tests/unit/value_of.h"

enum { MINUTES = 60, HOURS = 3600, DAYS = 86400 };

/* 1 March 2025, 10:00 UTC, a Saturday. */
static const int64_t NOW = 1740823200;

struct under_test {
	struct sandbox *sandbox;
	struct order_api *api;
	struct arena *arena;
	const char *buyer, *who, *key;
	struct order_answer answer;
};

static inline struct under_test open_shop(const char *fixture)
{
	struct under_test t = {.buyer = "buyer-open", .who = "c1", .key = ""};
	struct buf error;

	buf_init(&error, 1000);
	t.sandbox = sandbox_open(str_of(fixture), NOW, &error);
	if (!t.sandbox)
		fail_msg("%.*s", STR(buf_str(&error)));
	buf_release(&error);
	t.api = sandbox_api(t.sandbox);
	t.arena = arena_new(16 << 20);
	return t;
}

static inline void close_shop(struct under_test *t)
{
	t->api->free(t->api);
	arena_free(t->arena);
}

static inline enum order_outcome ask(struct under_test *t, const char *operation, const char *args)
{
	struct order_request request = {.operation = str_of(operation),
		.buyer = str_of(t->buyer),
		.who = str_of(t->who),
		.key = str_of(t->key)};

	request.args = value_of(t->arena, args);
	return t->api->call(t->api, &request, t->arena, &t->answer);
}

static inline void ask_ok(struct under_test *t, const char *operation, const char *args)
{
	enum order_outcome outcome = ask(t, operation, args);

	if (outcome != ORDER_OK)
		fail_msg("%s %s gives outcome %d, why '%.*s': %.*s (%s)", operation, args,
			(int)outcome, STR(value_get_text(t->answer.value, "why")),
			STR(value_get_text(t->answer.value, "why_text")),
			sandbox_error(t->sandbox));
}

static inline void ask_refused(
	struct under_test *t, const char *operation, const char *args, const char *why)
{
	assert_int_equal(ask(t, operation, args), ORDER_REFUSED);
	if (!str_is(value_get_text(t->answer.value, "why"), why))
		fail_msg("%s %s is refused with '%.*s', not '%s'", operation, args,
			STR(value_get_text(t->answer.value, "why")), why);
	assert_true(value_get_text(t->answer.value, "why_text").n > 0);
}

static inline const struct value *field(const struct under_test *t, const char *name)
{
	return value_get(t->answer.value, name);
}

static inline void is_text(const struct under_test *t, const char *name, const char *want)
{
	struct str got = value_get_text(t->answer.value, name);

	if (!str_is(got, want))
		fail_msg("%s is '%.*s', not '%s'", name, STR(got), want);
}

static inline void is_unset(const struct under_test *t, const char *name)
{
	assert_false(value_is_set(field(t, name)));
}

static inline int64_t minor(const struct value *money)
{
	int64_t amount;

	assert_true(money_minor(
		value_get_text(money, "amount"), value_get_text(money, "currency"), &amount));
	return amount;
}

static inline void is_money(const struct under_test *t, const char *name, int64_t want)
{
	assert_true(value_is_set(field(t, name)));
	assert_int_equal(minor(field(t, name)), want);
}

static inline void at(struct under_test *t, int64_t after_start)
{
	assert_true(t->api->advance(t->api, NOW + after_start));
}

static inline void status_is(struct under_test *t, const char *number, const char *want)
{
	char args[64];

	snprintf(args, sizeof(args), "{\"order\":\"%s\"}", number);
	ask_ok(t, "orders.get", args);
	is_text(t, "status", want);
}

static inline void refund_is(struct under_test *t, const char *number, const char *want)
{
	char args[64];

	snprintf(args, sizeof(args), "{\"order\":\"%s\"}", number);
	ask_ok(t, "refunds.status", args);
	is_text(t, "state", want);
}

/* The next notice, taken, as "event state" or "event status". */
static inline struct str take_notice(struct under_test *t, struct order_notice *notice)
{
	struct str state;

	if (!t->api->next_notice(t->api, 0, t->arena, notice))
		return S("none");
	t->api->notice_taken(t->api, notice->id);
	state = value_get_text(notice->fields, "state");
	if (!state.n)
		state = value_get_text(notice->fields, "status");
	return arena_printf(t->arena, "%.*s %.*s", STR(notice->event), STR(state));
}

static inline void next_notice_is(struct under_test *t, const char *want)
{
	struct order_notice notice;
	struct str got = take_notice(t, &notice);

	if (!str_is(got, want))
		fail_msg("the notice is '%.*s', not '%s'", STR(got), want);
}

#endif

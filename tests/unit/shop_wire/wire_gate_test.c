/* What a request has to pass, and in which order. */
#include "wire_under_test.h"

#define SEARCH "/order/202309/orders/search"

/* A request that is wrong in one way and everything behind it; each is told by its own check. */
struct spoilt {
	const char *method, *path, *app_key, *timestamp, *sign, *token, *cipher, *body;
	unsigned status;
	int code;
	const char *begins;
};

static void send_spoilt(struct under_test *t, const struct spoilt *s)
{
	struct tts_param param[6] = {{S("page_size"), S("1")}, {S("app_key"), str_of(s->app_key)},
		{S("timestamp"), str_of(s->timestamp)}};
	struct wire_request r = {.method = str_of(s->method),
		.path = str_of(s->path),
		.param = param,
		.n_params = 3,
		.token = str_of(s->token),
		.content_type = S("application/json"),
		.body = str_of(s->body),
		.now_ms = WALL * 1000};
	char sign[65];

	if (s->cipher)
		param[r.n_params++] = (struct tts_param){S("shop_cipher"), str_of(s->cipher)};
	tts_sign(S(SECRET), r.path, param, r.n_params, r.body, sign);
	if (!s->sign || *s->sign)
		param[r.n_params++] =
			(struct tts_param){S("sign"), str_of(s->sign ? s->sign : sign)};
	send(t, &r);
}

static void gate__tells_the_first_fault__of_many(void **state)
{
	struct under_test t = open_wire("demo");
	const char *good_token = t.token, *cipher = wire_shop_cipher().p;
	static const char old[] = "1767225299", now[] = "1767225600", ahead[] = "1767225631";
	static const char wrong[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	const struct spoilt row[] = {
		{"GET", "/orders", "x", old, wrong, "", NULL, "{", 404, 36009009, "Invalid path"},
		{"GET", "/order/2023/orders/search", "x", old, wrong, "", NULL, "{", 404, 36009009,
			"Invalid path"},
		{"GET", SEARCH, "x", old, wrong, "", NULL, "{", 405, 36009010, "Invalid method"},
		{"POST", "/order/202401/orders/search", "x", old, wrong, "", NULL, "{", 400,
			36009014, "Invalid API version"},
		{"POST", SEARCH, "x", old, wrong, "", NULL, "{", 401, 36009004,
			"Invalid credentials. `app_key`"},
		{"POST", SEARCH, KEY, "", wrong, "", NULL, "{", 400, 36009004, "Invalid timestamp"},
		{"POST", SEARCH, KEY, "-1", wrong, "", NULL, "{", 400, 36009004,
			"Invalid timestamp"},
		{"POST", SEARCH, KEY, old, wrong, "", NULL, "{", 400, 36009004,
			"Invalid timestamp"},
		{"POST", SEARCH, KEY, ahead, wrong, "", NULL, "{", 400, 36009004,
			"Invalid timestamp"},
		{"POST", SEARCH, KEY, now, "", "", NULL, "{", 401, 36009004, "Missing credentials"},
		{"POST", SEARCH, KEY, now, wrong, "", NULL, "{", 401, 106001,
			"Invalid credentials. `sign`"},
		{"POST", SEARCH, KEY, now, NULL, "", NULL, "{", 401, 36009004,
			"Invalid credentials. The header"},
		{"POST", SEARCH, KEY, now, NULL, "TTP_no", NULL, "{", 401, 36009004,
			"Invalid credentials. The header"},
		{"POST", SEARCH, KEY, now, NULL, good_token, NULL, "{", 400, 106013,
			"Missing identifier"},
		{"POST", SEARCH, KEY, now, NULL, good_token, "GCP_x", "{", 400, 106011,
			"Invalid identifier"},
		{"POST", SEARCH, KEY, now, NULL, good_token, cipher, "{", 400, 36009022,
			"Invalid body"},
		{"POST", SEARCH, KEY, now, NULL, good_token, cipher, "[]", 400, 36009022,
			"Invalid body"},
		{"POST", SEARCH, KEY, now, NULL, good_token, cipher, "{\"order_status\":1}", 400,
			36009004, "Invalid parameter. `order_status`"},
		{"GET", "/authorization/202309/shops", KEY, now, NULL, good_token, cipher, "", 400,
			36009004, "Unexpected identifier"},
		{"POST", SEARCH, KEY, "1767225300", NULL, good_token, cipher, "{}", 200, 0,
			"Success"},
		{"POST", SEARCH, KEY, "1767225630", NULL, good_token, cipher, "", 200, 0,
			"Success"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct str message;

		send_spoilt(&t, &row[i]);
		message = json_text(json_get(json_root(t.doc), "message"));
		if (t.answer.status != row[i].status || t.answer.code != row[i].code ||
			!str_starts(message, str_of(row[i].begins)))
			fail_msg("row %zu: %u %.*s", i, t.answer.status, STR(t.answer.body));
		assert_int_equal(strlen(t.answer.request_id), 34);
		assert_false(t.answer.changed);
	}
	close_wire(&t);
}

static void gate__a_scope_that_was_not_granted__is_told_before_the_cipher(void **state)
{
	struct under_test t = open_wire("demo");

	(void)state;
	wire_set_scopes(t.wire, S("seller.order.info seller.customer_service"));
	t.cipher = NULL;
	assert_int_equal(ask(&t, "GET", "/fulfillment/202309/packages/1", "", ""), 105005);
	assert_int_equal(t.answer.status, 401);
	assert_int_equal(post(&t, SEARCH, "page_size=1", "{}"), 106013);
	close_wire(&t);
}

static void gate__more_than_the_rate__is_too_many(void **state)
{
	struct under_test t = open_wire("demo");
	struct wire_setup setup = {.sandbox = t.sandbox,
		.app_key = S(KEY),
		.app_secret = S(SECRET),
		.chance = S("not by chance at all"),
		.per_s = 5};
	struct buf error;

	(void)state;
	buf_init(&error, 1000);
	wire_free(t.wire);
	t.wire = wire_new(&setup, &error);
	assert_non_null(t.wire);
	for (int i = 0; i < 10; i++)
		good(&t, post(&t, SEARCH, "page_size=1", "{}"));
	assert_int_equal(post(&t, SEARCH, "page_size=1", "{}"), 36009002);
	assert_int_equal(t.answer.status, 429);
	t.wall++;
	for (int i = 0; i < 5; i++)
		good(&t, post(&t, SEARCH, "page_size=1", "{}"));
	assert_int_equal(post(&t, SEARCH, "page_size=1", "{}"), 36009002);
	buf_release(&error);
	close_wire(&t);
}

static int refresh(struct under_test *t, const char *token, const char *grant)
{
	struct tts_param param[4] = {{S("app_key"), S(KEY)}, {S("app_secret"), S(SECRET)},
		{S("refresh_token"), str_of(token)}, {S("grant_type"), str_of(grant)}};
	struct wire_request r = {.method = S("GET"),
		.path = S("/api/v2/token/refresh"),
		.param = param,
		.n_params = 4,
		.now_ms = t->wall * 1000};

	send(t, &r);
	return t->answer.code;
}

static void tokens__live_as_long_as_they_say__and_a_refresh_voids_the_old_one(void **state)
{
	struct under_test t = open_wire("demo");
	char first[80];

	(void)state;
	snprintf(first, sizeof first, "%s", t.refresh);
	t.wall += 7 * DAYS - 1;
	good(&t, post(&t, SEARCH, "page_size=1", "{}"));
	t.wall += 1;
	assert_int_equal(post(&t, SEARCH, "page_size=1", "{}"), 105002);
	assert_int_equal(t.answer.status, 401);
	good(&t, refresh(&t, first, "authorized_code")); /* as the platform's own kit says it */
	assert_int_equal(int_at(&t, "access_token_expire_in"), t.wall + 7 * DAYS);
	snprintf(t.token, sizeof t.token, "%s", text_at(&t, "access_token"));
	good(&t, post(&t, SEARCH, "page_size=1", "{}"));
	assert_int_equal(refresh(&t, first, "refresh_token"), 36004001);
	assert_int_equal(t.answer.status, 200);
	close_wire(&t);
}

static void tokens__a_code__is_good_once_and_for_half_an_hour(void **state)
{
	struct under_test t = open_wire("demo");
	struct str code = wire_new_code(t.wire, t.wall * 1000, t.arena);
	struct tts_param param[4] = {{S("app_key"), S(KEY)}, {S("app_secret"), S(SECRET)},
		{S("auth_code"), code}, {S("grant_type"), S("authorized_code")}};
	struct wire_request r = {.method = S("GET"),
		.path = S("/api/v2/token/get"),
		.param = param,
		.n_params = 4,
		.now_ms = (t.wall + 30 * MINUTES) * 1000};

	(void)state;
	send(&t, &r);
	assert_int_equal(t.answer.code, 36004004);
	r.now_ms -= 1000;
	send(&t, &r);
	good(&t, t.answer.code);
	send(&t, &r);
	assert_int_equal(t.answer.code, 36004004);
	param[1].value = S("another secret");
	send(&t, &r);
	assert_int_equal(t.answer.code, 36009004);
	close_wire(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate__tells_the_first_fault__of_many),
		cmocka_unit_test(gate__a_scope_that_was_not_granted__is_told_before_the_cipher),
		cmocka_unit_test(gate__more_than_the_rate__is_too_many),
		cmocka_unit_test(tokens__live_as_long_as_they_say__and_a_refresh_voids_the_old_one),
		cmocka_unit_test(tokens__a_code__is_good_once_and_for_half_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

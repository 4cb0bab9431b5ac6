/* Requests as they go out, and tokens: what is signed and sent, what is read and kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/order/tiktok_shop/tts_grant.h"
#include "tests/unit/in_arena.h"

static const struct tts_pass pass = {S("https://api.example"), S("appk"), S("sandbox_secret_123"),
	S("TTP_token"), S("GCP_demo")};

/* The vector V2 of the platform's own client. */
static void request__is_stamped_signed_and_encoded(void **state)
{
	struct tts_request request = {.method = "GET", .path = S("/order/202309/orders")};
	struct tts_wire wire;

	(void)state;
	tts_request_param(arena, &request, "ids", S("1,2"));
	tts_request_write(arena, &request, &pass, 1767225600, &wire);
	assert_true(str_is(wire.url,
		"https://api.example/order/202309/"
		"orders?ids=1%2C2&app_key=appk&timestamp=1767225600"
		"&shop_cipher=GCP_demo&sign="
		"a2ea65a0a3f7074199e0a4371a57d79310a4440940cc204650aa82d0f0763621"));
	assert_int_equal(wire.n_headers, 2);
	assert_true(str_is(wire.header[0], "x-tts-access-token: TTP_token"));
	assert_true(str_is(wire.header[1], "Content-Type: application/json"));
}

/* V8: a form is not signed, and says what it is. */
static void request__of_a_form__is_signed_without_it(void **state)
{
	struct tts_request request = {.method = "POST",
		.path = S("/customer_service/202309/images/upload"),
		.body = S("--x\r\n\r\npicture\r\n--x--\r\n"),
		.type = S("multipart/form-data; boundary=x")};
	struct tts_wire wire;

	(void)state;
	tts_request_write(arena, &request, &pass, 1767225600, &wire);
	assert_true(str_ends(wire.url,
		S("sign=bfc6cc0a3d11477594f1c27a4ac7534e954cf2646c2e160d38c82dcd1a021444")));
	assert_true(str_is(wire.header[1], "Content-Type: multipart/form-data; boundary=x"));
}

/* V1: of the seller, so the cipher must not be there. */
static void request__of_the_seller__has_no_cipher(void **state)
{
	struct tts_request request;
	struct tts_wire wire;

	(void)state;
	tts_grant_ask_shops(&request);
	tts_request_write(arena, &request, &pass, 1767225600, &wire);
	assert_true(str_find(wire.url, S("shop_cipher")) < 0);
	assert_true(str_ends(wire.url,
		S("sign=49612b0429aefbaa6b592eb18ab1830fba0b87d98d36a58104558e511c705943")));
}

static void address__of_the_token_host__encodes_what_it_carries(void **state)
{
	struct str url = tts_grant_exchange_url(
		arena, S("https://auth.example"), S("k"), S("s&s"), S("a b+c"));

	(void)state;
	assert_true(str_is(url, "https://auth.example/api/v2/token/get?app_key=k&app_secret=s%26s"
				"&auth_code=a%20b%2Bc&grant_type=authorized_code"));
	url = tts_grant_refresh_url(arena, S("https://auth.example"), S("k"), S("s"), S("r"));
	assert_true(str_ends(url, S("&refresh_token=r&grant_type=refresh_token")));
	assert_true(str_is(tts_grant_link(arena, S("https://c.example/a"), S("74"), S("x")),
		"https://c.example/a?service_id=74&state=x"));
}

static bool take(const char *body, struct tts_grant *grant)
{
	struct tts_answer answer;

	*grant = (struct tts_grant){.n_shops = 0};
	tts_answer_read(arena, 200, str_of(body), &answer);
	return tts_grant_take(arena, &answer, grant);
}

#define TOKENS(access, until)                                                                      \
	"{\"code\":0,\"message\":\"success\",\"data\":{\"access_token\":\"" access                 \
	"\",\"access_token_expire_in\":" until                                                     \
	",\"refresh_token\":\"ROW_r\",\"refresh_token_expire_in\":1798761600,"                     \
	"\"seller_name\":\"J\",\"seller_base_region\":\"US\",\"user_type\":0}}"

static void tokens__are_taken__only_when_they_can_be_used(void **state)
{
	struct tts_grant grant;

	(void)state;
	assert_true(take(TOKENS("TTP_a", "1767830400"), &grant));
	assert_true(str_is(grant.access, "TTP_a"));
	assert_int_equal(grant.access_until, 1767830400);
	assert_false(take(TOKENS("", "1767830400"), &grant));
	assert_false(take(TOKENS("a b", "1767830400"), &grant));
	assert_false(take(TOKENS("a\\r\\nX: 1", "1767830400"), &grant));
	assert_false(take(TOKENS("TTP_a", "0"), &grant));
	assert_false(take("{\"code\":0,\"data\":{}}", &grant));
	assert_false(take("{\"code\":36004004,\"message\":\"Invalid auth code.\"}", &grant));
	assert_false(take("<html>", &grant));
}

static void grant__comes_back__as_it_was_written(void **state)
{
	struct tts_shop shop[] = {{S("749"), S("J \"& F"), S("US"), S("GCP_1")},
		{S("750"), S("K"), S("GB"), S("GCP_2")}};
	struct tts_grant grant = {.access = S("TTP_a"),
		.refresh = S("TTP_r"),
		.access_until = 1767830400,
		.refresh_until = 1798761600,
		.seller = S("J"),
		.region = S("US"),
		.shop = shop,
		.n_shops = 2};
	struct tts_grant back;
	struct buf text;

	(void)state;
	buf_init(&text, 10000);
	tts_grant_write(&grant, &text);
	assert_true(tts_grant_read(arena, buf_str(&text), &back));
	assert_true(str_eq(back.access, grant.access));
	assert_true(str_eq(back.refresh, grant.refresh));
	assert_int_equal(back.refresh_until, grant.refresh_until);
	assert_int_equal(back.n_shops, 2);
	assert_true(str_eq(back.shop[0].name, shop[0].name));
	assert_true(str_eq(back.shop[1].cipher, shop[1].cipher));
	assert_false(tts_grant_read(arena, str_sub(buf_str(&text), 0, text.n / 2), &back));
	assert_false(tts_grant_read(arena, S(""), &back));
	assert_false(tts_grant_read(arena, S("[]"), &back));
	buf_release(&text);
}

static void shops__without_a_cipher__are_passed_over(void **state)
{
	struct tts_answer answer;
	struct tts_grant grant = {.n_shops = 0};

	(void)state;
	tts_answer_read(arena, 200,
		S("{\"code\":0,\"data\":{\"shops\":[{\"id\":\"1\"},{\"id\":\"2\",\"cipher\":\"C\"}]"
		  "}}"),
		&answer);
	assert_true(tts_grant_take_shops(arena, &answer, &grant));
	assert_int_equal(grant.n_shops, 1);
	tts_answer_read(arena, 200, S("{\"code\":0,\"data\":{\"shops\":[]}}"), &answer);
	assert_false(tts_grant_take_shops(arena, &answer, &grant));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(request__is_stamped_signed_and_encoded),
		T(request__of_a_form__is_signed_without_it),
		T(request__of_the_seller__has_no_cipher),
		T(address__of_the_token_host__encodes_what_it_carries),
		T(tokens__are_taken__only_when_they_can_be_used),
		T(grant__comes_back__as_it_was_written),
		T(shops__without_a_cipher__are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

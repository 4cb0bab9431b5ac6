/* Signatures: the published vectors, and those that the platform's own client computes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/order/tiktok_shop/tts_sign.h"

enum { max_params = 8 };

static const struct vector {
	const char *secret, *path;
	struct tts_param param[max_params];
	const char *body, *sign;
} vector[] = {
	/* The platform's page on signing; the one inside its curl line is wrong. */
	{"e59af819cc", "/authorization/202309/shops",
		{{S("app_key"), S("29a39d")}, {S("timestamp"), S("1623812664")}}, "",
		"b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"},
	{"app_secret", "/test-api", {{S("foo"), S("bar")}}, "",
		"d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f"},
	{"e59af819cc", "/event/202309/webhooks",
		{{S("shop_cipher"), S("ROW_xkMbgAAAeVAQra0eZWebFQq5aIK")},
			{S("timestamp"), S("1696909648")}, {S("app_key"), S("68xu9ks5p4i8")}},
		"", "ed58e1b5e59865c22a7b828c1cab65007441f43cc91a6cb2f2cdc638e0995a37"},
	{"e59af819cc", "/event/202309/webhooks",
		{{S("timestamp"), S("1696909648")}, {S("app_key"), S("68xu9ks5p4i8")},
			{S("shop_cipher"), S("ROW_xkMbgAAAeVAQra0eZWebFQq5aIK")}},
		"{\"event_type\":\"PACKAGE_UPDATE\",\"address\":\"https://"
		"partner.tiktokshop.com\"}",
		"701dd6deb2389fe4c469b89bd37fc56f96a6da6afeb4d01c9077a65169752fa7"},
	/* Each equal to what the platform's client for Node computes. */
	{"sandbox_secret_123", "/authorization/202309/shops",
		{{S("app_key"), S("appk")}, {S("timestamp"), S("1767225600")}}, "",
		"49612b0429aefbaa6b592eb18ab1830fba0b87d98d36a58104558e511c705943"},
	{"sandbox_secret_123", "/order/202309/orders",
		{{S("timestamp"), S("1767225600")}, {S("shop_cipher"), S("GCP_demo")},
			{S("ids"), S("1,2")}, {S("app_key"), S("appk")}},
		"", "a2ea65a0a3f7074199e0a4371a57d79310a4440940cc204650aa82d0f0763621"},
	{"sandbox_secret_123", "/order/202309/orders/search",
		{{S("page_size"), S("20")}, {S("sort_field"), S("create_time")},
			{S("sort_order"), S("DESC")}, {S("timestamp"), S("1767225600")},
			{S("app_key"), S("appk")}, {S("shop_cipher"), S("GCP_demo")}},
		"{\"order_status\":\"UNPAID\"}",
		"8cfd779cafc9393359499d3815811d63c6a46d99a2d6d13f882c01ccfc13f1a4"},
	{"sandbox_secret_123", "/return_refund/202309/cancellations",
		{{S("app_key"), S("appk")}, {S("shop_cipher"), S("GCP_demo")},
			{S("timestamp"), S("1767225600")}},
		"{\"order_id\":\"576461413038785752\",\"cancel_reason\":\"seller_cancel_reason_out_"
		"of_stock\"}",
		"d25b0cdbd5615ddac937770cef723992efc741af79deb5c9be639b63d5962230"},
	{"sandbox_secret_123", "/return_refund/202309/cancellations/4035319218955782461/approve",
		{{S("idempotency_key"), S("40b456b1-78e7-412d-9fe6-82181496e1bd")},
			{S("app_key"), S("appk")}, {S("shop_cipher"), S("GCP_demo")},
			{S("timestamp"), S("1767225600")}},
		"", "11b6c5bbb1ebd5532605e4cc3baf0889d133d1c64e4fd7b47d5825e813d17ed5"},
	{"sandbox_secret_123", "/return_refund/202309/cancellations/search",
		{{S("page_size"), S("10")}, {S("app_key"), S("appk")},
			{S("shop_cipher"), S("GCP_demo")}, {S("timestamp"), S("1767225600")}},
		"{}", "791df54e8875e5224d00f2e02f3b81466d0463b17a1c71595293d4e056736e64"},
	{"sandbox_secret_123", "/customer_service/202309/conversations/576486316948490001/messages",
		{{S("app_key"), S("appk")}, {S("shop_cipher"), S("GCP_demo")},
			{S("timestamp"), S("1767225600")}},
		"{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"Xin ch\303\240o "
		"100%\\\"}\"}",
		"649c7fb5745c080e794ed91e9d5d0dfb6bcfd7daed0fb0f1a5c8dab97344e407"},
	{"sandbox_secret_123", "/customer_service/202309/images/upload",
		{{S("app_key"), S("appk")}, {S("shop_cipher"), S("GCP_demo")},
			{S("timestamp"), S("1767225600")}},
		"", "bfc6cc0a3d11477594f1c27a4ac7534e954cf2646c2e160d38c82dcd1a021444"},
};
enum { n_vectors = sizeof(vector) / sizeof(*vector) };

static size_t params_of(const struct vector *v)
{
	size_t n = 0;

	while (n < max_params && v->param[n].name.n)
		n++;
	return n;
}

static void sign_of(const struct vector *v, char hex[65])
{
	tts_sign(str_of(v->secret), str_of(v->path), v->param, params_of(v), str_of(v->body), hex);
}

static void sign__agrees__with_every_vector(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_vectors; i++) {
		char hex[65];

		sign_of(&vector[i], hex);
		assert_string_equal(hex, vector[i].sign);
		assert_true(tts_sign_is(str_of(vector[i].secret), str_of(vector[i].path),
			vector[i].param, params_of(&vector[i]), str_of(vector[i].body),
			str_of(vector[i].sign)));
	}
}

static void sign__leaves_out__what_is_not_signed(void **state)
{
	static const struct tts_param param[] = {{S("sign"), S("x")}, {S("app_key"), S("appk")},
		{S("access_token"), S("t")}, {S("timestamp"), S("1767225600")},
		{S("x-tts-access-token"), S("t")}};

	(void)state;
	assert_true(tts_sign_is(S("sandbox_secret_123"), S("/authorization/202309/shops"), param, 5,
		S(""), S("49612b0429aefbaa6b592eb18ab1830fba0b87d98d36a58104558e511c705943")));
}

static void sign__includes__empty_values_by_their_name(void **state)
{
	static const struct tts_param with[] = {{S("a"), S("1")}, {S("shop_id"), S("")}};
	char one[65], other[65];

	(void)state;
	tts_sign(S("s"), S("/p"), with, 2, S(""), one);
	tts_sign(S("s"), S("/p"), with, 1, S("shop_id"), other); /* the same bytes */
	assert_string_equal(one, other);
	tts_sign(S("s"), S("/p"), with, 1, S(""), other);
	assert_string_not_equal(one, other);
}

static void sign__does_not_care__for_the_order_of_parameters(void **state)
{
	static const struct tts_param a[] = {
		{S("b"), S("2")}, {S("a"), S("1")}, {S("B"), S("3")}, {S("a"), S("0")}};
	static const struct tts_param b[] = {
		{S("a"), S("0")}, {S("B"), S("3")}, {S("a"), S("1")}, {S("b"), S("2")}};
	char one[65], other[65];

	(void)state;
	tts_sign(S("s"), S("/p"), a, 4, S("{}"), one);
	tts_sign(S("s"), S("/p"), b, 4, S("{}"), other);
	assert_string_equal(one, other);
}

static void sign__is_refused__when_anything_is_off(void **state)
{
	static const char *const wrong[] = {"",
		"b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc",
		"b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc80",
		"B596B73E0CC6DE07AC26F036364178AB16B0A907AF13D43F0A0CD2345F582DC8",
		"c596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(tts_sign_is(S("e59af819cc"), S("/authorization/202309/shops"),
			vector[0].param, 2, S(""), str_of(wrong[i])));
	assert_false(tts_sign_is(S("e59af819cd"), S("/authorization/202309/shops"), vector[0].param,
		2, S(""), str_of(vector[0].sign)));
	assert_false(tts_sign_is(S("e59af819cc"), S("/authorization/202309/shops"), vector[0].param,
		2, S("{}"), str_of(vector[0].sign)));
}

static const char *const published =
	"{\"type\":1,\"tts_notification_id\":\"7380066284010030890\",\"shop_id\":"
	"\"7495540735365777507\",\"timestamp\":1718305585,\"data\":{\"is_on_hold_order\":true,"
	"\"order_id\":\"576653688135258178\",\"order_status\":\"UNPAID\",\"update_time\":"
	"1718305585}}";
static const char *const own =
	"{\"type\":11,\"tts_notification_id\":\"7327112393057371911\",\"shop_id\":"
	"\"7494049642642441621\",\"timestamp\":1644412885,\"data\":{\"order_id\":"
	"\"576486316948490001\",\"cancellations_role\":\"BUYER\",\"cancel_status\":"
	"\"CANCELLATION_REQUEST_PENDING\",\"cancel_id\":\"4035318504086604100\",\"create_time\":"
	"1627587600}}";

static void webhook_sign__agrees__with_both_vectors(void **state)
{
	char hex[65];

	(void)state;
	tts_webhook_sign(S("abcdef"), S("123"), str_of(published), hex);
	assert_string_equal(
		hex, "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05");
	tts_webhook_sign(S("appk"), S("sandbox_secret_123"), str_of(own), hex);
	assert_string_equal(
		hex, "99d3f41987eb297bc226270aea2889c6fb40beb715b83fd2679dc05570be3670");
}

static void webhook_sign__is_refused__when_a_byte_differs(void **state)
{
	struct str sign = S("5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05");

	(void)state;
	assert_true(tts_webhook_sign_is(S("abcdef"), S("123"), str_of(published), sign));
	assert_false(tts_webhook_sign_is(S("abcdeg"), S("123"), str_of(published), sign));
	assert_false(tts_webhook_sign_is(S("abcdef"), S("124"), str_of(published), sign));
	assert_false(tts_webhook_sign_is(S("abcdef"), S("123"), str_of(own), sign));
	assert_false(tts_webhook_sign_is(S("abcdef"), S("123"), str_of(published), S("")));
	assert_false(tts_webhook_sign_is(
		S("abcdef"), S("123"), str_of(published), str_sub(sign, 0, 63)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sign__agrees__with_every_vector),
		cmocka_unit_test(sign__leaves_out__what_is_not_signed),
		cmocka_unit_test(sign__includes__empty_values_by_their_name),
		cmocka_unit_test(sign__does_not_care__for_the_order_of_parameters),
		cmocka_unit_test(sign__is_refused__when_anything_is_off),
		cmocka_unit_test(webhook_sign__agrees__with_both_vectors),
		cmocka_unit_test(webhook_sign__is_refused__when_a_byte_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

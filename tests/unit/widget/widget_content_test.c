/* Plain text to nodes: paragraphs, lists, links, pictures; and everything that must stay text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/widget/content.h"

static const struct str origin[] = {S("https://img.shop.example"), S("")};
static const struct frame_view view = {origin, 2, NULL, NULL};
static const struct content_rules shop = {true, &view}, buyer = {false, NULL};

static void assert_nodes(const struct content_rules *rules, struct str text, const char *expected)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	content_write(text, rules, &out);
	assert_string_equal(out.p, expected);
	buf_release(&out);
}

#define shop_says(text, expected) assert_nodes(&shop, S(text), expected)
#define buyer_says(text, expected) assert_nodes(&buyer, S(text), expected)

static void content__makes_paragraphs_and_breaks(void **state)
{
	(void)state;
	shop_says("", "[]");
	shop_says(" \n\n \n", "[]");
	shop_says("One.", "[{\"p\":[\"One.\"]}]");
	shop_says("One,\r\ntwo.\n\n\nThree.\n",
		"[{\"p\":[\"One,\",{\"br\":1},\"two.\"]},{\"p\":[\"Three.\"]}]");
}

static void content__makes_lists(void **state)
{
	(void)state;
	shop_says("You can:\n- cancel\n- wait\nOr ask.",
		"[{\"p\":[\"You can:\"]},{\"ul\":[[\"cancel\"],[\"wait\"]]},{\"p\":[\"Or "
		"ask.\"]}]");
	shop_says("1. Pack it\n2. Send it\n4. Late\n5. Later",
		"[{\"ol\":[[\"Pack it\"],[\"Send "
		"it\"]]},{\"start\":4,\"ol\":[[\"Late\"],[\"Later\"]]}]");
	shop_says("- a\n1. b\n- c", "[{\"ul\":[[\"a\"]]},{\"ol\":[[\"b\"]]},{\"ul\":[[\"c\"]]}]");
}

static void content__makes_no_list__of_what_is_none(void **state)
{
	(void)state;
	shop_says("-", "[{\"p\":[\"-\"]}]");
	shop_says("-5 degrees", "[{\"p\":[\"-5 degrees\"]}]");
	shop_says("2024. Then", "[{\"p\":[\"2024. Then\"]}]");
	shop_says("1.5 kg", "[{\"p\":[\"1.5 kg\"]}]");
	buyer_says("- a\n1. b", "[{\"p\":[\"- a\",{\"br\":1},\"1. b\"]}]");
}

static void content__knows_no_markup(void **state)
{
	(void)state;
	buyer_says(
		"**b** _i_ [x](y) `c` <b>&amp;", "[{\"p\":[\"**b** _i_ [x](y) `c` <b>&amp;\"]}]");
	shop_says(
		"**b** [x](javascript:alert(1))", "[{\"p\":[\"**b** [x](javascript:alert(1))\"]}]");
}

#define A(href) "{\"a\":{\"href\":\"" href "\",\"text\":\"" href "\"}}"

static void content__finds_links(void **state)
{
	(void)state;
	buyer_says("see https://x.example/a?b=1#c, please",
		"[{\"p\":[\"see \"," A("https://x.example/a?b=1#c") ",\", please\"]}]");
	buyer_says("http://x.example", "[{\"p\":[" A("http://x.example") "]}]");
	buyer_says("mailto:a@x.example.", "[{\"p\":[" A("mailto:a@x.example") ",\".\"]}]");
	buyer_says("tel:+49-30-1234!", "[{\"p\":[" A("tel:+49-30-1234") ",\"!\"]}]");
	buyer_says("(http://x.example/a_(b))",
		"[{\"p\":[\"(\"," A("http://x.example/a_(b)") ",\")\"]}]");
	buyer_says("HTTPS://X.example", "[{\"p\":[{\"a\":{\"href\":\"https://X.example\",\"text\":"
					"\"HTTPS://X.example\"}}]}]");
	buyer_says("at 10:30: mailto:a@b.example or tel:+15550100: ask",
		"[{\"p\":[\"at 10:30: \"," A("mailto:a@b.example") ",\" or \"," A(
			"tel:+15550100") ",\": ask\"]}]");
	/* what was none is passed over with all that is in it */
	buyer_says("http:?https://x.example/ https://y.example/",
		"[{\"p\":[\"http:?https://x.example/ \"," A("https://y.example/") "]}]");
	buyer_says("http://[2001:db8::1]/x", "[{\"p\":[" A("http://[2001:db8::1]/x") "]}]");
	shop_says("- http://a.example\n- b", "[{\"ul\":[[" A("http://a.example") "],[\"b\"]]}]");
	/* Chinese needs no blanks around an address */
	buyer_says("\xE8\xAF\xB7\xE7\x9C\x8Bhttps://x.example/a\xE8\xB0\xA2",
		"[{\"p\":[\"\xE8\xAF\xB7\xE7\x9C\x8B\"," A(
			"https://x.example/a") ",\"\xE8\xB0\xA2\"]}]");
}

static void content__leaves_as_text__what_is_no_safe_address(void **state)
{
	static const char *const text[] = {"javascript:alert(1)", "data:text/html,x",
		"ftp://x.example", "file:///etc/passwd", "http:", "http://", "https://.",
		"http:///x", "//x.example", "https://bank.example@evil.example",
		"https://a:b@c.example/", "mailto:", "mailto:@x", "mailto:a", "mailto:a@", "tel:12",
		"tel:abc", "tel:+1;x=1", "xhttp://x.example", "vbscript:x",
		"http:\\\\\\\\x.example", "blob:https://x.example", "https:x.example"};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		struct buf out;

		buf_init(&out, 10000);
		content_write(str_of(text[i]), &shop, &out);
		if (str_find(buf_str(&out), S("\"a\"")) >= 0 && strncmp(text[i], "blob:", 5) != 0)
			fail_msg("linked: %s", out.p);
		buf_release(&out);
	}
}

static void content__drops_controls__and_what_turns_text_round(void **state)
{
	(void)state;
	buyer_says("a\x01"
		   "b\tc\x1b[31m\x7F\xC2\x9B \xE2\x80\xAE"
		   "evil\xE2\x81\xA6.",
		"[{\"p\":[\"ab c[31m evil.\"]}]");
	assert_nodes(&buyer, (struct str){"a\0b\xFF", 4}, "[{\"p\":[\"ab\xEF\xBF\xBD\"]}]");
	/* an address does not go on behind one */
	buyer_says("https://x.example/\xE2\x80\xAEgpj",
		"[{\"p\":[" A("https://x.example/") ",\"gpj\"]}]");
}

static void content__shows_pictures__from_allowed_origins(void **state)
{
	(void)state;
	shop_says("Look:\nhttps://img.shop.example/p/blue-dress.JPG\nNice.",
		"[{\"p\":[\"Look:\"]},{\"img\":{\"src\":\"https://img.shop.example/p/"
		"blue-dress.JPG\","
		"\"alt\":\"blue-dress\"}},{\"p\":[\"Nice.\"]}]");
	shop_says("https://img.shop.example/.png",
		"[{\"img\":{\"src\":\"https://img.shop.example/.png\",\"alt\":\"\"}}]");
	shop_says("https://img.shop.example.evil.example/a.jpg",
		"[{\"p\":[" A("https://img.shop.example.evil.example/a.jpg") "]}]");
	shop_says("https://img.shop.example/a.svg",
		"[{\"p\":[" A("https://img.shop.example/a.svg") "]}]");
	shop_says("see https://img.shop.example/a.jpg",
		"[{\"p\":[\"see \"," A("https://img.shop.example/a.jpg") "]}]");
	buyer_says("https://img.shop.example/a.jpg",
		"[{\"p\":[" A("https://img.shop.example/a.jpg") "]}]");
}

static void content_may_show__asks_for_the_whole_origin(void **state)
{
	(void)state;
	assert_true(content_may_show(&view, S("https://img.shop.example/a")));
	assert_false(content_may_show(&view, S("https://img.shop.example")));
	assert_false(content_may_show(&view, S("http://img.shop.example/a")));
	assert_false(content_may_show(&view, S("https://img.shop.example:81/a")));
	assert_false(content_may_show(&view, S("https://img.shop.example/a b")));
	assert_false(content_may_show(&view, S("https://img.shop.example/\"")));
	assert_false(content_may_show(&view, S("/a")));
	assert_false(content_may_show(&view, S("")));
	assert_false(content_may_show(NULL, S("https://img.shop.example/a")));
	assert_true(content_is_web(S("http://x.example/a")));
	assert_false(content_is_web(S("http://x.example/a.")));
	assert_false(content_is_web(S("mailto:a@b.example")));
}

/* Each of these took time that grew with the square of the text in a first draft; a minute and more
 * if one does again. */
static void content__takes_its_time__in_proportion(void **state)
{
	static const char *const piece[] = {
		"tel:", "http:", "http://a)", "mailto:a", "http://a ", "\x01"};
	enum { size = 256 << 10 };
	char *text = malloc(size);
	struct buf out;

	(void)state;
	assert_non_null(text);
	for (size_t k = 0; k < sizeof(piece) / sizeof(*piece); k++) {
		size_t n = strlen(piece[k]);

		for (size_t i = 0; i < size; i++)
			text[i] = piece[k][i % n];
		buf_init(&out, (size_t)64 << 20);
		content_write((struct str){text, size}, &shop, &out);
		assert_false(out.over);
		buf_release(&out);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content__makes_paragraphs_and_breaks),
		cmocka_unit_test(content__makes_lists),
		cmocka_unit_test(content__makes_no_list__of_what_is_none),
		cmocka_unit_test(content__knows_no_markup),
		cmocka_unit_test(content__finds_links),
		cmocka_unit_test(content__leaves_as_text__what_is_no_safe_address),
		cmocka_unit_test(content__drops_controls__and_what_turns_text_round),
		cmocka_unit_test(content__shows_pictures__from_allowed_origins),
		cmocka_unit_test(content_may_show__asks_for_the_whole_origin),
		cmocka_unit_test(content__takes_its_time__in_proportion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

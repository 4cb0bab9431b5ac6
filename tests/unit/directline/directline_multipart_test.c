/* Forms of files: what clients send is read, everything else is refused with its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/directline/multipart.h"

static struct arena *arena;
static struct buf error;
static struct multipart_part part[multipart_max_parts];
static size_t n;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	buf_init(&error, 1000);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&error);
	arena_free(arena);
	return 0;
}

#define assert_str(s, text) assert_true(str_is((s), (text)))

static bool read_x(const char *body)
{
	buf_clear(&error);
	return multipart_read(
		S("multipart/form-data; boundary=x"), str_of(body), arena, part, &n, &error);
}

static void multipart_is__the_type_and_nothing_like_it(void **state)
{
	(void)state;
	assert_true(multipart_is(S("multipart/form-data; boundary=x")));
	assert_true(multipart_is(S("Multipart/Form-Data;boundary=x")));
	assert_true(multipart_is(S("multipart/form-data")));
	assert_false(multipart_is(S("multipart/form-data2")));
	assert_false(multipart_is(S("multipart/mixed; boundary=x")));
	assert_false(multipart_is(S("")));
}

static void multipart_read__takes_what_web_chat_sends(void **state)
{
	static const char body[] =
		"------WebKitFormBoundaryAbC\r\n"
		"Content-Disposition: form-data; name=\"activity\"; filename=\"blob\"\r\n"
		"Content-Type: application/vnd.microsoft.activity\r\n\r\n"
		"{\"type\":\"message\"}\r\n"
		"------WebKitFormBoundaryAbC\r\n"
		"Content-Disposition: form-data; name=\"file\"; filename=\"a%22b "
		"\xc3\xa9\\.png\"\r\n"
		"Content-Type: image/png\r\n\r\n"
		"\x89PNG\r\n\x1a\n\0\r\n--\r\n\r\n------WebKitFormBoundaryA\r\n"
		"------WebKitFormBoundaryAbC--\r\n";

	(void)state;
	assert_true(multipart_read(S("multipart/form-data; boundary=----WebKitFormBoundaryAbC"),
		(struct str){body, sizeof body - 1}, arena, part, &n, &error));
	assert_int_equal(n, 2);
	assert_str(part[0].name, "activity");
	assert_str(part[0].file, "blob");
	assert_str(part[0].type, "application/vnd.microsoft.activity");
	assert_str(part[0].bytes, "{\"type\":\"message\"}");
	assert_str(part[1].name, "file");
	assert_str(part[1].file, "a\"b \xc3\xa9\\.png");
	assert_true(str_eq(
		part[1].bytes, S("\x89PNG\r\n\x1a\n\0\r\n--\r\n\r\n------WebKitFormBoundaryA")));
}

static void multipart_read__takes_empty_parts_and_forms(void **state)
{
	(void)state;
	assert_true(read_x("--x--"));
	assert_int_equal(n, 0);
	assert_true(read_x("--x\r\ncontent-disposition:form-data;name=a\r\n\r\n\r\n--x--\r\n"));
	assert_int_equal(n, 1);
	assert_str(part[0].name, "a");
	assert_int_equal(part[0].bytes.n, 0);
}

static void multipart_read__takes_a_quoted_boundary(void **state)
{
	(void)state;
	assert_true(multipart_read(S("multipart/form-data; charset=utf-8; boundary=\"a b\""),
		S("--a b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--a b--"), arena,
		part, &n, &error));
	assert_str(part[0].bytes, "1");
}

#define HEAD "Content-Disposition: form-data; name=\"a\"\r\n"

static void multipart_read__refuses__with_its_reason(void **state)
{
	static const struct {
		const char *body, *why;
	} bad[] = {
		{"", "does not begin with its boundary"},
		{"\r\n--x--", "does not begin with its boundary"},
		{"preamble\r\n--x--", "does not begin with its boundary"},
		{"--x", "something behind it"},
		{"--x \r\n" HEAD "\r\n\r\n--x--", "something behind it"},
		{"--x\r\n" HEAD "\r\n1\r\n--xy--", "something behind it"},
		{"--x\r\n" HEAD "\r\n1", "cut short"},
		{"--x\r\n" HEAD "\r\n1\r\n--", "cut short"},
		{"--x\r\n" HEAD "\r\n1\n--x--", "cut short"},
		{"--x\r\n" HEAD, "without an end"},
		{"--x\r\n\r\n1\r\n--x--", "has no name"},
		{"--x\r\n" HEAD HEAD "\r\n1\r\n--x--", "named twice"},
		{"--x\r\n" HEAD " folded\r\n\r\n1\r\n--x--", "no header"},
		{"--x\r\nno header\r\n\r\n1\r\n--x--", "no header"},
		{"--x\r\n: empty\r\n\r\n1\r\n--x--", "no header"},
		{"--x\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n\r\n--x--",
			"no form-data"},
		{"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--", "no proper name"},
		{"--x\r\nContent-Disposition: form-data; name=\"a\r\n\r\n\r\n--x--",
			"no proper name"},
		{"--x\r\nContent-Disposition: form-data; name=\"a\"b\r\n\r\n\r\n--x--",
			"no proper name"},
		{"--x\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n\r\n--x--",
			"unknown parameter"},
		{"--x\r\nContent-Disposition: form-data; name=a; "
		 "filename*=utf-8''b\r\n\r\n\r\n--x--",
			"unknown parameter"},
		{"--x\r\n" HEAD "Content-Transfer-Encoding: base64\r\n\r\n\r\n--x--", "is encoded"},
		{"--x--\r\nepilogue", "behind its end"},
		{"--x--\r\n\r\n", "behind its end"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(read_x(bad[i].body));
		if (str_find(buf_str(&error), str_of(bad[i].why)) < 0)
			fail_msg("%s: %s", bad[i].body, error.p);
	}
}

static void multipart_read__refuses__a_bad_boundary(void **state)
{
	static const char *const type[] = {
		"text/plain",
		"multipart/form-data",
		"multipart/form-data; boundary=",
		"multipart/form-data; boundary=\"\"",
		"multipart/form-data; boundary=\"a",
		"multipart/form-data; boundary=\"a \"",
		"multipart/form-data; boundary=a; boundary=a",
		"multipart/form-data; boundary=a b",
		"multipart/form-data; boundary=a\x01",
		"multipart/form-data; boundary="
		"0123456789012345678901234567890123456789012345678901234567890123456789x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof type / sizeof *type; i++) {
		buf_clear(&error);
		assert_false(multipart_read(str_of(type[i]), S("--a--"), arena, part, &n, &error));
		assert_true(error.n);
	}
}

static void multipart_read__has_limits(void **state)
{
	struct buf body;

	(void)state;
	buf_init(&body, 1 << 16);
	for (size_t i = 0; i <= multipart_max_parts; i++)
		buf_adds(&body, "--x\r\n" HEAD "\r\n1\r\n");
	buf_adds(&body, "--x--");
	assert_false(read_x(body.p));
	assert_true(str_find(buf_str(&error), S("more than 8 parts")) >= 0);
	buf_clear(&body);
	buf_adds(&body, "--x\r\n" HEAD);
	for (size_t i = 0; i < multipart_max_headers; i++)
		buf_adds(&body, "X-A: b\r\n");
	buf_adds(&body, "\r\n1\r\n--x--");
	assert_false(read_x(body.p));
	assert_true(str_find(buf_str(&error), S("too many headers")) >= 0);
	buf_clear(&body);
	buf_adds(&body, "--x\r\nX-A: ");
	for (size_t i = 0; i < multipart_max_line_bytes; i++)
		buf_addc(&body, 'b');
	buf_adds(&body, "\r\n" HEAD "\r\n1\r\n--x--");
	assert_false(read_x(body.p));
	assert_true(str_find(buf_str(&error), S("without an end")) >= 0);
	buf_release(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			multipart_is__the_type_and_nothing_like_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			multipart_read__takes_what_web_chat_sends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			multipart_read__takes_empty_parts_and_forms, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			multipart_read__takes_a_quoted_boundary, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			multipart_read__refuses__with_its_reason, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			multipart_read__refuses__a_bad_boundary, set_up, tear_down),
		cmocka_unit_test_setup_teardown(multipart_read__has_limits, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

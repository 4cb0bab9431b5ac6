/* What a file is by what it begins with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/base/file_kind.h"

static void file_kind_of__knows__by_the_first_bytes(void **state)
{
	static const struct {
		struct str bytes;
		const char *type; /* NULL: none */
	} row[] = {
		{S("\xff\xd8\xff\xe0 JFIF"), "image/jpeg"},
		{S("\x89PNG\r\n\x1a\n\0"), "image/png"},
		{S("GIF89a"), "image/gif"},
		{S("RIFF1234WEBPVP8 "), "image/webp"},
		{S("%PDF-1.7"), "application/pdf"},
		{S("RIFF1234WAVE"), NULL},
		{S("RIFF"), NULL},
		{S("\xff\xd8"), NULL},
		{S("GIF88a"), NULL},
		{S(""), NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct file_kind *is = file_kind_of(row[i].bytes);

		if (!row[i].type) {
			assert_null(is);
			continue;
		}
		assert_non_null(is);
		assert_string_equal(is->type, row[i].type);
		assert_ptr_equal(file_kind_named(str_of(is->ending))->type, is->type);
	}
}

static void file_kind_named__knows__its_own_endings_only(void **state)
{
	(void)state;
	assert_string_equal(file_kind_named(S("f1.webp"))->kind, "image");
	assert_string_equal(file_kind_named(S("f1.pdf"))->kind, "file");
	assert_null(file_kind_named(S("f1.html")));
	assert_null(file_kind_named(S("jpg")));
	assert_null(file_kind_named(S("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_kind_of__knows__by_the_first_bytes),
		cmocka_unit_test(file_kind_named__knows__its_own_endings_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

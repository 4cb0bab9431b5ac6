/* What the build carries of the files that are served. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bot/base/digest.h"
#include "bot/web/assets.h"

static void every_asset__is_found__with_the_tag_of_its_bytes(void **state)
{
	(void)state;
	assert_true(n_embedded_assets > 10);
	for (unsigned i = 0; i < n_embedded_assets; i++) {
		struct asset asset = {0};
		char hex[65], tag[20];

		assert_true(asset_find(str_of(embedded_asset[i].path), &asset));
		assert_true(asset.bytes.n > 0 && asset.gzip.n > 0);
		digest_hex(digest_of(asset.bytes), hex);
		snprintf(tag, sizeof tag, "\"%.16s\"", hex);
		assert_true(str_is(asset.tag, tag));
	}
}

static void a_path_that_there_is_not__is_not_found(void **state)
{
	struct asset asset;

	(void)state;
	assert_false(asset_find(S("/chat/"), &asset));
	assert_false(asset_find(S("/chat/widget.js/"), &asset));
	assert_false(asset_find(S(""), &asset));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_asset__is_found__with_the_tag_of_its_bytes),
		cmocka_unit_test(a_path_that_there_is_not__is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

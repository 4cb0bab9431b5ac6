/* Tokens that were checked lately: found again by their whole text only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bot/web/token_shelf.h"

static struct directline_token token_of(const char *conversation, int64_t expires)
{
	return (struct directline_token){.conversation = str_of(conversation),
		.user = S("dl_7"),
		.expires = expires};
}

static void token_shelf__finds__what_was_kept(void **state)
{
	struct token_shelf *shelf = token_shelf_new();
	char text[] = "abc.def";
	struct directline_token token = token_of("c1", 100);
	const struct directline_token *found;

	(void)state;
	assert_null(token_shelf_find(shelf, str_of(text)));
	token_shelf_keep(shelf, str_of(text), &token);
	memset(text, 'x', strlen(text)); /* it has copies of its own */
	found = token_shelf_find(shelf, S("abc.def"));
	assert_non_null(found);
	assert_true(str_is(found->conversation, "c1"));
	assert_true(str_is(found->user, "dl_7"));
	assert_int_equal(found->origin.n, 0);
	assert_int_equal(found->expires, 100);
	token_shelf_free(shelf);
}

static void token_shelf__finds_not__what_was_not_kept(void **state)
{
	struct token_shelf *shelf = token_shelf_new();
	struct directline_token token = token_of("c1", 100);

	(void)state;
	token_shelf_keep(shelf, S("abc.def"), &token);
	assert_null(token_shelf_find(shelf, S("abc.de")));
	assert_null(token_shelf_find(shelf, S("abc.deg")));
	assert_null(token_shelf_find(shelf, S("")));
	token_shelf_free(shelf);
	token_shelf_free(NULL);
}

/* More than there are places: each is found just after it was kept, and is itself. */
static void token_shelf__keeps__the_newest(void **state)
{
	struct token_shelf *shelf = token_shelf_new();

	(void)state;
	for (int i = 0; i < 5000; i++) {
		char text[40];
		struct directline_token token = token_of(text, i);

		snprintf(text, sizeof(text), "token-%d", i);
		token.conversation = str_of(text);
		token_shelf_keep(shelf, str_of(text), &token);
		assert_int_equal(token_shelf_find(shelf, str_of(text))->expires, i);
	}
	for (int i = 0; i < 5000; i++) {
		const struct directline_token *found;
		char text[40];

		snprintf(text, sizeof(text), "token-%d", i);
		found = token_shelf_find(shelf, str_of(text));
		assert_true(!found || found->expires == i);
	}
	token_shelf_free(shelf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(token_shelf__finds__what_was_kept),
		cmocka_unit_test(token_shelf__finds_not__what_was_not_kept),
		cmocka_unit_test(token_shelf__keeps__the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Bodies whose JSON is kept: what is found is what was written, and what is told once stays out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/widget/widget_frame.h"
#include "tests/unit/value_of.h"

enum { n_others = 5000 };

static void see(struct post_memo *memo, const char *body, const char *json)
{
	assert_int_equal(post_memo_find(memo, str_of(body)).n, 0);
	post_memo_see(memo, str_of(body), str_of(json));
}

static void post_memo__keeps__what_comes_again(void **state)
{
	struct post_memo *memo = post_memo_new();

	(void)state;
	see(memo, "hello", "[1]");
	see(memo, "hello", "[1]");
	assert_true(str_is(post_memo_find(memo, S("hello")), "[1]"));
	assert_int_equal(post_memo_find(memo, S("hell")).n, 0);
	assert_int_equal(post_memo_find(memo, S("hello!")).n, 0);
	assert_int_equal(post_memo_find(memo, S("")).n, 0);
	post_memo_free(memo);
}

static void post_memo__is_not_emptied__by_what_comes_once(void **state)
{
	struct post_memo *memo = post_memo_new();
	char other[32];

	(void)state;
	see(memo, "hello", "[1]");
	see(memo, "hello", "[1]");
	for (unsigned i = 0; i < n_others; i++) {
		snprintf(other, sizeof(other), "other %u", i);
		see(memo, other, "[2]");
	}
	assert_true(str_is(post_memo_find(memo, S("hello")), "[1]"));
	post_memo_free(memo);
}

/* Ten to a slot: the newest that came again is there, and never another's JSON. */
static void post_memo__gives_its_own__where_many_share_a_slot(void **state)
{
	struct post_memo *memo = post_memo_new();
	char other[32];
	unsigned n_found = 0;

	(void)state;
	for (unsigned i = 0; i < n_others; i++) {
		snprintf(other, sizeof(other), "other %u", i);
		post_memo_see(memo, str_of(other), str_of(other + 5));
		post_memo_see(memo, str_of(other), str_of(other + 5));
		assert_true(str_is(post_memo_find(memo, str_of(other)), other + 5));
	}
	for (unsigned i = 0; i < n_others; i++) {
		struct str found;

		snprintf(other, sizeof(other), "other %u", i);
		found = post_memo_find(memo, str_of(other));
		n_found += found.n > 0;
		if (found.n)
			assert_true(str_is(found, other + 5));
	}
	assert_in_range(n_found, 500, 512);
	post_memo_free(memo);
}

static void post_memo__keeps_nothing__that_is_long(void **state)
{
	struct post_memo *memo = post_memo_new();
	static char json[4096];

	(void)state;
	memset(json, 'x', sizeof(json) - 1);
	see(memo, "long", json);
	see(memo, "long", json);
	see(memo, "long", json);
	see(memo, "lone", json + 4); /* 4,096 bytes with its body: that much is kept */
	see(memo, "lone", json + 4);
	assert_int_equal(post_memo_find(memo, S("lone")).n, 4091);
	post_memo_free(memo);
}

/* --- in frames --- */

static const struct str origin[] = {S("https://img.shop.example")};

static void assert_same_frames(struct post post, struct post_memo *memo)
{
	const struct frame_view plain = {origin, 1, NULL, NULL, NULL},
				with_memo = {origin, 1, NULL, NULL, memo};
	struct buf expected, out;

	buf_init(&expected, 1 << 20);
	buf_init(&out, 1 << 20);
	frame_post(&expected, &post, &plain);
	for (unsigned i = 0; i < 4; i++) {
		buf_clear(&out);
		frame_post(&out, &post, &with_memo);
		assert_string_equal(buf_str(&out).p, buf_str(&expected).p);
	}
	buf_release(&out);
	buf_release(&expected);
}

static void frame_post__is_the_same__told_once_or_often(void **state)
{
	static const char *const body[] = {
		"{\"text\":\"Cancel it?\",\"question\":true,\"choices\":[{\"id\":\"yes\","
		"\"label\":\"Yes\"},{\"id\":\"no\",\"label\":\"No\"}]}",
		"{\"text\":\"Cancel it?\",\"question\":true,\"choices\":[{\"id\":\"yes\","
		"\"label\":\"Yes\"},{\"id\":\"no\",\"label\":\"Never\"}]}",
		"{\"text\":\"Cancel it?\"}",
		"{\"text\":\"https://img.shop.example/a.png\\n- one\\n- two\"}",
		"{\"text\":\"\"}",
		"{}",
	};
	struct post_memo *memo = post_memo_new();
	struct arena *arena = arena_new(1 << 20);
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 1 << 16);
	for (unsigned who = POST_BUYER; who <= POST_NOTE; who++)
		for (size_t i = 0; i < sizeof(body) / sizeof(*body); i++) {
			struct post post = {
				.n = (uint32_t)i + 1, .at_ms = 1732406400000 + (int64_t)i};

			post.who = (enum post_who)who;
			post.body = value_of(arena, body[i]);
			assert_same_frames(post, memo); /* nobody has its bytes */
			buf_clear(&bytes);
			value_encode(post.body, &bytes);
			post.bytes = buf_str(&bytes);
			assert_same_frames(post, memo);
			post.n += 7000;
			assert_same_frames(post, memo);
		}
	buf_release(&bytes);
	arena_free(arena);
	post_memo_free(memo);
}

static void frame_post__keeps_nothing__of_a_card(void **state)
{
	struct post_memo *memo = post_memo_new();
	struct arena *arena = arena_new(1 << 20);
	struct post post = {.n = 1, .who = POST_BOT, .bytes = S("some bytes")};

	(void)state;
	post.body = value_of(arena, "{\"text\":\"Here it is\",\"card\":{\"kind\":\"order\","
				    "\"id\":\"A-1001\",\"status\":\"shipped\"}}");
	assert_same_frames(post, memo);
	assert_int_equal(post_memo_find(memo, post.bytes).n, 0);
	post.body = value_of(arena, "{\"text\":\"Here it is\"}");
	assert_same_frames(post, memo);
	assert_true(post_memo_find(memo, post.bytes).n > 0);
	arena_free(arena);
	post_memo_free(memo);
}

static void frame_post__keeps_nothing__of_a_frame_that_was_cut(void **state)
{
	struct post_memo *memo = post_memo_new();
	const struct frame_view with_memo = {.memo = memo};
	struct arena *arena = arena_new(1 << 20);
	struct post post = {.n = 1, .who = POST_BOT, .bytes = S("some bytes")};
	struct buf out;

	(void)state;
	post.body = value_of(arena, "{\"text\":\"a sentence of some length\"}");
	for (unsigned i = 0; i < 3; i++) {
		buf_init(&out, 60);
		frame_post(&out, &post, &with_memo);
		assert_true(out.over);
		buf_release(&out);
	}
	assert_int_equal(post_memo_find(memo, post.bytes).n, 0);
	arena_free(arena);
	post_memo_free(memo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(post_memo__keeps__what_comes_again),
		cmocka_unit_test(post_memo__is_not_emptied__by_what_comes_once),
		cmocka_unit_test(post_memo__gives_its_own__where_many_share_a_slot),
		cmocka_unit_test(post_memo__keeps_nothing__that_is_long),
		cmocka_unit_test(frame_post__is_the_same__told_once_or_often),
		cmocka_unit_test(frame_post__keeps_nothing__of_a_card),
		cmocka_unit_test(frame_post__keeps_nothing__of_a_frame_that_was_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

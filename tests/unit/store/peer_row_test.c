/* How peers stand, from and to bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/store/journal_row.h"
#include "adapters/store/peer_row.h"

static struct store_peer full_peer(void)
{
	return (struct store_peer){
		.conversation = S("a:1"),
		.account = S("a"),
		.peer = S("1"),
		.ticket = {"t\0t", 3},
		.ticket_ms = 1,
		.heard_ms = -2,
		.shown = 3,
		.part = 4,
		.next_ms = INT64_MAX,
		.since_ms = INT64_MIN,
		.tries = 7,
		.unclear = 8,
		.sent_ms = 9,
		.claimed = true,
		.owner = 10,
		.error = S("HTTP status 429"),
	};
}

static void row__comes_back_as_it_was(void **state)
{
	struct store_peer peer = full_peer(), got;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 1000);
	peer_row_encode(&peer, &bytes);
	assert_true(peer_row_is(buf_str(&bytes)));
	assert_true(peer_row_decode(buf_str(&bytes), S("a:1"), &got));
	assert_true(str_is(got.conversation, "a:1") && str_is(got.account, "a"));
	assert_true(str_is(got.peer, "1") && str_eq(got.ticket, peer.ticket));
	assert_true(str_eq(got.error, peer.error) && got.claimed);
	assert_true(got.ticket_ms == 1 && got.heard_ms == -2 && got.shown == 3 && got.part == 4);
	assert_true(got.next_ms == INT64_MAX && got.since_ms == INT64_MIN && got.tries == 7);
	assert_true(got.unclear == 8 && got.sent_ms == 9 && got.owner == 10);
	buf_release(&bytes);
}

/* The bytes in the file are a promise to files that exist already. */
static void row__has_the_bytes_it_always_had(void **state)
{
	static const char want[] =
		"\2"
		"\1\0\0\0a"
		"\2\0\0\0pp"
		"\0\0\0\0"
		"\1\0\0\0e"
		"\1"
		"\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0"
		"\5\0\0\0\0\0\0\0\6\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\x8\0\0\0\0\0\0\0"
		"\x9\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff";
	struct store_peer peer = {
		S("a:pp"), S("a"), S("pp"), S(""), 1, 2, 3, 4, 5, 6, 7, 8, 9, true, -1, S("e")};
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 1000);
	peer_row_encode(&peer, &bytes);
	assert_true(str_eq(buf_str(&bytes), (struct str){want, sizeof(want) - 1}));
	buf_release(&bytes);
}

static void row__cut_anywhere_or_with_more_behind__is_refused(void **state)
{
	struct store_peer peer = full_peer(), got;
	struct buf bytes;
	char *copy;

	(void)state;
	buf_init(&bytes, 1000);
	peer_row_encode(&peer, &bytes);
	for (size_t n = 0; n < bytes.n; n++) {
		copy = malloc(n ? n : 1); /* of this size: a sanitizer sees a step too far */
		memcpy(copy, bytes.p, n);
		assert_false(peer_row_decode((struct str){copy, n}, S("a:1"), &got));
		free(copy);
	}
	buf_adds(&bytes, "x");
	assert_false(peer_row_decode(buf_str(&bytes), S("a:1"), &got));
	buf_release(&bytes);
}

static void row__of_a_conversation__is_none_of_a_peer(void **state)
{
	struct journal_row row = {0}, got;
	struct store_peer peer = full_peer();
	struct arena *arena = arena_new(1000);
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 1000);
	buf_add(&bytes, journal_row_encode(&row, arena));
	assert_false(peer_row_is(buf_str(&bytes)));
	assert_false(peer_row_decode(buf_str(&bytes), S("a:1"), &peer));
	buf_clear(&bytes);
	peer = full_peer();
	peer_row_encode(&peer, &bytes);
	assert_false(journal_row_decode(arena, buf_str(&bytes), &got));
	assert_false(peer_row_is(S("")));
	buf_release(&bytes);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row__comes_back_as_it_was),
		cmocka_unit_test(row__has_the_bytes_it_always_had),
		cmocka_unit_test(row__cut_anywhere_or_with_more_behind__is_refused),
		cmocka_unit_test(row__of_a_conversation__is_none_of_a_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

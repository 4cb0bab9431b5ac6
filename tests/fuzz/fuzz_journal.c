/* Rows of the journal read from bytes, of both kinds: no crash, no memory beyond a multiple of the
 * input, and what is accepted is written back byte for byte. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "adapters/store/journal_row.h"
#include "adapters/store/peer_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is joined of one row's parts is that row without its ids. */
static void join_one(struct str bytes, struct journal_row row, struct arena *arena)
{
	struct journal_parts parts;
	struct buf joined;

	assert(journal_parts_of(bytes, &parts));
	assert(parts.n_posts == row.n_posts && parts.n_mids == row.n_mids);
	assert(!row.n_posts || (parts.last_post == row.post[row.n_posts - 1].n &&
				       parts.last_ms == row.post[row.n_posts - 1].at_ms));
	buf_init(&joined, bytes.n);
	journal_parts_join(&parts, 1, &joined);
	row.n_mids = 0;
	assert(str_eq(buf_str(&joined), journal_row_encode(&row, arena)));
	buf_release(&joined);
}

static void read_peer(struct str bytes)
{
	struct store_peer peer;
	struct buf out;

	if (!peer_row_decode(bytes, S("a:1"), &peer))
		return;
	buf_init(&out, bytes.n);
	peer_row_encode(&peer, &out);
	assert(!out.over && str_eq(buf_str(&out), bytes));
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 24);
	struct str bytes = {(const char *)data, size};
	struct journal_parts parts;
	struct journal_row row;
	bool is_row;

	if (peer_row_is(bytes))
		read_peer(bytes);
	is_row = journal_row_decode(arena, bytes, &row);
	assert(arena_used(arena) <= 10 * size + 1024);
	if (is_row) {
		assert(!peer_row_is(bytes));
		assert(str_eq(journal_row_encode(&row, arena), bytes));
		for (size_t i = 1; i < row.n_posts; i++)
			assert(row.post[i].n == row.post[i - 1].n + 1);
		join_one(bytes, row, arena);
	} else if (journal_parts_of(bytes, &parts)) {
		assert(parts.session_bytes.n + parts.post_bytes.n < size);
	}
	arena_free(arena);
	return 0;
}

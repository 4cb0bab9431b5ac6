/* One row of the journal: all that one commit added to one conversation. */
#ifndef TENSTEP_ADAPTERS_STORE_JOURNAL_ROW_H
#define TENSTEP_ADAPTERS_STORE_JOURNAL_ROW_H

#include "adapters/store/tables.h"

struct kept_mid {
	struct str mid;
	int64_t at_ms;
};

struct journal_row {
	bool has_session;
	struct kept_session session;
	struct kept_post *post; /* their n count up by one */
	size_t n_posts;
	struct kept_mid *mid; /* of messages that made no post */
	size_t n_mids;
};

/* The bytes are in @arena. */
struct str journal_row_encode(const struct journal_row *row, struct arena *arena);
/* Refuses what encode did not write.  The slices point into @bytes, the arrays are in @arena. */
bool journal_row_decode(struct arena *arena, struct str bytes, struct journal_row *row) MUST_CHECK;
bool journal_row_has_mid(const struct journal_row *row, struct str mid);

/* The parts of a row as they are, so that several of one conversation become one without each post
 * being read and written. */
struct journal_parts {
	bool has_session;
	struct kept_session session;
	struct str session_bytes, post_bytes; /* as they were encoded */
	size_t n_posts, n_mids;
	uint32_t last_post; /* of them; … */
	int64_t last_ms;    /* … and its time */
};
bool journal_parts_of(struct str bytes, struct journal_parts *parts) MUST_CHECK;
/* The newest session and all posts of @n rows, as one; ids are left out. */
void journal_parts_join(const struct journal_parts *part, size_t n, struct buf *out);

#endif

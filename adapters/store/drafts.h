/* What the open transaction has added to conversations.  It becomes one row of the journal for each
 * of them when the transaction is committed; until then it is here only. */
#ifndef TENSTEP_ADAPTERS_STORE_DRAFTS_H
#define TENSTEP_ADAPTERS_STORE_DRAFTS_H

#include "adapters/store/journal_row.h"

struct draft {
	struct str conversation;
	struct kept_place place; /* in the tables */
	uint32_t last_post;      /* those of this draft included */
	struct journal_row row;
	struct str bytes; /* the row encoded, once it is written */
};

struct drafts;

struct drafts *drafts_new(void) MUST_CHECK;
void drafts_free(struct drafts *drafts); /* NULL is fine */
void drafts_clear(struct drafts *drafts);

/* NULL: nothing was added to it. */
struct draft *drafts_find(struct drafts *drafts, struct str conversation);
struct draft *drafts_add(struct drafts *drafts, struct str conversation,
	const struct kept_place *place, uint32_t last_post);

/* What is added is copied; a second session replaces the first. */
void draft_save(struct drafts *drafts, struct draft *draft, const struct kept_session *session);
/* False: its body is over 1 MB, and nothing was added. */
bool draft_add_post(struct drafts *drafts, struct draft *draft, const struct post *post) MUST_CHECK;
void draft_add_mid(struct drafts *drafts, struct draft *draft, struct str mid, int64_t at_ms);

/* Memory until drafts_clear(). */
struct arena *drafts_arena(const struct drafts *drafts);

/* In the order in which they began. */
typedef void draft_function(void *self, struct draft *draft);
void drafts_each(struct drafts *drafts, draft_function *each, void *self);

#endif

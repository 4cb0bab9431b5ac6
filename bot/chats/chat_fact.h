/* Indented lines of a conversation test: what must have come of the turn above. */
#ifndef TENSTEP_CHATS_CHAT_FACT_H
#define TENSTEP_CHATS_CHAT_FACT_H

#include "bot/chats/chat_scan.h"

/* Reads the next fact of the line; one that was read goes to *fact, *more tells that another one
 * follows after a comma.  False after a finding. */
bool chat_fact_read(struct chat_scan *scan, struct chat_fact *fact, bool *more) MUST_CHECK;

/* ">= 60", "= 2", "2" */
bool chat_compare_read(
	struct chat_scan *scan, enum chat_compare *compare, int64_t *number) MUST_CHECK;

/* "called", "intent", … for the report. */
const char *chat_fact_word(enum chat_fact_kind kind);
/* Whether a line of facts may begin with it. */
bool chat_is_fact(struct str word);

#endif

/* How bodies of posts look as JSON, kept for those that are told again: what a bot says is mostly
 * one of some hundred sentences, and to look one up costs a tenth of writing it.  A body is kept
 * when it comes for the second time, in place of another that fell into the same slot; at most
 * 512 of them, each with its JSON at most 4 KiB. */
#ifndef TENSTEP_ADAPTERS_WIDGET_POST_MEMO_H
#define TENSTEP_ADAPTERS_WIDGET_POST_MEMO_H

#include "bot/base/str.h"

struct post_memo;

struct post_memo *post_memo_new(void) MUST_CHECK;
void post_memo_free(struct post_memo *memo); /* NULL is fine */

/* @body: bytes of value_encode().  The JSON lives until the next call of post_memo_see(); empty:
 * it is not kept. */
struct str post_memo_find(const struct post_memo *memo, struct str body);
/* That one was not found, and is @json. */
void post_memo_see(struct post_memo *memo, struct str body, struct str json);

#endif

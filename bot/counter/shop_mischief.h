/* Misbehaviour on demand of `tenstep shop`: which requests go wrong, and how. */
#ifndef TENSTEP_COUNTER_SHOP_MISCHIEF_H
#define TENSTEP_COUNTER_SHOP_MISCHIEF_H

#include "bot/base/buf.h"

enum mischief_act {
	MISCHIEF_NONE,
	MISCHIEF_SLOW,         /* waits, then does and answers as ever */
	MISCHIEF_ERROR_500,    /* nothing is done */
	MISCHIEF_ERROR_503,    /* nothing is done */
	MISCHIEF_TOO_MANY,     /* 429, nothing is done */
	MISCHIEF_SWALLOW,      /* nothing is done, the connection is closed without an answer */
	MISCHIEF_DONE_CLOSE,   /* done, and closed without an answer */
	MISCHIEF_DONE_TIMEOUT, /* done, and silent until it is closed */
	MISCHIEF_DONE_500,     /* done, and answered as an error of the server's */
	MISCHIEF_LATE,         /* done at once, answered after a while */
	MISCHIEF_WRONG_ID,     /* done; every id in the answer is another one */
	MISCHIEF_TRUNCATED,    /* done; the answer ends in its middle */
	MISCHIEF_NO_JSON,      /* done; the answer is a page of HTML */
	N_MISCHIEF
};
extern const char *const mischief_name[N_MISCHIEF]; /* "slow", "500", "done_timeout" … */

struct mischief {
	enum mischief_act act;
	int64_t ms; /* slow, late: how long; done_timeout: until it is closed */
};

struct mischiefs; /* the rules */

/* @seed: of the chance of rules that strike at times; the same seed strikes the same. */
struct mischiefs *mischiefs_new(uint64_t seed) MUST_CHECK;
void mischiefs_free(struct mischiefs *m);
void mischiefs_clear(struct mischiefs *m);

struct mischief_rule {
	char operation[40]; /* "orders.search"; "*": any; "writes": those that change something */
	enum mischief_act act;
	unsigned count;    /* how many more requests; 0: until it is cleared */
	unsigned permille; /* strikes that often; 0: always */
	int64_t ms;        /* 0: 1,500 for slow, 12,000 for late, 60,000 for done_timeout */
};
/* False: there are too many, or one of its values is none. */
bool mischiefs_add(struct mischiefs *m, const struct mischief_rule *rule) MUST_CHECK;
/* "OPERATION:ACT[:COUNT[:MS]]", as on the command line; false with a line in @error. */
bool mischief_read(struct str text, struct mischief_rule *rule, struct buf *error) MUST_CHECK;
/* What shall become of the next request of @operation. */
struct mischief mischiefs_take(struct mischiefs *m, struct str operation, bool writes);
/* Those that still strike; until the next one is added, taken or cleared. */
size_t mischiefs_list(const struct mischiefs *m, const struct mischief_rule **rule);

/* Changes the last digit of each id (17 to 19 digits between quotes) in an answer. */
void mischief_change_ids(char *text, size_t n);

#endif

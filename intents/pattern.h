/* One regular expression, compiled on first use.  The only door to PCRE2: limits that hold in the
 * interpreter too, JIT as an optional speed-up, and "gave up" never mistaken for "did not match". */
#ifndef TENSTEP_INTENTS_PATTERN_H
#define TENSTEP_INTENTS_PATTERN_H

#include "bot/base/arena.h"

/* What all patterns of a set share: contexts, match data, JIT stack.  One thread at a time. */
struct matcher;
struct matcher *matcher_new(bool jit) MUST_CHECK;
void matcher_free(struct matcher *matcher);
/* Whether patterns compiled from now on get JIT code (where the system allows); returns what held
 * before. */
bool matcher_jit(struct matcher *matcher, bool jit);

struct pattern {
	void *code;             /* NULL until compiled */
	bool jitted;
	bool broken;            /* does not compile, or gave up too often: never tried again */
	unsigned char faults;
};

struct pattern_error {
	size_t offset;          /* in the expression */
	char message[128];
};

/* Compiles @expression now; false with @error (may be NULL) filled if PCRE2 refuses it. */
bool pattern_compile(struct matcher *matcher, struct pattern *pattern, struct str expression,
	struct pattern_error *error) MUST_CHECK;
void pattern_release(struct pattern *pattern);

/* Where entities stand in the subject, for groups followed by the call-out (?C<type + 1>). */
struct entity_span {
	uint32_t from, to;
	unsigned type;
};
void matcher_entities(struct matcher *matcher, const struct entity_span *span, size_t n);

enum match_result { MATCH_NO, MATCH_YES, MATCH_GAVE_UP };

/* Looks for the compiled @pattern in @subject (well-formed UTF-8, at most 256 bytes for the time to
 * be bounded) from byte @from on.  On MATCH_YES [*begin, *end) is where. */
enum match_result pattern_match(struct matcher *matcher, struct pattern *pattern,
	struct str subject, size_t from, size_t *begin, size_t *end);

/* The named groups of @pattern in the last match: calls @each for every one that took part. */
void pattern_groups(const struct matcher *matcher, const struct pattern *pattern,
	void (*each)(void *to, struct str name, size_t begin, size_t end), void *to);

#endif

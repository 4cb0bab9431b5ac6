/* One regular expression, compiled on first use. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "intents/pattern.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	match_limit = 20000,        /* per start position; the subject's length bounds the rest */
	depth_limit = 5000,
	heap_limit_kib = 2048,
	jit_stack_first = 32 * 1024,
	jit_stack_most = 512 * 1024,
	max_groups = 16,
	max_faults = 3,
};

struct matcher {
	bool jit;
	pcre2_compile_context *compile;
	pcre2_match_context *match;
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
	const struct entity_span *span;
	size_t n_spans;
};

/* A group claims to be an entity: it is one if the entity has exactly its first and last byte. */
static int entity_called(pcre2_callout_block *block, void *context)
{
	const struct matcher *matcher = context;
	uint32_t group = block->capture_last;
	size_t from = block->offset_vector[2 * group] + 1;    /* after the blank */
	size_t to = block->offset_vector[2 * group + 1];

	for (size_t i = 0; i < matcher->n_spans; i++) {
		const struct entity_span *span = &matcher->span[i];

		if (span->from == from && span->to == to
			&& span->type + 1 == block->callout_number)
			return 0;
	}
	return 1;
}

static void *must(void *p)
{
	if (!p) {
		fputs("tenstep: out of memory\n", stderr);
		abort();
	}
	return p;
}

struct matcher *matcher_new(bool jit)
{
	struct matcher *matcher = must(calloc(1, sizeof(*matcher)));
	uint32_t available = 0;

	pcre2_config(PCRE2_CONFIG_JIT, &available);
	matcher->jit = jit && available;
	matcher->compile = must(pcre2_compile_context_create(NULL));
	matcher->match = must(pcre2_match_context_create(NULL));
	matcher->data = must(pcre2_match_data_create(max_groups, NULL));
	pcre2_set_match_limit(matcher->match, match_limit);
	pcre2_set_depth_limit(matcher->match, depth_limit);
	pcre2_set_heap_limit(matcher->match, heap_limit_kib);
	pcre2_set_callout(matcher->match, entity_called, matcher);
	if (matcher->jit) {
		matcher->stack = pcre2_jit_stack_create(jit_stack_first, jit_stack_most, NULL);
		if (matcher->stack)
			pcre2_jit_stack_assign(matcher->match, NULL, matcher->stack);
	}
	return matcher;
}

void matcher_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	if (matcher->stack)
		pcre2_jit_stack_free(matcher->stack);
	pcre2_match_data_free(matcher->data);
	pcre2_match_context_free(matcher->match);
	pcre2_compile_context_free(matcher->compile);
	free(matcher);
}

bool matcher_jit(struct matcher *matcher, bool jit)
{
	bool before = matcher->jit;

	matcher->jit = jit;
	return before;
}

bool pattern_compile(struct matcher *matcher, struct pattern *pattern, struct str expression,
	struct pattern_error *error)
{
	PCRE2_SIZE offset = 0;
	int code = 0;

	pattern->code = pcre2_compile((PCRE2_SPTR)expression.p, expression.n,
		PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &offset,
		matcher->compile);
	if (!pattern->code) {
		pattern->broken = true;
		if (error) {
			error->offset = offset;
			pcre2_get_error_message(code, (PCRE2_UCHAR *)error->message,
				sizeof(error->message));
		}
		return false;
	}
	if (!matcher->jit)
		return true;
	pattern->jitted = pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) == 0;
	matcher->jit = pattern->jitted;    /* memory may not be made executable here: stop asking */
	return true;
}

void pattern_release(struct pattern *pattern)
{
	pcre2_code_free(pattern->code);
	pattern->code = NULL;
}

void matcher_entities(struct matcher *matcher, const struct entity_span *span, size_t n)
{
	matcher->span = span;
	matcher->n_spans = n;
}

enum match_result pattern_match(struct matcher *matcher, struct pattern *pattern,
	struct str subject, size_t from, size_t *begin, size_t *end)
{
	const PCRE2_SIZE *vector;
	int n;

	if (pattern->jitted)
		n = pcre2_jit_match(pattern->code, (PCRE2_SPTR)subject.p, subject.n, from,
			PCRE2_NO_UTF_CHECK, matcher->data, matcher->match);
	else
		n = pcre2_match(pattern->code, (PCRE2_SPTR)subject.p, subject.n, from,
			PCRE2_NO_UTF_CHECK, matcher->data, matcher->match);
	if (n == PCRE2_ERROR_NOMATCH)
		return MATCH_NO;
	if (n < 0) {
		if (++pattern->faults >= max_faults)
			pattern->broken = true;
		return MATCH_GAVE_UP;
	}
	vector = pcre2_get_ovector_pointer(matcher->data);
	*begin = vector[0];
	*end = vector[1];
	return *begin <= *end ? MATCH_YES : MATCH_NO;    /* \K may turn them round */
}

void pattern_groups(const struct matcher *matcher, const struct pattern *pattern,
	void (*each)(void *to, struct str name, size_t begin, size_t end), void *to)
{
	const PCRE2_SIZE *vector = pcre2_get_ovector_pointer(matcher->data);
	uint32_t n = 0, size = 0;
	PCRE2_SPTR table;

	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &n);
	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &table);
	for (uint32_t i = 0; i < n; i++, table += size) {
		unsigned group = (unsigned)table[0] << 8 | table[1];

		if (group >= max_groups || vector[2 * group] == PCRE2_UNSET
			|| vector[2 * group] > vector[2 * group + 1])
			continue;
		each(to, str_of((const char *)table + 2), vector[2 * group], vector[2 * group + 1]);
	}
}

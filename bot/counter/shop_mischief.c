/* Misbehaviour on demand. */
#include "bot/counter/shop_mischief.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_RULES = 64, MAX_MS = 10 * 60 * 1000 };

const char *const mischief_name[N_MISCHIEF] = {
	[MISCHIEF_NONE] = "none",
	[MISCHIEF_SLOW] = "slow",
	[MISCHIEF_ERROR_500] = "500",
	[MISCHIEF_ERROR_503] = "503",
	[MISCHIEF_TOO_MANY] = "429",
	[MISCHIEF_SWALLOW] = "swallow",
	[MISCHIEF_DONE_CLOSE] = "done_close",
	[MISCHIEF_DONE_TIMEOUT] = "done_timeout",
	[MISCHIEF_DONE_500] = "done_500",
	[MISCHIEF_LATE] = "late",
	[MISCHIEF_WRONG_ID] = "wrong_id",
	[MISCHIEF_TRUNCATED] = "truncated",
	[MISCHIEF_NO_JSON] = "no_json",
};

struct mischiefs {
	struct mischief_rule rule[MAX_RULES];
	size_t n;
	uint64_t chance;
};

struct mischiefs *mischiefs_new(uint64_t seed)
{
	struct mischiefs *m = calloc(1, sizeof *m);

	if (!m)
		abort();
	m->chance = seed * 2 + 1;
	return m;
}

void mischiefs_free(struct mischiefs *m)
{
	free(m);
}

void mischiefs_clear(struct mischiefs *m)
{
	m->n = 0;
}

static int64_t usual_ms(enum mischief_act act)
{
	return act == MISCHIEF_SLOW           ? 1500
	       : act == MISCHIEF_LATE         ? 12000
	       : act == MISCHIEF_DONE_TIMEOUT ? 60000
					      : 0;
}

bool mischiefs_add(struct mischiefs *m, const struct mischief_rule *rule)
{
	if (m->n == MAX_RULES || rule->act == MISCHIEF_NONE || rule->permille > 1000 ||
		rule->ms < 0 || rule->ms > MAX_MS || !rule->operation[0])
		return false;
	m->rule[m->n] = *rule;
	if (!rule->ms)
		m->rule[m->n].ms = usual_ms(rule->act);
	m->n++;
	return true;
}

bool mischief_read(struct str text, struct mischief_rule *rule, struct buf *error)
{
	struct str operation = str_cut(&text, ':'), act = str_cut(&text, ':');
	struct str count = str_cut(&text, ':');
	int64_t n = 1;

	*rule = (struct mischief_rule){0};
	for (int i = 1; i < N_MISCHIEF; i++)
		if (str_is(act, mischief_name[i]))
			rule->act = (enum mischief_act)i;
	if (!operation.n || operation.n >= sizeof rule->operation || !rule->act) {
		buf_addf(error,
			"'%.*s' is no misbehaviour: OPERATION:ACT[:COUNT[:MS]], where ACT is",
			STR(act.n ? act : operation));
		for (int i = 1; i < N_MISCHIEF; i++)
			buf_addf(error, "%s %s", i > 1 ? "," : "", mischief_name[i]);
		return false;
	}
	if ((count.n && (!str_int(count, &n) || n < 0 || n > 1000000)) ||
		(text.n && !str_int(text, &rule->ms))) {
		buf_adds(error, "COUNT and MS of a misbehaviour are whole numbers");
		return false;
	}
	memcpy(rule->operation, operation.p, operation.n);
	rule->count = (unsigned)n;
	return true;
}

/* xorshift64*: reproducible, nothing is kept secret by it. */
static unsigned roll(struct mischiefs *m)
{
	m->chance ^= m->chance >> 12;
	m->chance ^= m->chance << 25;
	m->chance ^= m->chance >> 27;
	return (unsigned)((m->chance * 0x2545F4914F6CDD1DULL) >> 40) % 1000;
}

static bool concerns(const struct mischief_rule *rule, struct str operation, bool writes)
{
	struct str of = str_of(rule->operation);

	return str_is(of, "*") || (writes && str_is(of, "writes")) || str_eq(of, operation);
}

static void drop_rule(struct mischiefs *m, size_t at)
{
	m->n--;
	memmove(&m->rule[at], &m->rule[at + 1], (m->n - at) * sizeof m->rule[0]);
}

struct mischief mischiefs_take(struct mischiefs *m, struct str operation, bool writes)
{
	for (size_t i = 0; i < m->n; i++) {
		struct mischief_rule *rule = &m->rule[i];
		struct mischief taken = {rule->act, rule->ms};

		if (!concerns(rule, operation, writes) ||
			(rule->permille && roll(m) >= rule->permille))
			continue;
		if (rule->count && --rule->count == 0)
			drop_rule(m, i);
		return taken;
	}
	return (struct mischief){MISCHIEF_NONE, 0};
}

size_t mischiefs_list(const struct mischiefs *m, const struct mischief_rule **rule)
{
	*rule = m->rule;
	return m->n;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void mischief_change_ids(char *text, size_t n)
{
	size_t digits = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_digit(text[i])) {
			digits++;
			continue;
		}
		if (text[i] == '"' && digits >= 17 && digits <= 19 && text[i - digits - 1] == '"')
			text[i - 1] = text[i - 1] == '9' ? '0' : (char)(text[i - 1] + 1);
		digits = 0;
	}
}

/* What was decided: intent, score, repaired words, a correction. */
#include "bot/chats/chat_judge_parts.h"

static struct str got_intent(struct judge *j)
{
	return arena_printf(j->arena, "%s%.*s", j->seen->negated ? "not " : "",
		STR(judge_none_if_empty(j->seen->intent)));
}

static size_t count_names(struct str list)
{
	size_t n = 0;

	while (list.n)
		n += str_trim(str_cut(&list, ',')).n > 0;
	return n;
}

static bool has_name(struct str list, struct str name)
{
	while (list.n)
		if (str_eq(str_trim(str_cut(&list, ',')), name))
			return true;
	return false;
}

/* "cancel_order", "a, b" in any order, "not cancel_order", "none" */
static bool intent_is(const struct seen *seen, struct str wanted)
{
	bool negated = str_starts(wanted, S("not "));
	struct str rest = negated ? str_trim(str_sub(wanted, 4, wanted.n)) : wanted;

	if (str_is(wanted, "none"))
		return !seen->intent.n;
	if (negated != seen->negated || count_names(rest) != count_names(seen->intent))
		return false;
	while (rest.n)
		if (!has_name(seen->intent, str_trim(str_cut(&rest, ','))))
			return false;
	return true;
}

void judge_intent(struct judge *j, const struct chat_fact *fact)
{
	if (intent_is(j->seen, fact->name) == fact->negated)
		judge_fail(j, FAIL_DECISION, fact,
			arena_printf(j->arena, "%sintent %.*s", fact->negated ? "not " : "",
				STR(fact->name)),
			got_intent(j));
}

/* A counter-example's "none" says that nothing was accepted; "did you mean" may still be asked. */
static bool decided(const struct seen *seen, struct str wanted)
{
	for (int i = 0; i < 4; i++)
		if (str_is(wanted, decision_name[i]) && i != DECIDE_NONE)
			return seen->decision == (enum decision)i;
	if (str_is(wanted, "none"))
		return seen->decision != DECIDE_ACCEPT;
	return intent_is(seen, wanted) &&
	       (seen->decision == DECIDE_ACCEPT || seen->decision == DECIDE_CONFIRM);
}

void judge_decision(struct judge *j, const struct chat_fact *fact)
{
	struct str rest = fact->name;

	while (rest.n)
		if (decided(j->seen, str_trim(str_cut(&rest, '|'))))
			return;
	judge_fail(j, FAIL_DECISION, fact, arena_printf(j->arena, "decision %.*s", STR(fact->name)),
		arena_printf(
			j->arena, "%s %.*s", decision_name[j->seen->decision], STR(got_intent(j))));
}

void judge_heard(struct judge *j, const struct chat_fact *fact)
{
	if (!str_is(fact->name, chat_level_word[j->seen->level]))
		judge_fail(j, FAIL_DECISION, fact,
			arena_printf(j->arena, "heard as %.*s", STR(fact->name)),
			arena_printf(j->arena, "heard as %s", chat_level_word[j->seen->level]));
}

static bool compares(const struct chat_fact *fact, int64_t got)
{
	switch (fact->compare) {
	case COMPARE_EQ:
		return got == fact->number;
	case COMPARE_LT:
		return got < fact->number;
	case COMPARE_LE:
		return got <= fact->number;
	case COMPARE_GT:
		return got > fact->number;
	case COMPARE_GE:
		return got >= fact->number;
	}
	return false;
}

void judge_number(struct judge *j, const struct chat_fact *fact, enum chat_failure_kind kind,
	const char *what, int64_t got)
{
	static const char *const sign[] = {"", "< ", "<= ", "> ", ">= "};

	if (!compares(fact, got))
		judge_fail(j, kind, fact,
			arena_printf(j->arena, "%s %s%lld", what, sign[fact->compare],
				(long long)fact->number),
			arena_printf(j->arena, "%s %lld", what, (long long)got));
}

static struct str got_fixes(struct judge *j)
{
	struct str all = S("nothing fixed");

	for (size_t i = 0; i < j->seen->n_fixes; i++)
		all = arena_printf(j->arena, "%.*s%s%.*s -> %.*s", i ? (int)all.n : 0, all.p,
			i ? ", " : "fixed ", STR(j->seen->fix[i].from), STR(j->seen->fix[i].to));
	return all;
}

void judge_fixed(struct judge *j, const struct chat_fact *fact)
{
	if (fact->negated && j->seen->n_fixes)
		judge_fail(j, FAIL_DECISION, fact, S("nothing fixed"), got_fixes(j));
	for (size_t i = 0; i + 1 < fact->n_items; i += 2) {
		bool found = false;

		for (size_t k = 0; k < j->seen->n_fixes; k++)
			found = found ||
				(str_eq_nocase(j->seen->fix[k].from, fact->item[i]) &&
					str_eq_nocase(j->seen->fix[k].to, fact->item[i + 1]));
		if (!found)
			judge_fail(j, FAIL_DECISION, fact,
				arena_printf(j->arena, "fixed %.*s -> %.*s", STR(fact->item[i]),
					STR(fact->item[i + 1])),
				got_fixes(j));
	}
}

void judge_digression(struct judge *j, const struct chat_fact *fact)
{
	if (!str_eq(fact->name, j->seen->digression))
		judge_fail(j, FAIL_DECISION, fact,
			arena_printf(j->arena, "digression %.*s", STR(fact->name)),
			judge_none_if_empty(j->seen->digression));
}

void judge_corrected(struct judge *j, const struct chat_fact *fact)
{
	const struct seen *seen = j->seen;

	if (str_eq(seen->corrected, fact->name) &&
		(!fact->from.n || (chat_label_matches(fact->from, seen->corrected_from) &&
					  chat_label_matches(fact->to, seen->corrected_to))))
		return;
	judge_fail(j, FAIL_DECISION, fact,
		arena_printf(j->arena, "corrected %.*s %.*s -> %.*s", STR(fact->name),
			STR(fact->from), STR(fact->to)),
		seen->corrected.n ? arena_printf(j->arena, "corrected %.*s %.*s -> %.*s",
					    STR(seen->corrected), STR(seen->corrected_from),
					    STR(seen->corrected_to))
				  : S("no correction"));
}

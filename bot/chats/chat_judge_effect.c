/* What the bot did: calls, hand-offs, notes, ends, watches. */
#include "bot/chats/chat_judge_parts.h"

static bool call_fits(const struct seen_call *call, const struct chat_fact *fact)
{
	if (fact->name.n && !str_eq(call->op, fact->name))
		return false;
	if (fact->value && !chat_value_matches(fact->value, call->args ? call->args : &value_none))
		return false;
	if (fact->to.n)
		return call->answered && str_is(fact->to, outcome_name[call->outcome]);
	return call->made;
}

static struct str join_calls(
	struct judge *j, const struct seen_call *call, size_t n, struct str only)
{
	struct buf out;
	struct str text;

	buf_init(&out, max_words_bytes);
	for (size_t i = 0; i < n; i++) {
		/* Of the operation in question, or of all when it was not called. */
		if (only.n && !str_eq(call[i].op, only))
			continue;
		buf_addf(&out, "%s%.*s %.*s -> %s", out.n ? "; " : "called ", STR(call[i].op),
			STR(judge_shown(j, call[i].args)),
			call[i].answered ? outcome_name[call[i].outcome] : "not answered");
	}
	if (!out.n && only.n && n) {
		buf_release(&out);
		return join_calls(j, call, n, (struct str){0});
	}
	text = out.n ? arena_str(j->arena, buf_str(&out)) : S("nothing called");
	buf_release(&out);
	return text;
}

static struct str wanted_call(struct judge *j, const struct chat_fact *fact)
{
	struct str text = fact->name.n ? arena_printf(j->arena, "%scalled %.*s",
						 fact->negated ? "not " : "", STR(fact->name))
				       : S("nothing called");

	if (fact->number >= 0)
		text = arena_printf(j->arena, "%.*s %lld time%s", STR(text),
			(long long)fact->number, fact->number == 1 ? "" : "s");
	if (fact->in_all)
		text = arena_printf(j->arena, "%.*s in all", STR(text));
	if (fact->value)
		text = arena_printf(
			j->arena, "%.*s %.*s", STR(text), STR(judge_shown(j, fact->value)));
	if (fact->to.n)
		text = arena_printf(j->arena, "%.*s -> %.*s", STR(text), STR(fact->to));
	return text;
}

void judge_called(struct judge *j, const struct chat_fact *fact)
{
	const struct seen_call *call = fact->in_all ? j->scene->all : j->seen->call;
	size_t n = fact->in_all ? j->scene->n_all : j->seen->n_calls;
	int64_t fitting = 0;
	bool good;

	for (size_t i = 0; i < n; i++)
		fitting += call_fits(&call[i], fact);
	good = fact->number >= 0 ? fitting == fact->number : fitting > 0;
	if (good == fact->negated)
		judge_fail(j, FAIL_CALL, fact, wanted_call(j, fact),
			join_calls(j, call, n, fact->name));
}

static struct str join_seen(
	struct judge *j, const char *what, const struct seen_item *item, size_t n)
{
	struct str text = arena_printf(j->arena, "no %s", what);

	for (size_t i = 0; i < n; i++)
		text = arena_printf(j->arena, "%.*s%s%s %.*s %.*s", i ? (int)text.n : 0, text.p,
			i ? "; " : "", what, STR(item[i].name),
			STR(item[i].outcome.n   ? item[i].outcome
				: item[i].value ? judge_shown(j, item[i].value)
						: (struct str){0}));
	return text;
}

void judge_item(struct judge *j, const struct chat_fact *fact, const char *what,
	const struct seen_item *item, size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n; i++)
		found = found ||
			((!fact->name.n || str_eq(item[i].name, fact->name)) &&
				(!fact->value || (item[i].value && chat_value_matches(fact->value,
									   item[i].value))) &&
				(!fact->to.n || str_eq(item[i].outcome, fact->to)));
	if (found == fact->negated)
		judge_fail(j, FAIL_CALL, fact,
			str_trim(arena_printf(j->arena, "%s%s %.*s %.*s",
				fact->negated ? "no " : "", what, STR(fact->name),
				STR(fact->value ? judge_shown(j, fact->value) : fact->to))),
			join_seen(j, what, item, n));
}

void judge_watching(struct judge *j, const struct chat_fact *fact)
{
	const struct session *session = j->scene->session;
	struct str got = S("not watching");
	bool found = false;

	for (size_t i = 0; i < session->n_watched; i++) {
		const struct watched *watched = &session->watched[i];

		found = found || !fact->name.n ||
			(str_eq(watched->event, fact->name) &&
				chat_pattern_matches(fact->from, watched->of));
		got = arena_printf(j->arena, "%.*s%s%.*s of %.*s", i ? (int)got.n : 0, got.p,
			i ? ", " : "watching ", STR(watched->event), STR(watched->of));
	}
	if (found == fact->negated)
		judge_fail(j, FAIL_CALL, fact,
			fact->name.n ? arena_printf(j->arena, "%swatching %.*s of %.*s",
					       fact->negated ? "not " : "", STR(fact->name),
					       STR(fact->from))
				     : S("not watching"),
			got);
}

/* What holds for a whole test: "never" and "ends". */
#include "bot/chats/chat_judge_parts.h"

static bool happened(const struct chat_scene *scene, struct str what)
{
	const struct seen *seen = scene->seen;

	if (str_is(what, "handoff"))
		return seen->n_handoffs > 0;
	if (str_is(what, "fault"))
		return seen->fault.n > 0;
	for (size_t i = 0; i < seen->n_calls; i++)
		if (seen->call[i].made && str_eq(seen->call[i].op, what))
			return true;
	for (size_t i = 0; i < seen->n_visits; i++)
		if (judge_ref_is(what, seen->visit[i].flow, seen->visit[i].step))
			return true;
	return false;
}

void chat_judge_never(const struct chat_test *test, const struct chat_scene *scene,
	struct chat_failures *failures)
{
	for (size_t i = 0; i < test->n_rules; i++) {
		const struct chat_rule *rule = &test->rule[i];

		if (rule->kind == RULE_NEVER && happened(scene, rule->name))
			chat_fail(failures, FAIL_STEP, rule->at,
				arena_printf(failures->arena, "never %.*s", STR(rule->name)),
				rule->name);
	}
}

/* "finished": neither given up nor stopped. */
static bool was_ended(const struct chat_scene *scene, const struct chat_rule *rule)
{
	for (size_t i = 0; i < scene->n_ended; i++) {
		struct str outcome = scene->ended[i].outcome;

		if (!str_eq(scene->ended[i].name, rule->name))
			continue;
		if (str_eq(outcome, rule->to))
			return true;
		if (str_is(rule->to, "finished") && !str_is(outcome, "stopped") &&
			!str_is(outcome, "failed"))
			return true;
	}
	return false;
}

static struct str ended_flows(struct arena *arena, const struct chat_scene *scene)
{
	struct str text = judge_place(arena, scene);

	for (size_t i = 0; i < scene->n_ended; i++)
		text = arena_printf(arena, "%.*s, %.*s %.*s", STR(text), STR(scene->ended[i].name),
			STR(scene->ended[i].outcome));
	return text;
}

static void judge_rule(const struct chat_rule *rule, const struct chat_scene *scene,
	struct chat_failures *failures)
{
	struct arena *arena = failures->arena;

	switch (rule->kind) {
	case RULE_NEVER:
		break;
	case RULE_ENDED:
		if (!was_ended(scene, rule))
			chat_fail(failures, FAIL_STEP, rule->at,
				arena_printf(arena, "%.*s %.*s", STR(rule->name), STR(rule->to)),
				ended_flows(arena, scene));
		break;
	case RULE_NOTHING_OPEN:
		if (scene->session->n_frames)
			chat_fail(failures, FAIL_STEP, rule->at, S("nothing open"),
				judge_place(arena, scene));
		break;
	case RULE_AT:
		if (!judge_stands_at(scene, rule->name))
			chat_fail(failures, FAIL_STEP, rule->at,
				arena_printf(arena, "at %.*s", STR(rule->name)),
				judge_place(arena, scene));
		break;
	case RULE_HANDOFF:
		if (!scene->handed_off)
			chat_fail(failures, FAIL_CALL, rule->at, S("handoff"), S("no handoff"));
		break;
	case RULE_TURNS:
		if (scene->buyer_turns > rule->number)
			chat_fail(failures, FAIL_TIMING, rule->at,
				arena_printf(arena, "turns <= %lld", (long long)rule->number),
				arena_printf(arena, "%u turns", scene->buyer_turns));
		break;
	}
}

void chat_judge_end(const struct chat_test *test, const struct chat_scene *scene,
	struct chat_failures *failures)
{
	for (size_t i = 0; i < test->n_rules; i++)
		judge_rule(&test->rule[i], scene, failures);
}

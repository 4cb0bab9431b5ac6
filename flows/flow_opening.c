/* What the bot says before the buyer has written anything. */
#include "flows/flow_opening.h"

#include "bot/base/buf.h"
#include "flows/expr.h"
#include "flows/template.h"

enum { max_opening = 2000 };

static const struct scope nothing_known;

static const struct target *next_of(const struct step *step, struct arena *arena)
{
	switch (step->verb) {
	case VERB_IF:
		for (size_t i = 0; i < step->n_branches; i++)
			if (expr_true(step->branch[i].when, nothing_known, arena))
				return &step->branch[i].then;
		return &step->otherwise;
	case VERB_SET:
	case VERB_NOTE:
	case VERB_WATCH:
		return &step->then;
	default:
		return NULL;
	}
}

static struct str first_bubble(const struct step *step, struct arena *arena)
{
	struct str said;
	struct buf out;

	buf_init(&out, max_opening);
	template_render(step->text[0], nothing_known, arena, &out);
	said = out.over ? S("") : arena_str(arena, str_trim(buf_str(&out)));
	buf_release(&out);
	return said;
}

struct str flow_set_opening(const struct flow_set *set, struct arena *arena)
{
	const struct flow *flow = flow_set_find(set, S("session/hello"));
	const struct step *step = flow ? &flow->step[flow->first] : NULL;

	/* No more steps than there are: a loop is no greeting. */
	for (size_t i = 0; step && i < flow->n_steps; i++) {
		const struct target *next;

		if (step->verb == VERB_SAY)
			return first_bubble(step, arena);
		next = next_of(step, arena);
		step = next && next->kind == TARGET_STEP ? &flow->step[next->step] : NULL;
	}
	return S("");
}

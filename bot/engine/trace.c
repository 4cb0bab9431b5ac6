/* Why a turn went as it went. */
#include "bot/engine/trace.h"

const char *const level_name[N_LEVELS] = {
	[LEVEL_NOBODY] = "no message",
	[LEVEL_PERSON] = "a person",
	[LEVEL_SAFETY] = "safety",
	[LEVEL_ANSWER] = "the expected answer",
	[LEVEL_BUTTON] = "a button on screen",
	[LEVEL_ON] = "what the step listens to",
	[LEVEL_CORRECTION] = "a correction",
	[LEVEL_INTENT] = "an intent",
	[LEVEL_CLARIFY] = "did you mean",
	[LEVEL_NO_MATCH] = "nothing understood",
	[LEVEL_BUSY] = "a call is under way",
	[LEVEL_REFUSED] = "not taken",
};

void trace_explain(const struct trace *trace, bool mask, struct buf *out)
{
	if (trace->reading)
		reading_explain(trace->reading, mask, out);
	buf_addf(out, "heard by %s\n", level_name[trace->level]);
	if (trace->digression.n)
		buf_addf(out, "digression %.*s\n", STR(trace->digression));
	if (trace->corrected.n && mask)
		buf_addf(out, "corrected %.*s\n", STR(trace->corrected));
	else if (trace->corrected.n)
		buf_addf(out, "corrected %.*s: %.*s -> %.*s\n", STR(trace->corrected),
			STR(trace->corrected_from), STR(trace->corrected_to));
	for (size_t i = 0; i < trace->n_visits; i++) {
		const struct visit *v = &trace->visit[i];

		buf_addf(out, "step     %.*s/%.*s  (%.*s%s%.*s)\n", STR(v->flow), STR(v->step),
			STR(v->how), v->from.n ? ", from " : "", STR(v->from));
	}
	if (trace->fault.n)
		buf_addf(out, "fault    %.*s\n", STR(trace->fault));
}

/* The engine: one pure function. */
#ifndef TENSTEP_ENGINE_STEP_H
#define TENSTEP_ENGINE_STEP_H

#include "bot/engine/event.h"
#include "bot/engine/model.h"
#include "bot/engine/session.h"
#include "bot/engine/trace.h"

struct turn {
	struct session *session;        /* the new state, in the arena */
	const struct effect *effect;    /* in the order in which they happen */
	size_t n_effects;
	struct trace trace;
	bool ignored;                   /* a duplicate, a void timer, a late answer: nothing changed but the clock */
};

/* What follows from @event in @session: runs steps until one waits.  Pure: reads no clock, draws no
 * random number, opens nothing; the same arguments give the same turn.  @session is not changed and
 * not pointed into afterwards; all of the turn lives in @arena.  Never fails: a fault of the content
 * is told to the buyer by the flow repair/error and named in the trace. */
struct turn step(const struct model *model, const struct session *session,
	const struct event *event, struct arena *arena);
/* The same without copying: the new session points into the memory of @session, which is not
 * changed and must live as long as the turn. */
struct turn step_sharing(const struct model *model, const struct session *session,
	const struct event *event, struct arena *arena);

#endif

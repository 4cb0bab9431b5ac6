/* Timers are data: a due time, the frame, and the number of the wait that they belong to.  One
 * whose wait is over is void, so a late one can do no harm. */
#include "bot/engine/turn.h"

#include <string.h>

uint32_t begin_wait(struct turn_state *t, struct frame *f, enum wait_kind kind)
{
	f->wait = kind;
	f->wait_stamp = ++t->s->stamps;
	return f->wait_stamp;
}

void add_timer(struct turn_state *t, const struct frame *f, enum timer_kind kind, int64_t in_ms,
	unsigned on)
{
	drop_void_timers(t);
	if (t->s->n_timers == max_timers)
		return;
	t->s->timer[t->s->n_timers++] = (struct timer){
		.due_ms = t->s->now_ms + in_ms,
		.kind = kind,
		.frame = f->id,
		.stamp = f->wait_stamp,
		.on = on,
	};
}

void start_no_reply_timers(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);

	for (unsigned i = 0; i < step->n_on; i++)
		if (step->on[i].kind == ON_NO_REPLY)
			add_timer(t, f, TIMER_NO_REPLY, step->on[i].after_ms, i);
}

static struct frame *frame_of(struct turn_state *t, const struct timer *timer)
{
	for (size_t i = 0; i < t->s->n_frames; i++) {
		struct frame *f = &t->s->frame[i];

		if (f->id == timer->frame && f->wait != WAIT_NONE && f->wait_stamp == timer->stamp)
			return f;
	}
	return NULL;
}

void drop_void_timers(struct turn_state *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->s->n_timers; i++)
		if (frame_of(t, &t->s->timer[i]))
			t->s->timer[kept++] = t->s->timer[i];
	t->s->n_timers = kept;
}

static bool take_due(struct turn_state *t, struct timer *timer)
{
	size_t first = t->s->n_timers;

	for (size_t i = 0; i < t->s->n_timers; i++)
		if (t->s->timer[i].due_ms <= t->s->now_ms &&
			(first == t->s->n_timers ||
				t->s->timer[i].due_ms < t->s->timer[first].due_ms))
			first = i;
	if (first == t->s->n_timers)
		return false;
	*timer = t->s->timer[first];
	memmove(t->s->timer + first, t->s->timer + first + 1,
		(--t->s->n_timers - first) * sizeof(*timer));
	return true;
}

static void fire(struct turn_state *t, struct frame *f, const struct timer *timer)
{
	const struct step *step = step_of(f);

	switch (timer->kind) {
	case TIMER_NO_REPLY:
		if (timer->on < step->n_on && step->on[timer->on].kind == ON_NO_REPLY)
			react(t, f, &step->on[timer->on]);
		break;
	case TIMER_SLOW:
		say_slow(t, f);
		break;
	case TIMER_DEADLINE:
		deadline_passed(t, f);
		break;
	case TIMER_WAIT:
		f->wait = WAIT_NONE;
		take(t, f, &step->then, "then", (struct str){0});
		break;
	}
}

enum { look_again_ms = 60000 };

/* Only the top frame's timers act: what lies under a detour waits until the buyer is back. */
void fire_due_timers(struct turn_state *t)
{
	struct timer timer;
	bool any = false;

	while (take_due(t, &timer)) {
		struct frame *f = frame_of(t, &timer);

		if (f && f != top(t) && timer.kind == TIMER_WAIT) {
			timer.due_ms = t->s->now_ms + look_again_ms;
			t->s->timer[t->s->n_timers++] = timer;
			continue;
		}
		if (!f || f != top(t))
			continue;
		any = true;
		fire(t, f, &timer);
		run(t);
	}
	t->ignored = !any;
}

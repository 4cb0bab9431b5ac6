/* The stack of open flows. */
#include "bot/engine/turn.h"

#include <assert.h>
#include <string.h>

struct frame *top(struct turn_state *t)
{
	return t->s->n_frames ? &t->s->frame[t->s->n_frames - 1] : NULL;
}

const struct step *step_of(const struct frame *f)
{
	return &f->flow->step[f->step];
}

bool waits_for_buyer(const struct frame *f)
{
	return f && f->wait == WAIT_BUYER;
}

bool is_open(const struct turn_state *t, struct str flow)
{
	for (size_t i = 0; i < t->s->n_frames; i++)
		if (str_eq(t->s->frame[i].flow_name, flow))
			return true;
	return false;
}

size_t task_root(const struct turn_state *t)
{
	size_t i = t->s->n_frames - 1;

	while (i > 0 && t->s->frame[i].role == ROLE_SUB)
		i--;
	return i;
}

void pop_frame(struct turn_state *t)
{
	assert(t->s->n_frames);
	t->s->n_frames--;
}

static void park_frames(struct turn_state *t, size_t from, size_t to)
{
	struct session *s = t->s;
	size_t n = to - from;

	/* Only a task's own frame is kept: what it ran is started again from the question's flow.
	 */
	for (size_t i = from; i < to; i++) {
		struct frame *f = &s->frame[i];

		if (f->role == ROLE_SUB || (f->role != ROLE_TASK && f->flow->kind != FLOW_TASK) ||
			f->committed)
			continue;
		if (s->n_parked == max_parked) {
			memmove(s->parked, s->parked + 1, (max_parked - 1) * sizeof(*f));
			s->n_parked--;
		}
		s->parked[s->n_parked++] = *f;
	}
	memmove(s->frame + from, s->frame + to, (s->n_frames - to) * sizeof(*s->frame));
	s->n_frames -= n;
}

void park_top(struct turn_state *t)
{
	if (t->s->n_frames)
		park_frames(t, task_root(t), t->s->n_frames);
}

void park_below(struct turn_state *t)
{
	size_t root = t->s->n_frames ? task_root(t) : 0;

	if (root > 0)
		park_frames(t, 0, root);
}

void park_everything(struct turn_state *t)
{
	park_frames(t, 0, t->s->n_frames);
}

bool unpark(struct turn_state *t)
{
	struct session *s = t->s;
	struct frame *f;

	if (!s->n_parked || s->n_frames == max_frames || s->former.n)
		return false;
	f = &s->frame[s->n_frames++];
	*f = s->parked[--s->n_parked];
	if (f->wait != WAIT_BUYER) { /* it was running something: go on at the step that ran it */
		f->wait = WAIT_NONE;
	}
	return true;
}

static void fault(struct turn_state *t, const char *what, struct str name)
{
	if (!t->trace.fault.n)
		t->trace.fault = arena_printf(t->arena, "%s '%.*s'", what, STR(name));
}

/* How many frames the lowest task takes, with all that it runs: they go together. */
static size_t lowest_task(const struct session *s)
{
	size_t n = 1;

	while (n < s->n_frames && s->frame[n].role == ROLE_SUB)
		n++;
	return n;
}

struct frame *push_flow(struct turn_state *t, struct str name, enum role role, struct str opening,
	const char *how, struct str detail)
{
	const struct flow *flow = model_flow(t->model, name);
	struct frame *f;

	if (!flow) {
		fault(t, "there is no flow", name);
		return NULL;
	}
	if (t->s->n_frames == max_frames && role == ROLE_SUB &&
		lowest_task(t->s) == t->s->n_frames) {
		fault(t, "too many flows run one another, the last is", name);
		return NULL;
	}
	if (t->s->n_frames == max_frames)
		park_frames(t, 0, lowest_task(t->s));
	f = &t->s->frame[t->s->n_frames++];
	*f = (struct frame){
		.flow = flow,
		.flow_name = flow->name,
		.version = flow->version,
		.step = flow->first,
		.step_name = flow->step[flow->first].name,
		.role = role,
		.id = ++t->s->frames,
		.opening = arena_str(t->arena, opening),
	};
	add_visit(t, f, (struct str){0}, how, detail);
	return f;
}

const struct value *get_slot(const struct frame *f, struct str name)
{
	for (size_t i = 0; i < f->n_slots; i++)
		if (str_eq(f->slot[i].name, name))
			return f->slot[i].value;
	return NULL;
}

void clear_slot(struct frame *f, struct str name)
{
	for (size_t i = 0; i < f->n_slots; i++)
		if (str_eq(f->slot[i].name, name)) {
			f->slot[i] = f->slot[--f->n_slots];
			return;
		}
}

void set_slot(struct turn_state *t, struct frame *f, struct str name, const struct value *value,
	enum origin origin)
{
	const struct slot *slot = flow_slot(f->flow, name);

	clear_slot(f, name);
	if (slot && slot->is == SLOT_ORDER && value->type == VALUE_RECORD)
		t->s->recent_order = value;
	if (!value_is_set(value))
		return;
	f->slot = arena_grow(t->arena, f->slot, f->n_slots, struct slot_value);
	f->slot[f->n_slots++] = (struct slot_value){
		.name = name,
		.value = value,
		.origin = origin,
		.step = f->step,
		.stamp = ++t->s->stamps,
	};
}

void lend(struct turn_state *t, struct frame *f, const char *name, const struct value *value)
{
	if (f && flow_slot(f->flow, str_of(name)))
		set_slot(t, f, str_of(name), value, ORIGIN_LENT);
}

void lend_bindings(struct turn_state *t, struct frame *to, const struct frame *from,
	const struct binding *with, size_t n)
{
	for (size_t i = 0; i < n; i++)
		set_slot(t, to, with[i].name, eval(t, from, with[i].expr), ORIGIN_LENT);
}

static const struct flow *moved_to(struct turn_state *t, struct frame *f)
{
	const struct flow *now = model_flow(t->model, f->flow_name);

	if (!now || now->version == f->version)
		return now;
	for (size_t i = 0; i < now->n_restart; i++)
		if (now->restart[i] == f->version) {
			f->step_name = now->step[now->first].name;
			f->n_slots = f->n_counters = f->n_past = 0;
			f->wait = WAIT_NONE;
			t->restarted |= f == top(t);
			return now;
		}
	for (size_t i = 0; i < now->n_moves; i++)
		if (now->move[i].version == f->version && str_eq(now->move[i].from, f->step_name)) {
			f->step_name = now->move[i].to;
			return now;
		}
	return model_flow_version(t->model, f->flow_name, f->version)
		       ? model_flow_version(t->model, f->flow_name, f->version)
		       : now;
}

static bool resolve(struct turn_state *t, struct frame *f)
{
	const struct step *step;

	f->flow = moved_to(t, f);
	if (!f->flow)
		return false;
	f->version = f->flow->version;
	step = flow_step(f->flow, f->step_name);
	if (!step)
		return false;
	f->step = step->index;
	f->step_name = step->name;
	f->flow_name = f->flow->name;
	if (f->call_step >= f->flow->n_steps)
		f->call_step = f->step;
	for (size_t i = 0; i < f->n_past;)
		if (f->past[i].step >= f->flow->n_steps)
			f->past[i] = f->past[--f->n_past];
		else
			i++;
	return true;
}

void resolve_frames(struct turn_state *t, struct str *gone)
{
	struct session *s = t->s;

	for (size_t i = 0; i < s->n_frames; i++)
		if (!resolve(t, &s->frame[i])) {
			/* What stands on a step that is gone cannot be returned to either. */
			*gone = s->frame[i].flow ? s->frame[i].flow->title : s->frame[i].flow_name;
			while (i > 0 && s->frame[i].role == ROLE_SUB)
				i--;
			s->n_frames = i;
			break;
		}
	for (size_t i = 0; i < s->n_parked;)
		if (resolve(t, &s->parked[i]))
			i++;
		else
			memmove(s->parked + i, s->parked + i + 1,
				(--s->n_parked - i) * sizeof(*s->parked));
	if (s->offered_by.flow_name.n && !resolve(t, &s->offered_by)) {
		s->offered_by = (struct frame){0};
		s->n_offered = 0;
	}
}

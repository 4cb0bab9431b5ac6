/* One conversation's state: making, copying, asking. */
#include "bot/engine/session.h"

#include <stddef.h>
#include <string.h>

const char *const owner_name[3] = {"bot", "queue", "person"};

struct session *session_new(
	struct arena *arena, struct str id, struct str channel, struct str language)
{
	struct session *session = arena_new_of(arena, struct session);

	session->id = arena_str(arena, id);
	session->channel = arena_str(arena, channel);
	session->language = arena_str(arena, language);
	session->recent_order = session->notice = session->attachments = &value_none;
	return session;
}

static const struct value *copy_value(struct arena *arena, const struct value *v)
{
	return v ? value_copy(arena, v) : &value_none;
}

static void *copy_array(struct arena *arena, const void *items, size_t n, size_t size)
{
	size_t room = 4;

	if (!n)
		return NULL;
	while (room < n)
		room *= 2; /* as arena_grow() expects it */
	return memcpy(arena_raw(arena, room * size), items, n * size);
}

/* What a step changes in place is the frame's own. */
static void own_lists(struct arena *arena, struct frame *f)
{
	f->slot = copy_array(arena, f->slot, f->n_slots, sizeof(*f->slot));
	f->counter = copy_array(arena, f->counter, f->n_counters, sizeof(*f->counter));
	f->past = copy_array(arena, f->past, f->n_past, sizeof(*f->past));
}

static void copy_frame(struct arena *arena, struct frame *to, const struct frame *from)
{
	*to = *from;
	own_lists(arena, to);
	to->flow_name = arena_str(arena, from->flow_name);
	to->step_name = arena_str(arena, from->step_name);
	to->opening = arena_str(arena, from->opening);
	for (size_t i = 0; i < to->n_slots; i++) {
		to->slot[i].name = arena_str(arena, to->slot[i].name);
		to->slot[i].value = copy_value(arena, to->slot[i].value);
	}
	for (size_t i = 0; i < to->n_counters; i++)
		to->counter[i].key = arena_str(arena, to->counter[i].key);
}

static void copy_offers(struct arena *arena, struct session *to, const struct session *from)
{
	for (size_t i = 0; i < from->n_offered; i++) {
		to->offered[i].choice.id = arena_str(arena, from->offered[i].choice.id);
		to->offered[i].choice.label = arena_str(arena, from->offered[i].choice.label);
		to->offered[i].target = arena_str(arena, from->offered[i].target);
		to->offered[i].with = copy_value(arena, from->offered[i].with);
	}
	if (from->offered_by.flow_name.n)
		copy_frame(arena, &to->offered_by, &from->offered_by);
}

/* As it is, texts and values where they are. */
static struct session *copy_plainly(struct arena *arena, const struct session *from)
{
	struct session *to = arena_raw(arena, sizeof(*to));

	memcpy(to, from, offsetof(struct session, frame));
	memcpy(to->frame, from->frame, from->n_frames * sizeof(*to->frame));
	memcpy(to->parked, from->parked, from->n_parked * sizeof(*to->parked));
	memcpy(to->offered, from->offered, from->n_offered * sizeof(*to->offered));
	memcpy(to->timer, from->timer, from->n_timers * sizeof(*to->timer));
	memcpy(to->watched, from->watched, from->n_watched * sizeof(*to->watched));
	memcpy(to->spent, from->spent, from->n_spent * sizeof(*to->spent));
	return to;
}

struct session *session_copy(struct arena *arena, const struct session *from)
{
	struct session *to = copy_plainly(arena, from);

	to->id = arena_str(arena, from->id);
	to->channel = arena_str(arena, from->channel);
	to->language = arena_str(arena, from->language);
	to->buyer = arena_str(arena, from->buyer);
	to->buyer_name = arena_str(arena, from->buyer_name);
	to->former = arena_str(arena, from->former);
	for (size_t i = 0; i < from->n_frames; i++)
		copy_frame(arena, &to->frame[i], &from->frame[i]);
	for (size_t i = 0; i < from->n_parked; i++)
		copy_frame(arena, &to->parked[i], &from->parked[i]);
	copy_offers(arena, to, from);
	for (size_t i = 0; i < from->n_watched; i++) {
		to->watched[i].event = arena_str(arena, from->watched[i].event);
		to->watched[i].of = arena_str(arena, from->watched[i].of);
		to->watched[i].starts = arena_str(arena, from->watched[i].starts);
	}
	for (size_t i = 0; i < from->n_spent; i++)
		to->spent[i].key = arena_str(arena, from->spent[i].key);
	to->seen.bytes = arena_str(arena, from->seen.bytes);
	to->said = arena_str(arena, from->said);
	to->last_text = arena_str(arena, from->last_text);
	to->recent_order = copy_value(arena, from->recent_order);
	to->notice = copy_value(arena, from->notice);
	to->attachments = copy_value(arena, from->attachments);
	to->second = arena_str(arena, from->second);
	to->clarified = arena_str(arena, from->clarified);
	return to;
}

struct session *session_share(struct arena *arena, const struct session *from)
{
	struct session *to = copy_plainly(arena, from);

	for (size_t i = 0; i < to->n_frames; i++)
		own_lists(arena, &to->frame[i]);
	for (size_t i = 0; i < to->n_parked; i++)
		own_lists(arena, &to->parked[i]);
	if (to->offered_by.flow_name.n)
		own_lists(arena, &to->offered_by);
	return to;
}

bool session_next_due(const struct session *session, int64_t *due_ms)
{
	for (size_t i = 0; i < session->n_timers; i++)
		if (i == 0 || session->timer[i].due_ms < *due_ms)
			*due_ms = session->timer[i].due_ms;
	return session->n_timers != 0;
}

bool session_waits_for_call(const struct session *session)
{
	for (size_t i = 0; i < session->n_frames; i++)
		if (session->frame[i].wait == WAIT_CALL)
			return true;
	return false;
}

const struct value *session_slot(const struct session *session, struct str name)
{
	const struct frame *frame;

	if (!session->n_frames)
		return &value_none;
	frame = &session->frame[session->n_frames - 1];
	for (size_t i = 0; i < frame->n_slots; i++)
		if (str_eq(frame->slot[i].name, name))
			return frame->slot[i].value;
	return &value_none;
}

const struct value *session_slots(const struct session *session, bool mask, struct arena *arena)
{
	struct value_builder b = value_build(arena);
	const struct frame *frame;

	if (!session->n_frames)
		return value_record(&b);
	frame = &session->frame[session->n_frames - 1];
	for (size_t i = 0; i < frame->n_slots; i++) {
		const struct slot *slot =
			frame->flow ? flow_slot(frame->flow, frame->slot[i].name) : NULL;
		const char *name = arena_cstr(arena, frame->slot[i].name);

		if (!value_is_set(frame->slot[i].value))
			continue;
		if (mask && slot && slot->private)
			value_put_text(&b, name, S("(private)"));
		else
			value_put(&b, name, frame->slot[i].value);
	}
	return value_record(&b);
}

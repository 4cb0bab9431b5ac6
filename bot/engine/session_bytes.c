/* A session as bytes: a version byte, then fields in a fixed order.  Numbers as in
 * bot/base/varint.h; texts carry their length; values as in bot/base/value.h.  The version before
 * had the ids of messages as texts; it is read still. */
#include "bot/engine/session.h"

#include <stddef.h>
#include <string.h>

#include "bot/base/varint.h"

enum { format_with_ids = 2, format = 3 };

IN_PLACE void put_number(struct buf *out, uint64_t n)
{
	varint_put(out, n);
}

static void put_time(struct buf *out, int64_t n)
{
	put_number(out, ((uint64_t)n << 1) ^ (uint64_t)(n < 0 ? -1 : 0));
}

static void put_text(struct buf *out, struct str s)
{
	varint_put_text(out, s);
}

static void put_frame(struct buf *out, const struct frame *f)
{
	put_text(out, f->flow_name);
	put_text(out, f->step_name);
	put_number(out, f->version);
	put_number(out, f->role);
	put_number(out, f->id);
	put_number(out, f->n_slots);
	for (size_t i = 0; i < f->n_slots; i++) {
		put_text(out, f->slot[i].name);
		value_encode(f->slot[i].value, out);
		put_number(out, f->slot[i].origin);
		put_number(out, f->slot[i].step);
		put_number(out, f->slot[i].stamp);
	}
	put_text(out, f->opening);
	put_number(out, (uint64_t)f->slow_said | (uint64_t)f->committed << 1 |
				(uint64_t)f->replaying << 2 | (uint64_t)f->talked << 3 |
				(uint64_t)f->paused << 4 | (uint64_t)f->confirmed << 5);
	put_number(out, f->wait);
	put_number(out, f->wait_stamp);
	put_number(out, f->call);
	put_number(out, f->call_step);
	put_number(out, f->n_counters);
	for (size_t i = 0; i < f->n_counters; i++) {
		put_number(out, f->counter[i].step);
		put_text(out, f->counter[i].key);
		put_number(out, f->counter[i].n);
	}
	put_number(out, f->n_past);
	for (size_t i = 0; i < f->n_past; i++) {
		put_number(out, f->past[i].step);
		put_number(out, f->past[i].stamp);
	}
}

static void put_offers(struct buf *out, const struct session *s)
{
	put_number(out, s->n_offered);
	for (size_t i = 0; i < s->n_offered; i++) {
		put_text(out, s->offered[i].choice.id);
		put_text(out, s->offered[i].choice.label);
		put_number(out, s->offered[i].kind);
		put_text(out, s->offered[i].target);
		value_encode(s->offered[i].with, out);
	}
	put_number(out, s->offered_by.flow_name.n != 0);
	if (s->offered_by.flow_name.n)
		put_frame(out, &s->offered_by);
}

static void put_lists(struct buf *out, const struct session *s)
{
	put_number(out, s->n_timers);
	for (size_t i = 0; i < s->n_timers; i++) {
		put_time(out, s->timer[i].due_ms);
		put_number(out, s->timer[i].kind);
		put_number(out, s->timer[i].frame);
		put_number(out, s->timer[i].stamp);
		put_number(out, s->timer[i].on);
	}
	put_number(out, s->n_watched);
	for (size_t i = 0; i < s->n_watched; i++) {
		put_text(out, s->watched[i].event);
		put_text(out, s->watched[i].of);
		put_text(out, s->watched[i].starts);
		put_time(out, s->watched[i].since_ms);
	}
	put_number(out, s->n_spent);
	for (size_t i = 0; i < s->n_spent; i++) {
		put_text(out, s->spent[i].key);
		put_number(out, s->spent[i].state);
	}
	put_number(out, recent_ids_count(&s->seen));
	buf_add(out, s->seen.bytes);
}

/* Hardly any session is: what is kept of that stands behind all else, or not at all. */
static bool is_shut(const struct session *s)
{
	return s->former.n || s->closed_ms;
}

void session_encode(const struct session *s, struct buf *out)
{
	put_number(out, format);
	put_text(out, s->id);
	put_text(out, s->channel);
	put_text(out, s->language);
	put_number(out, s->turn);
	put_number(out, s->stamps);
	put_number(out, s->frames);
	put_number(out, s->calls);
	put_time(out, s->now_ms);
	put_time(out, s->last_buyer_ms);
	put_text(out, s->buyer);
	put_text(out, s->buyer_name);
	put_number(out, s->buyer_by_channel);
	put_number(out, s->owner);
	put_number(out, s->n_frames);
	for (size_t i = 0; i < s->n_frames; i++)
		put_frame(out, &s->frame[i]);
	put_number(out, s->n_parked);
	for (size_t i = 0; i < s->n_parked; i++)
		put_frame(out, &s->parked[i]);
	put_offers(out, s);
	put_lists(out, s);
	put_text(out, s->said);
	put_text(out, s->last_text);
	value_encode(s->recent_order, out);
	value_encode(s->notice, out);
	value_encode(s->attachments, out);
	put_number(out, s->misses);
	put_text(out, s->second);
	put_text(out, s->clarified);
	if (is_shut(s)) {
		put_text(out, s->former);
		put_time(out, s->sealed_ms);
		put_time(out, s->closed_ms);
	}
}

/* Reading: every getter gives zero once something was wrong. */
struct reader {
	struct str rest;
	struct arena *arena;
	bool has_ids; /* the version before */
	bool broken;
};

static uint64_t give_up(struct reader *r)
{
	r->broken = true;
	r->rest.n = 0;
	return 0;
}

ASIDE uint64_t get_long_number(struct reader *r, uint64_t max)
{
	uint64_t n;

	return varint_take_long(&r->rest, &n) && n <= max ? n : give_up(r);
}

IN_PLACE uint64_t get_number(struct reader *r, uint64_t max)
{
	uint64_t n;

	if (!varint_is_short(r->rest))
		return get_long_number(r, max);
	n = varint_take_short(&r->rest);
	return n <= max ? n : give_up(r);
}

static unsigned get_small(struct reader *r, unsigned max)
{
	return (unsigned)get_number(r, max);
}

static uint32_t get_u32(struct reader *r)
{
	return (uint32_t)get_number(r, UINT32_MAX);
}

static int64_t get_time(struct reader *r)
{
	uint64_t n = get_number(r, UINT64_MAX);

	return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

IN_PLACE struct str get_bytes(struct reader *r, uint64_t n)
{
	struct str s = {r->rest.p, (size_t)n};

	if (n > r->rest.n) {
		give_up(r);
		return (struct str){"", 0};
	}
	r->rest.p += n;
	r->rest.n -= (size_t)n;
	return s;
}

ASIDE struct str get_long_text(struct reader *r)
{
	return get_bytes(r, get_long_number(r, UINT64_MAX));
}

static struct str get_text(struct reader *r)
{
	return varint_is_short(r->rest) ? get_bytes(r, varint_take_short(&r->rest))
					: get_long_text(r);
}

static const struct value *get_value(struct reader *r)
{
	const struct value *v = &value_none;

	if (r->broken || !value_decode_in_place(r->arena, &r->rest, &v)) {
		give_up(r);
		return &value_none;
	}
	return v;
}

/* A count of things that each take at least a byte; arrays are made as arena_grow() expects. */
static size_t get_count(struct reader *r)
{
	return get_number(r, r->rest.n);
}

static void *room_for(struct reader *r, size_t n, size_t size)
{
	size_t room = 4;

	while (room < n)
		room *= 2;
	return n ? arena_raw(r->arena, room * size) : NULL;
}

static void get_frame(struct reader *r, struct frame *f)
{
	unsigned flags;

	*f = (struct frame){0};
	f->flow_name = get_text(r);
	f->step_name = get_text(r);
	f->version = get_u32(r);
	f->role = get_small(r, N_ROLES - 1);
	f->id = get_u32(r);
	f->n_slots = get_count(r);
	f->slot = room_for(r, f->n_slots, sizeof(*f->slot));
	for (size_t i = 0; i < f->n_slots; i++) {
		f->slot[i].name = get_text(r);
		f->slot[i].value = get_value(r);
		f->slot[i].origin = get_small(r, ORIGIN_LENT);
		f->slot[i].step = get_u32(r);
		f->slot[i].stamp = get_u32(r);
	}
	f->opening = get_text(r);
	flags = get_small(r, 63);
	f->slow_said = flags & 1;
	f->committed = flags >> 1 & 1;
	f->replaying = flags >> 2 & 1;
	f->talked = flags >> 3 & 1;
	f->paused = flags >> 4 & 1;
	f->confirmed = flags >> 5 & 1;
	f->wait = get_small(r, WAIT_TIME);
	f->wait_stamp = get_u32(r);
	f->call = get_u32(r);
	f->call_step = get_u32(r);
	f->n_counters = get_count(r);
	f->counter = room_for(r, f->n_counters, sizeof(*f->counter));
	for (size_t i = 0; i < f->n_counters; i++) {
		f->counter[i].step = get_u32(r);
		f->counter[i].key = get_text(r);
		f->counter[i].n = get_u32(r);
	}
	f->n_past = get_number(r, max_history);
	f->past = room_for(r, f->n_past, sizeof(*f->past));
	for (size_t i = 0; i < f->n_past; i++) {
		f->past[i].step = get_u32(r);
		f->past[i].stamp = get_u32(r);
	}
	r->broken |= f->flow_name.n == 0;
}

static void get_offers(struct reader *r, struct session *s)
{
	s->n_offered = get_number(r, max_offers);
	for (size_t i = 0; i < s->n_offered; i++) {
		s->offered[i].choice.id = get_text(r);
		s->offered[i].choice.label = get_text(r);
		s->offered[i].kind = get_small(r, TARGET_BACK);
		s->offered[i].target = get_text(r);
		s->offered[i].with = get_value(r);
	}
	if (get_number(r, 1))
		get_frame(r, &s->offered_by);
}

static void get_seen(struct reader *r, struct recent_ids *seen)
{
	size_t n = get_number(r, max_recent_ids);

	if (r->has_ids)
		while (n-- && !r->broken)
			recent_ids_add(seen, get_text(r), r->arena);
	else if (!recent_ids_take(seen, n, &r->rest))
		give_up(r);
}

static void get_lists(struct reader *r, struct session *s)
{
	s->n_timers = get_number(r, max_timers);
	for (size_t i = 0; i < s->n_timers; i++) {
		s->timer[i].due_ms = get_time(r);
		s->timer[i].kind = get_small(r, TIMER_WAIT);
		s->timer[i].frame = get_u32(r);
		s->timer[i].stamp = get_u32(r);
		s->timer[i].on = get_u32(r);
	}
	s->n_watched = get_number(r, max_watches);
	for (size_t i = 0; i < s->n_watched; i++) {
		s->watched[i].event = get_text(r);
		s->watched[i].of = get_text(r);
		s->watched[i].starts = get_text(r);
		s->watched[i].since_ms = get_time(r);
	}
	s->n_spent = get_number(r, max_spent);
	for (size_t i = 0; i < s->n_spent; i++) {
		s->spent[i].key = get_text(r);
		s->spent[i].state = get_small(r, SPENT_UNKNOWN);
	}
	get_seen(r, &s->seen);
}

struct session *session_decode(struct arena *arena, struct str bytes)
{
	struct reader r = {.rest = arena_str(arena, bytes), .arena = arena}; /* texts stay there */
	struct session *s = arena_raw(arena, sizeof(*s));
	unsigned version = get_small(&r, format);

	memset(s, 0, offsetof(struct session, frame));
	if (version < format_with_ids)
		return NULL;
	r.has_ids = version == format_with_ids;
	s->id = get_text(&r);
	s->channel = get_text(&r);
	s->language = get_text(&r);
	s->turn = get_u32(&r);
	s->stamps = get_u32(&r);
	s->frames = get_u32(&r);
	s->calls = get_u32(&r);
	s->now_ms = get_time(&r);
	s->last_buyer_ms = get_time(&r);
	s->buyer = get_text(&r);
	s->buyer_name = get_text(&r);
	s->buyer_by_channel = get_number(&r, 1) != 0;
	s->owner = get_small(&r, OWNER_PERSON);
	s->n_frames = get_number(&r, max_frames);
	for (size_t i = 0; i < s->n_frames; i++)
		get_frame(&r, &s->frame[i]);
	s->n_parked = get_number(&r, max_parked);
	for (size_t i = 0; i < s->n_parked; i++)
		get_frame(&r, &s->parked[i]);
	get_offers(&r, s);
	get_lists(&r, s);
	s->said = get_text(&r);
	s->last_text = get_text(&r);
	s->recent_order = get_value(&r);
	s->notice = get_value(&r);
	s->attachments = get_value(&r);
	s->misses = get_u32(&r);
	s->second = get_text(&r);
	s->clarified = get_text(&r);
	if (r.rest.n) {
		s->former = get_text(&r);
		s->sealed_ms = get_time(&r);
		s->closed_ms = get_time(&r);
		if (!is_shut(s) || (s->former.n && s->buyer.n))
			give_up(&r);
	}
	return r.broken || r.rest.n ? NULL : s;
}

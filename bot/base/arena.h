/* Memory that is given back all at once: a turn's, a model's. */
#ifndef TENSTEP_BASE_ARENA_H
#define TENSTEP_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/base/str.h"

struct arena;

/* A new arena that is meant to hold at most @max_bytes.  The caller frees it with arena_free(). */
struct arena *arena_new(size_t max_bytes) MUST_CHECK;
void arena_free(struct arena *arena);

/* Takes everything back, keeping the first block for reuse. */
void arena_reset(struct arena *arena);

/* @n zeroed bytes, aligned for any type; never NULL (the program ends when the machine is out of
 * memory).  Going past the arena's cap still succeeds but is remembered: whoever runs a loop whose
 * length comes from outside asks arena_over() each time round and stops with its own error. */
void *arena_alloc(struct arena *arena, size_t n) MUST_CHECK;
/* The same, not zeroed: for what is filled at once. */
static inline void *arena_raw(struct arena *arena, size_t n) MUST_CHECK;
#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, n) ((type *)arena_array_of((arena), (n), sizeof(type)))
void *arena_array_of(struct arena *arena, size_t n, size_t size) MUST_CHECK;

/* A copy of @s in the arena, followed by a zero byte. */
struct str arena_str(struct arena *arena, struct str s);
char *arena_cstr(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The three one after the other, with a zero byte. */
struct str arena_join(struct arena *arena, struct str a, struct str b, struct str c);

bool arena_over(const struct arena *arena);
size_t arena_used(const struct arena *arena);

/* Room for one more, not zeroed, at the end of an array that grows by doubling inside an arena:
 * @items is moved when it is full.  Use: x = arena_grow(arena, x, n, type); x[n++] = …;
 *
 * How much room there is follows from @n alone, so the array must have grown this way from empty,
 * and one that also shrinks (a stack) wastes memory: each time it passes a power of two upwards it
 * moves again. */
#define arena_grow(arena, items, n, type)                                                          \
	((type *)(arena_is_full(n) ? arena_grow_of((arena), (items), (n), sizeof(type)) : (items)))
/* Full at 0, 4, 8, 16 … */
static inline bool arena_is_full(size_t n)
{
	return (n & (n - 1)) == 0 && n != 1 && n != 2;
}
void *arena_grow_of(struct arena *arena, void *items, size_t n, size_t size) MUST_CHECK;

/* What an arena begins with: the room that is left in its block, a multiple of the alignment.  In
 * sight, because a turn takes memory two hundred times, nearly always from here. */
struct arena_room {
	char *next, *end;
};
enum { arena_align = 16 };
void *arena_raw_more(struct arena *arena, size_t n) MUST_CHECK;

static inline void *arena_raw(struct arena *arena, size_t n)
{
	struct arena_room *room = (struct arena_room *)(void *)arena;
	char *p = room->next;

	if (n > (size_t)(room->end - p))
		return arena_raw_more(arena, n);
	room->next += (n + arena_align - 1) & ~(size_t)(arena_align - 1);
	return p;
}

#endif

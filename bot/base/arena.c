/* Memory that is given back all at once. */
#include "bot/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { first_block = 16 * 1024, largest_step = 1024 * 1024 };

struct block {
	struct block *next;
	size_t size; /* of what follows the header: a multiple of arena_align */
	_Alignas(arena_align) char data[];
};

struct arena {
	struct arena_room room; /* in @now; first: arena_raw() looks for it here */
	struct block *first, *now;
	size_t max_bytes, used_before; /* used_before: in the blocks before @now */
};

static void *checked(void *memory)
{
	if (!memory) {
		fputs("tenstep: out of memory\n", stderr);
		abort();
	}
	return memory;
}

static struct block *block_new(size_t size)
{
	struct block *block = checked(malloc(sizeof(*block) + size));

	block->next = NULL;
	block->size = size;
	return block;
}

static void use_block(struct arena *arena, struct block *block)
{
	arena->now = block;
	arena->room = (struct arena_room){block->data, block->data + block->size};
}

static size_t used_now(const struct arena *arena)
{
	return (size_t)(arena->room.next - arena->now->data);
}

struct arena *arena_new(size_t max_bytes)
{
	struct arena *arena = checked(malloc(sizeof(*arena)));

	*arena = (struct arena){.max_bytes = max_bytes};
	arena->first = block_new(first_block);
	use_block(arena, arena->first);
	return arena;
}

static void free_blocks(struct block *block)
{
	while (block) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	free_blocks(arena->first);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	free_blocks(arena->first->next);
	arena->first->next = NULL;
	arena->used_before = 0;
	use_block(arena, arena->first);
}

void *arena_raw_more(struct arena *arena, size_t n)
{
	size_t size = arena->now->size * 2;
	struct block *block;

	assert(n <= SIZE_MAX / 4);
	n = (n + arena_align - 1) & ~(size_t)(arena_align - 1);
	if (size > largest_step)
		size = largest_step;
	block = block_new(size < n ? n : size);
	arena->used_before += used_now(arena);
	arena->now->next = block;
	use_block(arena, block);
	arena->room.next += n;
	return block->data;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	return memset(arena_raw(arena, n), 0, n);
}

void *arena_array_of(struct arena *arena, size_t n, size_t size)
{
	assert(size == 0 || n <= SIZE_MAX / 8 / size);
	return arena_alloc(arena, n * size);
}

void *arena_grow_of(struct arena *arena, void *items, size_t n, size_t size)
{
	assert(size == 0 || n <= SIZE_MAX / 16 / size);
	if (n == 0)
		return arena_raw(arena, 4 * size);
	return memcpy(arena_raw(arena, n * 2 * size), items, n * size);
}

char *arena_cstr(struct arena *arena, struct str s)
{
	char *copy = arena_raw(arena, s.n + 1);

	copy[s.n] = 0;
	return s.n ? memcpy(copy, s.p, s.n) : copy;
}

struct str arena_str(struct arena *arena, struct str s)
{
	return (struct str){arena_cstr(arena, s), s.n};
}

struct str arena_join(struct arena *arena, struct str a, struct str b, struct str c)
{
	size_t n = a.n + b.n + c.n;
	char *text = arena_raw(arena, n + 1), *p = text;

	if (a.n)
		p = (char *)memcpy(p, a.p, a.n) + a.n;
	if (b.n)
		p = (char *)memcpy(p, b.p, b.n) + b.n;
	if (c.n)
		p = (char *)memcpy(p, c.p, c.n) + c.n;
	*p = '\0';
	return (struct str){text, n};
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
	char line[200], *text;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	assert(n >= 0);
	if ((size_t)n < sizeof(line))
		return arena_str(arena, (struct str){line, (size_t)n});
	text = arena_raw(arena, (size_t)n + 1);
	va_start(ap, format);
	vsnprintf(text, (size_t)n + 1, format, ap);
	va_end(ap);
	return (struct str){text, (size_t)n};
}

bool arena_over(const struct arena *arena)
{
	return arena_used(arena) > arena->max_bytes;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used_before + used_now(arena);
}

/* Tests that make what they need in one arena, a new one for each. */
#ifndef TENSTEP_TESTS_IN_ARENA_H
#define TENSTEP_TESTS_IN_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/base/arena.h"

static struct arena *arena;

static inline int set_up(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#endif

/* Misbehaviour that a test asked for: a queue of behaviours. */
#include "adapters/order/sandbox/shop.h"

#include <stdlib.h>

enum { SCRIPT_MAX = 1 << 20 };

struct scripted {
	struct str operation;
	struct sandbox_behaviour behaviour;
	bool used;
};

struct script {
	struct arena *arena; /* items, texts and answers; emptied by script_clear() */
	struct scripted *item;
	size_t n, n_open;
};

struct script *script_new(void)
{
	struct script *script = calloc(1, sizeof(*script));

	if (!script)
		abort();
	script->arena = arena_new(SCRIPT_MAX);
	return script;
}

void script_free(struct script *script)
{
	if (!script)
		return;
	arena_free(script->arena);
	free(script);
}

void script_clear(struct script *script)
{
	script->item = NULL;
	script->n = script->n_open = 0;
	arena_reset(script->arena);
}

void script_add(
	struct script *script, struct str operation, const struct sandbox_behaviour *behaviour)
{
	struct arena *arena = script->arena;
	struct sandbox_behaviour copy = *behaviour;

	copy.why = arena_str(arena, behaviour->why);
	copy.why_text = arena_str(arena, behaviour->why_text);
	copy.answer = behaviour->answer ? value_copy(arena, behaviour->answer) : NULL;
	script->item = arena_grow(arena, script->item, script->n, struct scripted);
	script->item[script->n++] =
		(struct scripted){.operation = arena_str(arena, operation), .behaviour = copy};
	script->n_open++;
}

const struct sandbox_behaviour *script_take(struct script *script, struct str operation)
{
	if (!script->n_open)
		return NULL;
	for (size_t i = 0; i < script->n; i++) {
		struct scripted *item = &script->item[i];

		if (item->used || !str_eq(item->operation, operation))
			continue;
		item->used = true;
		script->n_open--;
		return &item->behaviour;
	}
	return NULL;
}

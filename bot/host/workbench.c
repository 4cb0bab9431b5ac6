/* Memory that a turn works in. */
#include "bot/host/workbench.h"

#include <stdlib.h>

enum {
	max_step_bytes = 1 << 20,
	max_lists_bytes = 16 << 20,
	max_arenas_kept = 16,
};

static void *checked(void *p)
{
	if (!p)
		abort();
	return p;
}

struct workbench *workbench_new(void)
{
	struct workbench *bench = checked(calloc(1, sizeof *bench));

	bench->posts = bench->lists = arena_new(max_lists_bytes);
	buf_init(&bench->bytes, max_step_bytes);
	return bench;
}

void workbench_free(struct workbench *bench)
{
	if (!bench)
		return;
	while (bench->n_arenas)
		arena_free(bench->arena[--bench->n_arenas]);
	free(bench->arena);
	arena_free(bench->lists);
	buf_release(&bench->bytes);
	free(bench);
}

struct arena *workbench_next(struct workbench *bench)
{
	if (bench->n_busy == bench->n_arenas) {
		bench->arena = checked(
			realloc(bench->arena, (bench->n_arenas + 1) * sizeof(struct arena *)));
		bench->arena[bench->n_arenas++] = arena_new(max_step_bytes);
	}
	arena_reset(bench->arena[bench->n_busy]);
	return bench->arena[bench->n_busy++];
}

void workbench_recycle(struct workbench *bench)
{
	struct arena *first = bench->arena[0];

	bench->arena[0] = bench->arena[bench->n_busy - 1];
	bench->arena[bench->n_busy - 1] = first;
	bench->n_busy = 1;
	while (bench->n_arenas > max_arenas_kept)
		arena_free(bench->arena[--bench->n_arenas]);
}

void workbench_clear(struct workbench *bench)
{
	bench->n_busy = 0;
}

/* The conversation that was read from the tables last. */
#include "adapters/store/glance.h"

#include <stdlib.h>

enum { ARENA_MAX = 256 << 20 };

struct glance {
	struct arena *arena;
	bool is_known;
	struct str name;
	struct kept kept;
};

struct glance *glance_new(void)
{
	struct glance *glance = calloc(1, sizeof(*glance));

	if (!glance)
		abort();
	glance->arena = arena_new(ARENA_MAX);
	return glance;
}

void glance_free(struct glance *glance)
{
	if (!glance)
		return;
	arena_free(glance->arena);
	free(glance);
}

void glance_forget(struct glance *glance)
{
	glance->is_known = false;
}

static void read_row(struct glance *glance, struct sql *sql)
{
	struct kept *kept = &glance->kept;

	if (journal_row_decode(glance->arena, kept->piece.bytes, &kept->row))
		return;
	sql_fail(sql, "piece %lld is damaged", (long long)kept->piece.place.piece);
	kept->row = (struct journal_row){.n_posts = 0};
}

const struct kept *glance_at(struct glance *glance, struct sql *sql, const struct moves *moves,
	uint64_t key, struct str conversation)
{
	struct kept *kept = &glance->kept;

	if (glance->is_known && str_eq(glance->name, conversation))
		return kept;
	arena_reset(glance->arena);
	glance->name = arena_str(glance->arena, conversation);
	kept->row = (struct journal_row){.n_posts = 0};
	if (table_find(sql, moves, key, conversation, glance->arena, &kept->piece))
		read_row(glance, sql);
	glance->is_known = sql_status(sql) == SQL_OK;
	return kept;
}

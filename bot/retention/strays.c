/* Stray uploads. */
#include "bot/retention/strays.h"

enum {
	step_folders = 200, /* only looked at … */
	step_read = 8,      /* … and those whose transcript is read for it */
	arena_bytes = 1 << 20,
	clock_slack_ms = 60 * 1000, /* between a folder's change and that of its newest file */
};

static void leave(struct strays *strays)
{
	uploads_walk_free(strays->walk);
	strays->walk = NULL;
}

void strays_begin(struct strays *strays, int64_t before_ms)
{
	leave(strays);
	strays->before_ms = before_ms;
	strays->n_removed = 0;
	strays->has_failed = false;
	strays->walk = uploads_walk_new(strays->uploads);
}

void strays_stop(struct strays *strays)
{
	leave(strays);
	strays->judged_ms = 0;
}

struct naming {
	struct str *id;
	size_t n;
};

static void look_at_post(void *self, const struct post *post)
{
	struct naming *naming = self;
	struct str named = value_get_text(value_get(post->body, "file"), "id");

	for (size_t i = 0; named.n && i < naming->n; i++)
		if (str_eq(naming->id[i], named))
			naming->id[i].n = 0;
}

/* False: it cannot be known. */
static bool remove_unnamed(struct strays *strays, struct str conversation, struct arena *arena)
{
	struct naming naming = {0};

	naming.n =
		uploads_older(strays->uploads, conversation, strays->before_ms, arena, &naming.id);
	if (naming.n && store_posts(strays->store, conversation, 0, INT32_MAX, look_at_post,
				&naming) != STORE_OK)
		return false;
	for (size_t i = 0; i < naming.n; i++)
		if (naming.id[i].n) {
			uploads_take_back(strays->uploads, conversation, naming.id[i]);
			strays->n_removed++;
		}
	return true;
}

/* What came since the last round's bound was too young then. */
static bool was_judged(const struct strays *strays, const struct uploads_folder *folder)
{
	return folder->changed_ms < strays->judged_ms - clock_slack_ms;
}

static void end_round(struct strays *strays)
{
	leave(strays);
	if (!strays->has_failed)
		strays->judged_ms = strays->before_ms;
}

bool strays_step(struct strays *strays)
{
	struct arena *arena = arena_new(arena_bytes);
	struct uploads_folder folder;
	bool more = strays->walk != NULL;

	for (int looked = 0, read = 0; more && looked < step_folders && read < step_read;
		looked++) {
		more = uploads_walk_next(strays->walk, &folder);
		if (!more || was_judged(strays, &folder))
			continue;
		read++;
		arena_reset(arena);
		if (!remove_unnamed(strays, folder.conversation, arena))
			strays->has_failed = true;
	}
	arena_free(arena);
	if (!more)
		end_round(strays);
	return more;
}

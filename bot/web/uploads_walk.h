/* A walk over the files of all conversations, a folder at a time. */
#ifndef TENSTEP_WEB_UPLOADS_WALK_H
#define TENSTEP_WEB_UPLOADS_WALK_H

#include "bot/web/uploads.h"

struct uploads_walk;

/* NULL: there are no files. */
struct uploads_walk *uploads_walk_new(const struct uploads *uploads) MUST_CHECK;
void uploads_walk_free(struct uploads_walk *walk); /* NULL is fine */

struct uploads_folder {
	struct str conversation; /* until the walk goes on */
	int64_t changed_ms;      /* when a file came or went last, Unix ms */
};
/* The next one; false at the end.  Left out are those whose conversation cannot be told: of a name
 * that is no name of a folder, and written by a build that did not put it beside the files. */
bool uploads_walk_next(struct uploads_walk *walk, struct uploads_folder *folder) MUST_CHECK;

/* The ids of a conversation's files that came before @before_ms, in @arena, and how many; also of
 * what a kill has left of one. */
size_t uploads_older(const struct uploads *uploads, struct str conversation, int64_t before_ms,
	struct arena *arena, struct str **id);

#endif

/* A play while it runs: what the files that play a test share. */
#ifndef TENSTEP_CHATS_CHAT_PLAY_H
#define TENSTEP_CHATS_CHAT_PLAY_H

#include "bot/chats/chat_run.h"

struct play {
	const struct chat_stage *stage;
	struct chat_play *result;
	struct arena *arena;
	struct sandbox *shop;
	struct host *host;
	struct model *model; /* the play's own, after "load" or "publish" */
	char **version_text; /* of the versions it read, freed at the end */
	size_t n_versions;
	struct seen *seen; /* of the turn that is played */
	struct seen_call *all;
	size_t n_all;
	struct seen_item *ended;
	size_t n_ended;
	bool handed_off;
	const struct seen_bubble *screen; /* the last bubbles with buttons */
	size_t n_screen;
	struct event last; /* the last message, for "again" */
	unsigned messages;
	struct buf transcript;
};

/* The play fails at @turn (NULL: before the first one), for no fault of the conversation's. */
void play_cannot(struct play *play, const struct chat_turn *turn, struct str why);
/* What the bot makes of @event becomes part of what the turn shows. */
void play_give(struct play *play, const struct chat_turn *turn, struct event event);

/* chat_version.c: "load" and "publish" put another version of a flow in place. */
void play_use_version(struct play *play, const struct chat_turn *turn);
/* chat_start.c: "start" begins at a step, with slots. */
void play_start_at(struct play *play, const struct chat_turn *turn);

#endif

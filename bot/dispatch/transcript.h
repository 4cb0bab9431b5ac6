/* What is looked up in a conversation's transcript. */
#ifndef TENSTEP_DISPATCH_TRANSCRIPT_H
#define TENSTEP_DISPATCH_TRANSCRIPT_H

#include "bot/dispatch/dispatcher.h"

/* Posts as dispatcher_posts() gives them, copied into @arena. */
struct posts {
	struct post *post;
	size_t n;
	bool hidden; /* transcript_hide() took some out */
};
struct posts transcript_page(struct dispatcher *dispatcher, struct str conversation, uint32_t after,
	int limit, struct arena *arena);

/* Takes out what is not for whoever holds the browser now, see session_hides_before().  What a
 * person of the shop has written since the buyer was there last stays: it is waited for. */
void transcript_hide(struct posts *posts, const struct standing *standing);
/* Whether post @n is there and not hidden. */
bool transcript_shows(struct dispatcher *dispatcher, struct str conversation, uint32_t n,
	const struct standing *standing, struct arena *arena);

/* The label of choice @id of post @n (0: of the newest that offers it, among the last 50); false:
 * it was not offered. */
bool transcript_choice(struct dispatcher *dispatcher, struct str conversation, uint32_t n,
	struct str id, struct arena *arena, struct str *label) MUST_CHECK;

/* The id of the choice that is called @label in the newest post with choices; empty: none is. */
struct str transcript_choice_called(struct dispatcher *dispatcher, struct str conversation,
	struct str label, struct arena *arena);

/* The number of the post that came of message @mid, among the last 200; 0: none. */
uint32_t transcript_of_message(
	struct dispatcher *dispatcher, struct str conversation, struct str mid);

#endif

/* Conversations that wait for a person: in which order, since when, and what happens when nobody
 * comes.  A picture in memory of the store's open cards and of who owns each conversation. */
#ifndef TENSTEP_DESK_DESK_QUEUE_H
#define TENSTEP_DESK_DESK_QUEUE_H

#include "bot/desk/desk.h"
#include "bot/desk/desk_webhook.h"

struct queue;

struct queue *queue_new(const struct desk_setup *setup, struct webhook *webhook) MUST_CHECK;
void queue_free(struct queue *queue);

/* The store's cards have changed: the picture is made anew when the loop turns. */
void queue_look(struct queue *queue);

/* How an open card's conversation stands: "waiting", "with_bot" or "person". */
const char *queue_state(const struct queue *queue, const struct store_card *card);
/* 1 for who is next, of those who wait. */
size_t queue_place(const struct queue *queue, struct str conversation);

#endif

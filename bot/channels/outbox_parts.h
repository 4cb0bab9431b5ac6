/* What the files of the outbox share. */
#ifndef TENSTEP_CHANNELS_OUTBOX_PARTS_H
#define TENSTEP_CHANNELS_OUTBOX_PARTS_H

#include "adapters/store/store_peers.h"
#include "bot/base/table.h"
#include "bot/channels/outbox.h"
#include "bot/channels/outbox_next.h"
#include "bot/common/rate.h"

enum {
	outbox_claim_ms = 30 * 1000,     /* a request on its way is over by then */
	outbox_linger_ms = 5 * 1000,     /* one may be on its way still: not asked about before */
	outbox_answer_bytes = 256 << 10, /* of a platform */
	outbox_error_bytes = 300,
	outbox_max_cards = 64, /* of one round */
};

/* An account that sends. */
struct sender {
	const struct channel_seat *seat;
	struct rate *rate; /* NULL: no limit */
	unsigned under_way;
	int64_t free_ms;   /* nothing goes out before */
	int64_t lost_wait; /* 0: it is not lost */
	int64_t error_ms;
	char error[outbox_error_bytes];
};

/* A request on its way. */
struct parcel {
	struct outbox *outbox;
	struct sender *sender;
	UT_hash_handle hh;
	int64_t post; /* 0: it tells who has the conversation */
	int64_t owner;
	bool last, optional;
	char conversation[];
};

struct outbox {
	struct outbox_setup setup;
	struct dispatcher *dispatcher; /* NULL: not started */
	struct sender *sender;
	struct parcel *parcels;
	struct rate *typing;
	struct loop_timer timer;
	int64_t ahead_ms;    /* the wall clock, of the steady one, when it was last looked at */
	bool woken;          /* during the round */
	struct arena *arena; /* of one round, or of one answer */
	int64_t card[outbox_max_cards];
	size_t n_cards;
};

static inline int64_t outbox_now(const struct outbox *outbox)
{
	return loop_now_ms(outbox->setup.loop);
}

/* --- outbox.c --- */

/* A round comes, after what is under way in this turn of the loop. */
void outbox_wake(struct outbox *outbox);

/* Times of waiting are times of the day, which a restart finds again; when the clock was set,
 * what waits has to wait no longer than before, and was tried for no longer.  Outside of a
 * transaction. */
void outbox_watch_clock(struct outbox *outbox);

/* --- outbox_end.c: how it ended --- */

void outbox_ended(void *self, const struct http_result *result); /* of the struct parcel */
/* The next post is begun anew. */
void outbox_go_past(struct store_peer *peer, int64_t post);
/* A dead letter and a card; the next post has its turn. */
void outbox_give_up(struct outbox *outbox, struct sender *sender, struct store_peer *peer,
	int64_t post, struct str why);
/* Perhaps it was shown. */
void outbox_be_unsure(struct outbox *outbox, struct sender *sender, struct store_peer *peer,
	int64_t post, struct str why);
bool outbox_can_trace(const struct outbox *outbox, const struct sender *sender);
/* Of the cards that were added, after their commit. */
void outbox_tell_cards(struct outbox *outbox);
void outbox_count(const struct sender *sender, struct outbox *outbox, const char *result);

/* --- outbox_round.c: what leaves --- */

/* Whatever is due and may leave does; all claims of a round are one commit. */
void outbox_run_round(void *self);
bool outbox_window_is_over(
	const struct outbox *outbox, const struct sender *sender, const struct store_peer *peer);
/* @parcel NULL: nobody waits for its answer. */
void outbox_send_call(
	struct outbox *outbox, struct parcel *parcel, const struct channel_call *call);

#endif

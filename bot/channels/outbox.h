/* Posts on their way to messaging platforms: each conversation in order, none waiting for another,
 * written down before it leaves and after it arrived, so that a kill at any moment loses nothing.
 *
 *   dispatcher: expect() ─ peer row due ─┐ one commit          ┌> claimed, committed ─> HTTP ─┐
 *   posts of the turn ───────────────────┘ ─> posted() ─> round                               │
 *                                                 ^ └ next part, next post, nothing <─ judged ┘
 *
 * A request whose outcome is unknown (no whole answer, or a kill while it was on its way) is sent
 * again at once where the platform knows its key; where it can be asked, it is asked first, and
 * it is sent again when it is not there; elsewhere once more, after 30 s: a text twice is
 * better than silence, and buttons act once.  Then, or after 24 hours of trying, or when the
 * platform will not take it or lets nobody write there, it is a dead letter, and a person finds a
 * card at the desk. */
#ifndef TENSTEP_CHANNELS_OUTBOX_H
#define TENSTEP_CHANNELS_OUTBOX_H

#include "adapters/net/http_client.h"
#include "bot/config/serve_config.h"
#include "bot/dispatch/dispatcher.h"

struct outbox;

/* Whether a request that may have been carried out was. */
enum outbox_trace {
	OUTBOX_TRACE_NONE, /* nobody can tell: as above */
	OUTBOX_THERE,      /* the platform shows it: it is not sent again */
	OUTBOX_ABSENT,     /* it does not: it is sent again */
	OUTBOX_ASKING,     /* it is being asked: in a moment */
};

/* Whether a conversation may be written to. */
enum outbox_leave {
	OUTBOX_LEAVE,
	OUTBOX_LEAVE_NOT,   /* the platform says so: what is to be sent is given up */
	OUTBOX_LEAVE_ASKED, /* it is being asked: in a moment */
};

/* Where a picture is at the platform. */
enum outbox_picture {
	OUTBOX_PICTURE,
	OUTBOX_PICTURE_NOT,   /* it cannot be brought there */
	OUTBOX_PICTURE_ASKED, /* it is being brought: in a moment */
};

struct outbox_setup {
	struct loop *loop;
	struct store *store;
	struct http_client *client;
	const struct channel_seat *seat;
	size_t n_seats;
	struct str secret; /* makes the keys of messages; the same after a restart */
	struct log *log;
	struct metrics *metrics;
	/* A card was committed: something could not be shown.  May be NULL. */
	void (*handed_off)(void *self, const struct store_card *card);
	/* Adds to a request what the codec does not know (a token that is renewed).  False: not
	 * now.  May be NULL. */
	bool (*authorise)(void *self, const struct channel_seat *seat, struct channel_call *call,
		struct arena *arena);
	/* For platforms that do not know a repeat, but show what was sent.  May be NULL. */
	enum outbox_trace (*trace)(void *self, const struct channel_seat *seat, struct str peer,
		const struct channel_call *call);
	/* For platforms that say which conversations may be written to; asked before each request
	 * that shows something.  May be NULL: all may. */
	enum outbox_leave (*leave)(void *self, const struct channel_seat *seat, struct str peer);
	/* The platform has shown a message of ours, under this id; in the transaction that says so.
	 * May be NULL. */
	void (*shown)(
		void *self, const struct channel_seat *seat, struct str peer, struct str message);
	/* A post was refused for good.  May be NULL. */
	void (*refused)(void *self, const struct channel_seat *seat, struct str peer);
	/* For platforms that want pictures brought before they are shown: @picture is {file} of
	 * that conversation or {address} on the web; *there is what encode() wants, in @arena, or
	 * *why is a line.  May be NULL: there are none. */
	enum outbox_picture (*picture)(void *self, const struct channel_seat *seat,
		struct str conversation, const struct value *picture, struct arena *arena,
		const struct value **there, struct str *why);
	void *authorise_self; /* of these six */
	/* Where pictures on the web may come from ("https://img.shop.example"). */
	const struct str *image_origin;
	size_t n_image_origins;
	void *self;
};
/* Before the dispatcher; sends from outbox_start() on. */
struct outbox *outbox_new(const struct outbox_setup *setup) MUST_CHECK;
void outbox_start(struct outbox *outbox, struct dispatcher *dispatcher);
/* Before the dispatcher and the client; what is on its way is as after a kill.  NULL is fine. */
void outbox_free(struct outbox *outbox);

/* The account a conversation belongs to by its name, "NAME:peer"; NULL: none. */
const struct channel_seat *outbox_seat(const struct outbox *outbox, struct str conversation);

/* For the dispatcher's courier. */
void outbox_expect(struct outbox *outbox, struct str conversation);
void outbox_posted(struct outbox *outbox, struct str conversation);
void outbox_typing(struct outbox *outbox, struct str conversation);

/* How an account stands, beside what store_account() counts. */
struct outbox_account {
	unsigned under_way;
	bool lost;        /* the platform refuses the account; tried again at @free_ms */
	int64_t free_ms;  /* nothing goes out before; 0: it may */
	int64_t error_ms; /* when the last error was; 0: none since the start */
	const char *error;
};
struct outbox_account outbox_account(const struct outbox *outbox, size_t seat);

#endif

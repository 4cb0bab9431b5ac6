/* Conversations on messaging platforms: where they are, and how far what was said in them is shown
 * there.  The transcript is what is to be sent; a peer is a place in it.  See store.h for
 * transactions. */
#ifndef TENSTEP_ADAPTERS_STORE_PEERS_H
#define TENSTEP_ADAPTERS_STORE_PEERS_H

#include "adapters/store/store.h"

struct store_peer {
	struct str conversation, account, peer;
	struct str ticket; /* the newest that came with a message; may be empty */
	int64_t ticket_ms; /* when; all times in Unix ms */
	int64_t heard_ms;  /* when the buyer last wrote */
	int64_t shown;     /* posts up to this one are shown, given up, or not for showing */
	int64_t part;      /* so many requests of the next one arrived */
	int64_t next_ms;   /* when to look again; 0: nothing waits */
	int64_t since_ms;  /* when the next post was first tried; 0: not yet */
	int64_t tries;     /* of it */
	int64_t unclear;   /* so many of them may have been shown */
	int64_t sent_ms;   /* when a request last arrived */
	bool claimed;      /* a request is on its way, or was when the program ended */
	int64_t owner;     /* who has it, as the platform was last told; 0: the bot */
	struct str error;  /* of the last try; empty: it arrived */
};

/* The buyer wrote: account, peer, heard_ms, and the ticket if there is one; made when it is new. */
void store_hear_peer(struct store *store, const struct store_peer *peer);
/* Something may be said: looked at by @at_ms, or sooner if that was planned. */
void store_wake_peer(struct store *store, struct str conversation, int64_t at_ms);
/* How the sending stands: shown … error.  One that was forgotten stays so. */
void store_put_peer(struct store *store, const struct store_peer *peer);
/* In @arena; STORE_NONE. */
enum store_status store_peer(struct store *store, struct str conversation, struct arena *arena,
	struct store_peer *peer) MUST_CHECK;
/* Those of one account with something to look at up to @until_ms, soonest first, at most @limit
 * and 256; slices live during the call, in which nothing is changed. */
typedef void store_peer_function(void *self, const struct store_peer *peer);
enum store_status store_peers_due(struct store *store, struct str account, int64_t until_ms,
	int limit, store_peer_function *each, void *self) MUST_CHECK;
/* When the first of an account is to be looked at; 0: none. */
int64_t store_peers_next(struct store *store, struct str account);
/* What was on its way when the program ended is tried again at once: for platforms that know a
 * repeat.  A transaction of its own. */
enum store_status store_release_claims(
	struct store *store, struct str account, int64_t at_ms) MUST_CHECK;
/* Those of an account that wait for a time after @after_ms wait @by_ms less, but none for less than
 * @least_ms: the clock was set back.  A transaction of its own. */
enum store_status store_hasten_peers(struct store *store, struct str account, int64_t after_ms,
	int64_t by_ms, int64_t least_ms) MUST_CHECK;

/* Those of an account that try to send have tried since @by_ms later: the clock was set.  A
 * transaction of its own. */
enum store_status store_move_tries(
	struct store *store, struct str account, int64_t by_ms) MUST_CHECK;

/* A picture of ours that a platform keeps. */
struct store_picture {
	struct str account;
	struct str digest; /* of its bytes, SHA-256 in hexadecimal digits */
	struct str url;    /* the platform's */
	int64_t width, height;
	int64_t at_ms; /* when it was brought there */
};
/* In place of what was known of it. */
void store_put_picture(struct store *store, const struct store_picture *picture);
/* In @arena; STORE_NONE. */
enum store_status store_picture(struct store *store, struct str account, struct str digest,
	struct arena *arena, struct store_picture *picture) MUST_CHECK;

/* Posts that could not be shown. */
struct store_dead_letter {
	int64_t id;
	struct str conversation, account;
	int64_t post, at_ms;
	struct str why;
};
void store_add_dead_letter(struct store *store, const struct store_dead_letter *letter);
/* The newest first, at most 1,000; @account empty: of all. */
typedef void store_dead_letter_function(void *self, const struct store_dead_letter *letter);
enum store_status store_dead_letters(struct store *store, struct str account,
	store_dead_letter_function *each, void *self) MUST_CHECK;

struct store_account {
	int64_t peers, waiting, dead;
	int64_t oldest_ms; /* since when the longest waiting one is tried; 0: none */
};
enum store_status store_account(
	struct store *store, struct str account, struct store_account *counts) MUST_CHECK;

#endif

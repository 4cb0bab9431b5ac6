/* A messaging platform as the program knows it: one table of pure functions that turn its bytes
 * into what was said, and what we say into its requests.  What all platforms share (HTTP, the
 * durable inbox and outbox, retries, rates, identity, splitting of long texts) is bot/app's and
 * this folder's; a codec knows its platform and nothing else, and no codec knows another.
 *
 *   platform ── webhook ──> codec.take ──> letters, committed ──> the answer that take() gave
 *   post, committed ──> outbox ──> codec.encode ──> requests ──> codec.judge ──> sent | again |
 * never
 *
 * Wire facts stand in each codec's README.md with their source. */
#ifndef TENSTEP_ADAPTERS_CHANNEL_H
#define TENSTEP_ADAPTERS_CHANNEL_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"
#include "bot/engine/post.h"

/* --- what the configuration has of one account --- */

enum channel_setting_kind {
	CHANNEL_SETTING_TEXT,
	CHANNEL_SETTING_SECRET, /* {"file": …} or {"env": …}, never shown */
	CHANNEL_SETTING_URL,    /* base address of the platform's API; http:// on loopback only */
	CHANNEL_SETTING_SWITCH, /* "true" or "" */
};
struct channel_setting {
	const char *name, *help;
	enum channel_setting_kind kind;
	bool required;
	const char *fallback;        /* NULL: empty */
	size_t min_bytes, max_bytes; /* of a text or secret; 0: no bound but the shared ones */
};

/* One account: a bot, a number, a page.  @value has one entry a setting, in the codec's order. */
struct channel_account {
	struct str name; /* "telegram", or what the configuration calls it; unique */
	const struct str *value;
};

/* --- in --- */

enum channel_event_kind {
	CHANNEL_TEXT,
	CHANNEL_PRESS, /* @text is a payload of ours, @label what the buyer saw, if known */
	CHANNEL_ATTACHMENT,
	CHANNEL_EDITED, /* the buyer changed what is said already: counts as TEXT while nobody has
			   answered it, else nothing */
	CHANNEL_CLOSED, /* the platform gave the conversation to a person, or the buyer left */
};

struct channel_event {
	enum channel_event_kind kind;
	struct str peer; /* the conversation at the platform, 1–200 bytes of printable ASCII without
			    blanks: with the account's name it is ours */
	struct str
		id; /* the same message has the same id, however often it comes; unique in @peer */
	struct str text, label;
	struct {
		struct str kind; /* "image", "voice", "video", "file", "place", "sticker" */
		struct str id, name, type; /* where the platform keeps it */
		int64_t bytes;             /* 0: not told */
	} file;
	struct str user, user_name; /* the platform's; a name is for people's eyes only */
	struct str language;        /* "pt-BR"; empty: not told */
	/* What later answers need and only this event has: a reply token, an interaction's token.
	 * Kept with the conversation, given back to encode() with the time it came. */
	struct str ticket;
	/* The platform vouches for the buyer: the order service's id of them.  Empty: nobody does.
	 */
	struct str buyer;
	int64_t at_ms; /* by the platform's clock; 0: not told */
};

/* A request to one of our addresses, /channels/NAME or below it. */
struct channel_request {
	struct str method, rest, query, body; /* @rest: the path behind /channels/NAME */
	struct str (*header)(const void *inside, const char *lower_case_name);
	const void *inside;
	int64_t now_ms;
};

struct channel_taken {
	unsigned status; /* of our answer, sent when all events are on disk; 401, 403: not believed
			  */
	struct str type, body;
	const struct channel_event *event;
	size_t n_events;
	const char *why; /* a word for metrics and the log when it was refused or passed over:
			    "signature", "replay", "echo", "receipt", "unknown"; never private */
};

/* --- out --- */

struct channel_call {
	struct str method, url;
	const struct str *headers; /* "Name: value" */
	size_t n_headers;
	struct str body;
	/* A typing sign, a stopped spinner: its failure holds nothing up.  Before the request that
	 * shows something it goes beside it, at each try, and may be there at one and not at the
	 * next; behind it, it has its turn. */
	bool optional;
};

/* What a post goes to. */
struct channel_peer {
	struct str peer;
	struct str ticket; /* the newest one; empty: none */
	int64_t ticket_ms; /* when it came */
	int64_t heard_ms;  /* when the buyer last wrote: for windows */
	int64_t sent_ms;   /* when something last arrived there; 0: never */
	unsigned tries;    /* how often this very request went out before */
	int64_t now_ms;
	struct str
		key; /* of this post, the same at each try: 16 bytes of chance as 32 hex digits */
};

enum channel_verdict {
	CHANNEL_SENT,
	CHANNEL_AGAIN,   /* surely not shown: 429, 5xx that says so, no connection */
	CHANNEL_UNCLEAR, /* perhaps shown: sent again at once where the platform knows @key,
			    elsewhere once, later */
	CHANNEL_NEVER,   /* this post cannot be sent: dead letter, a person is told */
	CHANNEL_LOST,    /* the account is refused (token): nothing goes out until it is mended */
};
struct channel_judgement {
	enum channel_verdict verdict;
	int64_t wait_ms;    /* AGAIN: what the platform asked for; -1: nothing */
	struct str why;     /* one line for the log, from the platform's words; no tokens in it */
	struct str message; /* SENT: the platform's id of the message, if any */
};
struct channel_answer {
	unsigned status;
	struct str body, type;
	int64_t retry_after_ms; /* -1: none */
	int64_t now_ms, date_ms; /* by our clock, and by theirs; 0: not told */
};

struct channel_pulled {
	enum channel_verdict verdict; /* SENT: it is an answer; else as of judge() */
	int64_t wait_ms;
	struct str why;
	const struct str *body;
	size_t n_bodies;
	struct str cursor;
};

/* --- limits, as data --- */

enum channel_unit { CHANNEL_BYTES, CHANNEL_UTF16, CHANNEL_CHARACTERS, CHANNEL_GRAPHEMES };
struct channel_limit {
	size_t most; /* 0: there is no such thing on this platform */
	enum channel_unit unit;
};
struct channel_limits {
	struct channel_limit text;          /* of one message */
	struct channel_limit question_text; /* of one message with buttons; most 0: as text */
	size_t buttons;                     /* of one message; more become a numbered list */
	size_t list_rows;                   /* a list that opens, where there is one; 0: none */
	struct channel_limit label, row_label, payload;
	bool pictures; /* encode() shows one: see outbox_next.h */
	bool cards; /* encode() shows an order's card natively: it stays, in place of its words */
	unsigned per_s, per_peer_per_s; /* requests; 0: not limited */
	int64_t per_peer_ms;            /* at least this long between two to one peer; 0 */
	int64_t window_ms;              /* after the buyer's last message; 0: for ever */
	int64_t answer_ms;              /* the platform gives up on a webhook after this time */
};

struct channel {
	const char *name, *about; /* "telegram", "Telegram Bot API" */
	const struct channel_setting *setting;
	size_t n_settings;
	struct channel_limits limits;
	bool borrows; /* its requests need what only the server has, a shop's tokens */
	bool resends; /* @key makes a repeat harmless: UNCLEAR is tried again at once */

	/* Reads one request.  Believes nothing before the signature over the raw bytes is checked,
	 * in constant time.  Everything it gives is in @arena or points into the request. */
	struct channel_taken (*take)(const struct channel_account *account,
		const struct channel_request *request, struct arena *arena);
	/* The headers that it reads beside Authorization and Content-Type: lower-case names, up to
	 * eight, then NULL.  NULL: none. */
	const char *const *headers;

	/* The requests that show @post, in order: usually one.  @post fits the limits already: see
	 * channel_fit().  0: there is nothing to show there (a note). */
	size_t (*encode)(const struct channel_account *account, const struct channel_peer *peer,
		const struct post *post, struct arena *arena, const struct channel_call **calls);
	struct channel_judgement (*judge)(const struct channel_account *account,
		const struct channel_answer *answer, struct arena *arena);

	/* Someone writes: shown as typing, or NULL where there is none. */
	bool (*typing)(const struct channel_account *account, const struct channel_peer *peer,
		struct arena *arena, struct channel_call *call);
	/* A person takes over or hands back; NULL where the platform need not know. */
	bool (*owner)(const struct channel_account *account, const struct channel_peer *peer,
		bool person, struct arena *arena, struct channel_call *call);
	/* The request that makes the platform call @address, for `tenstep channels register`; NULL
	 * where people do that on a page of the platform. */
	size_t (*enroll)(const struct channel_account *account, struct str address,
		struct arena *arena, const struct channel_call **calls);

	/* What is wrong between settings that are good each for itself, or NULL.  May be NULL. */
	const char *(*fault)(const struct channel_account *account);

	/* Platforms that are asked for what is new; NULL where everything is brought.  pull() gives
	 * the request behind @cursor (empty: from the beginning), false when this account does not
	 * ask; pulled() takes its answer apart: each body is given to take() as a POST, and when
	 * all is on disk the next request is made with the new cursor.  Requests of the world
	 * outside are not given to take() while an account asks. */
	bool (*pull)(const struct channel_account *account, struct str cursor, struct arena *arena,
		struct channel_call *call);
	struct channel_pulled (*pulled)(const struct channel_account *account, struct str cursor,
		const struct channel_answer *answer, struct arena *arena);
};

#endif

/* Accounts whose events come over a WebSocket that we open (Slack's Socket Mode, Discord's
 * Gateway): a line an account, the tries to get it up, and what is being stored meanwhile.  What is
 * said on a line is the platform's own (slack_sockets.c, discord_gateways.c). */
#ifndef TENSTEP_CHANNELS_CHANNEL_SOCKET_H
#define TENSTEP_CHANNELS_CHANNEL_SOCKET_H

#include "adapters/net/socket_client.h"
#include "bot/channels/channels.h"

struct channel_socket_setup { /* all of it is the caller's and outlives the sockets */
	struct loop *loop;
	struct http_client *client;
	struct channels *channels;
	const struct channel_seat *seat;
	size_t n_seats;
	struct log *log;
};

/* All accounts of one platform. */
struct channel_sockets;

/* One account.  The platform's own struct begins with it. */
struct channel_line {
	struct channel_sockets *all;
	const struct channel_seat *seat;
	struct loop_timer timer; /* until the next try; the platform's while there is a socket */
	unsigned failures;       /* in a row; the platform makes it 0 when the line is up */
	bool asking;             /* for an address, by HTTP */
};

/* Something that is being stored.  The platform's own struct begins with it and is in @arena, which
 * goes with it. */
struct channel_receipt {
	struct channel_receipt *prev, *next;
	struct channel_line *line;
	struct arena *arena;
};

struct channel_socket_platform {
	const char *no_library; /* for the log: "Socket Mode does not work" */
	const char *no_line;    /* "Slack's socket cannot be opened" */
	size_t line_bytes;      /* of the platform's own line, which begins zeroed */
	/* Whether an account asks for a line. */
	bool (*wants)(const struct channel_seat *seat);
	/* A try, when its time has come: channel_line_ask() or, with an address at hand, at once.
	 */
	void (*connect)(struct channel_line *line);
	/* The request for an address, and the address in its answer; empty with @why, and @lost
	 * when there is no use in asking again soon. */
	struct channel_call (*address)(const struct channel_account *account, struct arena *arena);
	struct str (*address_read)(const struct channel_account *account,
		const struct channel_answer *answer, struct arena *arena, bool *lost,
		struct str *why);
	void (*open)(struct channel_line *line, struct str url);
	/* What is open ends, and nothing is heard of it any more. */
	void (*leave)(struct channel_line *line);
	/* On disk, or (@is_stored false) to be given again.  The receipt goes afterwards. */
	void (*stored)(struct channel_receipt *receipt, bool is_stored);
};

/* Tries each account's line at once.  NULL: no account asks for one, or (logged) the library cannot
 * be started. */
struct channel_sockets *channel_sockets_new(const struct channel_socket_platform *platform,
	const struct channel_socket_setup *setup) MUST_CHECK;
/* Before the channels and the client.  NULL is fine. */
void channel_sockets_free(struct channel_sockets *all);

/* --- for the platforms --- */

const struct channel_socket_setup *channel_line_setup(const struct channel_line *line);
struct socket_client *channel_line_client(const struct channel_line *line);
/* For one call: what an earlier one left in it is gone. */
struct arena *channel_line_arena(const struct channel_line *line);

/* An answer becomes open(), or another try. */
void channel_line_ask(struct channel_line *line);
void channel_line_try_in(struct channel_line *line, int64_t ms);
/* Says so in the log, and tries again: 5 s after the first failure in a row, 10 s after the second,
 * up to a minute; ten minutes when the platform @refused. */
void channel_line_fail(struct channel_line *line, bool refused, struct str why);

/* Gives @taken to be stored; stored() comes once, perhaps from inside.  @receipt is the platform's
 * own, in @arena with all that @taken says. */
void channel_line_hear(struct channel_line *line, const struct channel_taken *taken,
	struct channel_receipt *receipt, struct arena *arena);
/* The first of what is being stored; more by @next. */
struct channel_receipt *channel_line_receipts(const struct channel_line *line);

#define CHANNEL_LINE_TELL(line, level, what, ...)                                                  \
	LOG(channel_line_setup(line)->log, (level), loop_now_ms(channel_line_setup(line)->loop),   \
		(what), log_word("channel", (line)->seat->account.name), __VA_ARGS__)

#endif

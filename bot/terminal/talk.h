/* A chat on the command line: the shop, the store, the content and the host, opened and closed
 * together. */
#ifndef TENSTEP_TERMINAL_TALK_H
#define TENSTEP_TERMINAL_TALK_H

#include "adapters/order/sandbox/sandbox.h"
#include "bot/common/options.h"
#include "bot/host/host.h"
#include "bot/terminal/talk_record.h"

enum { max_line_bytes = 1 << 16, max_turns_back = 50 };

struct talk {
	/* what was asked for */
	struct options options;
	const char *buyer;   /* vouched for; NULL: nobody */
	const char *name;    /* of the conversation; NULL: one for each buyer */
	const char *fixture; /* of a shop in memory; NULL: the demo shop */
	bool memory;         /* nothing is kept on disk */
	bool fresh;
	int64_t start_ms;
	uint64_t seed;

	/* what is open */
	char *folder; /* NULL in memory */
	struct content *content;
	struct model *model;
	struct store *store; /* NULL in memory */
	struct sandbox *sandbox;
	struct order_api *shop; /* of the sandbox */
	struct host *host;
	struct arena *arena;             /* names */
	struct str buyer_name;           /* as the shop knows the buyer */
	struct record record;            /* for :save-test */
	struct buf past[max_turns_back]; /* sessions before the last turns, newest last */
	size_t n_past;
};

/* Opens all of it; false after a message on stderr.  talk_close() in either case. */
bool talk_open(struct talk *talk) MUST_CHECK;
void talk_close(struct talk *talk);

/* The first turns: what a kill had interrupted and who is writing.  @each is given what is said. */
bool talk_begin(struct talk *talk, void (*each)(void *self, const struct host_turn *turn),
	void *self) MUST_CHECK;

/* What the buyer does, recorded and kept for going back.  NULL: see host_turn(). */
const struct host_turn *talk_turn(struct talk *talk, const struct event *event);
const struct host_turn *talk_after(struct talk *talk, int64_t ms);

/* Goes back @n turns; false with nothing changed if there were not so many. */
bool talk_back(struct talk *talk, size_t n) MUST_CHECK;
/* The conversation begins anew; the shop stays as it is. */
bool talk_restart(struct talk *talk) MUST_CHECK;
/* Reads the content again.  Broken content is told in @diags, and the last good one stays. */
bool talk_reload(struct talk *talk, struct diags *diags) MUST_CHECK;

#endif

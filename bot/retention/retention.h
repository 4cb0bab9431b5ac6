/* What is not kept for ever: conversations that nobody has written in for long, as thoroughly as a
 * buyer's "forget" erases one, and uploads that no message has named.  Looked for every hour, in
 * small pieces between the turns; what a kill interrupts is gone on with after the next start. Only
 * by a date that can be believed (calendar.h). */
#ifndef TENSTEP_RETENTION_RETENTION_H
#define TENSTEP_RETENTION_RETENTION_H

#include "bot/dispatch/dispatcher.h"
#include "bot/web/uploads.h"

struct retention;

struct retention_setup {
	struct loop *loop;
	struct store *store;
	struct dispatcher *dispatcher;
	struct uploads *uploads;
	struct log *log;
	struct metrics *metrics;
	int64_t conversations_s, uploads_s; /* how long they are kept; 0: for ever */
};
struct retention *retention_new(const struct retention_setup *setup) MUST_CHECK;
void retention_free(struct retention *retention); /* NULL is fine */

#endif

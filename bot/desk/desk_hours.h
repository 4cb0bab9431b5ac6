/* Opening hours of the desk, in the shop's own time with its summer and winter. */
#ifndef TENSTEP_DESK_DESK_HOURS_H
#define TENSTEP_DESK_DESK_HOURS_H

#include "bot/base/buf.h"
#include "bot/config/serve_config.h"

/* Whether somebody is there at @now (Unix seconds) by the opening hours, and when next (0: not
 * within a week, or open now); for the shop.info of the flows.  Without hours it is always open.
 * The first call of a process should be made before there are other threads: it sets TZ. */
bool desk_open(const struct serve_config *config, int64_t now, int64_t *opens_at);

/* Whether nobody is written to by itself now ("promises", quiet); *ends_at: until when (0: not
 * quiet). */
bool desk_quiet(const struct serve_config *config, int64_t now, int64_t *ends_at);

/* Adds "today at 14:00", "tomorrow at 09:00" or "Monday at 09:00". */
void desk_when(const struct serve_config *config, int64_t now, int64_t at, struct buf *out);
/* Adds "2026-11-30 09:00", in the same zone. */
void desk_when_plain(const struct serve_config *config, int64_t at, struct buf *out);

#endif

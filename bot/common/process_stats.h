/* What this process uses, as Linux tells it in /proc/self (proc(5)). */
#ifndef TENSTEP_COMMON_PROCESS_STATS_H
#define TENSTEP_COMMON_PROCESS_STATS_H

#include "bot/base/str.h"

/* What cannot be read is negative. */
struct process_stats {
	double cpu_s;   /* user and system */
	double start_s; /* Unix time */
	double resident_bytes, virtual_bytes;
	double open_fds, max_fds;
};
struct process_stats process_stats_read(void);

#endif

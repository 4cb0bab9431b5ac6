/* A wall clock that a test moves, for the whole of its program, while the steady one goes on; or
 * both, as if the program had been held up.  Included by the test's own file only. */
#ifndef TENSTEP_TESTS_MOVED_CLOCK_H
#define TENSTEP_TESTS_MOVED_CLOCK_H

#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t shift_s; /* of the wall clock */
static int64_t held_s;  /* of both clocks */

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int status = (int)syscall(SYS_clock_gettime, clock, now);

	if (status == 0)
		now->tv_sec += held_s + (clock == CLOCK_REALTIME ? shift_s : 0);
	return status;
}

/* What libev asks. */
int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec fine;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &fine);
	*now = (struct timeval){fine.tv_sec, fine.tv_nsec / 1000};
	return 0;
}

#endif

/* To be loaded before a program: its date is TENSTEP_TEST_CLOCK seconds from ours, or as many as
 * the file of that name says at the moment. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long said_in(const char *path)
{
	char text[32] = "";
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = file < 0 ? 0 : read(file, text, sizeof text - 1);

	if (file >= 0)
		close(file);
	return n > 0 ? strtol(text, NULL, 10) : 0;
}

static long shift_s(void)
{
	const char *text = getenv("TENSTEP_TEST_CLOCK");

	return !text ? 0 : *text == '/' ? said_in(text) : strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int status = (int)syscall(SYS_clock_gettime, clock, now);

	if (status == 0 && clock == CLOCK_REALTIME)
		now->tv_sec += shift_s();
	return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec fine;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &fine) != 0)
		return -1;
	now->tv_sec = fine.tv_sec;
	now->tv_usec = fine.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *at)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	if (at)
		*at = now.tv_sec;
	return now.tv_sec;
}

/* A disk that takes 2 ms longer to write: what of the server's speed hangs on it?
 *
 *   LD_PRELOAD=build/bench/tests/slow_disk.so build/bench/tests/bench_serve FOLDER turns */
#define _GNU_SOURCE /* syscall */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int fdatasync(int fd)
{
	static const struct timespec more = {.tv_nsec = 2000000};
	long result = syscall(SYS_fdatasync, fd);

	(void)nanosleep(&more, NULL);
	return (int)result;
}

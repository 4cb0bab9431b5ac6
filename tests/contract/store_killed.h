/* A child that works on a store, tells through a pipe how far it is, and is killed. */
#ifndef TENSTEP_TESTS_STORE_KILLED_H
#define TENSTEP_TESTS_STORE_KILLED_H

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/contract/store_home.h"

/* Works from number @n on and writes each int64_t that is done to @pipe_end; never returns. */
typedef void store_work(const char *path, int64_t n, int pipe_end);

/* Kills the child @microseconds after the first thing it told; the last one that it told, or @n
 * - 1. */
static inline int64_t store_kill_at_work(
	store_work *work, const char *path, int64_t n, long microseconds)
{
	struct timespec while_it_works = {0, microseconds * 1000};
	int64_t told, last = n - 1;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		work(path, n, ends[1]);
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], &told, sizeof(told)) == sizeof(told))
		last = told;
	nanosleep(&while_it_works, NULL);
	kill(child, SIGKILL);
	while (read(ends[0], &told, sizeof(told)) == sizeof(told))
		last = told;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last;
}

#endif

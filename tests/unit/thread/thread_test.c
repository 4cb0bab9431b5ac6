/* What a thread begins with, and what is said of it. */
#define _GNU_SOURCE /* SCHED_BATCH */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "adapters/thread/thread.h"

struct seen {
	pthread_barrier_t named;
	char name[16];
	bool hears_stop, hears_user; /* SIGTERM, SIGUSR1 */
};

static bool hears(int signal)
{
	sigset_t blocked;

	return pthread_sigmask(SIG_SETMASK, NULL, &blocked) || !sigismember(&blocked, signal);
}

static void *look(void *self)
{
	struct seen *seen = self;

	pthread_barrier_wait(&seen->named);
	seen->hears_stop = hears(SIGTERM);
	seen->hears_user = hears(SIGUSR1);
	(void)prctl(PR_GET_NAME, seen->name);
	return NULL;
}

static struct seen begin_and_join(const char *name)
{
	struct seen seen = {.hears_stop = true, .hears_user = true};
	pthread_t thread;

	assert_int_equal(pthread_barrier_init(&seen.named, NULL, 2), 0);
	assert_true(thread_begin(&thread, name, look, &seen));
	pthread_barrier_wait(&seen.named);
	assert_int_equal(pthread_join(thread, NULL), 0);
	pthread_barrier_destroy(&seen.named);
	return seen;
}

static void thread_begin__is_blocked_to_every_signal(void **state)
{
	struct seen seen = begin_and_join("tenstep-test");

	(void)state;
	assert_false(seen.hears_stop);
	assert_false(seen.hears_user);
}

static void thread_begin__leaves_signals_to_who_began_it(void **state)
{
	(void)state;
	(void)begin_and_join("tenstep-test");
	assert_true(hears(SIGTERM));
	assert_true(hears(SIGUSR1));
}

static void thread_begin__has_its_name(void **state)
{
	(void)state;
	assert_string_equal(begin_and_join("tenstep-test").name, "tenstep-test");
	assert_string_equal(begin_and_join("fifteen-letters").name, "fifteen-letters");
}

static void *be_brief(void *self)
{
	bool *same = self;

	assert_int_equal(setpriority(PRIO_PROCESS, 0, 3), 0); /* of this thread alone */
	(void)thread_is_brief(); /* where it may not be said nothing changes either */
	*same = getpriority(PRIO_PROCESS, 0) == 3 && sched_getscheduler(0) == SCHED_OTHER;
	return NULL;
}

static void thread_is_brief__keeps_what_the_operator_has_said(void **state)
{
	pthread_t thread;
	bool same = false;

	(void)state;
	assert_true(thread_begin(&thread, "tenstep-test", be_brief, &same));
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(same);
}

static void *be_patient(void *self)
{
	int *nice = self;

	if (*nice)
		assert_int_equal(setpriority(PRIO_PROCESS, 0, *nice), 0);
	*nice = thread_is_patient() ? getpriority(PRIO_PROCESS, 0) : -1;
	if (*nice >= 0)
		assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
	return NULL;
}

static int nice_of_patient(int nice)
{
	pthread_t thread;

	assert_true(thread_begin(&thread, "tenstep-test", be_patient, &nice));
	assert_int_equal(pthread_join(thread, NULL), 0);
	return nice;
}

static void thread_is_patient__lets_others_in_and_takes_no_right_back(void **state)
{
	int own = getpriority(PRIO_PROCESS, 0); /* these tests may be run patiently themselves */

	(void)state;
	if (nice_of_patient(0) == -1)
		skip(); /* it may not be said here */
	assert_int_equal(nice_of_patient(0), own > 10 ? own : 10);
	assert_int_equal(nice_of_patient(own > 15 ? own : 15), own > 15 ? own : 15);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), own); /* of this thread */
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thread_begin__is_blocked_to_every_signal),
		cmocka_unit_test(thread_begin__leaves_signals_to_who_began_it),
		cmocka_unit_test(thread_begin__has_its_name),
		cmocka_unit_test(thread_is_brief__keeps_what_the_operator_has_said),
		cmocka_unit_test(thread_is_patient__lets_others_in_and_takes_no_right_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

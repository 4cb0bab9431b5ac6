/* How a thread begins. */
#define _GNU_SOURCE /* pthread_setname_np, syscall */
#include "adapters/thread/thread.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATIENT_NICE = 10 };

bool thread_begin(pthread_t *thread, const char *name, void *(*run)(void *self), void *self)
{
	sigset_t all, before;
	bool begun;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before))
		return false;
	begun = pthread_create(thread, NULL, run, self) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (begun)
		(void)pthread_setname_np(*thread, name);
	return begun;
}

/* sched_setattr(2); the system's header cannot be included beside <sched.h>. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_ns, deadline_ns, period_ns;
};

static bool get(struct attributes *own)
{
	return syscall(SYS_sched_getattr, 0, own, sizeof(*own), 0) == 0;
}

static bool set(struct attributes *own)
{
	return syscall(SYS_sched_setattr, 0, own, 0) == 0;
}

bool thread_is_brief(void)
{
	struct attributes own = {0};

	if (!get(&own))
		return false;
	own.runtime_ns = 100000; /* the shortest that there is */
	return set(&own);
}

bool thread_is_patient(void)
{
	struct attributes own = {0};

	if (!get(&own))
		return false;
	if (own.policy == SCHED_OTHER)
		own.policy = SCHED_BATCH;
	if (own.nice < PATIENT_NICE)
		own.nice = PATIENT_NICE;
	return set(&own);
}

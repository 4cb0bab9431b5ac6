/* A second thread. */
#include "adapters/store/helper.h"

#include <assert.h>
#include <stdlib.h>

#include "adapters/thread/thread.h"

struct helper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	helper_work *work; /* NULL: there is none, or it is done */
	void *self;
	const char *name;
	enum helper_manner manner;
	bool is_there, ends;
};

struct helper *helper_new(const char *name, enum helper_manner manner)
{
	struct helper *helper = calloc(1, sizeof(*helper));

	if (!helper || pthread_mutex_init(&helper->lock, NULL) ||
		pthread_cond_init(&helper->changed, NULL))
		abort();
	helper->name = name;
	helper->manner = manner;
	return helper;
}

static void *run(void *self)
{
	struct helper *helper = self;

	(void)(helper->manner == HELPER_BRIEF ? thread_is_brief() : thread_is_patient());
	pthread_mutex_lock(&helper->lock);
	while (!helper->ends) {
		if (!helper->work) {
			pthread_cond_wait(&helper->changed, &helper->lock);
			continue;
		}
		pthread_mutex_unlock(&helper->lock);
		helper->work(helper->self);
		pthread_mutex_lock(&helper->lock);
		helper->work = NULL;
		pthread_cond_broadcast(&helper->changed);
	}
	pthread_mutex_unlock(&helper->lock);
	return NULL;
}

bool helper_begin(struct helper *helper, helper_work *work, void *self)
{
	if (!helper->is_there)
		helper->is_there = thread_begin(&helper->thread, helper->name, run, helper);
	if (!helper->is_there)
		return false;
	pthread_mutex_lock(&helper->lock);
	assert(!helper->work);
	helper->work = work;
	helper->self = self;
	pthread_mutex_unlock(&helper->lock); /* first: who is woken would wait for it */
	pthread_cond_signal(&helper->changed);
	return true;
}

bool helper_is_done(struct helper *helper)
{
	bool done;

	pthread_mutex_lock(&helper->lock);
	done = !helper->work;
	pthread_mutex_unlock(&helper->lock);
	return done;
}

void helper_wait(struct helper *helper)
{
	pthread_mutex_lock(&helper->lock);
	while (helper->work)
		pthread_cond_wait(&helper->changed, &helper->lock);
	pthread_mutex_unlock(&helper->lock);
}

void helper_free(struct helper *helper)
{
	if (!helper)
		return;
	if (helper->is_there) {
		helper_wait(helper);
		pthread_mutex_lock(&helper->lock);
		helper->ends = true;
		pthread_cond_broadcast(&helper->changed);
		pthread_mutex_unlock(&helper->lock);
		pthread_join(helper->thread, NULL);
	}
	pthread_cond_destroy(&helper->changed);
	pthread_mutex_destroy(&helper->lock);
	free(helper);
}

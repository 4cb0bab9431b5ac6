/* A piece of work beside the caller's. */
#include "bot/common/aside.h"

#include <stdlib.h>

#include "adapters/thread/thread.h"
#include "bot/common/heap.h"

static void *run(void *self)
{
	struct aside *aside = self;
	void *heap = heap_of_thread(aside->megabytes);

	aside->work(aside->self);
	free(heap);
	return NULL;
}

void aside_begin(struct aside *aside, size_t megabytes, void (*work)(void *self), void *self)
{
	*aside = (struct aside){.megabytes = megabytes, .work = work, .self = self};
	aside->begun = thread_begin(&aside->thread, "tenstep-load", run, aside);
}

void aside_end(struct aside *aside)
{
	if (aside->begun)
		pthread_join(aside->thread, NULL);
	else
		aside->work(aside->self);
}

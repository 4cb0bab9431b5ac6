/* A letter and the end of its turn. */
#include "bot/dispatch/errand.h"

#include <stdlib.h>

struct errand {
	struct errand_setup setup;
	struct hearer hearer;
	struct loop_timer timer;
	taken_function *done;
	void *self;
	int64_t until_ms; /* steady; 0: not stored yet */
	enum taken taken;
	uint32_t n;
	bool busy; /* the shop was asked */
};

void errand_drop(struct errand *errand)
{
	if (!errand)
		return;
	loop_timer_stop(errand->setup.loop, &errand->timer);
	dispatcher_unhear(errand->setup.dispatcher, &errand->hearer);
	dispatcher_forget_done(errand->setup.dispatcher, errand);
	free(errand);
}

static void finish(struct errand *errand)
{
	struct errand was = *errand;

	errand_drop(errand);
	was.done(was.self, was.taken, was.n);
}

/* Looked at after all that one commit tells: a post may be followed by the shop being asked
 * again. */
static void look(void *self)
{
	struct errand *errand = self;
	int64_t left_ms = errand->until_ms - loop_steady_ms(errand->setup.loop);

	if (!errand->busy || left_ms <= 0)
		finish(errand);
	else
		loop_timer_start(errand->setup.loop, &errand->timer, left_ms, look, errand);
}

static void hear_post(void *self, const struct post *post)
{
	struct errand *errand = self;

	if (post->who == POST_BUYER)
		return;
	errand->busy = false;
	if (errand->until_ms)
		loop_timer_start(errand->setup.loop, &errand->timer, 0, look, errand);
}

static void hear_typing(void *self, enum post_who who)
{
	if (who == POST_BOT)
		((struct errand *)self)->busy = true;
}

static void hear_forgotten(void *self)
{
	struct errand *errand = self;

	errand->busy = false;
	if (errand->until_ms)
		loop_timer_start(errand->setup.loop, &errand->timer, 0, look, errand);
}

static void hear_taken(void *self, enum taken taken, uint32_t n)
{
	struct errand *errand = self;

	errand->taken = taken;
	errand->n = n;
	errand->until_ms = loop_steady_ms(errand->setup.loop) + errand->setup.max_ms;
	loop_timer_start(errand->setup.loop, &errand->timer, 0, look, errand);
}

struct errand *errand_start(const struct errand_setup *setup, const struct letter *letter,
	taken_function *done, void *self)
{
	struct errand *errand = calloc(1, sizeof *errand);

	if (!errand)
		abort();
	errand->setup = *setup;
	errand->done = done;
	errand->self = self;
	errand->hearer = (struct hearer){
		.post = hear_post,
		.typing = hear_typing,
		.forgotten = hear_forgotten,
		.self = errand,
	};
	dispatcher_hear(setup->dispatcher, letter->conversation, &errand->hearer);
	dispatcher_take(setup->dispatcher, letter, hear_taken, errand);
	return errand;
}

/* How a promise to write stands. */
#include "bot/desk/promise.h"

#include "bot/desk/desk_hours.h"

enum { missed_looks = 3 }; /* that many in a row are a failure, not a hiccup */

const char *const promise_word[PROMISE_UNASKED + 1] = {
	"open",
	"kept",
	"ended",
	"untold",
	"unasked",
};

/* What became known at night is told in the morning, and is late from then on. */
static int64_t deadline(const struct serve_config *config, int64_t news_ms)
{
	int64_t ends_at, due_ms = news_ms;

	if (desk_quiet(config, due_ms / 1000, &ends_at))
		due_ms = ends_at * 1000;
	due_ms += config->overdue_after_ms;
	if (desk_quiet(config, due_ms / 1000, &ends_at))
		due_ms = ends_at * 1000 + config->overdue_after_ms;
	return due_ms;
}

enum promise_state promise_judge(
	const struct store_promise *promise, const struct serve_config *config, int64_t now_ms)
{
	if (promise->ended_ms)
		return promise->kept ? PROMISE_KEPT : PROMISE_ENDED;
	if (promise->news_ms && now_ms > deadline(config, promise->news_ms))
		return PROMISE_UNTOLD;
	if (promise->looked_ms && now_ms > promise->looked_ms +
						   missed_looks * config->look_every_ms +
						   config->overdue_after_ms)
		return PROMISE_UNASKED;
	return PROMISE_OPEN;
}

bool promise_is_overdue(enum promise_state state)
{
	return state == PROMISE_UNTOLD || state == PROMISE_UNASKED;
}

struct counting {
	const struct serve_config *config;
	int64_t now_ms;
	struct promise_sums *sums;
};

static void count(void *self, const struct store_promise *promise)
{
	struct counting *counting = self;

	counting->sums->open++;
	counting->sums->overdue +=
		promise_is_overdue(promise_judge(promise, counting->config, counting->now_ms));
}

bool promise_count(struct store *store, const struct serve_config *config, int64_t now_ms,
	struct promise_sums *sums)
{
	struct counting counting = {config, now_ms, sums};

	*sums = (struct promise_sums){0, 0};
	return store_promises(store, false, count, &counting) == STORE_OK;
}

/* Platforms that are asked for what is new. */
#include "bot/channels/channel_pull.h"

#include <stdlib.h>

#include "bot/channels/channel_http.h"
#include "bot/channels/outbox_next.h"

enum {
	answer_ms = 60 * 1000, /* they hold the request until there is something */
	max_answer_bytes = 8 << 20,
	max_arena_bytes = 32 << 20,
	lost_ms = 60 * 1000,
	at_least_ms = 1000, /* for an answer with nothing in it: not all hold the request */
};

struct channel_pull {
	struct channels *channels;
	const struct outbox_setup *setup;
	const struct channel_seat *seat;
	struct dispatcher *dispatcher;
	struct loop_timer timer;
	struct arena *arena; /* of one request and what it brought */
	struct str cursor;   /* behind what it brought */
	size_t waiting;      /* for the disk */
	bool failed, idle;   /* idle: it brought nothing, and was quick about it */
	int64_t tries;       /* since the last answer */
};

static int64_t now_of(const struct channel_pull *pull)
{
	return loop_now_ms(pull->setup->loop);
}

static struct str cursor_name(const struct channel_pull *pull)
{
	return arena_printf(pull->arena, "channel %.*s", STR(pull->seat->account.name));
}

static void ask(void *self);

static void ask_in(struct channel_pull *pull, int64_t ms)
{
	loop_timer_start(pull->setup->loop, &pull->timer, ms, ask, pull);
}

static void ask_later(struct channel_pull *pull, int64_t wait_ms)
{
	int64_t now = now_of(pull);

	pull->tries++;
	ask_in(pull, outbox_again_ms(now, pull->tries, wait_ms, (uint64_t)now) - now);
}

/* --- what it brought --- */

/* All is on disk: the platform may forget it. */
static void go_on(struct channel_pull *pull)
{
	if (pull->failed || !dispatcher_write(pull->dispatcher)) {
		ask_later(pull, -1);
		return;
	}
	store_set_cursor(pull->setup->store, cursor_name(pull), pull->cursor);
	pull->tries = 0;
	ask_in(pull, pull->idle ? at_least_ms : 0);
}

static void given(void *self, bool stored, const struct channel_taken *taken)
{
	struct channel_pull *pull = self;

	(void)taken;
	pull->failed = pull->failed || !stored;
	if (!--pull->waiting)
		go_on(pull);
}

static struct str no_header(const void *inside, const char *name)
{
	(void)inside, (void)name;
	return (struct str){0};
}

static void give(struct channel_pull *pull, const struct channel_pulled *pulled)
{
	pull->cursor = pulled->cursor;
	pull->failed = false;
	pull->waiting = 1;
	for (size_t i = 0; i < pulled->n_bodies; i++) {
		struct channel_request request = {
			.method = S("POST"),
			.body = pulled->body[i],
			.header = no_header,
			.now_ms = now_of(pull),
		};

		pull->waiting++;
		channels_give(pull->channels, pull->seat, &request, given, pull);
	}
	given(pull, true, NULL);
}

/* --- asking --- */

static void complain(struct channel_pull *pull, struct str why)
{
	LOG(pull->setup->log, LOG_WARNING, now_of(pull), "a platform brings nothing",
		log_word("channel", pull->seat->account.name), log_int("tries", pull->tries),
		log_word("error", why));
}

static void ended(void *self, const struct http_result *result)
{
	struct channel_pull *pull = self;
	struct channel_answer answer = {
		.status = result->status,
		.body = result->body,
		.type = result->type,
		.retry_after_ms = result->retry_after_ms,
	};
	struct channel_pulled pulled;

	if (result->outcome != HTTP_ANSWERED) {
		complain(pull, str_of(result->error));
		ask_later(pull, -1);
		return;
	}
	pulled =
		pull->seat->codec->pulled(&pull->seat->account, pull->cursor, &answer, pull->arena);
	pull->idle = !pulled.n_bodies && result->took_ms < at_least_ms;
	if (pulled.verdict == CHANNEL_SENT) {
		give(pull, &pulled);
		return;
	}
	complain(pull, pulled.why);
	ask_later(pull, pulled.verdict == CHANNEL_LOST ? lost_ms : pulled.wait_ms);
}

/* What cannot be read is not asked for from the beginning. */
static bool read_cursor(struct channel_pull *pull)
{
	enum store_status status =
		store_cursor(pull->setup->store, cursor_name(pull), pull->arena, &pull->cursor);

	return status == STORE_OK || status == STORE_NONE;
}

static void ask(void *self)
{
	struct channel_pull *pull = self;
	struct channel_call call;
	struct http_call http;

	arena_reset(pull->arena);
	if (!read_cursor(pull)) {
		complain(pull, str_of(store_error(pull->setup->store)));
		ask_later(pull, -1);
		return;
	}
	if (!pull->seat->codec->pull(&pull->seat->account, pull->cursor, pull->arena, &call))
		return;
	http = channel_http(&call);
	http.total_ms = answer_ms;
	http.max_answer_bytes = max_answer_bytes;
	http_client_call(pull->setup->client, &http, ended, pull);
}

/* --- the door --- */

bool channel_asks(const struct channel_seat *seat)
{
	struct channel_call call;
	struct arena *arena;
	bool asks;

	if (!seat->codec->pull)
		return false;
	arena = arena_new(1 << 16);
	asks = seat->codec->pull(&seat->account, S(""), arena, &call);
	arena_free(arena);
	return asks;
}

struct channel_pull *channel_pull_new(struct channels *channels, const struct outbox_setup *setup,
	const struct channel_seat *seat, struct dispatcher *dispatcher)
{
	struct channel_pull *pull;

	if (!channel_asks(seat))
		return NULL;
	pull = calloc(1, sizeof(*pull));
	if (!pull)
		abort();
	pull->channels = channels;
	pull->setup = setup;
	pull->seat = seat;
	pull->dispatcher = dispatcher;
	pull->arena = arena_new(max_arena_bytes);
	ask_in(pull, 0);
	return pull;
}

void channel_pull_free(struct channel_pull *pull)
{
	if (!pull)
		return;
	channels_forget(pull->channels, pull);
	http_client_forget(pull->setup->client, pull);
	loop_timer_stop(pull->setup->loop, &pull->timer);
	arena_free(pull->arena);
	free(pull);
}

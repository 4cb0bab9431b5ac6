/* Lines to platforms: made, tried, freed. */
#include "bot/channels/channel_socket.h"

#include <stdlib.h>
#include <utlist.h>

#include "bot/channels/channel_http.h"
#include "bot/common/log.h"

enum {
	step_ms = 5000,
	longest_ms = 60000,
	refused_ms = 600000,
	max_error_bytes = 500,
	max_arena_bytes = 4 << 20,
};

struct channel_sockets {
	const struct channel_socket_platform *platform;
	struct channel_socket_setup setup;
	struct socket_client *client;
	struct channel_line **line;
	size_t n_lines;
	struct channel_receipt *receipts;
	struct arena *arena; /* of one call */
};

const struct channel_socket_setup *channel_line_setup(const struct channel_line *line)
{
	return &line->all->setup;
}

struct socket_client *channel_line_client(const struct channel_line *line)
{
	return line->all->client;
}

struct arena *channel_line_arena(const struct channel_line *line)
{
	arena_reset(line->all->arena);
	return line->all->arena;
}

struct channel_receipt *channel_line_receipts(const struct channel_line *line)
{
	return line->all->receipts;
}

/* --- another try --- */

static void connect_now(void *self)
{
	struct channel_line *line = self;

	line->all->platform->connect(line);
}

void channel_line_try_in(struct channel_line *line, int64_t ms)
{
	loop_timer_start(line->all->setup.loop, &line->timer, ms, connect_now, line);
}

static int64_t wait_ms(unsigned failures, bool refused)
{
	int64_t ms = (int64_t)step_ms * failures;

	if (refused)
		return refused_ms;
	return ms < longest_ms ? ms : longest_ms;
}

void channel_line_fail(struct channel_line *line, bool refused, struct str why)
{
	int64_t ms = wait_ms(++line->failures, refused);

	CHANNEL_LINE_TELL(line, refused ? LOG_ERROR : LOG_WARNING, line->all->platform->no_line,
		log_word("error", why), log_int("again_in_ms", ms));
	channel_line_try_in(line, ms);
}

/* --- its address --- */

static void answered(void *self, const struct http_result *result)
{
	struct channel_line *line = self;
	const struct channel_socket_platform *platform = line->all->platform;
	struct channel_answer answer = {
		result->status, result->body, result->type, result->retry_after_ms};
	struct str why = str_of(result->error), url = S("");
	bool lost = false;

	line->asking = false;
	if (result->outcome == HTTP_ANSWERED)
		url = platform->address_read(
			&line->seat->account, &answer, channel_line_arena(line), &lost, &why);
	if (url.n)
		platform->open(line, url);
	else
		channel_line_fail(line, lost, why);
}

void channel_line_ask(struct channel_line *line)
{
	struct channel_call call =
		line->all->platform->address(&line->seat->account, channel_line_arena(line));
	struct http_call http = channel_http(&call);

	http.changes = !str_is(call.method, "GET");
	line->asking = true;
	http_client_call(line->all->setup.client, &http, answered, line);
}

/* --- what is stored --- */

static void receipt_free(struct channel_receipt *receipt)
{
	DL_DELETE(receipt->line->all->receipts, receipt);
	arena_free(receipt->arena);
}

static void stored(void *self, bool is_stored, const struct channel_taken *taken)
{
	struct channel_receipt *receipt = self;

	(void)taken;
	receipt->line->all->platform->stored(receipt, is_stored);
	receipt_free(receipt);
}

void channel_line_hear(struct channel_line *line, const struct channel_taken *taken,
	struct channel_receipt *receipt, struct arena *arena)
{
	receipt->line = line;
	receipt->arena = arena;
	DL_APPEND(line->all->receipts, receipt);
	channels_hear(line->all->setup.channels, line->seat, taken, stored, receipt);
}

/* --- all of them --- */

static void add_line(struct channel_sockets *all, const struct channel_seat *seat)
{
	struct channel_line *line = calloc(1, all->platform->line_bytes);

	if (!line)
		abort();
	line->all = all;
	line->seat = seat;
	all->line[all->n_lines++] = line;
	channel_line_try_in(line, 0);
}

static size_t count_wanted(
	const struct channel_socket_platform *platform, const struct channel_socket_setup *setup)
{
	size_t n = 0;

	for (size_t i = 0; i < setup->n_seats; i++)
		n += platform->wants(&setup->seat[i]);
	return n;
}

/* The library, once for all accounts. */
static struct socket_client *open_client(
	const struct channel_socket_platform *platform, const struct channel_socket_setup *setup)
{
	struct socket_client_setup with = {.loop = setup->loop, .allow_loopback = true};
	struct socket_client *client;
	struct buf error;

	buf_init(&error, max_error_bytes);
	client = socket_client_new(&with, &error);
	if (!client)
		LOG(setup->log, LOG_ERROR, loop_now_ms(setup->loop), platform->no_library,
			log_word("error", buf_str(&error)));
	buf_release(&error);
	return client;
}

struct channel_sockets *channel_sockets_new(
	const struct channel_socket_platform *platform, const struct channel_socket_setup *setup)
{
	size_t n = count_wanted(platform, setup);
	struct socket_client *client = n ? open_client(platform, setup) : NULL;
	struct channel_sockets *all;

	if (!client)
		return NULL;
	all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	*all = (struct channel_sockets){.platform = platform,
		.setup = *setup,
		.client = client,
		.line = calloc(n, sizeof(struct channel_line *)),
		.arena = arena_new(max_arena_bytes)};
	if (!all->line)
		abort();
	for (size_t i = 0; i < setup->n_seats; i++)
		if (platform->wants(&setup->seat[i]))
			add_line(all, &setup->seat[i]);
	return all;
}

void channel_sockets_free(struct channel_sockets *all)
{
	struct channel_receipt *receipt, *next;

	if (!all)
		return;
	for (size_t i = 0; i < all->n_lines; i++) {
		loop_timer_stop(all->setup.loop, &all->line[i]->timer);
		http_client_forget(all->setup.client, all->line[i]);
		all->platform->leave(all->line[i]);
	}
	DL_FOREACH_SAFE(all->receipts, receipt, next)
	{
		channels_forget(all->setup.channels, receipt);
		receipt_free(receipt);
	}
	for (size_t i = 0; i < all->n_lines; i++)
		free(all->line[i]);
	socket_client_free(all->client);
	arena_free(all->arena);
	free(all->line);
	free(all);
}

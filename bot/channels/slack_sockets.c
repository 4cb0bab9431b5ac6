/* Slack's Socket Mode. */
#include "bot/channels/slack_sockets.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "adapters/slack/slack.h"
#include "bot/channels/channel_http.h"
#include "bot/common/log.h"

enum {
	hello_ms = 10000,
	normal_close = 1000,
	max_arena_bytes = 4 << 20,
};

/* One connection: the one that counts, or the one that will take its place. */
struct link {
	struct line *line;
	struct outward *socket;
	struct loop_timer timer; /* until hello */
	bool greeted;
};

/* One account. */
struct line {
	struct slack_sockets *all;
	const struct channel_seat *seat;
	struct link *now, *next; /* NULL: none */
	struct loop_timer timer; /* until the next try */
	bool asking;             /* for an address, by HTTP */
	unsigned failures;       /* in a row */
};

/* An envelope that is being stored. */
struct receipt {
	struct receipt *next, *prev;
	struct slack_sockets *all;
	struct link *link; /* NULL: it is gone */
	struct arena *arena;
	struct str text;
};

struct slack_sockets {
	struct channel_socket_setup setup;
	struct socket_client *client;
	struct line *line;
	size_t n_lines;
	struct receipt *receipts;
	struct arena *arena; /* of one call */
};

static int64_t now_of(const struct line *line)
{
	return loop_now_ms(line->all->setup.loop);
}

#define TELL(line, level, what, ...)                                                               \
	LOG((line)->all->setup.log, (level), now_of(line), (what),                                 \
		log_word("channel", (line)->seat->account.name), __VA_ARGS__)

/* --- links --- */

static void link_free(struct link *link)
{
	struct slack_sockets *all = link->line->all;
	struct receipt *receipt;

	DL_FOREACH(all->receipts, receipt)
	if (receipt->link == link)
		receipt->link = NULL;
	loop_timer_stop(all->setup.loop, &link->timer);
	if (link->line->now == link)
		link->line->now = NULL;
	if (link->line->next == link)
		link->line->next = NULL;
	free(link);
}

/* Politely, and whatever it may still say is not heard. */
static void leave(struct link *link)
{
	if (!link)
		return;
	outward_forget(link->socket, normal_close);
	link_free(link);
}

/* --- another try --- */

static void ask(void *self);

static void try_in(struct line *line, int64_t ms)
{
	loop_timer_start(line->all->setup.loop, &line->timer, ms, ask, line);
}

static void fail(struct line *line, bool refused, struct str why)
{
	int64_t ms = channel_socket_wait_ms(++line->failures, refused);

	TELL(line, refused ? LOG_ERROR : LOG_WARNING, "Slack's socket cannot be opened",
		log_word("error", why), log_int("again_in_ms", ms));
	try_in(line, ms);
}

/* --- envelopes --- */

static void receipt_free(struct receipt *receipt)
{
	DL_DELETE(receipt->all->receipts, receipt);
	arena_free(receipt->arena);
	free(receipt);
}

static void stored(void *self, bool is_stored, const struct channel_taken *taken)
{
	struct receipt *receipt = self;

	(void)taken;
	if (is_stored && receipt->link)
		outward_send(receipt->link->socket, receipt->text);
	receipt_free(receipt);
}

static void take(struct link *link, const struct slack_frame *frame, struct arena *arena)
{
	struct slack_sockets *all = link->line->all;
	struct receipt *receipt = calloc(1, sizeof(*receipt));

	if (!receipt)
		abort();
	*receipt = (struct receipt){
		.all = all, .link = link, .arena = arena, .text = frame->acknowledge};
	DL_APPEND(all->receipts, receipt);
	channels_hear(all->setup.channels, link->line->seat, &frame->taken, stored, receipt);
}

/* --- what the socket says --- */

static void greet(struct link *link)
{
	struct line *line = link->line;
	struct link *before = line->now;

	loop_timer_stop(line->all->setup.loop, &link->timer);
	link->greeted = true;
	line->failures = 0;
	TELL(line, LOG_INFO, "Slack's socket is open", LOG_END);
	if (line->next != link)
		return;
	line->next = NULL;
	line->now = link;
	leave(before);
}

static void be_told_to_leave(struct link *link, struct str reason)
{
	struct line *line = link->line;

	TELL(line, LOG_INFO, "Slack wants another socket", log_word("reason", reason));
	if (link == line->now && !line->next && !line->asking)
		try_in(line, 0);
}

/* Nothing comes here until somebody switches it on again. */
static void be_disabled(struct link *link)
{
	struct line *line = link->line;

	leave(line->next);
	leave(line->now);
	fail(line, true, S("link_disabled"));
}

static void message(void *self, struct outward *socket, struct str text)
{
	struct link *link = self;
	struct arena *arena = arena_new(max_arena_bytes);
	struct slack_frame frame = slack_frame_read(text, arena);

	(void)socket;
	switch (frame.kind) {
	case SLACK_HELLO:
		greet(link);
		break;
	case SLACK_ENVELOPE:
		take(link, &frame, arena);
		return; /* the arena is the receipt's */
	case SLACK_DISCONNECT:
		be_told_to_leave(link, frame.reason);
		break;
	case SLACK_DISABLED:
		be_disabled(link);
		break;
	case SLACK_OTHER:
		break;
	}
	arena_free(arena);
}

static void opened(void *self, struct outward *socket)
{
	(void)self;
	(void)socket;
}

static void closed(void *self, struct outward *socket, unsigned code, const char *why)
{
	struct link *link = self;
	struct line *line = link->line;
	bool greeted = link->greeted;

	(void)socket;
	(void)code;
	link_free(link);
	if (line->next || line->asking)
		return;
	if (!greeted)
		fail(line, false, str_of(why));
	else if (!line->now) {
		TELL(line, LOG_INFO, "Slack's socket is closed", log_word("reason", str_of(why)));
		try_in(line, 0);
	}
}

static void no_hello(void *self)
{
	struct link *link = self;
	struct line *line = link->line;

	leave(link);
	fail(line, false, S("no hello"));
}

static void open_link(struct line *line, struct str url)
{
	struct link *link = calloc(1, sizeof(*link));
	struct outward_setup setup = {
		.url = url,
		.self = link,
		.opened = opened,
		.message = message,
		.closed = closed,
	};

	if (!link)
		abort();
	link->line = line;
	line->next = link;
	link->socket = outward_open(line->all->client, &setup);
	loop_timer_start(line->all->setup.loop, &link->timer, hello_ms, no_hello, link);
}

/* --- its address --- */

static void answered(void *self, const struct http_result *result)
{
	struct line *line = self;
	struct slack_sockets *all = line->all;
	struct channel_answer answer = {
		result->status, result->body, result->type, result->retry_after_ms};
	struct str why = str_of(result->error), url = S("");
	bool lost = false;

	line->asking = false;
	arena_reset(all->arena);
	if (result->outcome == HTTP_ANSWERED)
		url = slack_opened(&line->seat->account, &answer, all->arena, &lost, &why);
	if (url.n)
		open_link(line, url);
	else
		fail(line, lost, why);
}

static void ask(void *self)
{
	struct line *line = self;
	struct slack_sockets *all = line->all;
	struct channel_call call;
	struct http_call http;

	arena_reset(all->arena);
	call = slack_open(&line->seat->account, all->arena);
	http = channel_http(&call);
	line->asking = true;
	http_client_call(all->setup.client, &http, answered, line);
}

/* --- all of them --- */

static bool wants_socket(const struct channel_seat *seat)
{
	return seat->codec == &slack_channel && seat->account.value[SLACK_APP_TOKEN].n;
}

struct slack_sockets *slack_sockets_new(const struct channel_socket_setup *setup)
{
	size_t n = channel_socket_count(setup, wants_socket);
	struct socket_client *client =
		n ? channel_socket_client(setup, "Socket Mode does not work") : NULL;
	struct slack_sockets *all;

	if (!client)
		return NULL;
	all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	*all = (struct slack_sockets){.setup = *setup,
		.client = client,
		.line = calloc(n, sizeof(*all->line)),
		.arena = arena_new(max_arena_bytes)};
	if (!all->line)
		abort();
	for (size_t i = 0; i < setup->n_seats; i++) {
		if (!wants_socket(&setup->seat[i]))
			continue;
		all->line[all->n_lines] = (struct line){.all = all, .seat = &setup->seat[i]};
		try_in(&all->line[all->n_lines++], 0);
	}
	return all;
}

void slack_sockets_free(struct slack_sockets *all)
{
	struct receipt *receipt, *next;

	if (!all)
		return;
	for (size_t i = 0; i < all->n_lines; i++) {
		loop_timer_stop(all->setup.loop, &all->line[i].timer);
		http_client_forget(all->setup.client, &all->line[i]);
		leave(all->line[i].next);
		leave(all->line[i].now);
	}
	DL_FOREACH_SAFE(all->receipts, receipt, next)
	{
		channels_forget(all->setup.channels, receipt);
		receipt_free(receipt);
	}
	socket_client_free(all->client);
	arena_free(all->arena);
	free(all->line);
	free(all);
}

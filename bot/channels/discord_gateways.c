/* Discord's Gateway. */
#include "bot/channels/discord_gateways.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "adapters/discord/discord.h"
#include "bot/channels/channel_http.h"
#include "bot/common/log.h"

enum {
	again_ms = 5000, /* after something could not be stored; identifies are counted */
	silence_ms = 60000,
	invalid_ms = 3000,  /* Discord asks for one to five seconds */
	tries_to_go_on = 3, /* with a session, before another is begun */
	hello_ms = 10000,
	ready_ms = 20000,
	max_arena_bytes = 4 << 20,
	max_session_bytes = 200,
	max_url_bytes = 300,
	normal_close = 1000,
	ours_goes_on = 4900, /* any code but 1000 and 1001, which would end the session */
};

/* One account. */
struct line {
	struct discord_gateways *all;
	const struct channel_seat *seat;
	struct outward *socket;  /* NULL: none */
	struct loop_timer timer; /* until the next try; else until hello or ready */
	struct loop_timer beat;  /* until the next heartbeat */
	int64_t interval_ms;
	int64_t sequence; /* of the last dispatch; -1: none */
	bool beaten;      /* the last heartbeat was not answered yet */
	bool ready;
	unsigned failures;                   /* in a row */
	char session[max_session_bytes + 1]; /* empty: there is none to go on with */
	char resume_url[max_url_bytes + 1];
};

/* A dispatch that is being stored. */
struct receipt {
	struct receipt *next, *prev;
	struct line *line;
	struct arena *arena;
	int64_t sequence;
	struct channel_call answer;
};

struct discord_gateways {
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

/* --- another try --- */

static void connect_again(void *self);

static void stop_timers(struct line *line)
{
	loop_timer_stop(line->all->setup.loop, &line->timer);
	loop_timer_stop(line->all->setup.loop, &line->beat);
}

static void try_in(struct line *line, int64_t ms)
{
	stop_timers(line);
	loop_timer_start(line->all->setup.loop, &line->timer, ms, connect_again, line);
}

static void forget_session(struct line *line)
{
	line->session[0] = line->resume_url[0] = 0;
	line->sequence = -1;
}

static void fail(struct line *line, bool refused, struct str why)
{
	int64_t ms = channel_socket_wait_ms(++line->failures, refused);

	if (line->failures >= tries_to_go_on)
		forget_session(line);
	TELL(line, refused ? LOG_ERROR : LOG_WARNING, "Discord's gateway cannot be used",
		log_word("error", why), log_int("again_in_ms", ms));
	try_in(line, ms);
}

/* Whatever it may still say is not heard. */
static void leave(struct line *line, unsigned code)
{
	if (line->socket)
		outward_forget(line->socket, code);
	line->socket = NULL;
	line->ready = false;
	stop_timers(line);
}

static void go_on_elsewhere(struct line *line)
{
	leave(line, ours_goes_on);
	try_in(line, 0);
}

/* --- heartbeats --- */

static void beat(struct line *line)
{
	arena_reset(line->all->arena);
	outward_send(line->socket, discord_beat(line->sequence, line->all->arena));
}

static void beat_is_due(void *self)
{
	struct line *line = self;

	if (line->beaten) { /* a connection that only looks like one */
		TELL(line, LOG_WARNING, "Discord does not answer heartbeats", LOG_END);
		go_on_elsewhere(line);
		return;
	}
	line->beaten = true;
	beat(line);
	loop_timer_start(line->all->setup.loop, &line->beat, line->interval_ms, beat_is_due, line);
}

/* --- what is stored --- */

static void receipt_free(struct receipt *receipt)
{
	DL_DELETE(receipt->line->all->receipts, receipt);
	arena_free(receipt->arena);
	free(receipt);
}

static void ignore_answer(void *self, const struct http_result *result)
{
	(void)self;
	(void)result;
}

/* Discord waits three seconds for it; a failure is shown to the buyer by Discord itself. */
static void answer_interaction(struct line *line, const struct channel_call *call)
{
	struct http_call http = channel_http(call);

	if (call->url.n)
		http_client_call(line->all->setup.client, &http, ignore_answer, line);
}

/* What is not on disk is asked for again: the session goes on before it. */
static void stored(void *self, bool is_stored, const struct channel_taken *taken)
{
	struct receipt *receipt = self;
	struct line *line = receipt->line;

	(void)taken;
	if (is_stored) {
		answer_interaction(line, &receipt->answer);
	} else if (receipt->sequence <= line->sequence) {
		line->sequence = receipt->sequence - 1;
		leave(line, ours_goes_on);
		try_in(line, again_ms);
	}
	receipt_free(receipt);
}

static void take(struct line *line, const struct discord_frame *frame, struct arena *arena)
{
	struct receipt *receipt = calloc(1, sizeof(*receipt));

	if (!receipt)
		abort();
	*receipt = (struct receipt){
		.line = line, .arena = arena, .sequence = frame->sequence, .answer = frame->answer};
	DL_APPEND(line->all->receipts, receipt);
	channels_hear(line->all->setup.channels, line->seat, &frame->taken, stored, receipt);
}

/* --- what the socket says --- */

static void not_in_time(void *self)
{
	struct line *line = self;

	leave(line, ours_goes_on);
	fail(line, false, S("no hello, or not ready in time"));
}

/* The first heartbeat at no particular moment of the first interval, as Discord wants it. */
static void greet(struct line *line, int64_t interval_ms)
{
	const struct channel_account *account = &line->seat->account;
	struct loop *loop = line->all->setup.loop;

	line->interval_ms = interval_ms;
	line->beaten = false;
	loop_timer_start(loop, &line->timer, ready_ms, not_in_time, line);
	loop_timer_start(loop, &line->beat, loop_now_ms(loop) % interval_ms, beat_is_due, line);
	arena_reset(line->all->arena);
	outward_send(line->socket, line->session[0] ? discord_resume(account, str_of(line->session),
							      line->sequence, line->all->arena)
						    : discord_identify(account, line->all->arena));
}

static void be_ready(struct line *line)
{
	loop_timer_stop(line->all->setup.loop, &line->timer);
	line->ready = true;
	line->failures = 0;
	TELL(line, LOG_INFO, "Discord's gateway is open", LOG_END);
}

static void keep_session(struct line *line, const struct discord_frame *frame)
{
	if (frame->session.n > max_session_bytes || frame->resume_url.n > max_url_bytes)
		return;
	memcpy(line->session, frame->session.p, frame->session.n);
	line->session[frame->session.n] = 0;
	memcpy(line->resume_url, frame->resume_url.p, frame->resume_url.n);
	line->resume_url[frame->resume_url.n] = 0;
}

static void be_invalid(struct line *line, bool may_resume)
{
	if (!may_resume)
		forget_session(line);
	leave(line, may_resume ? ours_goes_on : normal_close);
	try_in(line, invalid_ms);
}

/* False: @arena is not free to go. */
static bool hear(struct line *line, const struct discord_frame *frame, struct arena *arena)
{
	if (frame->sequence > line->sequence)
		line->sequence = frame->sequence;
	switch (frame->kind) {
	case DISCORD_HELLO:
		greet(line, frame->interval_ms);
		break;
	case DISCORD_READY:
		keep_session(line, frame);
		be_ready(line);
		break;
	case DISCORD_RESUMED:
		be_ready(line);
		break;
	case DISCORD_EVENT:
		take(line, frame, arena);
		return false;
	case DISCORD_ASKS_BEAT:
		beat(line);
		break;
	case DISCORD_BEAT_HEARD:
		line->beaten = false;
		break;
	case DISCORD_RECONNECT:
		TELL(line, LOG_INFO, "Discord wants another connection", LOG_END);
		go_on_elsewhere(line);
		break;
	case DISCORD_INVALID:
		be_invalid(line, frame->may_resume);
		break;
	case DISCORD_OTHER:
		break;
	}
	return true;
}

static void message(void *self, struct outward *socket, struct str text)
{
	struct line *line = self;
	struct arena *arena = arena_new(max_arena_bytes);
	struct discord_frame frame = discord_frame_read(&line->seat->account, text, arena);

	(void)socket;
	if (hear(line, &frame, arena))
		arena_free(arena);
}

static void opened(void *self, struct outward *socket)
{
	(void)self;
	(void)socket;
}

static void closed(void *self, struct outward *socket, unsigned code, const char *why)
{
	struct line *line = self;
	bool was_ready = line->ready;

	(void)socket;
	line->socket = NULL;
	line->ready = false;
	stop_timers(line);
	if (discord_is_final(code)) {
		forget_session(line);
		fail(line, true, str_of(why));
	} else if (was_ready) {
		TELL(line, LOG_INFO, "Discord's gateway is closed",
			log_word("reason", str_of(why)));
		try_in(line, 0);
	} else {
		fail(line, false, str_of(why));
	}
}

static void open_socket(struct line *line, struct str url)
{
	struct outward_setup setup = {
		.self = line,
		.opened = opened,
		.message = message,
		.closed = closed,
		/* Silence is what heartbeats are for. */
		.ping_ms = silence_ms,
		.drop_ms = 2 * silence_ms,
	};

	setup.url = discord_gateway_address(url, line->all->arena);
	line->socket = outward_open(line->all->client, &setup);
	loop_timer_start(line->all->setup.loop, &line->timer, hello_ms, not_in_time, line);
}

/* --- its address --- */

static void answered(void *self, const struct http_result *result)
{
	struct line *line = self;
	struct discord_gateways *all = line->all;
	struct channel_answer answer = {
		result->status, result->body, result->type, result->retry_after_ms};
	struct str why = str_of(result->error), url = S("");
	bool lost = false;

	arena_reset(all->arena);
	if (result->outcome == HTTP_ANSWERED)
		url = discord_gateway_url(&line->seat->account, &answer, all->arena, &lost, &why);
	if (url.n)
		open_socket(line, url);
	else
		fail(line, lost, why);
}

static void ask(struct line *line)
{
	struct discord_gateways *all = line->all;
	struct channel_call call = discord_gateway(&line->seat->account, all->arena);
	struct http_call http = channel_http(&call);

	http.changes = false;
	http_client_call(all->setup.client, &http, answered, line);
}

static void connect_again(void *self)
{
	struct line *line = self;

	arena_reset(line->all->arena);
	if (line->session[0] && line->resume_url[0])
		open_socket(line, str_of(line->resume_url));
	else
		ask(line);
}

/* --- all of them --- */

static bool wants_gateway(const struct channel_seat *seat)
{
	return seat->codec == &discord_channel && discord_wants_gateway(&seat->account);
}

struct discord_gateways *discord_gateways_new(const struct channel_socket_setup *setup)
{
	size_t n = channel_socket_count(setup, wants_gateway);
	struct socket_client *client =
		n ? channel_socket_client(setup, "Discord's gateway does not work") : NULL;
	struct discord_gateways *all;

	if (!client)
		return NULL;
	all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	*all = (struct discord_gateways){.setup = *setup,
		.client = client,
		.line = calloc(n, sizeof(*all->line)),
		.arena = arena_new(max_arena_bytes)};
	if (!all->line)
		abort();
	for (size_t i = 0; i < setup->n_seats; i++) {
		if (!wants_gateway(&setup->seat[i]))
			continue;
		all->line[all->n_lines] =
			(struct line){.all = all, .seat = &setup->seat[i], .sequence = -1};
		try_in(&all->line[all->n_lines++], 0);
	}
	return all;
}

void discord_gateways_free(struct discord_gateways *all)
{
	struct receipt *receipt, *next;

	if (!all)
		return;
	for (size_t i = 0; i < all->n_lines; i++) {
		http_client_forget(all->setup.client, &all->line[i]);
		leave(&all->line[i], normal_close);
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

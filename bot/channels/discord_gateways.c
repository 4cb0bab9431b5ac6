/* Discord's Gateway. */
#include "bot/channels/discord_gateways.h"

#include <string.h>

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

/* One account.  Its timer runs until hello and ready, too. */
struct line {
	struct channel_line base;
	struct outward *socket; /* NULL: none */
	struct loop_timer beat; /* until the next heartbeat */
	int64_t interval_ms;
	int64_t sequence; /* of the last dispatch; -1: none */
	bool beaten;      /* the last heartbeat was not answered yet */
	bool ready;
	char session[max_session_bytes + 1]; /* empty: there is none to go on with */
	char resume_url[max_url_bytes + 1];
};

/* A dispatch that is being stored. */
struct dispatch {
	struct channel_receipt base;
	int64_t sequence;
	struct channel_call answer;
};

static struct loop *loop_of(const struct line *line)
{
	return channel_line_setup(&line->base)->loop;
}

static void stop_timers(struct line *line)
{
	loop_timer_stop(loop_of(line), &line->base.timer);
	loop_timer_stop(loop_of(line), &line->beat);
}

/* --- another try --- */

static void forget_session(struct line *line)
{
	line->session[0] = line->resume_url[0] = 0;
	line->sequence = -1;
}

static void fail(struct line *line, bool refused, struct str why)
{
	channel_line_fail(&line->base, refused, why);
	if (line->base.failures >= tries_to_go_on)
		forget_session(line);
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
	channel_line_try_in(&line->base, 0);
}

/* --- heartbeats --- */

static void beat(struct line *line)
{
	outward_send(line->socket, discord_beat(line->sequence, channel_line_arena(&line->base)));
}

static void beat_is_due(void *self)
{
	struct line *line = self;

	if (line->beaten) { /* a connection that only looks like one */
		CHANNEL_LINE_TELL(
			&line->base, LOG_WARNING, "Discord does not answer heartbeats", LOG_END);
		go_on_elsewhere(line);
		return;
	}
	line->beaten = true;
	beat(line);
	loop_timer_start(loop_of(line), &line->beat, line->interval_ms, beat_is_due, line);
}

/* --- what is stored --- */

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
		http_client_call(
			channel_line_setup(&line->base)->client, &http, ignore_answer, line);
}

/* What is not on disk is asked for again: the session goes on before it. */
static void stored(struct channel_receipt *receipt, bool is_stored)
{
	struct dispatch *dispatch = (struct dispatch *)receipt;
	struct line *line = (struct line *)receipt->line;

	if (is_stored) {
		answer_interaction(line, &dispatch->answer);
	} else if (dispatch->sequence <= line->sequence) {
		line->sequence = dispatch->sequence - 1;
		leave(line, ours_goes_on);
		channel_line_try_in(&line->base, again_ms);
	}
}

static void take(struct line *line, const struct discord_frame *frame, struct arena *arena)
{
	struct dispatch *dispatch = arena_new_of(arena, struct dispatch);

	dispatch->sequence = frame->sequence;
	dispatch->answer = frame->answer;
	channel_line_hear(&line->base, &frame->taken, &dispatch->base, arena);
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
	const struct channel_account *account = &line->base.seat->account;
	struct arena *arena = channel_line_arena(&line->base);
	struct loop *loop = loop_of(line);

	line->interval_ms = interval_ms;
	line->beaten = false;
	loop_timer_start(loop, &line->base.timer, ready_ms, not_in_time, line);
	loop_timer_start(loop, &line->beat, loop_now_ms(loop) % interval_ms, beat_is_due, line);
	outward_send(line->socket, line->session[0] ? discord_resume(account, str_of(line->session),
							      line->sequence, arena)
						    : discord_identify(account, arena));
}

static void be_ready(struct line *line)
{
	loop_timer_stop(loop_of(line), &line->base.timer);
	line->ready = true;
	line->base.failures = 0;
	CHANNEL_LINE_TELL(&line->base, LOG_INFO, "Discord's gateway is open", LOG_END);
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
	channel_line_try_in(&line->base, invalid_ms);
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
		CHANNEL_LINE_TELL(
			&line->base, LOG_INFO, "Discord wants another connection", LOG_END);
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
	struct discord_frame frame = discord_frame_read(&line->base.seat->account, text, arena);

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
		CHANNEL_LINE_TELL(&line->base, LOG_INFO, "Discord's gateway is closed",
			log_word("reason", str_of(why)));
		channel_line_try_in(&line->base, 0);
	} else {
		fail(line, false, str_of(why));
	}
}

/* @url: with version and form. */
static void open_socket(struct channel_line *base, struct str url)
{
	struct line *line = (struct line *)base;
	struct outward_setup setup = {
		.url = url,
		.self = line,
		.opened = opened,
		.message = message,
		.closed = closed,
		/* Silence is what heartbeats are for. */
		.ping_ms = silence_ms,
		.drop_ms = 2 * silence_ms,
	};

	line->socket = outward_open(channel_line_client(base), &setup);
	loop_timer_start(loop_of(line), &base->timer, hello_ms, not_in_time, line);
}

/* --- all of them --- */

static bool wants_gateway(const struct channel_seat *seat)
{
	return seat->codec == &discord_channel && discord_wants_gateway(&seat->account);
}

static struct str read_address(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena, bool *lost, struct str *why)
{
	struct str url = discord_gateway_url(account, answer, arena, lost, why);

	return url.n ? discord_gateway_address(url, arena) : url;
}

static void go_on_or_ask(struct channel_line *base)
{
	struct line *line = (struct line *)base;

	if (line->session[0] && line->resume_url[0]) {
		open_socket(base, discord_gateway_address(
					  str_of(line->resume_url), channel_line_arena(base)));
	} else {
		forget_session(line);
		channel_line_ask(base);
	}
}

static void leave_for_good(struct channel_line *base)
{
	leave((struct line *)base, normal_close);
}

const struct channel_socket_platform discord_gateways = {
	.no_library = "Discord's gateway does not work",
	.no_line = "Discord's gateway cannot be used",
	.line_bytes = sizeof(struct line),
	.wants = wants_gateway,
	.connect = go_on_or_ask,
	.address = discord_gateway,
	.address_read = read_address,
	.open = open_socket,
	.leave = leave_for_good,
	.stored = stored,
};

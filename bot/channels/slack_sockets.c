/* Slack's Socket Mode. */
#include "bot/channels/slack_sockets.h"

#include <stdlib.h>

#include "adapters/slack/slack.h"
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
	struct channel_line base;
	struct link *now, *next; /* NULL: none */
};

/* An envelope that is being stored. */
struct envelope {
	struct channel_receipt base;
	struct link *link; /* NULL: it is gone */
	struct str acknowledge;
};

/* --- links --- */

static void link_free(struct link *link)
{
	struct line *line = link->line;

	for (struct channel_receipt *r = channel_line_receipts(&line->base); r; r = r->next)
		if (((struct envelope *)r)->link == link)
			((struct envelope *)r)->link = NULL;
	loop_timer_stop(channel_line_setup(&line->base)->loop, &link->timer);
	if (line->now == link)
		line->now = NULL;
	if (line->next == link)
		line->next = NULL;
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

/* --- envelopes --- */

static void stored(struct channel_receipt *receipt, bool is_stored)
{
	struct envelope *envelope = (struct envelope *)receipt;

	if (is_stored && envelope->link)
		outward_send(envelope->link->socket, envelope->acknowledge);
}

static void take(struct link *link, const struct slack_frame *frame, struct arena *arena)
{
	struct envelope *envelope = arena_new_of(arena, struct envelope);

	envelope->link = link;
	envelope->acknowledge = frame->acknowledge;
	channel_line_hear(&link->line->base, &frame->taken, &envelope->base, arena);
}

/* --- what the socket says --- */

static void greet(struct link *link)
{
	struct line *line = link->line;
	struct link *before = line->now;

	loop_timer_stop(channel_line_setup(&line->base)->loop, &link->timer);
	link->greeted = true;
	line->base.failures = 0;
	CHANNEL_LINE_TELL(&line->base, LOG_INFO, "Slack's socket is open", LOG_END);
	if (line->next != link)
		return;
	line->next = NULL;
	line->now = link;
	leave(before);
}

static void be_told_to_leave(struct link *link, struct str reason)
{
	struct line *line = link->line;

	CHANNEL_LINE_TELL(
		&line->base, LOG_INFO, "Slack wants another socket", log_word("reason", reason));
	if (link == line->now && !line->next && !line->base.asking)
		channel_line_try_in(&line->base, 0);
}

/* Nothing comes here until somebody switches it on again. */
static void be_disabled(struct link *link)
{
	struct line *line = link->line;

	leave(line->next);
	leave(line->now);
	channel_line_fail(&line->base, true, S("link_disabled"));
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
	if (line->next || line->base.asking)
		return;
	if (!greeted)
		channel_line_fail(&line->base, false, str_of(why));
	else if (!line->now) {
		CHANNEL_LINE_TELL(&line->base, LOG_INFO, "Slack's socket is closed",
			log_word("reason", str_of(why)));
		channel_line_try_in(&line->base, 0);
	}
}

static void no_hello(void *self)
{
	struct link *link = self;
	struct line *line = link->line;

	leave(link);
	channel_line_fail(&line->base, false, S("no hello"));
}

static void open_link(struct channel_line *base, struct str url)
{
	struct line *line = (struct line *)base;
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
	link->socket = outward_open(channel_line_client(base), &setup);
	loop_timer_start(channel_line_setup(base)->loop, &link->timer, hello_ms, no_hello, link);
}

/* --- all of them --- */

static bool wants_socket(const struct channel_seat *seat)
{
	return seat->codec == &slack_channel && seat->account.value[SLACK_APP_TOKEN].n;
}

static void leave_both(struct channel_line *base)
{
	struct line *line = (struct line *)base;

	leave(line->next);
	leave(line->now);
}

const struct channel_socket_platform slack_sockets = {
	.no_library = "Socket Mode does not work",
	.no_line = "Slack's socket cannot be opened",
	.line_bytes = sizeof(struct line),
	.wants = wants_socket,
	.connect = channel_line_ask,
	.address = slack_open,
	.address_read = slack_opened,
	.open = open_link,
	.leave = leave_both,
	.stored = stored,
};

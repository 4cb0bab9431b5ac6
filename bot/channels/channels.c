/* Messaging platforms: their requests, the dispatcher's courier, opening and closing. */
#include "bot/channels/channels.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bot/channels/channels_parts.h"

enum {
	max_body_bytes = 1 << 20,
	message_burst = 20,
	names_at_once = 100 * 1000,
	status_busy = 503,
};

/* --- requests --- */

static void answer_exchange(void *self, bool is_stored, const struct channel_taken *taken)
{
	static const struct str headers[] = {S("Cache-Control: no-store"), S("Retry-After: 2")};
	struct http_answer answer = {
		.status = is_stored ? taken->status : status_busy,
		.type = is_stored && taken->type.n ? taken->type : S("text/plain; charset=utf-8"),
		.body = is_stored ? taken->body : S("not stored; bring it again\n"),
		.headers = headers,
		.n_headers = is_stored ? 1 : 2,
	};

	exchange_answer(self, &answer);
}

static const struct channel_seat *seat_of(
	const struct channels *channels, struct str path, struct str *rest)
{
	struct str name;

	*rest = str_sub(path, strlen("/channels/"), path.n);
	name = str_cut(rest, '/');
	for (size_t i = 0; i < channels->setup.outbox.n_seats; i++)
		if (str_eq(channels->setup.outbox.seat[i].account.name, name))
			return &channels->setup.outbox.seat[i];
	return NULL;
}

/* An account that asks for what is new believes nobody who brings something. */
struct http_plan channels_plan(struct channels *channels, const struct http_head *head)
{
	struct str rest;
	const struct channel_seat *seat = seat_of(channels, head->path, &rest);

	if (!seat || channel_asks(seat))
		return (struct http_plan){.refuse = 404};
	return (struct http_plan){.max_body_bytes = str_is(head->method, "GET") ? 0 : max_body_bytes,
		.wanted = seat->codec->headers};
}

static struct str header_of(const void *inside, const char *name)
{
	const struct http_head *head = inside;

	if (strcmp(name, "authorization") == 0)
		return head->authorization;
	if (strcmp(name, "content-type") == 0)
		return head->content_type;
	return http_header(head, name);
}

void channels_request(struct channels *channels, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct str rest;
	const struct channel_seat *seat = seat_of(channels, head->path, &rest);
	struct channel_request request = {
		.method = head->method,
		.rest = rest,
		.query = head->query,
		.body = body,
		.header = header_of,
		.inside = head,
		.now_ms = channels_now(channels),
	};

	channels_give(channels, seat, &request, answer_exchange, exchange);
}

/* --- the courier --- */

static bool carries(void *self, struct str conversation)
{
	return outbox_seat(((struct channels *)self)->outbox, conversation) != NULL;
}

static void expect(void *self, struct str conversation)
{
	outbox_expect(((struct channels *)self)->outbox, conversation);
}

static void posted(void *self, struct str conversation)
{
	outbox_posted(((struct channels *)self)->outbox, conversation);
}

static void typing(void *self, struct str conversation)
{
	outbox_typing(((struct channels *)self)->outbox, conversation);
}

static void owner(void *self, struct str conversation, enum owner now)
{
	(void)now; /* the outbox asks how it stands */
	outbox_posted(((struct channels *)self)->outbox, conversation);
}

struct courier channels_courier(struct channels *channels)
{
	return (struct courier){
		.carries = carries,
		.expect = expect,
		.posted = posted,
		.typing = typing,
		.owner = owner,
		.self = channels,
	};
}

/* --- the door --- */

struct channels *channels_new(const struct channels_setup *setup)
{
	struct channels *channels = calloc(1, sizeof(*channels));

	if (!channels)
		abort();
	channels->setup = *setup;
	channels->outbox = outbox_new(&setup->outbox);
	channels->pull = calloc(setup->outbox.n_seats + 1, sizeof(struct channel_pull *));
	if (!channels->pull)
		abort();
	channels->messages = rate_new(setup->messages_per_minute, message_burst, names_at_once);
	return channels;
}

void channels_start(struct channels *channels, struct dispatcher *dispatcher)
{
	const struct outbox_setup *setup = &channels->setup.outbox;

	channels->dispatcher = dispatcher;
	outbox_start(channels->outbox, dispatcher);
	for (size_t i = 0; i < setup->n_seats; i++)
		channels->pull[i] = channel_pull_new(channels, setup, &setup->seat[i], dispatcher);
}

struct outbox *channels_outbox(struct channels *channels)
{
	return channels->outbox;
}

void channels_free(struct channels *channels)
{
	struct intake *intake, *next;

	if (!channels)
		return;
	for (size_t i = 0; i < channels->setup.outbox.n_seats; i++)
		channel_pull_free(channels->pull[i]);
	free(channels->pull);
	DL_FOREACH_SAFE(channels->intakes, intake, next)
	{
		if (channels->dispatcher)
			dispatcher_forget_done(channels->dispatcher, intake);
		intake->failed = true;
		channels_end_intake(intake);
	}
	outbox_free(channels->outbox);
	rate_free(channels->messages);
	free(channels);
}

/* Direct Line: the WebSocket that posts come over. */
#include <stdlib.h>
#include <string.h>

#include "bot/base/table.h"
#include "bot/base/text.h"
#include "bot/dispatch/transcript.h"
#include "bot/web/directline_parts.h"

enum {
	max_missing = 100, /* posts that a stream begins with; older ones are for polling */
	posts_a_frame = 10,
	next_ms = 30, /* between pieces of what is too long for the queue of a socket */
	max_user_bytes = 128,
};

struct directline_stream {
	struct directline_server *server;
	struct socket *socket;
	struct hearer hearer;
	UT_hash_handle hh;       /* by conversation, once it is open */
	struct loop_timer timer; /* for the next piece */
	uint32_t shown;
	bool open, leaving;
	bool behind; /* and not told what is new before it has the rest */
	size_t n_user;
	char user[max_user_bytes];
	struct str name, conversation, base; /* the second is the first's end */
	char text[];
};

/* --- writing --- */

static void put(struct directline_stream *stream)
{
	const struct buf *out = &stream->server->out;

	if (!stream->leaving && !out->over)
		(void)socket_send(stream->socket, buf_str(out));
}

static void leave(struct directline_stream *stream, const char *reason)
{
	stream->leaving = true;
	socket_close(stream->socket, 1000, reason);
}

static void look_of(
	struct directline_stream *stream, struct directline_look *look, struct arena *arena)
{
	directline_look(look, stream->server, stream->conversation,
		(struct str){stream->user, stream->n_user}, stream->base, arena);
}

static void write_posts(
	struct directline_stream *stream, const struct post *post, size_t n, struct arena *arena)
{
	struct directline_server *server = stream->server;
	struct directline_look look;

	look_of(stream, &look, arena);
	buf_clear(&server->out);
	directline_activities(&server->out, post, n, stream->shown, &look.view);
}

static void put_post(struct directline_stream *stream, const struct post *post, struct arena *arena)
{
	write_posts(stream, post, 1, arena);
	stream->shown = post->n;
	put(stream);
}

/* --- what the dispatcher tells --- */

static void hear_post(void *self, const struct post *post)
{
	struct directline_stream *stream = self;

	arena_reset(stream->server->late);
	if (post->n > stream->shown && !stream->behind)
		put_post(stream, post, stream->server->late);
}

static struct str person_of(struct directline_stream *stream)
{
	struct directline_server *server = stream->server;
	struct standing standing = dispatcher_standing(server->setup.dispatcher, stream->name);

	return standing.person.n ? standing.person : S("person");
}

static void hear_typing(void *self, enum post_who who)
{
	struct directline_stream *stream = self;
	struct directline_server *server = stream->server;
	struct directline_look look;
	struct str person;

	if (who == POST_BUYER)
		return;
	arena_reset(server->late);
	person = who == POST_PERSON ? person_of(stream) : S("");
	look_of(stream, &look, server->late);
	buf_clear(&server->out);
	directline_typing(&server->out, person, &look.view);
	put(stream);
}

static void hear_forgotten(void *self)
{
	struct directline_stream *stream = self;
	struct directline_look look;

	arena_reset(stream->server->late);
	look_of(stream, &look, stream->server->late);
	buf_clear(&stream->server->out);
	directline_end(&stream->server->out, &look.view);
	put(stream);
	leave(stream, "forgotten");
}

/* --- opening --- */

static struct directline_stream *stream_of(
	struct directline_server *server, struct str conversation)
{
	struct directline_stream *stream;

	HASH_FIND(hh, server->streams, conversation.p, conversation.n, stream);
	return stream;
}

static void unlist(struct directline_stream *stream)
{
	loop_timer_stop(stream->server->setup.loop, &stream->timer);
	if (!stream->open)
		return;
	HASH_DEL(stream->server->streams, stream);
	dispatcher_unhear(stream->server->setup.dispatcher, &stream->hearer);
	stream->open = false;
}

/* False: it was not made here. */
static bool read_after(const struct http_head *head, uint32_t *after)
{
	struct buf text;
	bool good;

	buf_init(&text, 40);
	*after = 0;
	good = !http_field(head->query, "watermark", &text) ||
	       directline_watermark(buf_str(&text), after);
	buf_release(&text);
	return good;
}

static void keep_stream(struct directline_server *server, struct socket *socket,
	struct str conversation, struct str base, uint32_t after)
{
	struct str name = directline_name(conversation, server->arena);
	struct directline_stream *stream = calloc(1, sizeof *stream + name.n + base.n + 1);

	if (!stream)
		abort();
	stream->server = server;
	stream->socket = socket;
	stream->shown = after;
	memcpy(stream->text, name.p, name.n);
	memcpy(stream->text + name.n, base.p, base.n);
	stream->name = (struct str){stream->text, name.n};
	stream->conversation = str_sub(stream->name, name.n - conversation.n, conversation.n);
	stream->base = (struct str){stream->text + name.n, base.n};
	socket_keep(socket, stream);
}

bool directline_open(struct directline_server *server, struct socket *socket,
	const struct http_head *head, unsigned *status)
{
	struct directline_route route = directline_route(head->method, head->path);
	uint32_t after = 0;

	arena_reset(server->arena);
	if (route.kind != ROUTE_STREAM)
		*status = 404;
	else if (!directline_page_is_fine(server, head))
		*status = 403;
	else if (!read_after(head, &after))
		*status = 400;
	else
		*status = directline_stream_grant(server, head, route.conversation);
	if (*status)
		return false;
	keep_stream(server, socket, route.conversation, directline_base(server, head), after);
	return true;
}

static size_t most_at_once(const struct directline_stream *stream)
{
	return listener_at_once(&stream->server->setup.config->limits);
}

/* A frame with the first of them, as many as go together; how many. */
static size_t put_frame(
	struct directline_stream *stream, const struct posts *posts, struct arena *arena)
{
	size_t n = posts->n < posts_a_frame ? posts->n : posts_a_frame;

	write_posts(stream, posts->post, n, arena);
	while (n > 1 && stream->server->out.n > most_at_once(stream) / 2) {
		n /= 2;
		write_posts(stream, posts->post, n, arena);
	}
	stream->shown = posts->post[n - 1].n;
	put(stream);
	return n;
}

/* A piece of what it does not have yet; the next comes when this one may have been read.  Who reads
 * more slowly is cut off, and comes back for the rest. */
static void catch_up(void *self)
{
	struct directline_stream *stream = self;
	struct directline_server *server = stream->server;
	struct posts posts;
	size_t n_bytes = 0, n;
	bool is_full;

	arena_reset(server->late);
	posts = transcript_page(
		server->setup.dispatcher, stream->name, stream->shown, max_missing, server->late);
	is_full = posts.n == max_missing; /* there may be more */
	for (; posts.n && n_bytes < most_at_once(stream); posts.post += n, posts.n -= n) {
		n = put_frame(stream, &posts, server->late);
		n_bytes += server->out.n;
	}
	stream->behind = posts.n || is_full;
	if (stream->behind)
		loop_timer_start(server->setup.loop, &stream->timer, next_ms, catch_up, stream);
}

static void put_missing(struct directline_stream *stream)
{
	uint32_t last = dispatcher_standing(stream->server->setup.dispatcher, stream->name).last;

	if (stream->shown >= last) {
		stream->shown = last;
		return;
	}
	if (last - stream->shown > max_missing)
		stream->shown = last - max_missing;
	catch_up(stream);
}

void directline_opened(struct directline_server *server, struct socket *socket)
{
	struct directline_stream *stream = socket_kept(socket), *first;

	arena_reset(server->arena);
	first = stream_of(server, stream->conversation);
	if (first) {
		unlist(first);
		leave(first, "collision");
	}
	put_missing(stream);
	stream->hearer = (struct hearer){
		.post = hear_post,
		.typing = hear_typing,
		.forgotten = hear_forgotten,
		.self = stream,
	};
	HASH_ADD_KEYPTR(
		hh, server->streams, stream->conversation.p, stream->conversation.n, stream);
	stream->open = true;
	dispatcher_hear(server->setup.dispatcher, stream->name, &stream->hearer);
}

/* Clients send empty messages to see whether we are still there. */
void directline_message(struct directline_server *server, struct socket *socket, struct str text)
{
	(void)server, (void)socket, (void)text;
}

void directline_closed(struct directline_server *server, struct socket *socket)
{
	struct directline_stream *stream = socket_kept(socket);

	(void)server;
	if (!stream)
		return;
	unlist(stream);
	free(stream);
	socket_keep(socket, NULL);
}

/* --- what the other calls tell it --- */

void directline_stream_user(
	struct directline_server *server, struct str conversation, struct str user)
{
	struct directline_stream *stream = stream_of(server, conversation);

	if (!stream)
		return;
	user = text_clip(user, max_user_bytes);
	if (user.n)
		memcpy(stream->user, user.p, user.n);
	stream->n_user = user.n;
}

void directline_stream_typing(struct directline_server *server, struct str conversation)
{
	struct directline_stream *stream = stream_of(server, conversation);

	dispatcher_typing(server->setup.dispatcher, directline_name(conversation, server->arena),
		POST_BUYER, stream ? &stream->hearer : NULL);
}

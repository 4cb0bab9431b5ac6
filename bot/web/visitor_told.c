/* What a buyer in the website's chat is told. */
#include "bot/web/visitor_parts.h"

struct buf *visitor_blank(struct visitor *visitor)
{
	buf_clear(&visitor->lobby->frame);
	return &visitor->lobby->frame;
}

void visitor_put(struct visitor *visitor)
{
	const struct buf *frame = &visitor->lobby->frame;

	if (!visitor->leaving && !frame->over)
		(void)socket_send(visitor->socket, buf_str(frame));
}

void visitor_leave(struct visitor *visitor, unsigned code, const char *reason)
{
	visitor->leaving = true;
	socket_close(visitor->socket, code, reason);
}

void visitor_put_error(struct visitor *visitor, const char *code, const char *text)
{
	frame_error(visitor_blank(visitor), code, text);
	visitor_put(visitor);
}

void visitor_put_refused(
	struct visitor *visitor, struct str id, const char *code, const char *text, int64_t wait_ms)
{
	metrics_add(visitor->lobby->metrics, "tenstep_refused_total", "message", code, 1);
	frame_refused(visitor_blank(visitor), id, code, text, wait_ms);
	visitor_put(visitor);
}

static void file_url(void *self, struct str file, struct buf *out)
{
	struct visitor *visitor = self;

	uploads_address(visitor->lobby->uploads, str_of(visitor->conversation), file, out);
}

struct frame_view visitor_view(struct visitor *visitor)
{
	const struct serve_config *config = visitor->lobby->config;

	return (struct frame_view){config->image_origin, config->n_image_origins, file_url, visitor,
		visitor->lobby->posts};
}

/* --- what the dispatcher tells --- */

void visitor_put_post(struct visitor *visitor, const struct post *post)
{
	struct frame_view view = visitor_view(visitor);

	if (post->n <= visitor->shown)
		return;
	visitor->shown = post->n;
	frame_post(visitor_blank(visitor), post, &view);
	visitor_put(visitor);
}

static void look(void *self)
{
	struct visitor *visitor = self;

	arena_reset(visitor->lobby->arena);
	visitor_look(visitor);
}

static void hear_sealed(void *self)
{
	struct visitor *visitor = self;

	loop_timer_start(visitor->lobby->loop, &visitor->timer, 0, look, visitor);
}

/* Where a proof has ended a post may be news for the former buyer only, or the one with which the
 * proof is made again. */
static void hear_post(void *self, const struct post *post)
{
	struct visitor *visitor = self;

	if (visitor->sealed)
		hear_sealed(visitor);
	else
		visitor_put_post(visitor, post);
}

static struct str waiting_text(struct visitor *visitor)
{
	struct lobby *lobby = visitor->lobby;

	if (!lobby->waiting_text)
		return S("");
	return lobby->waiting_text(
		lobby->self, str_of(visitor->conversation), visitor->words, lobby->arena);
}

void visitor_hear_owner(void *self, enum owner owner, struct str person)
{
	struct visitor *visitor = self;

	frame_owner(visitor_blank(visitor), str_of(owner_name[owner]), person,
		owner == OWNER_QUEUE ? waiting_text(visitor) : S(""));
	visitor_put(visitor);
}

static void hear_typing(void *self, enum post_who who)
{
	struct visitor *visitor = self;

	if (who == POST_BUYER) /* another tab of theirs */
		return;
	frame_typing(visitor_blank(visitor), post_who_name[who]);
	visitor_put(visitor);
}

static void hear_forgotten(void *self)
{
	struct visitor *visitor = self;

	frame_simple(visitor_blank(visitor), "forgotten");
	visitor_put(visitor);
	visitor_leave(visitor, 1000, "forgotten");
}

void visitor_listen(struct visitor *visitor)
{
	visitor->hearer = (struct hearer){
		.post = hear_post,
		.owner = visitor_hear_owner,
		.typing = hear_typing,
		.sealed = hear_sealed,
		.forgotten = hear_forgotten,
		.self = visitor,
	};
	dispatcher_hear(
		visitor->lobby->dispatcher, str_of(visitor->conversation), &visitor->hearer);
}

/* What Messenger and Instagram are told: texts and quick replies. */
#include "adapters/graph/graph.h"

#include "adapters/channel/codec.h"

static struct channel_call call_of(
	const struct channel_account *account, struct buf *body, struct arena *arena)
{
	return codec_call(arena, "POST",
		arena_printf(arena, "%.*s/me/messages", STR(codec_base(account->value[GRAPH_API]))),
		arena_printf(arena, "Authorization: Bearer %.*s", STR(account->value[GRAPH_TOKEN])),
		body);
}

static void begin(struct buf *body, const struct channel_peer *peer)
{
	codec_begin(body);
	json_out_key(body, "recipient");
	json_out_open(body, '{');
	json_out_member(body, "id", peer->peer);
	json_out_close(body, '}');
}

/* The options as lines below what is said, if all of it fits into one message. */
static struct str with_choices(
	const struct graph_profile *profile, const struct post *post, struct arena *arena)
{
	struct buf lines;
	struct str said = codec_said(post);

	buf_init(&lines, profile->text.most);
	buf_add(&lines, said);
	for (size_t i = 0; i < codec_choices(post); i++)
		buf_addf(&lines, "%s%zu. %.*s", lines.n ? "\n" : "", i + 1,
			STR(codec_choice_label(post, i)));
	if (!lines.over)
		said = arena_str(arena, buf_str(&lines));
	buf_release(&lines);
	return said;
}

static struct str text_of(
	const struct graph_profile *profile, const struct post *post, struct arena *arena)
{
	struct str said = codec_choices(post) && profile->repeats_choices
				  ? with_choices(profile, post, arena)
				  : codec_said(post);

	return codec_filled(said); /* quick replies need a text */
}

static void write_quick_reply(struct buf *body, const struct codec_choice *choice)
{
	json_out_member(body, "content_type", S("text"));
	json_out_member(body, "title", choice->label);
	json_out_member(body, "payload", choice->id);
}

size_t graph_encode(const struct graph_profile *profile, const struct channel_account *account,
	const struct channel_peer *peer, const struct post *post, struct arena *arena,
	const struct channel_call **calls)
{
	struct buf body;

	if (!codec_shows(post))
		return 0;
	begin(&body, peer);
	json_out_member(&body, "messaging_type", S("RESPONSE"));
	json_out_key(&body, "message");
	json_out_open(&body, '{');
	json_out_member(&body, "text", text_of(profile, post, arena));
	if (codec_choices(post))
		codec_write_choices(&body, "quick_replies", post, arena, write_quick_reply);
	json_out_close(&body, '}');
	return codec_one(arena, call_of(account, &body, arena), calls);
}

bool graph_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call)
{
	struct buf body;

	begin(&body, peer);
	json_out_member(&body, "sender_action", S("typing_on"));
	*call = call_of(account, &body, arena);
	call->optional = true;
	return true;
}

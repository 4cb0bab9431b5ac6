/* What Slack is told: texts, and blocks with buttons. */
#include "adapters/slack/slack.h"

#include "adapters/channel/codec.h"

/* Everything else of Slack's markup is switched off where it is sent. */
static struct str escaped(struct str text, struct arena *arena)
{
	struct str whole;
	struct buf out;

	buf_init(&out, 5 * text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '&':
			buf_adds(&out, "&amp;");
			break;
		case '<':
			buf_adds(&out, "&lt;");
			break;
		case '>':
			buf_adds(&out, "&gt;");
			break;
		default:
			buf_addc(&out, text.p[i]);
		}
	}
	whole = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return whole;
}

static void write_plain(struct buf *body, const char *key, struct str text)
{
	json_out_key(body, key);
	json_out_open(body, '{');
	json_out_member(body, "type", S("plain_text"));
	json_out_member(body, "text", text);
	json_out_member_bool(body, "emoji", false);
	json_out_close(body, '}');
}

static void write_button(struct buf *body, const struct codec_choice *choice)
{
	json_out_member(body, "type", S("button"));
	write_plain(body, "text", choice->label);
	/* Unique in the message. */
	json_out_member(
		body, "action_id", arena_printf(choice->arena, "choice-%zu", choice->index));
	json_out_member(body, "value", choice->id);
}

static void write_blocks(
	struct buf *body, struct str said, const struct post *post, struct arena *arena)
{
	json_out_key(body, "blocks");
	json_out_open(body, '[');
	if (said.n) {
		json_out_open(body, '{');
		json_out_member(body, "type", S("section"));
		write_plain(body, "text", said);
		json_out_close(body, '}');
	}
	json_out_open(body, '{');
	json_out_member(body, "type", S("actions"));
	codec_write_choices(body, "elements", post, arena, write_button);
	json_out_close(body, '}');
	json_out_close(body, ']');
}

size_t slack_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	struct str thread = peer->peer, channel = str_cut(&thread, ':');
	struct str said = escaped(codec_said(post), arena);
	struct buf body;

	if (!codec_shows(post))
		return 0;
	codec_begin(&body);
	json_out_member(&body, "channel", channel);
	json_out_member_if(&body, "thread_ts", thread);
	json_out_member(&body, "text", codec_filled(said));
	json_out_member_bool(&body, "mrkdwn", false);
	json_out_member_bool(&body, "unfurl_links", false);
	if (codec_choices(post))
		write_blocks(&body, said, post, arena);
	return codec_one(arena,
		codec_call(arena, "POST",
			arena_printf(arena, "%.*s/chat.postMessage",
				STR(codec_base(account->value[SLACK_API]))),
			arena_printf(arena, "Authorization: Bearer %.*s",
				STR(account->value[SLACK_TOKEN])),
			&body),
		calls);
}

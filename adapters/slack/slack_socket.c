/* Socket Mode: what the socket says, and what it is answered. */
#include "adapters/slack/slack.h"

#include "adapters/channel/codec.h"

struct channel_call slack_open(const struct channel_account *account, struct arena *arena)
{
	struct buf body;

	codec_begin(&body);
	return codec_call(arena, "POST",
		arena_printf(arena, "%.*s/apps.connections.open",
			STR(codec_base(account->value[SLACK_API]))),
		arena_printf(
			arena, "Authorization: Bearer %.*s", STR(account->value[SLACK_APP_TOKEN])),
		&body);
}

struct str slack_opened(const struct channel_account *account, const struct channel_answer *answer,
	struct arena *arena, bool *lost, struct str *why)
{
	struct channel_judgement judgement = slack_channel.judge(account, answer, arena);
	struct str url = S("");
	struct source source;
	struct json_doc *doc = codec_parse(&source, answer->body);

	*lost = judgement.verdict == CHANNEL_LOST || judgement.verdict == CHANNEL_NEVER;
	*why = judgement.why;
	if (doc && judgement.verdict == CHANNEL_SENT)
		url = codec_text(json_root(doc), "url", arena);
	json_doc_free(doc);
	return url;
}

static enum slack_frame_kind kind_of(const struct json *root)
{
	struct str type = json_text(json_get(root, "type"));

	if (str_is(type, "hello"))
		return SLACK_HELLO;
	if (str_is(type, "disconnect"))
		return str_is(json_text(json_get(root, "reason")), "link_disabled")
			       ? SLACK_DISABLED
			       : SLACK_DISCONNECT;
	return json_text(json_get(root, "envelope_id")).n ? SLACK_ENVELOPE : SLACK_OTHER;
}

static struct str acknowledgement(struct str envelope, struct arena *arena)
{
	struct str text;
	struct buf out;

	buf_init(&out, 1000);
	json_out_start(&out, '{');
	json_out_member(&out, "envelope_id", envelope);
	json_out_close(&out, '}');
	text = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return text;
}

/* What is not understood is acknowledged too: Slack would send it again for nothing. */
static void read_envelope(const struct json *root, struct slack_frame *frame, struct arena *arena)
{
	struct codec_events events = {.arena = arena};

	slack_read_payload(json_get(root, "payload"), &events);
	frame->taken = codec_taken(&events);
	frame->acknowledge = acknowledgement(codec_id(root, "envelope_id", arena), arena);
}

struct slack_frame slack_frame_read(struct str text, struct arena *arena)
{
	struct slack_frame frame = {.kind = SLACK_OTHER};
	struct source source;
	struct json_doc *doc = codec_parse(&source, text);

	if (!doc)
		return frame;
	frame.kind = kind_of(json_root(doc));
	if (frame.kind == SLACK_ENVELOPE)
		read_envelope(json_root(doc), &frame, arena);
	if (frame.kind == SLACK_DISCONNECT || frame.kind == SLACK_DISABLED)
		frame.reason = codec_id(json_root(doc), "reason", arena);
	json_doc_free(doc);
	return frame;
}

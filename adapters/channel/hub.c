/* What Meta's platforms have in common. */
#include "adapters/channel/hub.h"

#include "bot/base/percent.h"

enum { max_challenge_bytes = 1000 };

static struct str field(
	const struct channel_request *request, const char *name, struct arena *arena)
{
	struct str value = S("");
	struct buf out;

	buf_init(&out, max_challenge_bytes);
	if (percent_field(request->query, name, &out))
		value = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return value;
}

struct channel_taken hub_challenge(
	const struct channel_request *request, struct str verify_token, struct arena *arena)
{
	struct str challenge = field(request, "hub.challenge", arena);

	if (!str_is(field(request, "hub.mode", arena), "subscribe") ||
		!channel_same(verify_token, field(request, "hub.verify_token", arena)))
		return codec_refused(403, "verify token");
	/* It goes back to whoever asked, as plain text: only what Meta sends. */
	if (!codec_is_name(challenge))
		return codec_refused(403, "challenge");
	return codec_answered("text/plain", challenge);
}

bool hub_is_signed(const struct channel_request *request, struct str app_secret)
{
	struct str given = codec_header(request, "x-hub-signature-256"), head = S("sha256=");

	return str_starts(given, head) && channel_signed(app_secret, &request->body, 1,
						  str_sub(given, head.n, given.n), CHANNEL_HEX);
}

/* Messenger and Instagram name the message themselves, WhatsApp in a list of one. */
static struct str message_of(const struct json *root, struct arena *arena)
{
	struct str id = codec_id(root, "message_id", arena);

	return id.n ? id : codec_id(json_first(json_get(root, "messages")), "id", arena);
}

struct channel_judgement hub_judge(const struct channel_answer *answer, struct str token,
	const struct codec_rule *rule, size_t n_rules, struct arena *arena)
{
	struct channel_judgement judgement = codec_judge_status(answer, arena);
	struct source source;
	struct json_doc *doc = codec_parse(&source, answer->body);
	const struct json *root = doc ? json_root(doc) : NULL, *error = json_get(root, "error");
	int64_t code = codec_int(error, "code");

	if (json_is(error, JSON_OBJECT)) {
		/* A 2xx with an error in it is none; a 403 may be about one buyer only. */
		if (judgement.verdict == CHANNEL_SENT || answer->status == 403)
			judgement.verdict = CHANNEL_NEVER;
		codec_judge_code(&judgement, rule, n_rules, code);
		judgement.why = arena_printf(arena, "error %lld: %.*s", (long long)code,
			STR(codec_line(arena, json_text(json_get(error, "message")), token)));
	}
	if (judgement.verdict == CHANNEL_SENT)
		judgement.message = message_of(root, arena);
	json_doc_free(doc);
	return judgement;
}

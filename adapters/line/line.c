/* LINE: its settings, its limits, and what its answers mean. */
#include "adapters/line/line.h"

#include "adapters/channel/codec.h"

static const struct channel_setting setting[n_line_settings] = {
	[LINE_SECRET] = {"secret", "the channel's secret: signs what LINE sends",
		CHANNEL_SETTING_SECRET, true, NULL, 8, 256},
	[LINE_TOKEN] = {"token", "the channel's access token", CHANNEL_SETTING_SECRET, true, NULL,
		8, 1024},
	[LINE_API] = {"api", "the Messaging API", CHANNEL_SETTING_URL, false,
		"https://api.line.me"},
};

/* Two things are 429, and only the words tell them apart: too fast, and the month's messages are
 * used up.  Waiting helps against the first alone. */
static bool is_quota(struct str message)
{
	return str_find(message, S("monthly limit")) >= 0;
}

/* Used or older than a minute: the same post goes out as a push when the token is gone. */
static bool is_stale_token(struct str message)
{
	return str_eq_nocase(message, S("Invalid reply token"));
}

static void judge_words(struct channel_judgement *judgement, unsigned status, struct str message)
{
	if (status == 429 && is_quota(message))
		judgement->verdict = CHANNEL_NEVER;
	else if (status == 400 && is_stale_token(message)) {
		judgement->verdict = CHANNEL_AGAIN;
		judgement->wait_ms = 0;
	}
}

static struct channel_judgement judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	struct channel_judgement judgement = codec_judge_status(answer, arena);
	struct source source;
	struct json_doc *doc = codec_parse(&source, answer->body);
	const struct json *root = doc ? json_root(doc) : NULL;
	struct str message = json_text(json_get(root, "message"));

	if (answer->status == 409) /* this retry key was here before */
		judgement.verdict = CHANNEL_SENT;
	if (message.n)
		judgement.why = codec_line(arena, message, account->value[LINE_TOKEN]);
	judge_words(&judgement, answer->status, message);
	judgement.message = codec_id(json_first(json_get(root, "sentMessages")), "id", arena);
	json_doc_free(doc);
	return judgement;
}

static const char *const headers[] = {"x-line-signature", NULL};

const struct channel line_channel = {
	.name = "line",
	.about = "LINE Messaging API",
	.setting = setting,
	.n_settings = n_line_settings,
	.limits =
		{
			.text = {5000, CHANNEL_UTF16},
			.buttons = 13,
			.label = {20, CHANNEL_GRAPHEMES},
			.payload = {300, CHANNEL_BYTES},
			.per_s = 2000,
			.answer_ms = 2000,
		},
	.resends = true,
	.take = line_take,
	.headers = headers,
	.encode = line_encode,
	.judge = judge,
	.typing = line_typing,
	.enroll = line_enroll,
};

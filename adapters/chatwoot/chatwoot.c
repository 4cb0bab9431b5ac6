/* Chatwoot: its settings, its limits, and what its answers mean. */
#include "adapters/chatwoot/chatwoot.h"

#include "adapters/channel/codec.h"

static const struct channel_setting setting[n_chatwoot_settings] = {
	[CHATWOOT_URL] = {"url", "where Chatwoot is", CHANNEL_SETTING_URL, true, NULL},
	[CHATWOOT_TOKEN] = {"token", "the agent bot's access token", CHANNEL_SETTING_SECRET, true,
		NULL, 8, 256},
	[CHATWOOT_SECRET] = {"secret", "the agent bot's secret: signs what Chatwoot sends",
		CHANNEL_SETTING_SECRET, false, NULL, 8, 256},
	[CHATWOOT_PATH] = {"path",
		"for old releases that sign nothing, in place of secret: a long word behind the "
		"address",
		CHANNEL_SETTING_SECRET, false, NULL, 24, 128},
};

static struct channel_judgement judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	struct channel_judgement judgement = codec_judge_status(answer, arena);
	struct source source;
	struct json_doc *doc = codec_parse(&source, answer->body);
	const struct json *root = doc ? json_root(doc) : NULL;
	struct str error = json_text(json_get(root, "error"));

	if (judgement.verdict == CHANNEL_SENT)
		judgement.message = codec_id(root, "id", arena);
	else if (error.n || json_text(json_get(root, "message")).n)
		judgement.why =
			codec_line(arena, error.n ? error : json_text(json_get(root, "message")),
				account->value[CHATWOOT_TOKEN]);
	json_doc_free(doc);
	return judgement;
}

static const char *fault(const struct channel_account *account)
{
	return account->value[CHATWOOT_SECRET].n || account->value[CHATWOOT_PATH].n
		       ? NULL
		       : "needs 'secret', or 'path' where Chatwoot signs nothing";
}

/* The platform behind Chatwoot has limits of its own, which nobody tells us: these fit most. */
static const char *const headers[] = {"x-chatwoot-signature", "x-chatwoot-timestamp", NULL};

const struct channel chatwoot_channel = {
	.name = "chatwoot",
	.about = "Chatwoot agent bot",
	.setting = setting,
	.n_settings = n_chatwoot_settings,
	.limits =
		{
			.text = {4000, CHANNEL_UTF16},
			.buttons = 10,
			.label = {24, CHANNEL_UTF16},
			.payload = {200, CHANNEL_BYTES},
			.per_s = 50, /* 3,000 a minute */
			.answer_ms = 5000,
		},
	.take = chatwoot_take,
	.headers = headers,
	.encode = chatwoot_encode,
	.judge = judge,
	.typing = chatwoot_typing,
	.owner = chatwoot_owner,
	.fault = fault,
};

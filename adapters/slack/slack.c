/* Slack: its settings, its limits, and what its answers mean. */
#include "adapters/slack/slack.h"

#include "adapters/channel/codec.h"

static const struct channel_setting setting[n_slack_settings] = {
	[SLACK_SECRET] = {"signing_secret",
		"the app's signing secret; not needed with app_token (Socket Mode)",
		CHANNEL_SETTING_SECRET, false, NULL, 8, 256},
	[SLACK_TOKEN] = {"token", "the bot's token (xoxb-…) with chat:write and im:history",
		CHANNEL_SETTING_SECRET, true, NULL, 8, 512},
	[SLACK_APP_TOKEN] = {"app_token",
		"an app-level token (xapp-…): Socket Mode, no public address is needed",
		CHANNEL_SETTING_SECRET, false, NULL, 8, 512},
	[SLACK_API] = {"api", "the Web API", CHANNEL_SETTING_URL, false, "https://slack.com/api"},
};

/* 200 is the status of nearly everything: what happened stands in "error". */
static const struct {
	const char *error;
	enum channel_verdict verdict;
} rule[] = {
	{"account_inactive", CHANNEL_LOST},
	{"ekm_access_denied", CHANNEL_LOST},
	{"fatal_error", CHANNEL_UNCLEAR}, /* "part of it may have happened" */
	{"internal_error", CHANNEL_UNCLEAR},
	{"invalid_auth", CHANNEL_LOST},
	{"missing_scope", CHANNEL_LOST},
	{"not_authed", CHANNEL_LOST},
	{"org_login_required", CHANNEL_LOST},
	{"rate_limited", CHANNEL_AGAIN},
	{"ratelimited", CHANNEL_AGAIN},
	{"request_timeout", CHANNEL_AGAIN}, /* the request was cut before it was read */
	{"service_unavailable", CHANNEL_AGAIN},
	{"team_access_not_granted", CHANNEL_LOST},
	{"token_expired", CHANNEL_LOST},
	{"token_revoked", CHANNEL_LOST},
};

static enum channel_verdict verdict_of(struct str error)
{
	for (size_t i = 0; i < sizeof(rule) / sizeof(*rule); i++)
		if (str_is(error, rule[i].error))
			return rule[i].verdict;
	return CHANNEL_NEVER;
}

static struct channel_judgement judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	struct channel_judgement judgement = codec_judge_status(answer, arena);
	struct source source;
	struct json_doc *doc = codec_parse(&source, answer->body);
	const struct json *root = doc ? json_root(doc) : NULL;
	struct str error = json_text(json_get(root, "error"));

	if (error.n && answer->status != 429) {
		judgement.verdict = verdict_of(error);
		judgement.why = codec_line(arena, error, account->value[SLACK_TOKEN]);
	} else if (judgement.verdict == CHANNEL_SENT && !json_bool(json_get(root, "ok"))) {
		judgement.verdict = CHANNEL_UNCLEAR;
		judgement.why = S("200 without \"ok\"");
	}
	judgement.message = codec_id(root, "ts", arena);
	json_doc_free(doc);
	return judgement;
}

static const char *fault(const struct channel_account *account)
{
	return account->value[SLACK_SECRET].n || account->value[SLACK_APP_TOKEN].n
		       ? NULL
		       : "needs 'signing_secret' (webhooks) or 'app_token' (Socket Mode)";
}

/* Three characters are escaped, the longest by five: limits that are counted after that are a fifth
 * here, so that no text needs a second look. */
static const char *const headers[] = {"x-slack-signature", "x-slack-request-timestamp", NULL};

const struct channel slack_channel = {
	.name = "slack",
	.about = "Slack",
	.setting = setting,
	.n_settings = n_slack_settings,
	.limits =
		{
			.text = {4000, CHANNEL_UTF16},
			.question_text = {3000 / 5, CHANNEL_UTF16},
			.buttons = 25,
			.label = {75, CHANNEL_UTF16},
			.payload = {2000, CHANNEL_BYTES},
			.per_peer_per_s = 1,
			.answer_ms = 3000,
		},
	.take = slack_take,
	.headers = headers,
	.encode = slack_encode,
	.judge = judge,
	.fault = fault,
};

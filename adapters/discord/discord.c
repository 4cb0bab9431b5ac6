/* Discord: its settings, its limits, and what its answers mean. */
#include "adapters/discord/discord.h"

#include "adapters/channel/codec.h"
#include "bot/base/digest.h"

enum { max_wait_ms = 3600 * 1000 };

static const struct channel_setting setting[n_discord_settings] = {
	[DISCORD_APPLICATION] = {"application", "the application's id", CHANNEL_SETTING_TEXT, true,
		NULL, 1, 32},
	[DISCORD_PUBLIC_KEY] = {"public_key", "the application's public key: 64 hexadecimal digits",
		CHANNEL_SETTING_TEXT, true, NULL, 64, 64},
	[DISCORD_TOKEN] = {"token", "the bot's token", CHANNEL_SETTING_SECRET, true, NULL, 8, 256},
	[DISCORD_API] = {"api", "the HTTP API", CHANNEL_SETTING_URL, false,
		"https://discord.com/api/v10"},
	[DISCORD_GATEWAY] = {"gateway",
		"true: a connection of our own, for direct messages without a command",
		CHANNEL_SETTING_SWITCH, false},
};

/* 401 and 403 may be about one conversation only. */
static const struct codec_rule rule[] = {
	{10003, CHANNEL_NEVER},                         /* no such channel */
	{10015, CHANNEL_NEVER},                         /* the interaction's token is over */
	{10062, CHANNEL_NEVER}, {20016, CHANNEL_AGAIN}, /* slow mode */
	{20028, CHANNEL_AGAIN},                         /* too many messages in the channel */
	{50001, CHANNEL_NEVER}, {50007, CHANNEL_NEVER}, /* the buyer takes no direct messages */
	{50013, CHANNEL_NEVER}, {50027, CHANNEL_NEVER}, /* the interaction's token is over */
	{50278, CHANNEL_NEVER},                         /* no server in common any more */
};

/* Seconds with a fraction; absent or out of all reason: what the header said. */
static int64_t wait_of(const struct json *root, int64_t header_ms)
{
	const struct json *wait = json_get(root, "retry_after");
	double seconds = json_is(wait, JSON_NUMBER) ? json_number(wait) : -1;

	if (seconds < 0 || seconds > max_wait_ms / 1000)
		return header_ms;
	return (int64_t)(seconds * 1000) + 1;
}

static struct channel_judgement judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	struct channel_judgement judgement = codec_judge_status(answer, arena);
	struct source source;
	struct json_doc *doc = codec_parse(&source, answer->body);
	const struct json *root = doc ? json_root(doc) : NULL;

	if (judgement.verdict == CHANNEL_SENT) {
		judgement.message = codec_id(root, "id", arena);
	} else {
		if (answer->status == 403)
			judgement.verdict = CHANNEL_NEVER;
		if (json_text(json_get(root, "message")).n)
			judgement.why = codec_line(arena, json_text(json_get(root, "message")),
				account->value[DISCORD_TOKEN]);
		judgement.wait_ms = wait_of(root, judgement.wait_ms);
		codec_judge_code(
			&judgement, rule, sizeof(rule) / sizeof(*rule), codec_int(root, "code"));
	}
	json_doc_free(doc);
	return judgement;
}

static const char *fault(const struct channel_account *account)
{
	unsigned char key[32];

	return hex_decode(account->value[DISCORD_PUBLIC_KEY], key, sizeof(key))
		       ? NULL
		       : "'public_key' is 64 hexadecimal digits";
}

/* 2,000 characters, and each may need a backslash in front. */
static const char *const headers[] = {"x-signature-ed25519", "x-signature-timestamp", NULL};

const struct channel discord_channel = {
	.name = "discord",
	.about = "Discord",
	.setting = setting,
	.n_settings = n_discord_settings,
	.limits =
		{
			.text = {2000 / 2, CHANNEL_UTF16},
			.buttons = 25,
			.label = {80, CHANNEL_UTF16},
			.payload = {100, CHANNEL_BYTES},
			.per_s = 50,
			.answer_ms = 3000,
		},
	.take = discord_take,
	.headers = headers,
	.encode = discord_encode,
	.judge = judge,
	.typing = discord_typing,
	.enroll = discord_enroll,
	.fault = fault,
};

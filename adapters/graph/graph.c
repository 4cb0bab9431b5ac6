/* Messenger and Instagram: settings, limits, and what errors mean. */
#include "adapters/graph/graph.h"

#include "adapters/channel/hub.h"

#define SETTINGS(account_help, api)                                                                \
	{                                                                                          \
		[GRAPH_ACCOUNT] = {"account", account_help, CHANNEL_SETTING_TEXT, true, NULL, 1,   \
			64},                                                                       \
		[GRAPH_TOKEN] = {"token", "access token with the right to send messages",          \
			CHANNEL_SETTING_SECRET, true, NULL, 8, 1024},                              \
		[GRAPH_APP_SECRET] = {"app_secret", "the app's secret: signs what Meta sends",     \
			CHANNEL_SETTING_SECRET, true, NULL, 8, 256},                               \
		[GRAPH_VERIFY_TOKEN] = {"verify_token",                                            \
			"a word of your own, given to Meta with the address",                      \
			CHANNEL_SETTING_SECRET, true, NULL, 8, 256},                               \
		[GRAPH_API] = {                                                                    \
			"api", "the Graph API with its version", CHANNEL_SETTING_URL, false, api}, \
	}

static const struct channel_setting messenger_setting[n_graph_settings] =
	SETTINGS("the Page's id", "https://graph.facebook.com/v25.0");
static const struct channel_setting instagram_setting[n_graph_settings] =
	SETTINGS("the Instagram professional account's id", "https://graph.instagram.com/v25.0");

enum { messenger_text_units = 2000, instagram_text_bytes = 1000 };

static const struct graph_profile messenger = {
	"page", false, {messenger_text_units, CHANNEL_UTF16}};
static const struct graph_profile instagram = {
	"instagram", true, {instagram_text_bytes, CHANNEL_BYTES}};

/* The status is 400 for nearly all of them, the code says what happened.  10 and 200 may be about
 * one buyer (the 24 hours are over) or about a right that the app has not: the rest goes on. */
static const struct codec_rule rule[] = {
	{1, CHANNEL_UNCLEAR},
	{2, CHANNEL_AGAIN, 5000},
	{4, CHANNEL_AGAIN, 60000},
	{10, CHANNEL_NEVER},
	{17, CHANNEL_AGAIN, 60000},
	{32, CHANNEL_AGAIN, 60000},
	{100, CHANNEL_NEVER},
	{102, CHANNEL_LOST},
	{190, CHANNEL_LOST},
	{200, CHANNEL_NEVER},
	{368, CHANNEL_LOST},  /* blocked for breaking a policy */
	{551, CHANNEL_NEVER}, /* the buyer does not want messages */
	{613, CHANNEL_AGAIN, 1000},
	{80006, CHANNEL_AGAIN, 60000},
};

static struct channel_judgement judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	return hub_judge(
		answer, account->value[GRAPH_TOKEN], rule, sizeof(rule) / sizeof(*rule), arena);
}

static struct channel_taken messenger_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	return graph_take(&messenger, account, request, arena);
}

static struct channel_taken instagram_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena)
{
	return graph_take(&instagram, account, request, arena);
}

static size_t messenger_encode(const struct channel_account *account,
	const struct channel_peer *peer, const struct post *post, struct arena *arena,
	const struct channel_call **calls)
{
	return graph_encode(&messenger, account, peer, post, arena, calls);
}

static size_t instagram_encode(const struct channel_account *account,
	const struct channel_peer *peer, const struct post *post, struct arena *arena,
	const struct channel_call **calls)
{
	return graph_encode(&instagram, account, peer, post, arena, calls);
}

static const char *const headers[] = {"x-hub-signature-256", NULL};

const struct channel messenger_channel = {
	.name = "messenger",
	.about = "Facebook Messenger",
	.setting = messenger_setting,
	.n_settings = n_graph_settings,
	.limits =
		{
			.text = {messenger_text_units, CHANNEL_UTF16},
			.buttons = 13,
			.label = {20, CHANNEL_UTF16},
			.payload = {1000, CHANNEL_BYTES},
			.per_s = 300,
			.window_ms = 24 * 3600 * 1000LL,
			.answer_ms = 5000,
		},
	.take = messenger_take,
	.headers = headers,
	.encode = messenger_encode,
	.judge = judge,
	.typing = graph_typing,
};

const struct channel instagram_channel = {
	.name = "instagram",
	.about = "Instagram messaging",
	.setting = instagram_setting,
	.n_settings = n_graph_settings,
	.limits =
		{
			.text = {instagram_text_bytes, CHANNEL_BYTES},
			.buttons = 13,
			.label = {20, CHANNEL_UTF16},
			.payload = {1000, CHANNEL_BYTES},
			.per_s = 300,
			.window_ms = 24 * 3600 * 1000LL,
			.answer_ms = 5000,
		},
	.take = instagram_take,
	.headers = headers,
	.encode = instagram_encode,
	.judge = judge,
	.typing = graph_typing,
};

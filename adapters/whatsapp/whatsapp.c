/* WhatsApp Cloud API: its settings, its limits, and what its errors mean. */
#include "adapters/whatsapp/whatsapp.h"

#include "adapters/channel/hub.h"

static const struct channel_setting setting[n_whatsapp_settings] = {
	[WHATSAPP_NUMBER] = {"number", "the phone number's id (digits; not the number itself)",
		CHANNEL_SETTING_TEXT, true, NULL, 1, 64},
	[WHATSAPP_TOKEN] = {"token",
		"access token of a system user with whatsapp_business_messaging",
		CHANNEL_SETTING_SECRET, true, NULL, 8, 1024},
	[WHATSAPP_APP_SECRET] = {"app_secret", "the app's secret: signs what Meta sends",
		CHANNEL_SETTING_SECRET, true, NULL, 8, 256},
	[WHATSAPP_VERIFY_TOKEN] = {"verify_token",
		"a word of your own, given to Meta with the address", CHANNEL_SETTING_SECRET, true,
		NULL, 8, 256},
	[WHATSAPP_API] = {"api", "the Graph API with its version", CHANNEL_SETTING_URL, false,
		"https://graph.facebook.com/v25.0"},
};

/* The status says little (400 or 429 for most), the code says what happened.
 * 131056 is "too many messages to this one person": about one in six seconds is fine. */
static const struct codec_rule rule[] = {
	{0, CHANNEL_LOST},        /* the token cannot be used */
	{1, CHANNEL_UNCLEAR},     /* unknown to Meta itself */
	{2, CHANNEL_AGAIN, 5000}, /* service unavailable */
	{3, CHANNEL_LOST},        /* no permission */
	{4, CHANNEL_AGAIN, 60000}, {10, CHANNEL_LOST}, {190, CHANNEL_LOST}, {200, CHANNEL_LOST},
	{368, CHANNEL_LOST}, /* blocked for breaking a policy */
	{80007, CHANNEL_AGAIN, 60000}, {130429, CHANNEL_AGAIN, 1000}, {131005, CHANNEL_LOST},
	{131016, CHANNEL_AGAIN, 5000}, {131026, CHANNEL_NEVER}, /* cannot be delivered */
	{131031, CHANNEL_LOST},                                 /* the account is locked */
	{131042, CHANNEL_LOST},                                 /* not paid */
	{131047, CHANNEL_NEVER},                                /* the 24 hours are over */
	{131048, CHANNEL_AGAIN, 60000}, {131056, CHANNEL_AGAIN, 6000},
	{133004, CHANNEL_AGAIN, 5000}, {133010, CHANNEL_LOST}, /* the number is not registered */
};

static struct channel_judgement judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	return hub_judge(
		answer, account->value[WHATSAPP_TOKEN], rule, sizeof(rule) / sizeof(*rule), arena);
}

static const char *const headers[] = {"x-hub-signature-256", NULL};

const struct channel whatsapp_channel = {
	.name = "whatsapp",
	.about = "WhatsApp Cloud API",
	.setting = setting,
	.n_settings = n_whatsapp_settings,
	.limits =
		{
			.text = {4096, CHANNEL_UTF16},
			.question_text = {1024, CHANNEL_UTF16},
			.buttons = 3,
			.list_rows = 10,
			.label = {20, CHANNEL_UTF16},
			.row_label = {24, CHANNEL_UTF16},
			.payload = {200, CHANNEL_BYTES},
			.per_s = 80,
			.window_ms = 24 * 3600 * 1000LL,
			.answer_ms = 5000,
		},
	.take = whatsapp_take,
	.headers = headers,
	.encode = whatsapp_encode,
	.judge = judge,
	.typing = whatsapp_typing,
	.enroll = whatsapp_enroll,
};

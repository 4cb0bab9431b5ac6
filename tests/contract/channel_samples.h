/* One entry a platform. */
#ifndef TENSTEP_TESTS_CHANNEL_SAMPLES_H
#define TENSTEP_TESTS_CHANNEL_SAMPLES_H

#include "adapters/chatwoot/chatwoot.h"
#include "adapters/discord/discord.h"
#include "adapters/graph/graph.h"
#include "adapters/hook/hook.h"
#include "adapters/line/line.h"
#include "adapters/slack/slack.h"
#include "adapters/tiktok_chat/tiktok_chat.h"
#include "adapters/viber/viber.h"
#include "adapters/whatsapp/whatsapp.h"
#include "adapters/zalo/zalo.h"
#include "bot/base/digest.h"
#include "bot/config/channel_table.h"
#include "tests/contract/channel_sample.h"
#include "tests/unit/channel/ed25519_kit.h"

#define paths(...) ((const char *const[]){__VA_ARGS__, NULL})

/* --- how each proves a body --- */

static inline struct str sample_secret(const struct sample *sample, const char *name)
{
	for (size_t i = 0; i < sample->codec->n_settings; i++)
		if (strcmp(sample->codec->setting[i].name, name) == 0)
			return sample->value[i];
	return S("");
}

static inline struct str sample_hex(struct str key, struct str bytes, struct arena *arena)
{
	char hex[65];

	digest_hex(digest_hmac(key, bytes), hex);
	return arena_str(arena, str_of(hex));
}

static inline struct str sample_word(const struct sample *sample, struct str body, int64_t now_ms,
	struct arena *arena, const char *name)
{
	(void)body, (void)now_ms, (void)arena;
	return strcmp(name, sample->proof) == 0 ? sample_secret(sample, "secret") : S("");
}

static inline struct str sample_hub(const struct sample *sample, struct str body, int64_t now_ms,
	struct arena *arena, const char *name)
{
	(void)now_ms;
	if (strcmp(name, sample->proof) != 0)
		return S("");
	return arena_printf(arena, "sha256=%.*s",
		STR(sample_hex(sample_secret(sample, "app_secret"), body, arena)));
}

static inline struct str sample_line(const struct sample *sample, struct str body, int64_t now_ms,
	struct arena *arena, const char *name)
{
	struct digest digest = digest_hmac(sample_secret(sample, "secret"), body);
	struct str text;
	struct buf out;

	(void)now_ms;
	if (strcmp(name, sample->proof) != 0)
		return S("");
	buf_init(&out, 100);
	base64_encode((struct str){(const char *)digest.byte, sizeof(digest.byte)}, &out);
	text = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return text;
}

/* The app's key stands before the body. */
static inline struct str sample_tiktok(const struct sample *sample, struct str body, int64_t now_ms,
	struct arena *arena, const char *name)
{
	(void)now_ms;
	if (strcmp(name, sample->proof) != 0)
		return S("");
	return sample_hex(sample->value[TIKTOK_CHAT_SECRET],
		arena_printf(arena, "%.*s%.*s", STR(sample->value[TIKTOK_CHAT_KEY]), STR(body)),
		arena);
}

/* Standard Webhooks: three headers. */
static inline struct str sample_standard(const struct sample *sample, struct str body,
	int64_t now_ms, struct arena *arena, const char *name)
{
	struct digest digest = digest_hmac(sample->value[HOOK_SECRET],
		arena_printf(arena, "msg_%.8s.%lld.%.*s", sample_hex(S("id"), body, arena).p,
			(long long)(now_ms / 1000), STR(body)));
	struct str text = {0};
	struct buf out;

	if (strcmp(name, "webhook-id") == 0)
		return arena_printf(arena, "msg_%.8s", sample_hex(S("id"), body, arena).p);
	if (strcmp(name, "webhook-timestamp") == 0)
		return arena_printf(arena, "%lld", (long long)(now_ms / 1000));
	if (strcmp(name, sample->proof) != 0)
		return text;
	buf_init(&out, 100);
	buf_adds(&out, "v1,");
	base64_encode((struct str){(const char *)digest.byte, sizeof(digest.byte)}, &out);
	text = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return text;
}

/* The time and the body, in hexadecimal behind a word. */
static inline struct str sample_timed(const struct sample *sample, struct str body, int64_t now_ms,
	struct arena *arena, const char *name)
{
	bool slack = strcmp(sample->proof, "x-slack-signature") == 0;
	const char *time = slack ? "x-slack-request-timestamp" : "x-chatwoot-timestamp";
	long long seconds = now_ms / 1000;
	struct str signed_bytes = slack ? arena_printf(arena, "v0:%lld:%.*s", seconds, STR(body))
					: arena_printf(arena, "%lld.%.*s", seconds, STR(body));

	if (strcmp(name, time) == 0)
		return arena_printf(arena, "%lld", seconds);
	if (strcmp(name, sample->proof) != 0)
		return S("");
	return arena_printf(arena, "%s%.*s", slack ? "v0=" : "sha256=",
		STR(sample_hex(sample->value[slack ? SLACK_SECRET : CHATWOOT_SECRET], signed_bytes,
			arena)));
}

static inline struct str sample_discord(const struct sample *sample, struct str body,
	int64_t now_ms, struct arena *arena, const char *name)
{
	struct str time = arena_printf(arena, "%lld", (long long)(now_ms / 1000));

	if (strcmp(name, "x-signature-timestamp") == 0)
		return time;
	if (strcmp(name, sample->proof) != 0)
		return S("");
	return ed25519_sign(arena, arena_printf(arena, "%.*s%.*s", STR(time), STR(body)));
}

static inline struct str sample_viber(const struct sample *sample, struct str body, int64_t now_ms,
	struct arena *arena, const char *name)
{
	(void)now_ms;
	return strcmp(name, sample->proof) == 0
		       ? sample_hex(sample->value[VIBER_TOKEN], body, arena)
		       : S("");
}

/* No key: the secret is hashed with the rest.  The time of all bodies below is 5. */
static inline struct str sample_zalo(const struct sample *sample, struct str body, int64_t now_ms,
	struct arena *arena, const char *name)
{
	char hex[65];

	(void)now_ms;
	if (strcmp(name, sample->proof) != 0)
		return S("");
	digest_hex(digest_of(arena_printf(arena, "%.*s%.*s5%.*s", STR(sample->value[ZALO_APP]),
			   STR(body), STR(sample->value[ZALO_SECRET]))),
		hex);
	return arena_printf(arena, "mac=%s", hex);
}

/* --- how some write texts --- */

static inline struct str sample_replaced(
	struct str text, const char *const *pair, bool back, struct arena *arena)
{
	struct str whole;
	struct buf out;

	buf_init(&out, 6 * text.n + 1);
	for (size_t at = 0, n; at < text.n; at += n) {
		struct str rest = str_sub(text, at, text.n);
		const char *put = NULL;

		n = 1;
		for (size_t i = 0; pair[i] && !put; i += 2)
			if (str_starts(rest, str_of(pair[back ? i + 1 : i]))) {
				put = pair[back ? i : i + 1];
				n = strlen(pair[back ? i + 1 : i]);
			}
		if (put)
			buf_adds(&out, put);
		else
			buf_addc(&out, rest.p[0]);
	}
	whole = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return whole;
}

static const char *const slack_pair[] = {"&", "&amp;", "<", "&lt;", ">", "&gt;", NULL};

static inline struct str sample_to_slack(struct str text, struct arena *arena)
{
	return sample_replaced(text, slack_pair, false, arena);
}

static inline struct str sample_from_slack(struct str text, struct arena *arena)
{
	return sample_replaced(text, slack_pair, true, arena);
}

/* A backslash takes the meaning of what follows. */
static inline struct str sample_from_discord(struct str text, struct arena *arena)
{
	char *out = arena_cstr(arena, text);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\' && i + 1 < text.n)
			i++;
		out[n++] = text.p[i];
	}
	return (struct str){out, n};
}

/* --- the bodies --- */

#define SLACK(inside)                                                                              \
	"{\"type\":\"event_callback\",\"event_id\":\"Ev%I\",\"event_time\":1749416383,"            \
	"\"event\":{\"type\":\"message\",\"channel\":\"%P\",\"channel_type\":\"im\",\"user\":"     \
	"\"U1\",\"ts\":\"1749416383.%I\"," inside "}}"

#define DISCORD(inside)                                                                            \
	"{\"id\":\"%I\",\"token\":\"tok\",\"channel_id\":\"%P\",\"user\":{\"id\":\"6\"}," inside "}"

#define CHATWOOT(event, type, inside)                                                              \
	"{\"event\":\"" event "\",\"id\":%I,\"message_type\":\"" type "\",\"sender\":{\"id\":7,"   \
	"\"name\":\"An\"},\"conversation\":{\"id\":11,\"status\":\"pending\"},"                    \
	"\"account\":{\"id\":1}," inside "}"

#define VIBER(inside)                                                                              \
	"{\"event\":\"message\",\"timestamp\":1,\"message_token\":%I,\"sender\":{\"id\":\"%P\","   \
	"\"name\":\"An\"},\"message\":{" inside "}}"

#define ZALO(event, inside)                                                                        \
	"{\"event_name\":\"" event "\",\"timestamp\":\"5\",\"sender\":{\"id\":\"%P\"},"            \
	"\"message\":{\"msg_id\":\"%I\"," inside "}}"

#define TELEGRAM_FROM                                                                              \
	"\"from\":{\"id\":%P,\"is_bot\":false,\"first_name\":\"Maya\",\"language_code\":\"en\"},"  \
	"\"chat\":{\"id\":%P,\"type\":\"private\"},\"date\":1749416383"

#define WHATSAPP(inside)                                                                           \
	"{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{"        \
	"\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":{\"phone_number_id\":"         \
	"\"106540352242922\"},\"contacts\":[{\"profile\":{\"name\":\"Maya\"},\"wa_id\":\"%P\"}]"   \
	"," inside "},\"field\":\"messages\"}]}]}"
#define WHATSAPP_MESSAGE(inside)                                                                   \
	WHATSAPP("\"messages\":[{\"from\":\"%P\",\"id\":\"%I\",\"timestamp\":"                     \
		 "\"1749416383\"," inside "}]")

#define GRAPH(object, id, inside)                                                                  \
	"{\"object\":\"" object "\",\"entry\":[{\"id\":\"" id "\",\"time\":1,\"messaging\":[{"     \
	"\"sender\":{\"id\":\"%P\"},\"recipient\":{\"id\":\"" id "\"},"                            \
	"\"timestamp\":1749416383000," inside "}]}]}"
#define GRAPH_BODIES(object, id)                                                                   \
	{                                                                                          \
		[SAMPLE_TEXT] = GRAPH(object, id, "\"message\":{\"mid\":\"%I\",\"text\":\"%T\"}"), \
		[SAMPLE_PRESS] = GRAPH(object, id,                                                 \
			"\"message\":{\"mid\":\"%I\",\"text\":\"%L\",\"quick_reply\":{"            \
			"\"payload\":\"%D\"}}"),                                                   \
		[SAMPLE_ATTACHMENT] = GRAPH(object, id,                                            \
			"\"message\":{\"mid\":\"%I\",\"attachments\":[{\"type\":\"image\","        \
			"\"payload\":{\"url\":\"https://cdn.example/1\"}}]}"),                     \
		[SAMPLE_RECEIPT] = GRAPH(object, id, "\"read\":{\"watermark\":1749416383000}"),    \
		[SAMPLE_ECHO] = GRAPH(object, id,                                                  \
			"\"message\":{\"is_echo\":true,\"app_id\":1,\"mid\":\"%I\",\"text\":"      \
			"\"%T\"}"),                                                                \
		[SAMPLE_UNKNOWN] = GRAPH(object, id, "\"something_new\":{\"a\":1}"),               \
	}

#define GRAPH_SAMPLE(codec_name, object, id, api)                                                  \
	{                                                                                          \
		.name = codec_name,                                                                \
		.value = {[GRAPH_ACCOUNT] = S(id),                                                 \
			[GRAPH_TOKEN] = S("EAAtest-token"),                                        \
			[GRAPH_APP_SECRET] = S("test_app_secret"),                                 \
			[GRAPH_VERIFY_TOKEN] = S("open sesame"),                                   \
			[GRAPH_API] = S(api)},                                                     \
		.body = GRAPH_BODIES(object, id), .header = sample_hub,                            \
		.proof = "x-hub-signature-256", .peer = "24944",                                   \
		.text_path = paths("message.text"), .label = "title", .payload = "payload",        \
		.accepted = "{\"recipient_id\":\"1\",\"message_id\":\"m_1\"}",                     \
	}

#define LINE(inside)                                                                               \
	"{\"destination\":\"U0\",\"events\":[{\"mode\":\"active\",\"timestamp\":1692251666727,"    \
	"\"webhookEventId\":\"%I\",\"deliveryContext\":{\"isRedelivery\":false},\"replyToken\":"   \
	"\"r\",\"source\":{\"type\":\"user\",\"userId\":\"%P\"}," inside "}]}"

#define TIKTOK(type, role, content)                                                                \
	"{\"type\":14,\"tts_notification_id\":\"7380066284010030891\",\"shop_id\":\"1\","          \
	"\"timestamp\":1718305585,\"data\":{\"message_id\":\"%I\",\"index\":\"5\","                \
	"\"conversation_id\":\"%P\",\"type\":\"" type "\",\"content\":\"" content "\","            \
	"\"create_time\":1718305580,\"is_visible\":true,\"sender\":{\"im_user_id\":\"77\","        \
	"\"role\":\"" role "\"}}}"

static const struct sample channel_sample[] = {
	{
		.name = "telegram",
		.value = {S("123456:ABC-DEF1234ghIkl"), S("a-word_of-these-tests"), S(""),
			S("https://api.telegram.org")},
		.body =
			{
				[SAMPLE_TEXT] = "{\"update_id\":1,\"message\":{\"message_id\":%I,"
						"\"text\":\"%T\"," TELEGRAM_FROM "}}",
				[SAMPLE_PRESS] =
					"{\"update_id\":1,\"callback_query\":{\"id\":\"%I\","
					"\"data\":\"%D\",\"from\":{\"id\":%P,\"is_bot\":false},"
					"\"message\":{\"message_id\":1," TELEGRAM_FROM "}}}",
				[SAMPLE_ATTACHMENT] =
					"{\"update_id\":1,\"message\":{\"message_id\":%I,\"photo\":"
					"["
					"{\"file_id\":\"s\"},{\"file_id\":\"AgAC\",\"file_size\":9}"
					"]," TELEGRAM_FROM "}}",
				[SAMPLE_EDIT] =
					"{\"update_id\":2,\"edited_message\":{\"message_id\":"
					"%I,\"edit_date\":1749416384,\"text\":\"%T\"," TELEGRAM_FROM
					"}}",
				[SAMPLE_ECHO] =
					"{\"update_id\":1,\"message\":{\"message_id\":%I,"
					"\"text\":\"%T\",\"from\":{\"id\":1,\"is_bot\":true},"
					"\"chat\":{\"id\":%P,\"type\":\"private\"}}}",
				[SAMPLE_UNKNOWN] = "{\"update_id\":1,\"something_new\":{\"a\":1}}",
			},
		.header = sample_word,
		.proof = "x-telegram-bot-api-secret-token",
		.open_body = true,
		.peer = "123456789",
		.text_path = paths("text"),
		.label = "text",
		.payload = "callback_data",
		.accepted = "{\"ok\":true,\"result\":{\"message_id\":1}}",
	},
	{
		.name = "whatsapp",
		.value = {[WHATSAPP_NUMBER] = S("106540352242922"),
			[WHATSAPP_TOKEN] = S("EAAtest-token"),
			[WHATSAPP_APP_SECRET] = S("test_app_secret"),
			[WHATSAPP_VERIFY_TOKEN] = S("open sesame"),
			[WHATSAPP_API] = S("https://graph.facebook.com/v25.0")},
		.body =
			{
				[SAMPLE_TEXT] = WHATSAPP_MESSAGE(
					"\"type\":\"text\",\"text\":{\"body\":\"%T\"}"),
				[SAMPLE_PRESS] = WHATSAPP_MESSAGE(
					"\"type\":\"interactive\",\"interactive\":{\"type\":"
					"\"button_reply\",\"button_reply\":{\"id\":\"%D\","
					"\"title\":"
					"\"%L\"}}"),
				[SAMPLE_ATTACHMENT] = WHATSAPP_MESSAGE(
					"\"type\":\"image\",\"image\":{\"id\":\"9\",\"mime_type\":"
					"\"image/jpeg\"}"),
				[SAMPLE_RECEIPT] = WHATSAPP(
					"\"statuses\":[{\"id\":\"%I\",\"status\":\"read\","
					"\"recipient_id\":\"%P\",\"timestamp\":\"1749416383\"}]"),
				[SAMPLE_UNKNOWN] = WHATSAPP("\"something_new\":[{\"a\":1}]"),
			},
		.header = sample_hub,
		.proof = "x-hub-signature-256",
		.peer = "16505551234",
		.text_path = paths("text.body", "interactive.body.text"),
		.label = "title",
		.payload = "id",
		.accepted = "{\"messages\":[{\"id\":\"wamid.1\"}]}",
	},
	GRAPH_SAMPLE("messenger", "page", "682498302938465", "https://graph.facebook.com/v25.0"),
	GRAPH_SAMPLE("instagram", "instagram", "17841405793187218",
		"https://graph.instagram.com/v25.0"),
	{
		.name = "line",
		.value = {[LINE_SECRET] = S("test_channel_secret"),
			[LINE_TOKEN] = S("line-token"),
			[LINE_API] = S("https://api.line.me")},
		.body =
			{
				[SAMPLE_TEXT] = LINE("\"type\":\"message\",\"message\":{\"type\":"
						     "\"text\",\"id\":\"1\",\"text\":\"%T\"}"),
				[SAMPLE_PRESS] =
					LINE("\"type\":\"postback\",\"postback\":{\"data\":"
					     "\"%D\"}"),
				[SAMPLE_ATTACHMENT] = LINE("\"type\":\"message\",\"message\":{"
							   "\"type\":\"image\",\"id\":\"325708\"}"),
				[SAMPLE_CLOSED] = LINE("\"type\":\"unfollow\""),
				[SAMPLE_UNKNOWN] = LINE("\"type\":\"something_new\""),
			},
		.header = sample_line,
		.proof = "x-line-signature",
		.peer = "U00000000000000000000000000000002",
		.text_path = paths("messages.0.text"),
		.label = "label",
		.payload = "data",
		.accepted = "{\"sentMessages\":[{\"id\":\"1\"}]}",
	},
	{
		.name = "slack",
		.value = {[SLACK_SECRET] = S("test_signing_secret"),
			[SLACK_TOKEN] = S("xoxb-test-token"),
			[SLACK_API] = S("https://slack.com/api")},
		.body =
			{
				[SAMPLE_TEXT] = SLACK("\"text\":\"%T\""),
				[SAMPLE_PRESS] =
					"payload={\"type\":\"block_actions\",\"user\":{\"id\":\"U1\"},"
					"\"channel\":{\"id\":\"%P\"},\"actions\":[{\"action_id\":\"a\","
					"\"type\":\"button\",\"value\":\"%D\",\"action_ts\":"
					"\"1749416383.%I\"}]}",
				[SAMPLE_ATTACHMENT] = SLACK(
					"\"subtype\":\"file_share\",\"text\":\"\",\"files\":[{\"id\":"
					"\"F1\",\"mimetype\":\"image/png\",\"url_private\":\"https://f\"}"
					"]"),
				[SAMPLE_EDIT] =
					"{\"type\":\"event_callback\",\"event_id\":\"Ee%I\",\"event\":{"
					"\"type\":\"message\",\"channel\":\"%P\",\"channel_type\":\"im\","
					"\"subtype\":\"message_changed\",\"ts\":\"1749416390.1\","
					"\"message\":{\"user\":\"U1\",\"text\":\"%T\",\"ts\":"
					"\"1749416383.%I\"},\"previous_message\":{\"text\":\"a\"}}}",
				[SAMPLE_ECHO] = SLACK("\"bot_id\":\"B1\",\"text\":\"%T\""),
				[SAMPLE_UNKNOWN] = "{\"type\":\"something_new\"}",
			},
		.header = sample_timed,
		.proof = "x-slack-signature",
		.peer = "D1",
		.text_path = paths("text"),
		.label = "text",
		.payload = "value",
		.escape = sample_to_slack,
		.shows = sample_from_slack,
		.accepted = "{\"ok\":true,\"channel\":\"D1\",\"ts\":\"1503435956.000247\"}",
	},
	{
		.name = "discord",
		.value = {[DISCORD_APPLICATION] = S("1000000000000000001"),
			[DISCORD_PUBLIC_KEY] = S(ED25519_PUBLIC), [DISCORD_TOKEN] = S("bot-token"),
			[DISCORD_API] = S("https://discord.com/api/v10")},
		.body =
			{
				[SAMPLE_TEXT] = DISCORD(
					"\"type\":2,\"data\":{\"name\":\"ask\",\"options\":[{\"name\":"
					"\"message\",\"type\":3,\"value\":\"%T\"}]}"),
				[SAMPLE_PRESS] = DISCORD("\"type\":3,\"data\":{\"component_type\":2,"
							 "\"custom_id\":\"%D\"}"),
				[SAMPLE_ATTACHMENT] = DISCORD(
					"\"type\":2,\"data\":{\"name\":\"ask\",\"options\":[{\"name\":"
					"\"file\",\"type\":11,\"value\":\"77\"}],\"resolved\":{"
					"\"attachments\":{\"77\":{\"id\":\"77\",\"filename\":\"a.png\","
					"\"url\":\"https://c\",\"content_type\":\"image/png\"}}}}"),
				[SAMPLE_UNKNOWN] = DISCORD("\"type\":99"),
			},
		.header = sample_discord,
		.proof = "x-signature-ed25519",
		.peer = "3",
		.text_path = paths("content"),
		.label = "label",
		.payload = "custom_id",
		.shows = sample_from_discord,
		.accepted = "{\"id\":\"99\"}",
	},
	{
		.name = "chatwoot",
		.value = {[CHATWOOT_URL] = S("https://chat.shop.example"),
			[CHATWOOT_TOKEN] = S("cw-token"), [CHATWOOT_SECRET] = S("test_bot_secret")},
		.body =
			{
				[SAMPLE_TEXT] = CHATWOOT(
					"message_created", "incoming", "\"content\":\"%T\""),
				[SAMPLE_PRESS] = CHATWOOT("message_updated", "outgoing",
					"\"content_type\":\"input_select\",\"content_attributes\":{"
					"\"items\":[],\"submitted_values\":[{\"title\":\"%L\",\"value\":"
					"\"%D\"}]}"),
				[SAMPLE_ATTACHMENT] = CHATWOOT("message_created", "incoming",
					"\"content\":null,\"attachments\":[{\"file_type\":\"image\","
					"\"data_url\":\"https://c/1\"}]"),
				[SAMPLE_CLOSED] =
					"{\"event\":\"conversation_resolved\",\"id\":11,\"status\":"
					"\"resolved\",\"timestamp\":5,\"account\":{\"id\":1}}",
				[SAMPLE_ECHO] = CHATWOOT(
					"message_created", "outgoing", "\"content\":\"%T\""),
				[SAMPLE_UNKNOWN] = "{\"event\":\"something_new\"}",
			},
		.header = sample_timed,
		.proof = "x-chatwoot-signature",
		.peer = "1/11",
		.text_path = paths("content"),
		.label = "title",
		.payload = "value",
		.accepted = "{\"id\":44}",
	},
	{
		.name = "viber",
		.value = {[VIBER_TOKEN] = S("445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"),
			[VIBER_SENDER] = S("Shop"), [VIBER_API] = S("https://chatapi.viber.com/pa")},
		.body =
			{
				[SAMPLE_TEXT] = VIBER("\"type\":\"text\",\"text\":\"%T\""),
				[SAMPLE_PRESS] =
					VIBER("\"type\":\"text\",\"text\":\"\xE2\x96\xB6%D\""),
				[SAMPLE_ATTACHMENT] =
					VIBER("\"type\":\"picture\",\"media\":\"https://v\""),
				[SAMPLE_CLOSED] = "{\"event\":\"unsubscribed\",\"user_id\":\"%P\","
						  "\"message_token\":%I}",
				[SAMPLE_RECEIPT] = "{\"event\":\"seen\",\"message_token\":%I,"
						   "\"user_id\":\"%P\"}",
				[SAMPLE_UNKNOWN] = "{\"event\":\"something_new\"}",
			},
		.header = sample_viber,
		.proof = "x-viber-content-signature",
		.peer = "01234567890A=",
		.text_path = paths("text"),
		.label = "Text",
		.payload = "ActionBody",
		.payload_head = "\xE2\x96\xB6",
		.accepted = "{\"status\":0,\"status_message\":\"ok\",\"message_token\":1}",
	},
	{
		.name = "zalo",
		.value = {[ZALO_APP] = S("1000000000000001"), [ZALO_SECRET] = S("test_oa_secret"),
			[ZALO_TOKEN] = S("zalo-token"), [ZALO_API] = S("https://openapi.zalo.me")},
		.body =
			{
				[SAMPLE_TEXT] = ZALO("user_send_text", "\"text\":\"%T\""),
				[SAMPLE_PRESS] =
					ZALO("user_send_text", "\"text\":\"\xE2\x96\xB6%D\""),
				[SAMPLE_ATTACHMENT] = ZALO("user_send_image",
					"\"attachments\":[{\"type\":\"image\",\"payload\":{\"url\":"
					"\"https://z\"}}]"),
				[SAMPLE_RECEIPT] = ZALO("user_seen_message", "\"x\":1"),
				[SAMPLE_ECHO] = ZALO("oa_send_text", "\"text\":\"%T\""),
				[SAMPLE_UNKNOWN] = ZALO("something_new", "\"x\":1"),
			},
		.header = sample_zalo,
		.proof = "x-zevent-signature",
		.peer = "3000000000000001",
		.text_path = paths("message.text"),
		.label = "title",
		.payload = "payload",
		.payload_head = "\xE2\x96\xB6",
		.accepted = "{\"error\":0,\"message\":\"Success\",\"data\":{\"message_id\":\"m9\"}}",
	},
	{
		.name = "tiktok_chat",
		.value = {[TIKTOK_CHAT_KEY] = S("abcdef"),
			[TIKTOK_CHAT_SECRET] = S("123"),
			[TIKTOK_CHAT_API] = S("https://open-api.tiktokglobalshop.com")},
		.body =
			{
				[SAMPLE_TEXT] =
					TIKTOK("TEXT", "BUYER", "{\\\"content\\\":\\\"%J\\\"}"),
				[SAMPLE_ATTACHMENT] = TIKTOK(
					"IMAGE", "BUYER", "{\\\"url\\\":\\\"https://p/1\\\"}"),
				[SAMPLE_ECHO] = TIKTOK(
					"TEXT", "CUSTOMER_SERVICE", "{\\\"content\\\":\\\"%J\\\"}"),
				[SAMPLE_UNKNOWN] = "{\"type\":99,\"data\":{}}",
			},
		.header = sample_tiktok,
		.proof = "authorization",
		.peer = "7200000000000000001",
		.text_path = paths("content.content"),
		.accepted = "{\"code\":0,\"message\":\"Success\",\"data\":{\"message_id\":\"1\"}}",
	},
	{
		.name = "hook",
		.value = {[HOOK_SECRET] = S("a-secret-of-these-tests-and-nobody"),
			[HOOK_URL] = S("https://app.example/hook")},
		.body =
			{
				[SAMPLE_TEXT] = "{\"type\":\"message\",\"conversation\":\"%P\","
						"\"text\":\"%T\",\"nonce\":\"%I\"}",
				[SAMPLE_PRESS] = "{\"type\":\"press\",\"conversation\":\"%P\","
						 "\"choice\":\"%D\",\"label\":\"%L\"}",
				[SAMPLE_ATTACHMENT] =
					"{\"type\":\"message\",\"conversation\":\"%P\",\"file\":{"
					"\"kind\":\"image\",\"id\":\"9\"}}",
				[SAMPLE_EDIT] = "{\"type\":\"edit\",\"conversation\":\"%P\","
						"\"text\":\"%T\"}",
				[SAMPLE_CLOSED] = "{\"type\":\"close\",\"conversation\":\"%P\"}",
				[SAMPLE_ECHO] = "{\"type\":\"said\",\"conversation\":\"%P\","
						"\"text\":\"%T\"}",
				[SAMPLE_UNKNOWN] = "{\"type\":\"something_new\"}",
			},
		.header = sample_standard,
		.proof = "webhook-signature",
		.id_in_header = true,
		.buttons = "choices",
		.peer = "maya",
		.text_path = paths("text"),
		.label = "label",
		.payload = "id",
		.accepted = "",
	},
};
enum { n_channel_samples = sizeof(channel_sample) / sizeof(*channel_sample) };

static inline struct sample sample_number(size_t i)
{
	struct sample sample = channel_sample[i];

	sample.codec = channel_named(str_of(sample.name));
	assert(sample.codec);
	return sample;
}

#endif

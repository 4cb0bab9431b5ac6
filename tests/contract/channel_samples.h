/* One entry a platform. */
#ifndef TENSTEP_TESTS_CHANNEL_SAMPLES_H
#define TENSTEP_TESTS_CHANNEL_SAMPLES_H

#include "adapters/graph/graph.h"
#include "adapters/line/line.h"
#include "adapters/tiktok_chat/tiktok_chat.h"
#include "adapters/whatsapp/whatsapp.h"
#include "bot/app/channel_table.h"
#include "bot/base/digest.h"
#include "tests/contract/channel_sample.h"

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

/* --- the bodies --- */

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
		.codec = NULL, /* "telegram" */
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
		.codec = NULL, /* "whatsapp" */
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
	{
		.codec = NULL, /* "messenger" */
		.value = {[GRAPH_ACCOUNT] = S("682498302938465"),
			[GRAPH_TOKEN] = S("EAAtest-token"),
			[GRAPH_APP_SECRET] = S("test_app_secret"),
			[GRAPH_VERIFY_TOKEN] = S("open sesame"),
			[GRAPH_API] = S("https://graph.facebook.com/v25.0")},
		.body = GRAPH_BODIES("page", "682498302938465"),
		.header = sample_hub,
		.proof = "x-hub-signature-256",
		.peer = "24944",
		.text_path = paths("message.text"),
		.label = "title",
		.payload = "payload",
		.accepted = "{\"recipient_id\":\"1\",\"message_id\":\"m_1\"}",
	},
	{
		.codec = NULL, /* "instagram" */
		.value = {[GRAPH_ACCOUNT] = S("17841405793187218"),
			[GRAPH_TOKEN] = S("EAAtest-token"),
			[GRAPH_APP_SECRET] = S("test_app_secret"),
			[GRAPH_VERIFY_TOKEN] = S("open sesame"),
			[GRAPH_API] = S("https://graph.instagram.com/v25.0")},
		.body = GRAPH_BODIES("instagram", "17841405793187218"),
		.header = sample_hub,
		.proof = "x-hub-signature-256",
		.peer = "24944",
		.text_path = paths("message.text"),
		.label = "title",
		.payload = "payload",
		.accepted = "{\"recipient_id\":\"1\",\"message_id\":\"m_1\"}",
	},
	{
		.codec = NULL, /* "line" */
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
		.codec = NULL, /* "tiktok_chat" */
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
};
enum { n_channel_samples = sizeof(channel_sample) / sizeof(*channel_sample) };

/* The samples stand in the order of the table of platforms. */
static inline struct sample sample_number(size_t i)
{
	struct sample sample = channel_sample[i];

	sample.codec = channel_table[i];
	return sample;
}

#endif

/* The buyer chat: any signed webhook and any answer; what is heard has ids that fit a path, and is
 * heard again from the list of messages. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/base/digest.h"
#include "bot/base/json.h"
#include "bot/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str header(const void *inside, const char *name)
{
	return strcmp(name, "authorization") == 0 ? str_of(inside) : S("");
}

static void check(const struct channel_event *event)
{
	assert(event->peer.n && event->peer.n <= 64 && event->id.n && event->id.n <= 64);
	for (size_t i = 0; i < event->peer.n; i++)
		assert(event->peer.p[i] > ' ' && event->peer.p[i] <= '~' &&
			event->peer.p[i] != '/');
	assert(text_valid_up_to(event->text) == event->text.n);
	assert(event->kind == CHANNEL_TEXT || event->file.kind.n);
}

static void take(const struct channel_account *account, struct str body, struct arena *arena)
{
	struct str whole = arena_printf(arena, "k%.*s", STR(body));
	struct channel_request request = {
		.method = S("POST"), .body = body, .header = header, .now_ms = 1};
	struct channel_taken taken;
	struct str conversation, message;
	char hex[65];

	digest_hex(digest_hmac(S("secret"), whole), hex);
	request.inside = hex;
	taken = tiktok_chat.take(account, &request, arena);
	if (tiktok_chat_read_echo(body, arena, &conversation, &message))
		assert(!taken.n_events && conversation.n && message.n);
	assert(taken.status == 200 && (taken.n_events == 1) == !taken.why);
	for (size_t i = 0; i < taken.n_events; i++)
		check(&taken.event[i]);
	hex[0] = hex[0] == '0' ? '1' : '0';
	assert(tiktok_chat.take(account, &request, arena).status == 401);
}

static bool knows_none(void *self, struct str message)
{
	(void)self;
	(void)message;
	return false;
}

static void read(const struct channel_account *account, struct str body, struct arena *arena)
{
	struct channel_answer answer = {.status = 200, .body = body, .retry_after_ms = -1};
	struct channel_judgement judgement = tiktok_chat.judge(account, &answer, arena);
	struct source source = {"answer", body};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);
	/* 36 letters: no text of the corpus, nor one that chance finds */
	struct channel_call call = {.body = S("{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":"
					      "\\\"abcdefghijklmnopqrstuvwxyzabcdefghij\\\"}\"}")};
	struct tiktok_chat_trace trace = {.call = &call, .knows = knows_none};
	struct tiktok_conversations list;
	struct tiktok_messages messages;
	const struct value *data;
	struct str next;

	assert((judgement.verdict == CHANNEL_SENT) == (judgement.why.n == 0));
	if (!doc)
		return;
	data = value_from_json(arena, json_get(json_root(doc), "data"));
	json_doc_free(doc);
	tiktok_chat_read_list(data, arena, &list);
	(void)tiktok_chat_read_found(data, arena);
	(void)tiktok_chat_read_upload(data, arena);
	assert(!tiktok_chat_is_there(data, &trace, arena, &next).n);
	tiktok_chat_read_messages(data, S("72"), arena, &messages);
	for (size_t i = 0; i < messages.n; i++)
		if (messages.message[i].is_said)
			check(&messages.message[i].event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[] = {S(""), S("k"), S("secret"), S("http://127.0.0.1:1")};
	const struct channel_account account = {S("tiktok_chat"), value};
	struct str body = {(const char *)data, size};
	struct arena *arena = arena_new(16 << 20);

	if (!memchr(data, 0, size))
		take(&account, body, arena);
	read(&account, body, arena);
	arena_free(arena);
	return 0;
}

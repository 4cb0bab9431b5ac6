/* Any codec: the body is what the fuzzer says, the signature is a true one, so that it is read.
 * What is taken is well-formed; said back to the buyer with a button of it, it is strict JSON; read
 * as the platform's answer it is judged. */
#ifndef TENSTEP_TESTS_FUZZ_CODEC_H
#define TENSTEP_TESTS_FUZZ_CODEC_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/channel/codec.h"
#include "bot/base/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The header @name for @body, signed with the account's secret; empty: the codec asks for another.
 */
typedef struct str fuzz_header_function(struct arena *arena, struct str body, const char *name);

struct fuzz_inside {
	struct arena *arena;
	struct str body;
	fuzz_header_function *header;
};

static struct str fuzz_header(const void *inside, const char *name)
{
	const struct fuzz_inside *of = inside;

	return of->header(of->arena, of->body, name);
}

static inline struct str fuzz_hmac_hex(
	struct arena *arena, const char *head, struct str key, struct str bytes)
{
	char hex[65];

	digest_hex(digest_hmac(key, bytes), hex);
	return arena_printf(arena, "%s%s", head, hex);
}

static void fuzz_check_call(const struct channel_call *call)
{
	struct source source;
	struct json_doc *doc = codec_parse(&source, call->body);

	assert(call->method.n && call->url.n && doc);
	for (size_t i = 0; i < call->url.n; i++)
		assert(call->url.p[i] > 0x20 && call->url.p[i] < 0x7F);
	for (size_t i = 0; i < call->n_headers; i++)
		for (size_t j = 0; j < call->headers[i].n; j++)
			assert((unsigned char)call->headers[i].p[j] >= 0x20);
	json_doc_free(doc);
}

static void fuzz_say_back(const struct channel *codec, const struct channel_account *account,
	const struct channel_event *event, struct arena *arena)
{
	struct value_builder choice = value_build(arena), list = value_build(arena),
			     body = value_build(arena);
	struct post post = {.n = 1, .who = POST_BOT};
	struct channel_peer peer = {.peer = event->peer,
		.ticket = event->ticket,
		.ticket_ms = 1,
		.heard_ms = 1,
		.now_ms = 2,
		.key = S("0123456789abcdef0123456789abcdef")};
	const struct channel_call *calls;
	struct channel_call typing;
	size_t n;

	value_put_text(&choice, "id", event->text.n ? event->text : S("x"));
	value_put_text(&choice, "label", event->label.n ? event->label : S("x"));
	value_push(&list, value_record(&choice));
	value_put_text(&body, "text", event->text);
	value_put(&body, "choices", value_list(&list));
	post.body = value_record(&body);
	n = codec->encode(account, &peer, &post, arena, &calls);
	for (size_t i = 0; i < n; i++)
		fuzz_check_call(&calls[i]);
	if (codec->typing && codec->typing(account, &peer, arena, &typing) && typing.body.n)
		fuzz_check_call(&typing);
}

static inline void fuzz_codec(const struct channel *codec, const struct str *value,
	fuzz_header_function *header, const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(16 << 20);
	struct str body = {(const char *)data, size};
	struct fuzz_inside inside = {arena, body, header};
	struct channel_account account = {S("shop"), value};
	struct channel_request request = {.method = S("POST"),
		.body = body,
		.query = body,
		.header = fuzz_header,
		.inside = &inside,
		.now_ms = 1749416383000};
	struct channel_answer answer = {200, body, S("application/json"), -1};
	struct channel_taken taken = codec->take(&account, &request, arena);

	assert(taken.status == 200 && (taken.event || !taken.n_events));
	for (size_t i = 0; i < taken.n_events; i++) {
		const struct channel_event *event = &taken.event[i];

		assert(codec_is_name(event->peer) && codec_is_name(event->id));
		assert(event->kind != CHANNEL_PRESS || event->text.n);
		if (i < 3)
			fuzz_say_back(codec, &account, event, arena);
	}
	for (answer.status = 200; answer.status <= 500; answer.status += 100)
		codec->judge(&account, &answer, arena);
	request.method = S("GET");
	codec->take(&account, &request, arena);
	arena_free(arena);
}

#endif

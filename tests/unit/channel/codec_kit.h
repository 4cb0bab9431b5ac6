/* For the tests of codecs: an account, a request with headers, a post with choices. */
#ifndef TENSTEP_TESTS_CODEC_KIT_H
#define TENSTEP_TESTS_CODEC_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/channel/channel.h"
#include "bot/base/digest.h"
#include "bot/base/json.h"

#define assert_str(s, text)                                                                        \
	do {                                                                                       \
		struct str got_ = (s);                                                             \
		if (!str_is(got_, (text)))                                                         \
			fail_msg("got '%.*s', not '%s'", STR(got_), (const char *)(text));         \
	} while (0)

static struct arena *arena;
static const struct channel *codec;
static struct str kit_value[16];
static struct channel_account account = {.name = {"shop", 4}, .value = kit_value};

struct kit_header {
	const char *name;
	struct str value;
};
static struct kit_header kit_header[8];
static int64_t kit_now_ms = 1749416383000;

static inline void kit_begin(const struct channel *tested)
{
	arena = arena_new(4 << 20);
	codec = tested;
	kit_now_ms = 1749416383000;
	memset(kit_header, 0, sizeof(kit_header));
	for (size_t i = 0; i < tested->n_settings; i++)
		kit_value[i] = str_of(tested->setting[i].fallback);
}

static inline int kit_end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static inline void kit_set_header(const char *name, struct str value)
{
	for (size_t i = 0; i < sizeof(kit_header) / sizeof(*kit_header); i++) {
		if (kit_header[i].name && strcmp(kit_header[i].name, name) != 0)
			continue;
		kit_header[i] = (struct kit_header){name, value};
		return;
	}
}

static inline struct str kit_find_header(const void *inside, const char *name)
{
	const struct kit_header *header = inside;

	for (size_t i = 0; i < sizeof(kit_header) / sizeof(*kit_header); i++)
		if (header[i].name && strcmp(header[i].name, name) == 0)
			return header[i].value;
	return (struct str){0};
}

static inline struct channel_taken kit_get(const char *query)
{
	struct channel_request request = {.method = S("GET"),
		.query = str_of(query),
		.header = kit_find_header,
		.inside = kit_header,
		.now_ms = kit_now_ms};

	return codec->take(&account, &request, arena);
}

/* As it comes, with the headers that are set. */
static inline struct channel_taken kit_post(struct str body)
{
	struct channel_request request = {.method = S("POST"),
		.body = body,
		.header = kit_find_header,
		.inside = kit_header,
		.now_ms = kit_now_ms};

	return codec->take(&account, &request, arena);
}

static inline struct str kit_hmac_hex(const char *head, struct str key, struct str bytes)
{
	char hex[65];

	digest_hex(digest_hmac(key, bytes), hex);
	return arena_printf(arena, "%s%s", head, hex);
}

/* A post of the bot: @choice is id, label, id, label …, NULL. */
static inline struct post kit_said(const char *text, const char *const *choice)
{
	struct value_builder body = value_build(arena), list = value_build(arena);

	value_put_text(&body, "text", str_of(text));
	for (; choice && *choice; choice += 2) {
		struct value_builder one = value_build(arena);

		value_put_text(&one, "id", str_of(choice[0]));
		value_put_text(&one, "label", str_of(choice[1]));
		value_push(&list, value_record(&one));
	}
	if (list.n)
		value_put(&body, "choices", value_list(&list));
	return (struct post){.n = 1, .who = POST_BOT, .body = value_record(&body)};
}

static inline const struct channel_peer *kit_peer(const char *peer, const char *ticket)
{
	struct channel_peer *made = arena_new_of(arena, struct channel_peer);

	*made = (struct channel_peer){.peer = str_of(peer),
		.ticket = str_of(ticket),
		.ticket_ms = kit_now_ms - 1000,
		.heard_ms = kit_now_ms - 1000,
		.now_ms = kit_now_ms,
		.key = S("0123456789abcdef0123456789abcdef")};
	return made;
}

static inline struct channel_call kit_encode(const struct channel_peer *peer, struct post post)
{
	const struct channel_call *calls = NULL;

	assert_int_equal(codec->encode(&account, peer, &post, arena, &calls), 1);
	return calls[0];
}

static inline struct channel_judgement kit_judge(unsigned status, const char *body)
{
	struct channel_answer answer = {status, str_of(body), S("application/json"), -1};

	return codec->judge(&account, &answer, arena);
}

static inline bool kit_has_header(const struct channel_call *call, const char *line)
{
	for (size_t i = 0; i < call->n_headers; i++)
		if (str_is(call->headers[i], line))
			return true;
	return false;
}

/* A million is the number; a short run in the suite, the long one by hand. */
static inline size_t kit_forgeries(size_t usual)
{
	const char *wanted = getenv("TENSTEP_FORGERIES");

	return wanted ? (size_t)strtoull(wanted, NULL, 10) : usual;
}

/* @body and its signature @header with one bit, byte or length changed each time: none is believed.
 * The true one is, before and after. */
static inline void kit_forge(struct str body, const char *header, size_t usual)
{
	struct str signature = kit_find_header(kit_header, header);
	size_t n = kit_forgeries(usual);
	uint64_t chance = 88172645463325252u;

	assert_int_equal(kit_post(body).status, 200);
	for (size_t i = 0; i < n; i++) {
		struct arena *outer = arena;
		struct str forged = body, sign = signature, *which;
		char *bytes;

		chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
		which = chance % 3 ? &forged : &sign;
		arena = arena_new(1 << 20);
		bytes = arena_cstr(arena, *which);
		which->p = bytes;
		switch ((chance >> 8) % 3) {
		case 0:
			which->n = (chance >> 16) % which->n;
			break;
		case 1:
			/* Not 0x20: hexadecimal digits of either case mean the same. */
			bytes[(chance >> 16) % which->n] ^= (char)(1 + (chance >> 40) % 31);
			break;
		default:
			bytes[(chance >> 16) % which->n] ^= (char)0x80;
		}
		kit_set_header(header, sign);
		if (kit_post(forged).status != 401)
			fail_msg("forgery %zu was believed", i);
		arena_free(arena);
		arena = outer;
	}
	kit_set_header(header, signature);
	assert_int_equal(kit_post(body).status, 200);
}

#endif

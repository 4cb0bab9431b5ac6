/* The generic webhook: any signed body; and any header of signatures. */
#include "tests/fuzz/fuzz_codec.h"

#include "adapters/hook/hook.h"
#include "adapters/hook/hook_sign.h"

static const struct str key = {"a-secret-of-these-tests-only", 28};

static struct str header(struct arena *arena, struct str body, const char *name)
{
	if (strcmp(name, "webhook-id") == 0)
		return S("msg_1");
	if (strcmp(name, "webhook-timestamp") == 0)
		return S("1749416383");
	return strcmp(name, "webhook-signature") == 0
		       ? hook_sign(key, S("msg_1"), S("1749416383"), body, arena)
		       : S("");
}

/* Of what is signed wrong the answer is 400: it is told what is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[n_hook_settings] = {
		[HOOK_SECRET] = {"a-secret-of-these-tests-only", 28},
		[HOOK_URL] = {"https://app.example/hook", 24},
	};
	struct arena *arena = arena_new(16 << 20);
	struct str body = {(const char *)data, size};
	struct fuzz_inside inside = {arena, body, header};
	struct channel_account account = {S("shop"), value};
	struct channel_request request = {.method = S("POST"),
		.body = body,
		.header = fuzz_header,
		.inside = &inside,
		.now_ms = 1749416383000};
	struct channel_taken taken = hook_channel.take(&account, &request, arena);

	assert(taken.status == 200 || (taken.status == 400 && taken.body.n && !taken.n_events));
	for (size_t i = 0; i < taken.n_events; i++) {
		assert(codec_is_name(taken.event[i].peer) && codec_is_name(taken.event[i].id));
		fuzz_say_back(&hook_channel, &account, &taken.event[i], arena);
	}
	assert(!hook_signed(key, S("msg_2"), S("1749416383"), S("body"), body));
	(void)hook_key(body, arena);
	arena_free(arena);
	return 0;
}

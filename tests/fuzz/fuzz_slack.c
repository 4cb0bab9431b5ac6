/* Slack: any signed body, and any frame of a socket. */
#include "tests/fuzz/fuzz_codec.h"

#include "adapters/slack/slack.h"

static struct str header(struct arena *arena, struct str body, const char *name)
{
	static const char head[] = "v0:1749416383:";
	char *whole = arena_raw(arena, sizeof(head) + body.n);

	if (strcmp(name, "x-slack-request-timestamp") == 0)
		return S("1749416383");
	if (strcmp(name, "x-slack-signature") != 0)
		return S("");
	memcpy(whole, head, sizeof(head) - 1);
	if (body.n)
		memcpy(whole + sizeof(head) - 1, body.p, body.n);
	return fuzz_hmac_hex(arena, "v0=", S("test_signing_secret"),
		(struct str){whole, sizeof(head) - 1 + body.n});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[n_slack_settings] = {
		[SLACK_SECRET] = {"test_signing_secret", 19},
		[SLACK_TOKEN] = {"xoxb-test-token", 15},
		[SLACK_APP_TOKEN] = {"xapp-test-token", 15},
		[SLACK_API] = {"http://127.0.0.1:1", 18},
	};
	struct arena *arena = arena_new(16 << 20);
	struct slack_frame frame = slack_frame_read((struct str){(const char *)data, size}, arena);

	assert((frame.kind == SLACK_ENVELOPE) == (frame.acknowledge.n > 0));
	arena_free(arena);
	fuzz_codec(&slack_channel, value, header, data, size);
	return 0;
}

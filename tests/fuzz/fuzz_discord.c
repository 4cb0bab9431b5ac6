/* Discord: any signed body, and any frame of the Gateway. */
#include "tests/fuzz/fuzz_codec.h"
#include "tests/unit/channel/ed25519_kit.h"

#include "adapters/discord/discord.h"

static struct str header(struct arena *arena, struct str body, const char *name)
{
	static const char at[] = "1749416383";
	char *whole = arena_raw(arena, sizeof(at) + body.n);

	if (strcmp(name, "x-signature-timestamp") == 0)
		return S("1749416383");
	if (strcmp(name, "x-signature-ed25519") != 0)
		return S("");
	memcpy(whole, at, sizeof(at) - 1);
	if (body.n)
		memcpy(whole + sizeof(at) - 1, body.p, body.n);
	return ed25519_sign(arena, (struct str){whole, sizeof(at) - 1 + body.n});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str value[n_discord_settings] = {
		[DISCORD_APPLICATION] = {"1000000000000000001", 19},
		[DISCORD_PUBLIC_KEY] = {ED25519_PUBLIC, 64},
		[DISCORD_TOKEN] = {"bot-token", 9},
		[DISCORD_API] = {"http://127.0.0.1:1", 18},
	};

	struct arena *arena = arena_new(16 << 20);
	struct channel_account account = {S("shop"), value};
	struct discord_frame frame =
		discord_frame_read(&account, (struct str){(const char *)data, size}, arena);

	for (size_t i = 0; i < frame.taken.n_events; i++)
		assert(codec_is_name(frame.taken.event[i].peer) &&
			codec_is_name(frame.taken.event[i].id));
	assert(frame.kind != DISCORD_HELLO || frame.interval_ms >= 1000);
	arena_free(arena);
	fuzz_codec(&discord_channel, value, header, data, size);
	return 0;
}

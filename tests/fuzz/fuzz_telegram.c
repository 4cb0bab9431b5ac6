/* Telegram: any update, with the right word; and any answer to the question for updates. */
#include "tests/fuzz/fuzz_codec.h"

#include "adapters/telegram/telegram_parts.h"

static struct str header(struct arena *arena, struct str body, const char *name)
{
	(void)arena, (void)body;
	return strcmp(name, "x-telegram-bot-api-secret-token") == 0 ? S("a-word_of-ours") : S("");
}

static void pull(const struct channel_account *account, const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(16 << 20);
	struct channel_answer answer = {200, {(const char *)data, size}, S("application/json"), -1};
	struct channel_pulled pulled = telegram_channel.pulled(account, S("1"), &answer, arena);

	assert(pulled.cursor.n);
	for (size_t i = 0; i < pulled.n_bodies; i++)
		assert(pulled.body[i].n && pulled.body[i].n <= size);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct str value[n_telegram_settings] = {
		[TELEGRAM_TOKEN] = {"1:a", 3},
		[TELEGRAM_SECRET] = {"a-word_of-ours", 14},
		[TELEGRAM_API] = {"https://api.telegram.org", 24},
	};
	struct channel_account account = {S("shop"), value};

	value[TELEGRAM_POLLING] = S("");
	fuzz_codec(&telegram_channel, value, header, data, size);
	value[TELEGRAM_POLLING] = S("true");
	pull(&account, data, size);
	return 0;
}

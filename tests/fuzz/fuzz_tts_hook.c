/* The shop's webhooks: any body; what is read has an id and orders that fit a log line and a key.
 */
#include <assert.h>
#include <stdint.h>

#include "adapters/order/tiktok_shop/tts_hook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct str word)
{
	assert(word.n && word.n <= 64);
	for (size_t i = 0; i < word.n; i++)
		assert(word.p[i] > ' ' && word.p[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(8 << 20);
	struct tts_hook hook, again;
	struct str body = {(const char *)data, size};

	if (tts_hook_read(body, arena, &hook)) {
		assert(tts_hook_read(body, arena, &again) && str_eq(hook.id, again.id));
		check(hook.id);
		assert(hook.n_orders <= tts_hook_max_orders && tts_hook_name[hook.kind]);
		for (size_t i = 0; i < hook.n_orders; i++)
			check(hook.order[i]);
	}
	arena_free(arena);
	return 0;
}

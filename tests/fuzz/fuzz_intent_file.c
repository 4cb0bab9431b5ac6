/* An intent file of any bytes: findings, never a crash; what loads can be checked and used. */
#include <assert.h>
#include <stdint.h>

#include "bot/base/text.h"
#include "intents/understand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char language[] =
	"{\"language\": \"en\", \"shorthand\": {\"pls\": \"please\"}, \"stop_words\": [\"my\"], "
	"\"negators\": [\"not\"], \"yes\": [\"yes\"], \"no\": [\"no\"]}";

static void use(struct intent_set *set)
{
	struct arena *arena = arena_new(1 << 20);
	struct context context = {.now = 1762995200};

	understand(set, S("pls cancel my order #1002, not the return of march 3"), &context, arena);
	for (size_t i = 0; i < intent_set_count(set) && i < 20; i++) {
		const struct example *example;

		if (intent_examples(set, intent_set_at(set, i), &example))
			understand_explained(set, example[0].text, &context, arena);
	}
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source[2] = {{"fuzz.json", {(const char *)data, size}},
		{"language.json", {language, sizeof(language) - 1}}};
	struct arena *arena = arena_new(1 << 20);
	struct intent_set *set;
	struct diags diags;
	struct buf out;

	diags_init(&diags, arena);
	set = intent_set_load(source, 2, S("order\nreturn\n"), false, &diags);
	assert(set || diags.n_errors);
	if (set && intent_set_phrases(set) < 200) {
		use(set);
		intent_set_check(set, &diags);
		use(set);
	}
	buf_init(&out, 1 << 20);
	diags_print(&diags, &out, false, 0);
	assert(text_valid_up_to(buf_str(&out)) == out.n);
	buf_release(&out);
	intent_set_free(set);
	arena_free(arena);
	return 0;
}

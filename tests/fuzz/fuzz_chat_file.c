/* Conversation tests: whatever the bytes are, a tree comes back whose places lie in the file, every
 * finding can be printed, and what can be filled or matched is filled and matched. */
#include <assert.h>
#include <stdint.h>

#include "bot/base/text.h"
#include "bot/chats/chat_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_at(struct chat_at at, size_t size)
{
	assert(at.offset <= size && at.length <= size - at.offset);
}

static void check_turn(const struct chat_test *test, const struct chat_turn *turn,
	struct arena *arena, size_t size)
{
	const struct str *row = test->n_rows ? test->cell : test->column;

	check_at(turn->at, size);
	(void)chat_fill(arena, turn->text, test->column, test->n_columns, row);
	for (size_t i = 0; i < turn->n_speeches; i++) {
		check_at(turn->speech[i].at, size);
		check_at(turn->speech[i].words_at, size);
		(void)chat_pattern_matches(turn->speech[i].words, turn->text);
	}
	for (size_t i = 0; i < turn->n_facts; i++) {
		check_at(turn->fact[i].at, size);
		assert(turn->fact[i].kind < N_FACT_KINDS);
		(void)chat_fill_value(
			arena, turn->fact[i].value, test->column, test->n_columns, row);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = {"fuzz.chat", {(const char *)data, size}};
	struct arena *arena = arena_new(16 << 20);
	const struct chat_file *file;
	struct diags diags;
	struct buf out;

	diags_init(&diags, arena);
	file = chat_file_read(&source, arena, &diags);
	buf_init(&out, 1 << 20);
	diags_print(&diags, &out, false, 3);
	assert(text_valid_up_to(buf_str(&out)) == out.n);
	buf_release(&out);
	for (size_t i = 0; i < file->n_tests; i++) {
		const struct chat_test *test = &file->test[i];

		check_at(test->at, size);
		for (size_t k = 0; k < test->n_turns; k++)
			check_turn(test, &test->turn[k], arena, size);
		for (size_t k = 0; k < test->n_rules; k++)
			check_at(test->rule[k].at, size);
	}
	arena_free(arena);
	return 0;
}

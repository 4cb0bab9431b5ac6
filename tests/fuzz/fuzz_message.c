/* A message of any bytes on the shipped pack: every slice of the reading lies where it should, scores add
 * up, and the expected answers bear it too. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "bot/base/text.h"
#include "bot/common/embedded.h"
#include "intents/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Loaded once for the life of the process: libFuzzer calls the target a million times. */
static struct intent_set *shipped(void)
{
	static struct intent_set *set;
	static struct source source[64];
	struct arena *arena;
	struct diags diags;
	struct str dictionary = {0};
	size_t n = 0;

	if (set)
		return set;
	for (unsigned i = 0; i < n_embedded; i++) {
		struct str text = {embedded[i].begin, (size_t)(embedded[i].end - embedded[i].begin)};

		if (strcmp(embedded[i].name, "dictionary/en") == 0)
			dictionary = text;
		else if (strncmp(embedded[i].name, "intents/packs/en/", 17) == 0 && n < 64)
			source[n++] = (struct source){embedded[i].name, text};
	}
	arena = arena_new(1 << 20);
	diags_init(&diags, arena);
	set = intent_set_load(source, n, dictionary, false, &diags);
	assert(set);
	arena_free(arena);
	return set;
}

static void check_reading(const struct reading *reading, size_t size)
{
	assert(reading->n_top <= reading->n_candidates && reading->n_top <= 3);
	assert((reading->decision == DECIDE_NONE) == (reading->n_top == 0));
	assert(text_valid_up_to(reading->text) == reading->text.n);
	assert(reading->n_faults == 0);
	for (size_t i = 0; i < reading->n_tokens; i++)
		assert(reading->token[i].from <= reading->token[i].to && reading->token[i].to <= size);
	for (size_t i = 0; i < reading->n_entities; i++)
		assert(reading->entity[i].value);
	for (size_t i = 0; i < reading->n_candidates; i++) {
		int sum = 0;

		for (size_t k = 0; k < reading->candidate[i].n_parts; k++)
			sum += reading->candidate[i].part[k].points;
		assert(sum == reading->candidate[i].score);
	}
}

static void answer(struct intent_set *set, const struct reading *reading, struct arena *arena)
{
	static const char *const type[] = {"text", "number", "email", "phone", "date", "money",
		"order", "rating", "yes_no"};
	const struct str word[] = {S("1002"), S("blue dress")};
	const struct option option[] = {{S("Blue dress \xC2\xB7 1002"), word, 2}, {S("Mug"), NULL, 0}};
	size_t index[2], n;
	enum pick pick = answer_pick(set, reading, option, 2, index, &n);

	assert(n <= 2 && (pick != PICK_ONE || (n == 1 && index[0] < 2)));
	assert(pick != PICK_SEVERAL || n == 2);
	answer_yes_no(set, reading, NULL);
	answer_skips(set, reading);
	answer_corrects(set, reading);
	for (size_t i = 0; i < sizeof(type) / sizeof(*type); i++)
		answer_value(set, reading, str_of(type[i]), arena);
}

static void explain(const struct reading *reading, struct buf *out)
{
	buf_init(out, 8 << 20);
	reading_explain(reading, false, out);
}

/* Under another context a message is read as if for the first time. */
static void check_again(struct intent_set *set, struct str message, const struct reading *reading,
	struct arena *arena)
{
	const struct intent *expected[] = {intent_set_at(set, 0), intent_set_at(set, 3)};
	const struct intent *near[] = {intent_set_at(set, 7)};
	const struct str word[] = {S("Blue dress"), S("Mug")};
	const struct context other = {.now = 1762995200, .expected = expected, .n_expected = 2,
		.near = near, .n_near = 1, .word = word, .n_words = 2};
	struct buf again, anew;

	explain(understand_again(set, reading, &other, arena), &again);
	explain(understand(set, message, &other, arena), &anew);
	assert(str_eq(buf_str(&again), buf_str(&anew)));
	buf_release(&again);
	buf_release(&anew);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct intent_set *set = shipped();
	struct str message = {(const char *)data, size};
	struct arena *arena = arena_new(4 << 20);
	struct context context = {.now = 1762995200};
	const struct reading *reading = understand(set, message, &context, arena);
	struct buf out;

	check_reading(reading, size);
	check_again(set, message, reading, arena);
	answer(set, reading, arena);
	buf_init(&out, 8 << 20);
	reading_explain(understand_explained(set, message, &context, arena), true, &out);
	buf_release(&out);
	arena_free(arena);
	return 0;
}

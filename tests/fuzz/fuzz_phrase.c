/* The phrase notation: what is accepted can be compiled and tried; what is refused points into the text. */
#include <assert.h>
#include <stdint.h>

#include "bot/base/text.h"
#include "intents/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct node *some_words(void *to, struct str name)
{
	(void)name;
	return to;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct arena *arena = arena_new(1 << 20);
	struct lexicon *lexicon = lexicon_new(arena, 16);
	struct phrase_error error = {0};
	const struct node *kid[1];
	struct phrase_names names = {some_words, some_words, entity_type_of, NULL};
	struct phrase_tree tree;

	assert(phrase_parse_words(S("order*"), lexicon, arena, &kid[0], &error));
	names.to = (void *)phrase_choice(arena, kid, 1, 0);
	if (!phrase_parse(text, &names, lexicon, arena, &tree, &error)) {
		assert(error.code && error.message.n);
		assert(error.offset <= size || size == 0);
	} else {
		struct matcher *matcher = matcher_new(false);
		struct pattern pattern = {0};
		struct buf expression;
		size_t begin, end;

		buf_init(&expression, 1 << 20);
		phrase_expression(&tree, &expression);
		if (!expression.over && text_valid_up_to(text) == text.n
			&& pattern_compile(matcher, &pattern, buf_str(&expression), NULL)) {
			struct str subject = S(" please cancel my order now ");

			if (pattern_match(matcher, &pattern, subject, 0, &begin, &end) == MATCH_YES)
				assert(begin <= end && end <= subject.n);
			pattern_release(&pattern);
		}
		buf_release(&expression);
		matcher_free(matcher);
	}
	arena_free(arena);
	return 0;
}

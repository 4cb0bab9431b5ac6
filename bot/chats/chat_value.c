/* Values as conversation tests write them, against values as they are. */
#include "bot/chats/chat_judge_parts.h"

static bool named(const struct value *record, struct str pattern)
{
	static const char *const identity[] = {"number", "id", "label", "title"};

	for (size_t i = 0; i < sizeof identity / sizeof *identity; i++)
		if (chat_pattern_matches(pattern, value_get_text(record, identity[i])) &&
			value_is_set(value_get(record, identity[i])))
			return true;
	return false;
}

static bool text_matches(struct str pattern, const struct value *got)
{
	struct arena *scratch;
	bool yes;

	if (got->type == VALUE_TEXT)
		return chat_pattern_matches(pattern, got->text);
	if (got->type == VALUE_RECORD && named(got, pattern))
		return true;
	scratch = arena_new(max_words_bytes);
	yes = value_is_set(got) && chat_pattern_matches(pattern, seen_name(scratch, got));
	arena_free(scratch);
	return yes;
}

/* A number of the test may be a text of the same digits here. */
static bool number_matches(int64_t number, const struct value *got)
{
	int64_t other;

	if (got->type == VALUE_INT)
		return got->number == number;
	if (got->type == VALUE_TEXT)
		return str_int(got->text, &other) && other == number;
	return got->type == VALUE_RECORD && (number_matches(number, value_get(got, "number")) ||
						    number_matches(number, value_get(got, "id")));
}

bool chat_value_matches(const struct value *expected, const struct value *got)
{
	switch (expected->type) {
	case VALUE_NONE:
		return !value_is_set(got);
	case VALUE_BOOL:
		return got && got->type == VALUE_BOOL && got->yes == expected->yes;
	case VALUE_INT:
		return got && number_matches(expected->number, got);
	case VALUE_TEXT:
		return got && text_matches(expected->text, got);
	case VALUE_LIST:
		if (!got || got->type != VALUE_LIST || got->list.n != expected->list.n)
			return false;
		for (size_t i = 0; i < got->list.n; i++)
			if (!chat_value_matches(expected->list.item[i], got->list.item[i]))
				return false;
		return true;
	case VALUE_RECORD:
		if (!got || got->type != VALUE_RECORD)
			return false;
		for (size_t i = 0; i < expected->record.n; i++)
			if (!chat_value_matches(expected->record.field[i].value,
				    value_get_str(got, expected->record.field[i].name)))
				return false;
		return true;
	}
	return false;
}

/* What the server says itself in the languages of the widget. */
#include "adapters/widget/words.h"

#include <string.h>

static const struct words *find(struct str tag)
{
	struct str name = str_cut(&tag, '-');

	for (size_t i = 0; i < n_words_known; i++)
		if (str_eq_nocase(name, str_of(words_known[i]->tag)))
			return words_known[i];
	return NULL;
}

const struct words *words_of(struct str tag)
{
	const struct words *words = find(tag);

	return words ? words : words_known[0];
}

/* Thousandths; without a weight, or with one that cannot be read, the most. */
static int weight_of(struct str parameters)
{
	struct str mark = S("q=");
	long at = str_find(parameters, mark);
	int weight = 0, unit = 1000;

	if (at < 0)
		return 1000;
	for (size_t i = (size_t)at + mark.n; i < parameters.n && unit; i++) {
		char c = parameters.p[i];

		if (c == '.')
			continue;
		if (c < '0' || c > '9')
			break;
		weight += (c - '0') * unit;
		unit /= 10;
	}
	return weight < 1000 ? weight : 1000;
}

const struct words *words_asked(struct str accept)
{
	const struct words *best = NULL;
	int best_weight = 0;

	while (accept.n) {
		struct str parameters = str_cut(&accept, ',');
		const struct words *words = find(str_trim(str_cut(&parameters, ';')));
		int weight = weight_of(parameters);

		if (words && weight > best_weight) {
			best = words;
			best_weight = weight;
		}
	}
	return best ? best : words_known[0];
}

bool words_are_rtl(const struct words *words)
{
	return strcmp(words->tag, "ar") == 0 || strcmp(words->tag, "he") == 0;
}

struct str words_get(const struct words *words, enum word word)
{
	return str_of(words->word[word]);
}

struct str words_with(
	const struct words *words, enum word word, struct str value, struct arena *arena)
{
	struct str rest = words_get(words, word), before = str_cut(&rest, '{');

	(void)str_cut(&rest, '}');
	return arena_printf(arena, "%.*s%.*s%.*s", STR(before), STR(value), STR(rest));
}

/* What the server says itself in the languages of the widget. */
#include "adapters/widget/words.h"

static const struct words known[] = {
	{"en", "Chat"},
	{"ar", "دردشة"},
	{"de", "Chat"},
	{"es", "Chat"},
	{"fr", "Chat"},
	{"he", "צ׳אט"},
	{"id", "Obrolan"},
	{"it", "Chat"},
	{"pt", "Chat"},
	{"th", "แชต"},
	{"vi", "Trò chuyện"},
	{"zh", "聊天"},
};

const struct words *words_of(struct str tag)
{
	struct str name = str_cut(&tag, '-');

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eq_nocase(name, str_of(known[i].tag)))
			return &known[i];
	return &known[0];
}

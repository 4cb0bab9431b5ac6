/* What the server says itself in the languages of the widget (js/lang): the plain page, and the
 * name of the chat's button before the rest of the widget is there.  Pure. */
#ifndef TENSTEP_ADAPTERS_WIDGET_WORDS_H
#define TENSTEP_ADAPTERS_WIDGET_WORDS_H

#include "bot/base/str.h"

struct words {
	const char *tag;  /* "de" */
	const char *chat; /* "Chat" */
};
/* By the first part of a language tag ("de" of "de-AT"); English for what there is none of. */
const struct words *words_of(struct str tag);

#endif

/* Who says what in a transcript. */
#include "bot/engine/post.h"

const char *const post_who_name[4] = {
	[POST_BUYER] = "buyer",
	[POST_BOT] = "bot",
	[POST_PERSON] = "person",
	[POST_NOTE] = "note",
};

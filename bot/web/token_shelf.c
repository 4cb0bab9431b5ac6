/* Direct Line tokens that were checked lately. */
#include "bot/web/token_shelf.h"

#include <stdlib.h>
#include <string.h>

#include "bot/base/digest.h"

enum { n_places = 1024 };

struct shelved {
	char *memory; /* of all texts; NULL: empty */
	struct str text;
	struct directline_token token;
};

struct token_shelf {
	struct shelved place[n_places];
};

struct token_shelf *token_shelf_new(void)
{
	struct token_shelf *shelf = calloc(1, sizeof *shelf);

	if (!shelf)
		abort();
	return shelf;
}

void token_shelf_free(struct token_shelf *shelf)
{
	for (size_t i = 0; shelf && i < n_places; i++)
		free(shelf->place[i].memory);
	free(shelf);
}

static size_t place_of(struct str text)
{
	return str_hash(text) % n_places;
}

static struct str keep(char **at, struct str text)
{
	struct str kept = {*at, text.n};

	if (text.n)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return kept;
}

void token_shelf_keep(
	struct token_shelf *shelf, struct str text, const struct directline_token *token)
{
	struct shelved *place = &shelf->place[place_of(text)];
	char *at = malloc(
		text.n + token->conversation.n + token->user.n + token->origin.n + 1);

	if (!at)
		abort();
	free(place->memory);
	*place = (struct shelved){.memory = at, .token = *token};
	place->text = keep(&at, text);
	place->token.conversation = keep(&at, token->conversation);
	place->token.user = keep(&at, token->user);
	place->token.origin = keep(&at, token->origin);
}

/* A guess must not learn from the time that it takes how much of it was right. */
const struct directline_token *token_shelf_find(const struct token_shelf *shelf, struct str text)
{
	const struct shelved *place = &shelf->place[place_of(text)];

	return place->memory && digest_same(place->text, text) ? &place->token : NULL;
}

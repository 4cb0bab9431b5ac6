/* How a whole message may begin and end to fit a phrase: what saves asking PCRE2, computed from the
 * tree, so that no match is lost. */
#include "intents/pack.h"

static struct edges edges_of(struct intent_set *set, const struct node *node);

static struct edges edges_of_sequence(struct intent_set *set, const struct node *sequence)
{
	struct edges all = {.skipped = true};

	for (size_t i = 0; i < sequence->n_kids; i++) {
		struct edges kid = edges_of(set, sequence->kid[i]);

		if (all.skipped)
			all.first |= kid.first;
		all.last = kid.skipped ? all.last | kid.last : kid.last;
		all.skipped = all.skipped && kid.skipped;
	}
	return all;
}

static struct edges edges_of_choice(struct intent_set *set, const struct node *choice)
{
	struct edges all = {.skipped = !choice->n_kids}; /* a part that could not be read */

	for (size_t i = 0; i < choice->n_kids; i++) {
		struct edges kid = edges_of(set, choice->kid[i]);

		all.first |= kid.first;
		all.last |= kid.last;
		all.skipped = all.skipped || kid.skipped;
	}
	return all;
}

/* Once for all phrases that name it. */
static struct edges edges_of_list(struct intent_set *set, const struct node *choice)
{
	struct word_list *list = choice->word ? &set->list[choice->word - 1] : NULL;

	if (!list)
		return edges_of_choice(set, choice);
	if (!list->has_edges) {
		list->edges = edges_of_choice(set, choice);
		list->has_edges = true;
	}
	return list->edges;
}

static struct edges edges_of(struct intent_set *set, const struct node *node)
{
	struct edges edges = {UINT64_MAX, UINT64_MAX, false};

	switch (node->kind) {
	case NODE_WORD:
	case NODE_PREFIX:
		edges.first = edges.last = lexicon_key_mask(node->key);
		break;
	case NODE_SEQUENCE:
		return edges_of_sequence(set, node);
	case NODE_CHOICE:
		return edges_of_choice(set, node);
	case NODE_NAMED:
		return edges_of_list(set, node->kid[0]);
	case NODE_OPTIONAL:
		edges = edges_of_choice(set, node->kid[0]);
		edges.skipped = true;
		break;
	case NODE_GAP:
		edges.skipped = true;
		break;
	case NODE_ENTITY:
		break;
	}
	return edges;
}

struct edges phrase_edges(struct intent_set *set, const struct phrase_tree *tree)
{
	return edges_of_sequence(set, tree->root);
}

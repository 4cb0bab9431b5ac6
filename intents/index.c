/* Which phrases a message can match at all: what each phrase needs, and the way from a word to the
 * phrases that need it.  Computed from the tree, so that no match is lost. */
#include "intents/message.h"

#include <stdlib.h>
#include <string.h>

/* A set of keys of which at least one must be fired; n 0: nothing is needed. */
struct keys {
	const uint32_t *key;
	size_t n;
	uint64_t cost;      /* how many phrases would be tried for nothing: the smaller the better */
	uint64_t mask;      /* of all of them */
};

struct needs {
	struct intent_set *set;
	const uint32_t *count;      /* per key, how many phrases name it */
	struct keys *of_list;       /* of the set's lists and parts, which many phrases name */
	bool *has_list;             /* which of them are worked out */
	struct keys *open;          /* a stack: of the choices that are being united, what each kid needs */
	size_t n_open, room;
	uint32_t *united, n_united; /* per key, the choice that has it last */
	struct key_group *group;    /* for one set, as many as there can be */
};

static struct keys keys_of(struct needs *needs, const struct node *node);

/* Stop words stand in nearly every message. */
static uint64_t cost_of(struct needs *needs, const struct node *node)
{
	uint64_t cost = needs->count[node->key];

	if (node->kind == NODE_ENTITY)
		return cost;
	if (lexicon_at(needs->set->lexicon, node->word)->flags & WORD_STOP)
		return cost * 50;
	return cost;
}

/* Of all that must be there, the set that is rarest. */
static struct keys rarest_of(struct needs *needs, const struct node *sequence)
{
	struct keys best = {0};

	for (size_t i = 0; i < sequence->n_kids; i++) {
		struct keys keys = keys_of(needs, sequence->kid[i]);

		if (keys.n && (!best.n || keys.cost < best.cost))
			best = keys;
	}
	return best;
}

static void push(struct needs *needs, struct keys keys)
{
	if (needs->n_open == needs->room) {
		needs->room = needs->room * 2 + 256;
		needs->open = realloc(needs->open, needs->room * sizeof(*needs->open));
		if (!needs->open)
			abort();
	}
	needs->open[needs->n_open++] = keys;
}

/* Of several sets, each key once. */
static struct keys unite(struct needs *needs, const struct keys *set, size_t n_sets)
{
	uint32_t choice = ++needs->n_united, *key;
	struct keys all = {0};
	size_t most = 0;

	if (n_sets == 1 && set->n == 1)
		return *set;
	for (size_t i = 0; i < n_sets; i++)
		most += set[i].n;
	key = arena_raw(needs->set->arena, most * sizeof(*key));
	for (size_t i = 0; i < n_sets; i++)
		for (size_t k = 0; k < set[i].n; k++) {
			uint32_t one = set[i].key[k];

			if (needs->united[one] == choice)
				continue;
			needs->united[one] = choice;
			key[all.n++] = one;
			all.mask |= lexicon_key_mask(one);
			all.cost += set[i].cost / set[i].n;
		}
	all.key = key;
	return all;
}

/* One of each alternative; if one needs nothing, so does the choice. */
static struct keys union_of(struct needs *needs, const struct node *choice)
{
	size_t from = needs->n_open, n = 0;
	struct keys all = {0};

	for (; n < choice->n_kids; n++) {
		struct keys keys = keys_of(needs, choice->kid[n]);

		if (!keys.n)
			break;
		push(needs, keys);
	}
	if (n && n == choice->n_kids)
		all = unite(needs, needs->open + from, n);
	needs->n_open = from;
	return all;
}

/* The place of @named or <named>; n_lists: of a part that uses itself. */
static size_t place_of_list(const struct intent_set *set, const struct node *choice)
{
	return choice->word ? choice->word - 1 : set->n_lists;
}

static struct keys keys_of_list(struct needs *needs, const struct node *choice)
{
	size_t i = place_of_list(needs->set, choice);

	if (i == needs->set->n_lists)
		return union_of(needs, choice);
	if (!needs->has_list[i]) {
		needs->of_list[i] = union_of(needs, choice);
		needs->has_list[i] = true;
	}
	return needs->of_list[i];
}

static struct keys keys_of(struct needs *needs, const struct node *node)
{
	switch (node->kind) {
	case NODE_WORD: case NODE_PREFIX: case NODE_ENTITY:
		return (struct keys){&node->key, 1, cost_of(needs, node),
			lexicon_key_mask(node->key)};
	case NODE_SEQUENCE:
		return rarest_of(needs, node);
	case NODE_CHOICE:
		return union_of(needs, node);
	case NODE_NAMED:
		return keys_of_list(needs, node->kid[0]);
	case NODE_OPTIONAL: case NODE_GAP:
		break;
	}
	return (struct keys){0};
}

static struct need need_of(struct needs *needs, const struct keys *keys)
{
	struct key_group *group = needs->group, *copy;
	uint32_t n = 0;

	for (size_t k = 0; k < keys->n; k++) {
		uint32_t place = keys->key[k] / keys_a_group, i = 0;

		while (i < n && group[i].place != place)
			i++;
		if (i == n)
			group[n++] = (struct key_group){0, place};
		group[i].keys |= 1ull << keys->key[k] % keys_a_group;
	}
	copy = arena_raw(needs->set->arena, n * sizeof(*copy));
	memcpy(copy, group, n * sizeof(*copy));
	return (struct need){keys->mask, copy, n, (uint32_t)keys->n};
}

/* Keeps the needs that rule out most: those with the fewest keys. */
static void add_need(struct needs *needs, struct phrase *phrase, const struct keys *keys)
{
	unsigned worst = 0;

	if (phrase->n_needs < max_needs) {
		phrase->need[phrase->n_needs++] = need_of(needs, keys);
		return;
	}
	for (unsigned i = 1; i < max_needs; i++)
		if (phrase->need[i].n_keys > phrase->need[worst].n_keys)
			worst = i;
	if (keys->n >= phrase->need[worst].n_keys)
		return;
	/* They stay in the order of the phrase. */
	memmove(phrase->need + worst, phrase->need + worst + 1,
		(max_needs - 1 - worst) * sizeof(*phrase->need));
	phrase->need[max_needs - 1] = need_of(needs, keys);
}

static void work_out_needs(struct needs *needs, struct phrase *phrase)
{
	const struct node *root = phrase->tree.root;
	struct keys best = {0};

	if (!root)
		return;
	for (size_t i = 0; i < root->n_kids; i++) {
		struct keys keys = keys_of(needs, root->kid[i]);

		if (!keys.n)
			continue;
		add_need(needs, phrase, &keys);
		if (!best.n || keys.cost < best.cost)
			best = keys;
	}
	phrase->trigger = best.key;
	phrase->n_triggers = best.n;
	if (phrase->tree.whole)
		phrase->edges = phrase_edges(needs->set, &phrase->tree);
}

/* --- strength --- */

bool node_has_content(const struct intent_set *set, const struct node *node)
{
	switch (node->kind) {
	case NODE_WORD: case NODE_PREFIX:
		return !(lexicon_at(set->lexicon, node->word)->flags
			& (WORD_STOP | WORD_POLITE));
	case NODE_ENTITY:
		return true;
	case NODE_SEQUENCE:
		for (size_t i = 0; i < node->n_kids; i++)
			if (node_has_content(set, node->kid[i]))
				return true;
		return false;
	case NODE_CHOICE:
		for (size_t i = 0; i < node->n_kids; i++)
			if (!node_has_content(set, node->kid[i]))
				return false;
		return true;
	case NODE_NAMED:
		return node_has_content(set, node->kid[0]);
	case NODE_OPTIONAL: case NODE_GAP:
		break;
	}
	return false;
}

static struct weight weight_of(struct intent_set *set, const struct node *node);

/* Once for all phrases that name it. */
static struct weight weight_of_list(struct intent_set *set, const struct node *choice)
{
	size_t i = place_of_list(set, choice);
	struct word_list *list = &set->list[i];

	if (i == set->n_lists)
		return weight_of(set, choice);
	if (!list->weighed) {
		list->weight = weight_of(set, choice);
		list->weighed = true;
	}
	return list->weight;
}

static struct weight weight_of(struct intent_set *set, const struct node *node)
{
	struct weight sum = {0};

	switch (node->kind) {
	case NODE_WORD: case NODE_PREFIX: case NODE_ENTITY:
		return (struct weight){1, node_has_content(set, node)};
	case NODE_SEQUENCE:
		for (size_t i = 0; i < node->n_kids; i++) {
			struct weight kid = weight_of(set, node->kid[i]);

			sum.elements += kid.elements;
			sum.content += kid.content;
		}
		return sum;
	case NODE_CHOICE:
		if (!node->n_kids)
			return sum;     /* a part that could not be read */
		sum = weight_of(set, node->kid[0]);
		for (size_t i = 1; i < node->n_kids; i++) {
			struct weight kid = weight_of(set, node->kid[i]);

			sum.elements = kid.elements < sum.elements ? kid.elements : sum.elements;
			sum.content = kid.content < sum.content ? kid.content : sum.content;
		}
		return sum;
	case NODE_NAMED:
		return weight_of_list(set, node->kid[0]);
	case NODE_OPTIONAL: case NODE_GAP:
		break;
	}
	return sum;
}

enum strength phrase_strength(struct intent_set *set, const struct phrase_tree *tree)
{
	struct weight weight;

	if (!tree->root)
		return STRENGTH_STRONG;
	if (tree->whole)
		return STRENGTH_WHOLE;
	weight = weight_of(set, tree->root);
	if (weight.content >= 2)
		return STRENGTH_STRONG;
	return weight.elements >= 2 ? STRENGTH_NORMAL : STRENGTH_WEAK;
}

/* --- the index --- */

struct counting {
	const struct intent_set *set;
	uint32_t *count;        /* per key */
	uint32_t *named;        /* per list, how often it still is to be counted */
};

static void count_node(struct counting *c, const struct node *node, uint32_t times)
{
	if (node->kind == NODE_WORD || node->kind == NODE_PREFIX || node->kind == NODE_ENTITY) {
		c->count[node->key] += times;
	} else if (node->kind == NODE_NAMED) {
		c->named[place_of_list(c->set, node->kid[0])] += times;
	} else {
		for (size_t i = 0; i < node->n_kids; i++)
			count_node(c, node->kid[i], times);
	}
}

/* Lists once for all phrases that name them; a part may name others, though never itself. */
static void count_lists(struct counting *c)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < c->set->n_lists; i++) {
			uint32_t times = c->named[i];

			if (!times)
				continue;
			c->named[i] = 0;
			count_node(c, c->set->list[i].choice, times);
			again = true;
		}
	}
}

static void count_keys(struct intent_set *set, uint32_t *count)
{
	struct counting c = {set, count, arena_array(set->arena, uint32_t, set->n_lists + 1)};

	for (size_t i = 0; i < set->n_phrases; i++)
		if (set->phrase[i].tree.root)
			count_node(&c, set->phrase[i].tree.root, 1);
	count_lists(&c);
}

static void fill(struct intent_set *set, uint32_t *next)
{
	struct index *index = &set->index;

	for (size_t i = 0; i < set->n_phrases; i++) {
		const struct phrase *phrase = &set->phrase[i];

		for (size_t k = 0; k < phrase->n_triggers; k++)
			index->phrase[next[phrase->trigger[k]]++] = (uint32_t)i;
		if (!phrase->n_triggers)
			index->always[index->n_always++] = (uint32_t)i;
	}
}

/* What buyers often speak of is what they more likely mistyped. */
static void weigh_words(struct intent_set *set, const uint32_t *count)
{
	for (uint32_t i = 1; i < lexicon_count(set->lexicon); i++) {
		struct word *word = lexicon_at(set->lexicon, i);

		for (size_t k = 0; k < word->n_keys; k++)
			if (count[word->key[k]] > word->weight)
				word->weight = count[word->key[k]];
	}
}

void index_build(struct intent_set *set)
{
	size_t n_keys = lexicon_n_keys(set->lexicon), n = 0;
	struct needs needs;
	uint32_t *count = arena_array(set->arena, uint32_t, n_keys + 1);
	uint32_t *next = arena_array(set->arena, uint32_t, n_keys + 1);

	count_keys(set, count);
	weigh_words(set, count);
	needs = (struct needs){
		.set = set,
		.count = count,
		.of_list = arena_array(set->arena, struct keys, set->n_lists),
		.has_list = arena_array(set->arena, bool, set->n_lists),
		.united = arena_array(set->arena, uint32_t, n_keys + 1),
		.group = arena_array(set->arena, struct key_group, intent_set_key_groups(set)),
	};
	for (size_t i = 0; i < set->n_phrases; i++)
		work_out_needs(&needs, &set->phrase[i]);
	for (size_t i = 0; i < set->n_intents; i++)
		for (size_t u = 0; u < set->intent[i].n_unless; u++)
			work_out_needs(&needs, &set->intent[i].unless[u].phrase);
	free(needs.open);
	set->index.from = arena_array(set->arena, uint32_t, n_keys + 1);
	for (size_t i = 0; i < set->n_phrases; i++)
		for (size_t k = 0; k < set->phrase[i].n_triggers; k++)
			set->index.from[set->phrase[i].trigger[k] + 1]++;
	for (size_t k = 0; k < n_keys; k++) {
		set->index.from[k + 1] += set->index.from[k];
		next[k] = set->index.from[k];
	}
	n = set->index.from[n_keys];
	set->index.phrase = arena_array(set->arena, uint32_t, n + 1);
	set->index.always = arena_array(set->arena, uint32_t, set->n_phrases + 1);
	fill(set, next);
}

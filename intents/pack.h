/* What an intent set is made of.  Private to intents/. */
#ifndef TENSTEP_INTENTS_PACK_H
#define TENSTEP_INTENTS_PACK_H

#include "intents/intent_set.h"
#include "intents/language.h"
#include "intents/lexicon.h"
#include "intents/pattern.h"
#include "intents/phrase.h"
#include "intents/repair.h"

enum strength { STRENGTH_WEAK, STRENGTH_NORMAL, STRENGTH_STRONG, STRENGTH_WHOLE };

enum { max_needs = 4 };

/* Where the words of a message fired a key. */
struct fired {
	uint16_t first, last;           /* tokens */
};

/* Of the keys 64 * @place and the 63 after it, a bit each.  What stands together in a list has keys
 * that follow one another. */
struct key_group {
	uint64_t keys;
	uint32_t place;
};
enum { keys_a_group = 64 };

/* Keys of which a message must fire at least one. */
struct need {
	uint64_t mask;                  /* of all of them: rules most phrases out at once */
	const struct key_group *group;
	uint32_t n_groups, n_keys;
};

/* Keys of which the first word of what fits fires one, and the last; all bits: any word will do. */
struct edges {
	uint64_t first, last;
	bool skipped;                   /* no word fits too */
};

/* One phrase, `unless` or regex. */
struct phrase {
	struct str text;                /* as the author wrote it */
	struct phrase_tree tree;        /* root NULL: a raw regex */
	unsigned intent;
	enum strength strength;
	struct need need[max_needs];    /* all of them, in this order; more may be needed than are kept */
	unsigned n_needs;
	struct edges edges;             /* of = … = */
	const uint32_t *trigger;        /* keys of which one must be fired; none: always tried */
	size_t n_triggers;
	unsigned number;                /* place in the set; of an unless it is meaningless */
	const struct json *node;        /* where it stands */
	const struct json_doc *doc;
	struct pattern *pattern;        /* changes while the set is used: compiled on first use */
};

struct unless {
	struct phrase phrase;
	int instead;                    /* an intent's place, -1: none */
};

struct intent_entry {
	struct intent intent;
	unsigned first_phrase, n_phrases;       /* in the set */
	struct unless *unless;
	size_t n_unless;
	uint32_t takes;                         /* bits of entity types */
	struct str *takes_name;
	const struct json **takes_node;
	size_t n_takes;
	struct example *example;
	const struct json **example_node;
	size_t n_examples;
	struct example *counter;
	const struct json **counter_node;
	size_t n_counters;
	const struct json *node;
	const struct json_doc *doc;
};

/* What must be there at least: of a choice, its poorest alternative. */
struct weight {
	unsigned elements, content;
};

struct word_list {
	struct str name;
	const struct node *choice;      /* its number: the place in the set, from 1 */
	struct weight weight;           /* of @choice; once it is @weighed */
	struct edges edges;             /* the same; once it @has_edges */
	const struct json *node;
	const struct json_doc *doc;
	bool used, is_part, busy, weighed, has_edges;
};

/* Which phrases to try: for each key the phrases that need it (or one of its sisters). */
struct index {
	uint32_t *from;                 /* n_keys + 1 places in @phrase */
	uint32_t *phrase;
	uint32_t *always;               /* phrases without a key: regexes */
	size_t n_always;
};

struct message;

struct intent_set {
	struct arena *arena;
	struct json_doc **doc;
	size_t n_docs;
	struct intent_entry *intent;
	size_t n_intents;
	struct phrase *phrase;
	size_t n_phrases;
	struct word_list *list;         /* lists and parts */
	size_t n_lists;
	struct language language;
	bool has_language;
	struct lexicon *lexicon;
	struct repair *repair;
	struct index index;
	struct matcher *matcher;
	struct pattern *pattern;        /* of all phrases, then all unlesses */
	size_t n_patterns;
	struct message *scratch;        /* one thread at a time */
	struct arena *picking;          /* what an answer is compared in; the same */
	uint32_t *tried;                /* per phrase: the message that it was tried for */
	struct fired *fired;            /* per key; of those that are in @fired_keys */
	uint64_t *fired_keys;           /* of the last message, a bit each */
	uint32_t turn;
};

/* How many groups there are of all keys. */
size_t intent_set_key_groups(const struct intent_set *set);

/* Compiles @phrase's pattern if that has not happened; false if it can not be used. */
bool phrase_ready(struct intent_set *set, const struct phrase *phrase, struct pattern_error *error);

/* Works out needs, triggers and strength (unless it was given) of all phrases, and the index. */
void index_build(struct intent_set *set);
enum strength phrase_strength(struct intent_set *set, const struct phrase_tree *tree);
struct edges phrase_edges(struct intent_set *set, const struct phrase_tree *tree);
/* Whether whatever fits @node holds a word of content. */
bool node_has_content(const struct intent_set *set, const struct node *node);

#endif

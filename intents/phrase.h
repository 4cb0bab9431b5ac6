/* The phrase notation: from an author's text to a tree, and from the tree to what PCRE2 matches. */
#ifndef TENSTEP_INTENTS_PHRASE_H
#define TENSTEP_INTENTS_PHRASE_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"
#include "intents/lexicon.h"

enum { max_phrase_word = 60, max_phrase_bytes = 1000 };

enum node_kind {
	NODE_WORD,              /* cancel */
	NODE_PREFIX,            /* cancel* */
	NODE_SEQUENCE,          /* what stands in a row; [] is the empty sequence */
	NODE_CHOICE,            /* (a|b): each a sequence, or what it is a sequence of if that is one */
	NODE_OPTIONAL,          /* [a|b]: one kid, a choice */
	NODE_GAP,               /* .. ... .... */
	NODE_NAMED,             /* @list or <part>: one kid, a choice that is shared */
	NODE_ENTITY,            /* {type:name} */
};

struct node {               /* a pack has ten thousand of them */
	struct str text;        /* the word; the name with its sign, for people; the entity's name */
	const struct node **kid;
	uint32_t n_kids;
	uint32_t key;           /* in the index, of words and entities */
	uint32_t word;          /* its number in the lexicon; of a named choice, see phrase_choice() */
	uint32_t offset, length;      /* in the text that was parsed */
	enum node_kind kind : 8;
	unsigned entity : 8;    /* enum entity_type */
	unsigned most : 8;      /* of a gap: words, 0 is any number */
};

/* What a phrase may refer to.  Called while parsing; NULL: no such name. */
struct phrase_names {
	const struct node *(*list)(void *to, struct str name);
	const struct node *(*part)(void *to, struct str name);
	/* The number of an entity type by its name in phrases; false: no such type. */
	bool (*entity)(struct str name, unsigned *type);
	void *to;
};

struct phrase_error {
	const char *code;       /* I006 … */
	size_t offset, length;  /* in the text */
	struct str message, hint;      /* in the parser's arena */
};

struct phrase_tree {
	const struct node *root;        /* a sequence */
	bool whole;                     /* = … = */
	bool captures;                  /* has an entity */
};

/* Reads @text.  Words enter @lexicon with their keys.  False with @error filled if it is no phrase.
 * The tree lives in @arena and points into @text. */
bool phrase_parse(struct str text, const struct phrase_names *names, struct lexicon *lexicon,
	struct arena *arena, struct phrase_tree *tree, struct phrase_error *error) MUST_CHECK;

/* A word of a list: `word`, `word*` or several in a row. */
bool phrase_parse_words(struct str text, struct lexicon *lexicon, struct arena *arena,
	const struct node **node, struct phrase_error *error) MUST_CHECK;

/* The expression for text that is words one blank apart with a blank at either end. */
void phrase_expression(const struct phrase_tree *tree, struct buf *out);

/* A choice over @kid, made by hand (lists, parts).  @number tells it from others, 0: from none. */
const struct node *phrase_choice(
	struct arena *arena, const struct node **kid, size_t n, size_t number);

#endif

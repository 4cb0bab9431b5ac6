/* One message on its way from bytes to a reading: what the stages hand to each other. */
#ifndef TENSTEP_INTENTS_MESSAGE_H
#define TENSTEP_INTENTS_MESSAGE_H

#include "intents/pack.h"
#include "intents/understand.h"

enum {
	max_chars = 600,        /* of a message are looked at … */
	max_tokens = 120,       /* … or as many words */
	max_piece = 256,        /* bytes given to PCRE2 at once: its limits do not bound time */
	max_pieces = 64,
	max_hits = 96,
	max_polite = 4,
	max_entities = 24,
	max_token_bytes = 64,
	max_text = max_tokens * (max_token_bytes + 1) + 2,
};

struct lexeme {
	struct str text;                /* lower case, repaired */
	uint32_t from, to;              /* bytes of the original message */
	uint32_t word;                  /* in the lexicon; 0: not there */
	uint32_t flags;                 /* of the word */
	const uint32_t *key;
	size_t n_keys;
	uint64_t mask;
	uint32_t at;                    /* where in the matched text; a blank stands before it */
	unsigned sentence, clause;
	bool comma;                     /* something to breathe at stands before it */
	bool unknown;                   /* in no list */
	bool repaired, folded;
	bool digits;                    /* holds a digit */
	bool hash;                      /* # stood before it */
	bool plain;                     /* letters only: may be repaired */
	bool entity;                    /* is part of one */
	bool content;                   /* says something by itself */
};

/* What stands between two sentence ends, or a part of it that is short enough. */
struct piece {
	uint32_t from, to;              /* of the matched text, with the blanks at either end */
	unsigned first, end;            /* tokens */
	uint64_t mask;
};

struct entity_place {
	unsigned first, end;            /* tokens */
};

struct hit {
	const struct phrase *phrase;
	unsigned first, end;            /* tokens */
	bool negated;
};

struct message {
	struct intent_set *set;
	const struct context *context;
	struct arena *arena;
	struct str raw;
	bool too_long, shouting, asking;

	struct lexeme token[max_tokens];
	unsigned n_tokens, n_content;
	uint64_t mask;                  /* of all keys fired, entities' too */
	uint32_t flags;                 /* of all words */
	bool any_digits, any_at;        /* worth looking for entities */

	struct fix fix[max_tokens];
	size_t n_fixes;

	struct entity entity[max_entities];
	struct entity_place entity_place[max_entities];
	size_t n_entities;

	char text[max_text];            /* " words one blank apart " */
	size_t n_text;
	struct piece piece[max_pieces];
	unsigned n_pieces;
	unsigned core_first, core_end;  /* politeness may stand before and after */

	struct hit hit[max_hits];
	unsigned n_hits;
	unsigned n_tried, n_faults;
	unsigned budget;                /* bytes that PCRE2 may still be shown */
	bool no_index;                  /* try every phrase: to test that the index loses none */

	/* For whoever reads the same message once more. */
	bool guessed;                   /* a word was looked for among the context's */
	unsigned matched_budget, matched_faults;    /* when the phrases had been matched */
	int64_t matched_at;             /* context->now */
	const struct reading *reading;  /* what came of it; NULL: it is being read */
};

/* The stages, in this order. */
void tokens_read(struct message *m);
void words_repair(struct message *m);
void entities_find(struct message *m);
void pieces_cut(struct message *m);
void phrases_match(struct message *m);
void hits_negate(struct message *m);
struct reading *hits_rank(struct message *m);

/* Adds what nearly matched to @reading. */
void misses_explain(struct message *m, struct reading *reading);

/* The same as understand() without the index: every phrase is tried. */
const struct reading *understand_without_index(struct intent_set *set, struct str message,
	const struct context *context, struct arena *arena);

/* A token becomes a word of the lexicon (or 0). */
void lexeme_is(struct message *m, struct lexeme *token, uint32_t word);

/* True if @phrase matches in some sentence of the message. */
bool phrase_matches(struct message *m, const struct phrase *phrase);

/* The name of an entity type in phrases, and back ("order" is "order_number" too). */
extern const char *const entity_name[];
bool entity_type_of(struct str name, unsigned *type);

#endif

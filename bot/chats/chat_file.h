/* Conversation tests as they are written (tests/chats/FORMAT.md): a typed tree of a *.chat file. */
#ifndef TENSTEP_CHATS_CHAT_FILE_H
#define TENSTEP_CHATS_CHAT_FILE_H

#include "bot/base/diag.h"
#include "bot/base/value.h"

enum { max_chat_bytes = 1 << 20, max_chat_tests = 10000 };

/* How a call is to end. */
struct chat_outcome {
	enum chat_outcome_kind {
		CHAT_OK,      /* .value NULL: as the shop does it */
		CHAT_REFUSED, /* .value: {why, why_text, …} */
		CHAT_FAILED,
		CHAT_UNKNOWN,
		CHAT_TIMEOUT, /* never answered, not done */
		CHAT_LOST,    /* never answered, but done */
	} kind;
	const struct value *value;
	int64_t slow_ms;
};

/* What makes a turn, or prepares the next ones. */
enum chat_do {
	CHAT_TEXT,       /* text */
	CHAT_LABEL,      /* text: label of a button */
	CHAT_PRESS,      /* text: id of a choice */
	CHAT_AFTER,      /* ms */
	CHAT_EVENT,      /* name, value */
	CHAT_ATTACHMENT, /* name: "image"; text: the reference, may be empty */
	CHAT_AGAIN,
	CHAT_DELETED,
	CHAT_EDITED,       /* text */
	CHAT_OUT_OF_ORDER, /* text is delivered after second */
	CHAT_PASTED,       /* number of characters */
	CHAT_AGENT_CLAIMS,
	CHAT_AGENT_SAYS,
	CHAT_AGENT_HANDS_BACK,
	CHAT_AGENT_NOBODY, /* name; text */
	CHAT_AGENT_PUTS_BACK,
	CHAT_BUYER, /* name: signs in now */
	CHAT_RESTART,
	CHAT_CLOSE,
	CHAT_START, /* name: flow/step; value: the slots, may be NULL */
	/* These make no turn. */
	CHAT_API, /* name: the operation; outcome */
	CHAT_LOAD,
	CHAT_PUBLISH, /* name: the flow; number: its version */
	N_CHAT_DO
};

/* Where something stands in the file. */
struct chat_at {
	size_t offset, length;
};

/* "< flow/step: words" */
struct chat_speech {
	struct chat_at at, words_at;
	struct str ref; /* empty: "...", any number of others */
	enum { WORDS_ANY, WORDS_PATTERN, WORDS_EXACT, WORDS_NOTED } how;
	struct str words;
};

enum chat_fact_kind {
	FACT_INTENT,
	FACT_DECISION,
	FACT_HEARD,
	FACT_SCORE,
	FACT_LEAD,
	FACT_FIXED,
	FACT_BUTTONS,
	FACT_CARD,
	FACT_SLOT,
	FACT_AT,
	FACT_OPEN,
	FACT_DIGRESSION,
	FACT_TRIES,
	FACT_CORRECTED,
	FACT_CALLED,
	FACT_HANDOFF,
	FACT_WATCHING,
	FACT_NOTE,
	FACT_ENDED,
	FACT_OWNER,
	FACT_LANGUAGE,
	FACT_SAID,
	N_FACT_KINDS
};

enum chat_compare { COMPARE_EQ, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

/* An indented line, or a part of one. */
struct chat_fact {
	enum chat_fact_kind kind;
	struct chat_at at;
	bool negated;    /* not, no, nothing */
	struct str name; /* intent, flow/step, operation, slot with its path, event, queue … */
	struct str from,
		to; /* CORRECTED; WATCHING: from is the order; ENDED, CALLED: to is the outcome */
	const struct value *value; /* SLOT (NULL: "is set"), CALLED, HANDOFF, NOTE, CARD: a record,
				      may be NULL */
	const struct str *item;    /* BUTTONS: labels; FIXED: from and to in turn */
	size_t n_items;
	bool and_more; /* BUTTONS: "| ..." */
	enum chat_compare compare;
	int64_t number; /* SCORE, LEAD, TRIES; CALLED: how often, -1: at least once */
	bool in_all;    /* CALLED */
};

struct chat_turn {
	enum chat_do what;
	struct chat_at at;
	struct str name, text, second;
	const struct value *value;
	int64_t ms, number;
	const struct chat_outcome *outcome;
	size_t n_outcomes;
	const struct chat_speech *speech;
	size_t n_speeches;
	const struct chat_fact *fact;
	size_t n_facts;
};

/* What holds for the whole test. */
struct chat_rule {
	enum chat_rule_kind {
		RULE_NEVER, /* name: "handoff", "fault", an operation, a flow, a flow/step */
		RULE_ENDED, /* name: flow; to: "finished" or an outcome */
		RULE_NOTHING_OPEN,
		RULE_AT, /* name: flow/step */
		RULE_HANDOFF,
		RULE_TURNS, /* number */
	} kind;
	struct chat_at at;
	struct str name, to;
	int64_t number;
};

enum chat_each { EACH_ONCE, EACH_ROW, EACH_EXAMPLE, EACH_COUNTER_EXAMPLE };

struct chat_test {
	struct str name;
	struct chat_at at;
	const struct str *tag;
	size_t n_tags;
	struct str shop, buyer, language, channel; /* empty: the default */
	struct chat_at shop_at, buyer_at, language_at;
	bool verified;
	int64_t now; /* Unix seconds */
	enum chat_each each;
	struct chat_at each_at;
	struct str each_of; /* the intent */
	const struct str *column;
	size_t n_columns;
	const struct str *cell; /* row by row */
	size_t n_rows;
	const struct chat_turn *turn;
	size_t n_turns;
	const struct chat_rule *rule;
	size_t n_rules;
};

struct chat_file {
	const struct source *source;
	const struct chat_test *test;
	size_t n_tests;
};

/* Reads a file into @arena.  Every fault found (C001 …) goes to @diags; the file comes back
 * whatever was found, without the faulty lines.  @source and its text must outlive it. */
const struct chat_file *chat_file_read(
	const struct source *source, struct arena *arena, struct diags *diags);

/* The time at which a test begins that says nothing else: 2025-03-01 10:00 UTC. */
extern const int64_t chat_default_now;

/* All codes of the reader and the checker, for the golden examples; ended by NULL. */
extern const char *const chat_code[];

/* @text with "{column}" replaced by the cells of @row; in @arena. */
struct str chat_fill(struct arena *arena, struct str text, const struct str *column,
	size_t n_columns, const struct str *row);
/* The same for all texts inside a value. */
const struct value *chat_fill_value(struct arena *arena, const struct value *value,
	const struct str *column, size_t n_columns, const struct str *row);
/* Whether @text has a hole for one of the test's columns. */
bool chat_has_hole(const struct chat_test *test, struct str text);

/* What a word written bare is: whole numbers, true, false, none, "29.90 USD" or a text. */
const struct value *chat_scalar(struct arena *arena, struct str word);

/* Splits "repair/no_match/first" at the last slash; false if there is none. */
bool chat_ref_split(struct str ref, struct str *flow, struct str *step);

/* "*" is anything; blanks of any kind and number are one. */
bool chat_pattern_matches(struct str pattern, struct str text);

#endif

/* What the readers of a conversation test share: one line at a time goes to whoever reads its
 * keyword (chat_file.c has the table). */
#ifndef TENSTEP_CHATS_CHAT_READER_H
#define TENSTEP_CHATS_CHAT_READER_H

#include "bot/chats/chat_scan.h"

/* A test while it is read: the tree's arrays as they grow. */
struct chat_builder {
	struct chat_test test;
	struct str *tag, *column, *cell;
	struct chat_turn *turn;
	struct chat_speech *speech; /* of the last turn */
	struct chat_fact *fact;
	struct chat_rule *rule;
	unsigned given; /* a bit for each setting that was seen, by its place in the table */
	bool acted;     /* a turn was seen: too late for settings */
};

struct chat_reader {
	const struct source *source;
	struct arena *arena;
	struct diags *diags;
	struct chat_test defaults;
	struct chat_test *test;
	size_t n_tests;
	struct chat_builder now;
	bool in_test;
	bool in_table;    /* indented lines are rows */
	bool bad_table;   /* a finding was added: no further ones about its rows */
	bool may_expect;  /* the last line that was not indented made a turn */
	unsigned swapped; /* messages that "out of order" still waits for */
};

struct chat_keyword;
typedef void chat_keyword_function(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan);

struct chat_keyword {
	const char *word;
	chat_keyword_function *read;
	const char *shape;
	enum {
		KIND_SETTING,
		KIND_DEFAULT,
		KIND_TURN,
		KIND_RULE,
		KIND_TEST
	} kind; /* DEFAULT: above tests too */
	enum chat_do what;
	enum { VALUE_MUST, VALUE_MAY, VALUE_NO } value;
};

/* From where the scan is to the line's end. */
struct chat_at chat_line_at(const struct chat_scan *scan);
/* "'load' is not written like this" */
void chat_bad_shape(const struct chat_keyword *keyword, struct chat_scan *scan);

/* chat_turn.c: what happens, and what is expected of it */
chat_keyword_function chat_read_after, chat_read_named_record, chat_read_plain, chat_read_pasted,
	chat_read_agent, chat_read_api, chat_read_version, chat_read_out_of_order;
void chat_read_message(struct chat_reader *reader, struct chat_scan *scan); /* > words */
void chat_read_speech(struct chat_reader *reader, struct chat_scan *scan);  /* < flow/step: words */
void chat_read_facts(struct chat_reader *reader, struct chat_scan *scan);
void chat_add_turn(struct chat_reader *reader, struct chat_turn turn);
struct chat_turn *chat_last_turn(struct chat_builder *builder); /* NULL: there is none */
void chat_close_turn(struct chat_builder *builder);
/* Whether something happens, so that something can be expected. */
bool chat_makes_turn(enum chat_do what);

/* chat_setting.c: who, where, when, and how often */
chat_keyword_function chat_read_tags, chat_read_shop, chat_read_buyer, chat_read_now,
	chat_read_language, chat_read_channel, chat_read_table, chat_read_each;
void chat_read_row(struct chat_reader *reader, struct chat_scan *scan); /* of a table */

/* chat_rule.c: what holds for all of a test */
chat_keyword_function chat_read_never, chat_read_ends, chat_read_turns;

#endif

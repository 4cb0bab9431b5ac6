/* Conversation tests as they are written: line by line into a tree. */
#include "bot/chats/chat_file.h"

#include <string.h>

#include "bot/base/date.h"
#include "bot/base/text.h"
#include "bot/chats/chat_fact.h"

/* A test while it is read: the tree's arrays as they grow. */
struct builder {
	struct chat_test test;
	struct str *tag, *column, *cell;
	struct chat_turn *turn;
	struct chat_speech *speech; /* of the last turn */
	struct chat_fact *fact;
	struct chat_rule *rule;
	unsigned given; /* a bit for each setting that was seen, by its place in the table */
	bool acted;     /* a turn was seen: too late for settings */
};

struct reader {
	const struct source *source;
	struct arena *arena;
	struct diags *diags;
	struct chat_test defaults;
	struct chat_test *test;
	size_t n_tests;
	struct builder now;
	bool in_test;
	bool in_table;    /* indented lines are rows */
	bool bad_table;   /* a finding was added: no further ones about its rows */
	bool may_expect;  /* the last line that was not indented made a turn */
	unsigned swapped; /* messages that "out of order" still waits for */
};

struct keyword {
	const char *word;
	void (*read)(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan);
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

const int64_t chat_default_now = 1740823200;

const char *const chat_code[] = {
	"C001",
	"C002",
	"C003",
	"C004",
	"C005",
	"C006",
	"C007",
	"C008",
	"C009",
	"C010",
	"C011",
	"C012",
	"C013",
	"C014",
	"C015",
	"C016",
	"C017",
	"C018",
	"C019",
	"C020",
	"C021",
	"C030",
	"C031",
	"C032",
	"C033",
	"C034",
	"C035",
	"C036",
	"C037",
	"C038",
	"C039",
	"C040",
	"C041",
	"C042",
	NULL,
};

static struct chat_at line_at(const struct chat_scan *scan)
{
	return (struct chat_at){scan->pos, scan->end - scan->pos};
}

/* "'load' is not written like this" */
static void bad_shape(const struct keyword *keyword, struct chat_scan *scan)
{
	if (!scan->failed)
		scan_error(scan, "C004", scan->from, scan->end - scan->from, str_of(keyword->shape),
			"'%s' is not written like this", keyword->word);
}

/* Turns */

static struct chat_turn *last_turn(struct builder *b)
{
	return b->test.n_turns ? &b->turn[b->test.n_turns - 1] : NULL;
}

static void close_turn(struct builder *b)
{
	struct chat_turn *turn = last_turn(b);

	if (turn && !turn->speech)
		turn->speech = b->speech;
	if (turn && !turn->fact)
		turn->fact = b->fact;
	b->speech = NULL;
	b->fact = NULL;
}

static bool makes_turn(enum chat_do what)
{
	return what != CHAT_API && what != CHAT_LOAD && what != CHAT_PUBLISH;
}

static void add_turn(struct reader *reader, struct chat_turn turn)
{
	struct builder *b = &reader->now;

	close_turn(b);
	b->turn = arena_grow(reader->arena, b->turn, b->test.n_turns, struct chat_turn);
	b->turn[b->test.n_turns++] = turn;
	reader->may_expect = makes_turn(turn.what);
	b->acted = b->acted || (makes_turn(turn.what) && turn.what != CHAT_START);
}

static void read_after(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = line_at(scan)};
	struct str word = str_trim(scan_rest(scan));

	if (date_duration_ms(word, &turn.ms) && turn.ms >= 0)
		add_turn(reader, turn);
	else
		scan_error(scan, "C006", scan->pos, word.n,
			S("write it like 12s, 15m, 8h, 3d or 1h30m"), "'%.*s' is not a time",
			STR(word));
}

/* event: NAME { … }   start: FLOW/STEP { … } */
static void read_named_record(
	struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = line_at(scan)};

	turn.name = scan_word(scan);
	turn.at.length = turn.name.n;
	if (scan_sees(scan, "{"))
		turn.value = scan_value(scan, scan->end);
	if (!turn.name.n || scan->failed || !scan_at_end(scan))
		bad_shape(keyword, scan);
	else
		add_turn(reader, turn);
}

/* Words of the buyer: press:, edited:, again, deleted, image … */
static void read_plain(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	add_turn(reader, (struct chat_turn){.what = keyword->what,
				 .at = line_at(scan),
				 .name = str_of(keyword->word),
				 .text = scan_unescape(reader->arena, str_trim(scan_rest(scan)))});
}

static void read_pasted(
	struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = line_at(scan)};

	if (!scan_number(scan, &turn.number) || turn.number < 1 || turn.number > max_chat_bytes)
		bad_shape(keyword, scan);
	else
		add_turn(reader, turn);
}

/* agent Ana: says Hello */
static void read_agent(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.at = line_at(scan)};

	if (str_find(scan_rest(scan), S(":")) >= 0) {
		turn.name = scan_until(scan, ":");
		scan_take(scan, ":");
	}
	if (!turn.name.n)
		turn.name = S("Ana");
	if (scan_take(scan, "claims")) {
		turn.what = CHAT_AGENT_CLAIMS;
	} else if (scan_take(scan, "nobody")) {
		turn.what = CHAT_AGENT_NOBODY;
	} else if (scan_take(scan, "puts") && scan_take(scan, "back")) {
		turn.what = CHAT_AGENT_PUTS_BACK;
	} else if (scan_take(scan, "says")) {
		turn.what = CHAT_AGENT_SAYS;
		turn.text = scan_unescape(reader->arena, str_trim(scan_rest(scan)));
		scan->pos = scan->end;
	} else if (scan_take(scan, "hands") && scan_take(scan, "back")) {
		turn.what = CHAT_AGENT_HANDS_BACK;
		if (scan_take(scan, "at"))
			turn.text = scan_word(scan);
	} else {
		bad_shape(keyword, scan);
		return;
	}
	if (scan_at_end(scan))
		add_turn(reader, turn);
	else
		bad_shape(keyword, scan);
}

static void read_api(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = line_at(scan)};

	turn.name = scan_word(scan);
	turn.at.length = turn.name.n;
	if (!turn.name.n || !scan_take(scan, "->")) {
		bad_shape(keyword, scan);
		return;
	}
	turn.outcome = scan_outcomes(scan, &turn.n_outcomes);
	if (turn.outcome)
		add_turn(reader, turn);
}

/* load: FLOW version N */
static void read_version(
	struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = line_at(scan)};

	turn.name = scan_word(scan);
	turn.at.length = turn.name.n;
	if (turn.name.n && scan_take(scan, "version") && scan_number(scan, &turn.number) &&
		turn.number > 0 && scan_at_end(scan))
		add_turn(reader, turn);
	else
		bad_shape(keyword, scan);
}

static void read_message(struct reader *reader, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = CHAT_TEXT}, *last = last_turn(&reader->now);
	struct str text;

	scan->pos++;
	text = str_trim(scan_rest(scan));
	turn.at = (struct chat_at){text.n ? (size_t)(text.p - scan->source->text.p) : scan->pos - 1,
		text.n ? text.n : 1};
	if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']') {
		turn.what = CHAT_LABEL;
		text = str_trim(str_sub(text, 1, text.n - 2));
	}
	turn.text = scan_unescape(reader->arena, text);
	if (reader->swapped == 2)
		last->text = turn.text;
	else if (reader->swapped == 1)
		last->second = turn.text;
	else
		add_turn(reader, turn);
	reader->swapped -= reader->swapped > 0;
}

static void read_out_of_order(
	struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	add_turn(reader, (struct chat_turn){.what = keyword->what, .at = line_at(scan)});
	reader->swapped = 2;
}

static void read_speech(struct reader *reader, struct chat_scan *scan)
{
	struct chat_speech speech = {.how = WORDS_ANY};
	struct chat_turn *turn = last_turn(&reader->now);

	scan->pos++;
	scan_blanks(scan);
	speech.at.offset = scan->pos;
	speech.ref = scan_until(scan, ":");
	speech.at.length = speech.ref.n;
	if (scan_take(scan, ":")) {
		scan_blanks(scan);
		speech.how = scan_take(scan, "=")   ? WORDS_EXACT
			     : scan_take(scan, "~") ? WORDS_NOTED
						    : WORDS_PATTERN;
		scan_blanks(scan);
		speech.words_at = line_at(scan);
		speech.words = scan_unescape(reader->arena, str_trim(scan_rest(scan)));
		speech.words_at.length = str_trim(scan_rest(scan)).n;
	}
	if (!speech.ref.n || str_find(speech.ref, S(" ")) >= 0 ||
		(speech.how != WORDS_ANY && !speech.words.n)) {
		scan_error(scan, "C004", speech.at.offset, scan->end - speech.at.offset,
			S("< FLOW/STEP: words, or < FLOW/STEP, or < ..."),
			"'<' is not written like this");
		return;
	}
	if (str_is(speech.ref, "..."))
		speech.ref = (struct str){0};
	reader->now.speech =
		arena_grow(reader->arena, reader->now.speech, turn->n_speeches, struct chat_speech);
	reader->now.speech[turn->n_speeches++] = speech;
}

static void read_facts(struct reader *reader, struct chat_scan *scan)
{
	struct chat_turn *turn = last_turn(&reader->now);
	struct chat_fact fact;
	bool more = true;

	while (more && chat_fact_read(scan, &fact, &more)) {
		reader->now.fact = arena_grow(
			reader->arena, reader->now.fact, turn->n_facts, struct chat_fact);
		reader->now.fact[turn->n_facts++] = fact;
	}
}

/* Settings */

static struct chat_test *settings(struct reader *reader)
{
	return reader->in_test ? &reader->now.test : &reader->defaults;
}

static void read_tags(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_test *test = settings(reader);
	struct str *tag = NULL;

	(void)keyword;
	test->n_tags = 0;
	while (!scan_at_end(scan)) {
		struct str word = scan_word(scan);

		if (word.n) {
			tag = arena_grow(reader->arena, tag, test->n_tags, struct str);
			tag[test->n_tags++] = word;
		} else {
			scan->pos++;
		}
	}
	test->tag = tag;
}

static void read_shop(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	(void)keyword;
	settings(reader)->shop_at = line_at(scan);
	settings(reader)->shop = str_trim(scan_rest(scan));
}

static void read_buyer(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_test *test = settings(reader);
	struct chat_turn turn = {.what = CHAT_BUYER, .at = line_at(scan)};
	bool verified = false;

	turn.name = scan_word(scan);
	turn.at.length = turn.name.n;
	if (scan_take(scan, ","))
		verified = scan_take(scan, "verified");
	if (!scan_at_end(scan) || !turn.name.n) {
		bad_shape(keyword, scan);
	} else if (reader->in_test && reader->now.acted) {
		add_turn(reader, turn);
	} else {
		test->buyer = turn.name;
		test->buyer_at = turn.at;
		test->verified = verified;
	}
}

static void read_now(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct str word = str_trim(scan_rest(scan));

	(void)keyword;
	if (!date_parse(word, &settings(reader)->now))
		scan_error(scan, "C005", scan->pos, word.n, S("write it like 2025-03-01 10:00"),
			"'%.*s' is not a date with a time", STR(word));
}

static void read_language(
	struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	(void)keyword;
	settings(reader)->language_at = line_at(scan);
	settings(reader)->language = str_trim(scan_rest(scan));
}

static void read_channel(
	struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	(void)keyword;
	settings(reader)->channel = str_trim(scan_rest(scan));
}

static bool repeat(struct reader *reader, struct chat_scan *scan, enum chat_each each)
{
	struct chat_test *test = &reader->now.test;

	if (test->each != EACH_ONCE) {
		scan_error(scan, "C015", scan->pos,
			scan->end > scan->pos ? scan->end - scan->pos : 1,
			S("make two tests of it"), "the test is repeated twice over");
		return false;
	}
	test->each = each;
	test->each_at = line_at(scan);
	return true;
}

static void read_table(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	size_t n = strlen(keyword->word) + 1;

	reader->in_table = true;
	reader->bad_table = !repeat(reader, scan, EACH_ROW);
	if (!reader->bad_table)
		reader->now.test.each_at =
			(struct chat_at){scan->pos < n ? 0 : scan->pos - n, n - 1};
}

/* for each phrase in examples of X;  for each phrase, wanted in counter_examples of X */
static void read_each(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_test *test = &reader->now.test;
	struct str *column = arena_array(reader->arena, struct str, 2);
	size_t begin = scan->pos, n = 1;
	bool counter = false;

	column[0] = scan_word(scan);
	if (scan_take(scan, ",")) {
		column[1] = scan_word(scan);
		n = 2;
	}
	if (scan_take(scan, "in")) {
		counter = scan_take(scan, "counter_examples");
		if ((counter || scan_take(scan, "examples")) && scan_take(scan, "of") &&
			scan_is_name(column[0]) && (n == 1 || scan_is_name(column[1]))) {
			struct str intent = scan_word(scan);
			struct chat_at at = {(size_t)(intent.p - reader->source->text.p), intent.n};

			if (intent.n && scan_at_end(scan) && (counter || n == 1)) {
				if (!repeat(reader, scan,
					    counter ? EACH_COUNTER_EXAMPLE : EACH_EXAMPLE))
					return;
				test->each_of = intent;
				test->each_at = at;
				test->column = column;
				test->n_columns = n;
				return;
			}
		}
	}
	if (!scan->failed)
		scan_error(scan, "C015", begin, scan->end - begin, str_of(keyword->shape),
			"'for each' is not written like this");
}

static size_t count_cells(struct str line)
{
	size_t n = 1;

	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == '|';
	return n;
}

static void read_row(struct reader *reader, struct chat_scan *scan)
{
	struct builder *b = &reader->now;
	struct str line = str_trim(scan_rest(scan));
	struct chat_at at = {(size_t)(line.p - scan->source->text.p), line.n};
	bool head = !b->test.n_columns;
	size_t n;

	if (reader->bad_table)
		return;
	if (str_starts(line, S("|")))
		line = str_sub(line, 1, line.n - 1);
	if (str_ends(line, S("|")))
		line.n--;
	n = count_cells(line);
	if (!head && n != b->test.n_columns) {
		scan_error(scan, "C013", at.offset, at.length,
			S("every row has as many cells as the first one has columns"),
			"%zu cell%s in a table of %zu column%s", n, n == 1 ? "" : "s",
			b->test.n_columns, b->test.n_columns == 1 ? "" : "s");
		reader->bad_table = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct str cell = str_trim(str_cut(&line, '|'));
		size_t all = head ? i : b->test.n_rows * b->test.n_columns + i;

		if (head && !scan_is_name(cell)) {
			scan_error(scan, "C013", at.offset, at.length,
				S("a column is named by letters, digits and '_'"),
				"'%.*s' cannot name a column", STR(cell));
			b->test.n_columns = 0;
			reader->bad_table = true;
			return;
		}
		if (head) {
			b->column = arena_grow(reader->arena, b->column, all, struct str);
			b->column[all] = cell;
		} else {
			b->cell = arena_grow(reader->arena, b->cell, all, struct str);
			b->cell[all] = scan_unescape(reader->arena, cell);
		}
	}
	if (head)
		b->test.n_columns = n;
	else
		b->test.n_rows++;
	b->test.column = b->column;
}

/* Rules */

static void add_rule(struct reader *reader, struct chat_rule rule)
{
	struct builder *b = &reader->now;

	b->rule = arena_grow(reader->arena, b->rule, b->test.n_rules, struct chat_rule);
	b->rule[b->test.n_rules++] = rule;
}

static void read_never(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	do {
		struct chat_rule rule = {.kind = RULE_NEVER};

		scan_blanks(scan);
		rule.at.offset = scan->pos;
		rule.name = scan_word(scan);
		rule.at.length = rule.name.n;
		if (!rule.name.n || !(scan_at_end(scan) || scan_sees(scan, ","))) {
			bad_shape(keyword, scan);
			return;
		}
		add_rule(reader, rule);
	} while (scan_take(scan, ","));
}

static bool read_end(struct chat_scan *scan, struct chat_rule *rule)
{
	enum chat_compare compare;

	if (scan_take(scan, "nothing")) {
		rule->kind = RULE_NOTHING_OPEN;
		return scan_take(scan, "open");
	}
	if (scan_take(scan, "handoff")) {
		rule->kind = RULE_HANDOFF;
		return true;
	}
	if (scan_take(scan, "turns")) {
		rule->kind = RULE_TURNS;
		return chat_compare_read(scan, &compare, &rule->number) && compare == COMPARE_LE;
	}
	rule->kind = scan_take(scan, "at") ? RULE_AT : RULE_ENDED;
	scan_blanks(scan);
	rule->at.offset = scan->pos;
	rule->name = scan_word(scan);
	rule->at.length = rule->name.n;
	if (rule->kind == RULE_ENDED)
		rule->to = scan_word(scan);
	return rule->name.n && (rule->kind == RULE_AT || rule->to.n);
}

static void read_ends(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	do {
		struct chat_rule rule = {.kind = RULE_ENDED};

		scan_blanks(scan);
		rule.at.offset = scan->pos;
		if (!read_end(scan, &rule) || !(scan_at_end(scan) || scan_sees(scan, ","))) {
			bad_shape(keyword, scan);
			return;
		}
		if (!rule.at.length)
			rule.at.length = scan->pos - rule.at.offset;
		add_rule(reader, rule);
	} while (scan_take(scan, ","));
}

static void read_turns(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct chat_rule rule = {.kind = RULE_TURNS, .at = line_at(scan)};
	enum chat_compare compare;

	if (chat_compare_read(scan, &compare, &rule.number) && compare == COMPARE_LE &&
		scan_at_end(scan))
		add_rule(reader, rule);
	else
		bad_shape(keyword, scan);
}

/* Tests */

static bool has_turns(const struct builder *b)
{
	for (size_t i = 0; i < b->test.n_turns; i++)
		if (makes_turn(b->turn[i].what))
			return true;
	return false;
}

static void finish_test(struct reader *reader)
{
	struct builder *b = &reader->now;
	struct chat_scan scan = {reader->source, reader->arena, reader->diags, 0, 0, 0, false};
	size_t offset = b->test.at.offset, length = b->test.at.length;

	if (!reader->in_test)
		return;
	if (reader->swapped)
		scan_error(&scan, "C019", last_turn(b)->at.offset, 1,
			S("two lines '> words' follow it"), "'out of order' needs two messages");
	reader->swapped = 0;
	close_turn(b);
	if (!has_turns(b))
		scan_error(&scan, "C017", offset, length, S("a test has lines such as '> words'"),
			"nothing happens in this test");
	if (b->test.each == EACH_ROW && !b->test.n_rows && !reader->bad_table)
		scan_error(&scan, "C013", b->test.each_at.offset, b->test.each_at.length,
			S("indented rows '| a | b |', the first one names the columns"),
			"the table has no rows");
	b->test.tag = b->test.n_tags ? b->test.tag : NULL;
	b->test.cell = b->cell;
	b->test.turn = b->turn;
	b->test.rule = b->rule;
	reader->test = arena_grow(reader->arena, reader->test, reader->n_tests, struct chat_test);
	reader->test[reader->n_tests++] = b->test;
	reader->in_test = false;
}

static void read_test(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct str name = str_trim(scan_rest(scan));
	struct chat_at at = {scan->pos, name.n};

	(void)keyword;
	finish_test(reader);
	if (!name.n)
		scan_error(scan, "C018", scan->pos ? scan->pos - 1 : 0, 1,
			S("test: what must hold"), "the test has no name");
	for (size_t i = 0; i < reader->n_tests; i++)
		if (name.n && str_eq(reader->test[i].name, name)) {
			scan_error(scan, "C016", at.offset, at.length,
				S("the name must be unique in its file"),
				"there is a test '%.*s' already", STR(name));
			break;
		}
	if (reader->n_tests == max_chat_tests) {
		scan_error(scan, "C021", at.offset, at.length, S("split the file"),
			"more than %d tests in a file", max_chat_tests);
		return;
	}
	reader->now = (struct builder){.test = reader->defaults};
	reader->now.test.name = name;
	reader->now.test.at = at;
	reader->in_test = true;
	reader->bad_table = reader->may_expect = false;
}

/* The longest word that fits is taken; settings come first, because builder.given has a bit for
 * each. */
static const struct keyword keyword_table[] = {
	{"test", read_test, "test: what must hold", KIND_TEST, 0, VALUE_MAY},
	{"tags", read_tags, "tags: cancel must-pass", KIND_DEFAULT, 0, VALUE_MUST},
	{"shop", read_shop, "shop: two_open_orders", KIND_DEFAULT, 0, VALUE_MUST},
	{"buyer", read_buyer, "buyer: buyer-open, verified", KIND_DEFAULT, 0, VALUE_MUST},
	{"now", read_now, "now: 2025-03-01 10:00", KIND_DEFAULT, 0, VALUE_MUST},
	{"language", read_language, "language: en", KIND_DEFAULT, 0, VALUE_MUST},
	{"channel", read_channel, "channel: widget", KIND_DEFAULT, 0, VALUE_MUST},
	{"start", read_named_record, "start: cancel_order/sure { order: A-1001 }", KIND_SETTING,
		CHAT_START, VALUE_MUST},
	{"load", read_version, "load: cancel_order version 3", KIND_SETTING, CHAT_LOAD, VALUE_MUST},
	{"table", read_table, "table:", KIND_SETTING, 0, VALUE_NO},
	{"for each", read_each,
		"for each phrase in examples of X, or: for each phrase, wanted in counter_examples "
		"of X",
		KIND_SETTING, 0, VALUE_MUST},
	{"api", read_api, "api: orders.cancel -> failed, ok", KIND_TURN, CHAT_API, VALUE_MUST},
	{"publish", read_version, "publish: cancel_order version 4", KIND_TURN, CHAT_PUBLISH,
		VALUE_MUST},
	{"press", read_plain, "press: CHOICE_ID", KIND_TURN, CHAT_PRESS, VALUE_MUST},
	{"after", read_after, "after 15m", KIND_TURN, CHAT_AFTER, VALUE_MUST},
	{"event", read_named_record, "event: refund.updated { order: A-1001, state: paid }",
		KIND_TURN, CHAT_EVENT, VALUE_MUST},
	{"image", read_plain, "image", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"voice", read_plain, "voice", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"video", read_plain, "video", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"file", read_plain, "file", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"place", read_plain, "place", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"contact", read_plain, "contact", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"sticker", read_plain, "sticker", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"again", read_plain, "again", KIND_TURN, CHAT_AGAIN, VALUE_NO},
	{"deleted", read_plain, "deleted", KIND_TURN, CHAT_DELETED, VALUE_NO},
	{"edited", read_plain, "edited: new words", KIND_TURN, CHAT_EDITED, VALUE_MAY},
	{"out of order", read_out_of_order, "out of order", KIND_TURN, CHAT_OUT_OF_ORDER, VALUE_NO},
	{"pasted", read_pasted, "pasted 3000", KIND_TURN, CHAT_PASTED, VALUE_MUST},
	{"agent", read_agent, "agent: claims | says WORDS | hands back | puts back | nobody",
		KIND_TURN, CHAT_AGENT_CLAIMS, VALUE_MUST},
	{"restart server", read_plain, "restart server", KIND_TURN, CHAT_RESTART, VALUE_NO},
	{"close", read_plain, "close", KIND_TURN, CHAT_CLOSE, VALUE_NO},
	{"never", read_never, "never: handoff, repair/no_match, flow/step, orders.cancel",
		KIND_RULE, 0, VALUE_MUST},
	{"ends", read_ends, "ends: cancel_order finished, nothing open, at FLOW/STEP, turns <= 6",
		KIND_RULE, 0, VALUE_MUST},
	{"turns", read_turns, "turns <= 6", KIND_RULE, 0, VALUE_MUST},
};

enum { n_keywords = sizeof keyword_table / sizeof *keyword_table };

static const struct keyword *find_keyword(struct str line)
{
	const struct keyword *found = NULL;

	for (size_t i = 0; i < n_keywords; i++) {
		struct str word = str_of(keyword_table[i].word);

		if (str_starts(line, word) && (!found || word.n > strlen(found->word)) &&
			(line.n == word.n || line.p[word.n] == ' ' || line.p[word.n] == ':' ||
				line.p[word.n] == '\t'))
			found = &keyword_table[i];
	}
	return found;
}

static void unknown_line(struct reader *reader, struct chat_scan *scan)
{
	struct str name[n_keywords], line = scan_rest(scan), word, near;

	word = str_trim(str_cut(&line, ':'));
	if (!line.n)
		word = str_trim(str_cut(&word, ' '));
	for (size_t i = 0; i < n_keywords; i++)
		name[i] = str_of(keyword_table[i].word);
	near = diag_nearest(reader->arena, word, name, n_keywords);
	scan_error(scan, "C002", scan->pos, word.n,
		near.n ? near
		       : S("lines begin with '>', '<', a blank (a fact) or a word of "
			   "tests/chats/FORMAT.md"),
		"unknown line '%.*s'", STR(word));
}

/* Whether the keyword may stand here; else a finding. */
static bool fits(struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	struct str word = str_of(keyword->word);
	size_t i = (size_t)(keyword - keyword_table);
	bool setting = keyword->kind == KIND_SETTING || keyword->kind == KIND_DEFAULT;

	if (!reader->in_test && keyword->kind != KIND_TEST && keyword->kind != KIND_DEFAULT) {
		scan_error(scan, "C001", scan->pos, word.n, S("begin with 'test: what must hold'"),
			"'%s' stands before the first test", keyword->word);
		return false;
	}
	/* A buyer may sign in later, and that is a turn; flows are loaded one by one. */
	if (!reader->in_test || !setting || (keyword->read == read_buyer && reader->now.acted))
		return true;
	if (reader->now.acted) {
		scan_error(scan, "C007", scan->pos, word.n, S("move it up, under 'test:'"),
			"'%s' comes too late: the conversation has begun", keyword->word);
		return false;
	}
	if (keyword->what != CHAT_LOAD && (reader->now.given & 1U << i)) {
		scan_error(scan, "C003", scan->pos, word.n, S("keep one of them"),
			"'%s' is given twice", keyword->word);
		return false;
	}
	reader->now.given |= 1U << i;
	return true;
}

static void read_keyword(
	struct reader *reader, const struct keyword *keyword, struct chat_scan *scan)
{
	size_t begin = scan->pos;

	if (!fits(reader, keyword, scan))
		return;
	scan->pos += strlen(keyword->word);
	if (keyword->read != read_agent)
		scan_take(scan, ":");
	scan_blanks(scan);
	scan->from = scan->pos;
	if (keyword->value == VALUE_MUST && scan_at_end(scan))
		scan_error(scan, "C004", begin, strlen(keyword->word), str_of(keyword->shape),
			"'%s' needs a value", keyword->word);
	else if (keyword->value == VALUE_NO && !scan_at_end(scan))
		bad_shape(keyword, scan);
	else
		keyword->read(reader, keyword, scan);
}

static bool needs_turn(struct reader *reader, struct chat_scan *scan)
{
	if (reader->in_test && reader->may_expect)
		return true;
	if (!reader->in_test)
		scan_error(scan, "C001", scan->pos, 1, S("begin with 'test: what must hold'"),
			"this stands before the first test");
	else
		scan_error(scan, "C010", scan->pos, 1,
			S("it belongs under a turn, such as '> words' or 'after 15m'"),
			"nothing happens above that this could be about");
	return false;
}

/* One line without its comment; @indented: it began with a blank. */
static void read_line(struct reader *reader, struct chat_scan *scan, bool indented)
{
	char first = scan->source->text.p[scan->pos];
	const struct keyword *keyword;

	if (indented && reader->in_table && first != '>' && first != '<') {
		read_row(reader, scan);
		return;
	}
	reader->in_table = false;
	if (reader->swapped && first != '>') {
		scan_error(scan, "C019", scan->pos, 1, S("two lines '> words' follow it"),
			"'out of order' needs two messages");
		reader->swapped = 0;
	}
	if (first == '>') {
		if (reader->in_test)
			read_message(reader, scan);
		else
			needs_turn(reader, scan);
	} else if (first == '<') {
		if (needs_turn(reader, scan))
			read_speech(reader, scan);
	} else if (indented) {
		if (needs_turn(reader, scan))
			read_facts(reader, scan);
	} else {
		keyword = find_keyword(scan_rest(scan));
		if (!keyword)
			unknown_line(reader, scan);
		else {
			reader->may_expect = reader->may_expect && keyword->kind == KIND_RULE;
			read_keyword(reader, keyword, scan);
		}
	}
}

/* The line's length without a comment and the blanks before it. */
static size_t without_comment(struct str line)
{
	size_t n = line.n;

	for (size_t i = 0; i < line.n; i++) {
		bool begins = i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t';
		bool alone =
			i == 0 || i + 1 == line.n || line.p[i + 1] == ' ' || line.p[i + 1] == '\t';

		if (line.p[i] == '#' && begins && (alone || !str_trim(str_sub(line, 0, i)).n)) {
			n = i;
			break;
		}
	}
	while (n && (line.p[n - 1] == ' ' || line.p[n - 1] == '\t' || line.p[n - 1] == '\r'))
		n--;
	return n;
}

static void read_lines(struct reader *reader, struct str text)
{
	size_t offset = 0;

	while (offset < text.n) {
		struct str line = str_sub(text, offset, text.n - offset);
		size_t all = str_cut(&line, '\n').n, n, blanks = 0;
		struct chat_scan scan = {
			reader->source, reader->arena, reader->diags, 0, 0, 0, false};

		n = without_comment(str_sub(text, offset, all));
		while (blanks < n &&
			(text.p[offset + blanks] == ' ' || text.p[offset + blanks] == '\t'))
			blanks++;
		scan.pos = offset + blanks;
		scan.end = offset + n;
		if (blanks < n)
			read_line(reader, &scan, blanks > 0);
		offset += all + 1;
	}
}

/* How much of the text may be read: not what is no text. */
static size_t readable(struct reader *reader)
{
	struct chat_scan scan = {reader->source, reader->arena, reader->diags, 0, 0, 0, false};
	struct str text = reader->source->text;
	size_t n = text_valid_up_to(text);

	if (text.n > max_chat_bytes) {
		scan_error(
			&scan, "C021", 0, 0, S("split the file"), "the file is larger than 1 MiB");
		return 0;
	}
	if (n < text.n)
		scan_error(&scan, "C020", n, 1, S("save the file as UTF-8"), "this is not UTF-8");
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text.p[i] < 0x20 &&
			!strchr("\t\r\n", text.p[i] ? text.p[i] : 'x')) {
			scan_error(&scan, "C020", i, 1, S("write '\\xHH' for a byte"),
				"a control character (%d)", text.p[i]);
			return i;
		}
	return n;
}

const struct chat_file *chat_file_read(
	const struct source *source, struct arena *arena, struct diags *diags)
{
	struct reader reader = {.source = source,
		.arena = arena,
		.diags = diags,
		.defaults = {.now = chat_default_now}};
	struct chat_file *file = arena_new_of(arena, struct chat_file);

	read_lines(&reader, str_sub(source->text, 0, readable(&reader)));
	finish_test(&reader);
	*file = (struct chat_file){source, reader.test, reader.n_tests};
	return file;
}

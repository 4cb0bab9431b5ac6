/* Conversation tests as they are written: line by line into a tree. */
#include "bot/chats/chat_file.h"

#include <string.h>

#include "bot/base/text.h"
#include "bot/chats/chat_fact.h"
#include "bot/chats/chat_reader.h"

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

struct chat_at chat_line_at(const struct chat_scan *scan)
{
	return (struct chat_at){scan->pos, scan->end - scan->pos};
}

void chat_bad_shape(const struct chat_keyword *keyword, struct chat_scan *scan)
{
	if (!scan->failed)
		scan_error(scan, "C004", scan->from, scan->end - scan->from, str_of(keyword->shape),
			"'%s' is not written like this", keyword->word);
}

/* --- tests --- */

static bool has_turns(const struct chat_builder *b)
{
	for (size_t i = 0; i < b->test.n_turns; i++)
		if (chat_makes_turn(b->turn[i].what))
			return true;
	return false;
}

static void finish_test(struct chat_reader *reader)
{
	struct chat_builder *b = &reader->now;
	struct chat_scan scan = {reader->source, reader->arena, reader->diags, 0, 0, 0, false};
	size_t offset = b->test.at.offset, length = b->test.at.length;

	if (!reader->in_test)
		return;
	if (reader->swapped)
		scan_error(&scan, "C019", chat_last_turn(b)->at.offset, 1,
			S("two lines '> words' follow it"), "'out of order' needs two messages");
	reader->swapped = 0;
	chat_close_turn(b);
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

static void read_test(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
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
	reader->now = (struct chat_builder){.test = reader->defaults};
	reader->now.test.name = name;
	reader->now.test.at = at;
	reader->in_test = true;
	reader->bad_table = reader->may_expect = false;
}

/* The longest word that fits is taken; settings come first, because builder.given has a bit for
 * each. */
static const struct chat_keyword keyword_table[] = {
	{"test", read_test, "test: what must hold", KIND_TEST, 0, VALUE_MAY},
	{"tags", chat_read_tags, "tags: cancel must-pass", KIND_DEFAULT, 0, VALUE_MUST},
	{"shop", chat_read_shop, "shop: two_open_orders", KIND_DEFAULT, 0, VALUE_MUST},
	{"buyer", chat_read_buyer, "buyer: buyer-open, verified", KIND_DEFAULT, 0, VALUE_MUST},
	{"now", chat_read_now, "now: 2025-03-01 10:00", KIND_DEFAULT, 0, VALUE_MUST},
	{"language", chat_read_language, "language: en", KIND_DEFAULT, 0, VALUE_MUST},
	{"channel", chat_read_channel, "channel: widget", KIND_DEFAULT, 0, VALUE_MUST},
	{"start", chat_read_named_record, "start: cancel_order/sure { order: A-1001 }",
		KIND_SETTING, CHAT_START, VALUE_MUST},
	{"load", chat_read_version, "load: cancel_order version 3", KIND_SETTING, CHAT_LOAD,
		VALUE_MUST},
	{"table", chat_read_table, "table:", KIND_SETTING, 0, VALUE_NO},
	{"for each", chat_read_each,
		"for each phrase in examples of X, or: for each phrase, wanted in counter_examples "
		"of X",
		KIND_SETTING, 0, VALUE_MUST},
	{"api", chat_read_api, "api: orders.cancel -> failed, ok", KIND_TURN, CHAT_API, VALUE_MUST},
	{"publish", chat_read_version, "publish: cancel_order version 4", KIND_TURN, CHAT_PUBLISH,
		VALUE_MUST},
	{"press", chat_read_plain, "press: CHOICE_ID", KIND_TURN, CHAT_PRESS, VALUE_MUST},
	{"after", chat_read_after, "after 15m", KIND_TURN, CHAT_AFTER, VALUE_MUST},
	{"event", chat_read_named_record, "event: refund.updated { order: A-1001, state: paid }",
		KIND_TURN, CHAT_EVENT, VALUE_MUST},
	{"image", chat_read_plain, "image", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"voice", chat_read_plain, "voice", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"video", chat_read_plain, "video", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"file", chat_read_plain, "file", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"place", chat_read_plain, "place", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"contact", chat_read_plain, "contact", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"sticker", chat_read_plain, "sticker", KIND_TURN, CHAT_ATTACHMENT, VALUE_MAY},
	{"again", chat_read_plain, "again", KIND_TURN, CHAT_AGAIN, VALUE_NO},
	{"deleted", chat_read_plain, "deleted", KIND_TURN, CHAT_DELETED, VALUE_NO},
	{"edited", chat_read_plain, "edited: new words", KIND_TURN, CHAT_EDITED, VALUE_MAY},
	{"out of order", chat_read_out_of_order, "out of order", KIND_TURN, CHAT_OUT_OF_ORDER,
		VALUE_NO},
	{"pasted", chat_read_pasted, "pasted 3000", KIND_TURN, CHAT_PASTED, VALUE_MUST},
	{"agent", chat_read_agent, "agent: claims | says WORDS | hands back | puts back | nobody",
		KIND_TURN, CHAT_AGENT_CLAIMS, VALUE_MUST},
	{"restart server", chat_read_plain, "restart server", KIND_TURN, CHAT_RESTART, VALUE_NO},
	{"close", chat_read_plain, "close", KIND_TURN, CHAT_CLOSE, VALUE_NO},
	{"never", chat_read_never, "never: handoff, repair/no_match, flow/step, orders.cancel",
		KIND_RULE, 0, VALUE_MUST},
	{"ends", chat_read_ends,
		"ends: cancel_order finished, nothing open, at FLOW/STEP, turns <= 6", KIND_RULE, 0,
		VALUE_MUST},
	{"turns", chat_read_turns, "turns <= 6", KIND_RULE, 0, VALUE_MUST},
};

enum { n_keywords = sizeof keyword_table / sizeof *keyword_table };

static const struct chat_keyword *find_keyword(struct str line)
{
	const struct chat_keyword *found = NULL;

	for (size_t i = 0; i < n_keywords; i++) {
		struct str word = str_of(keyword_table[i].word);

		if (str_starts(line, word) && (!found || word.n > strlen(found->word)) &&
			(line.n == word.n || line.p[word.n] == ' ' || line.p[word.n] == ':' ||
				line.p[word.n] == '\t'))
			found = &keyword_table[i];
	}
	return found;
}

static void unknown_line(struct chat_reader *reader, struct chat_scan *scan)
{
	struct str name[n_keywords], line = scan_rest(scan), first = line, word, near;

	word = str_trim(str_cut(&line, ':'));
	if (!line.n)
		word = str_trim(str_cut(&word, ' '));
	for (size_t i = 0; i < n_keywords; i++)
		name[i] = str_of(keyword_table[i].word);
	near = diag_nearest(reader->arena, word, name, n_keywords);
	if (chat_is_fact(str_cut(&first, ' ')))
		near = S("what must come of the line above has a blank in front");
	scan_error(scan, "C002", scan->pos, word.n,
		near.n ? near
		       : S("lines begin with '>', '<', a blank (a fact) or a word of "
			   "tests/chats/FORMAT.md"),
		"unknown line '%.*s'", STR(word));
}

/* Whether the keyword may stand here; else a finding. */
static bool fits(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
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
	if (!reader->in_test || !setting || (keyword->read == chat_read_buyer && reader->now.acted))
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
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	size_t begin = scan->pos;

	if (!fits(reader, keyword, scan))
		return;
	scan->pos += strlen(keyword->word);
	if (keyword->read != chat_read_agent)
		scan_take(scan, ":");
	scan_blanks(scan);
	scan->from = scan->pos;
	if (keyword->value == VALUE_MUST && scan_at_end(scan))
		scan_error(scan, "C004", begin, strlen(keyword->word), str_of(keyword->shape),
			"'%s' needs a value", keyword->word);
	else if (keyword->value == VALUE_NO && !scan_at_end(scan))
		chat_bad_shape(keyword, scan);
	else
		keyword->read(reader, keyword, scan);
}

static bool needs_turn(struct chat_reader *reader, struct chat_scan *scan)
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
static void read_line(struct chat_reader *reader, struct chat_scan *scan, bool indented)
{
	char first = scan->source->text.p[scan->pos];
	const struct chat_keyword *keyword;

	if (indented && reader->in_table && first != '>' && first != '<') {
		chat_read_row(reader, scan);
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
			chat_read_message(reader, scan);
		else
			needs_turn(reader, scan);
	} else if (first == '<') {
		if (needs_turn(reader, scan))
			chat_read_speech(reader, scan);
	} else if (indented) {
		if (needs_turn(reader, scan))
			chat_read_facts(reader, scan);
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

static void read_lines(struct chat_reader *reader, struct str text)
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
static size_t readable(struct chat_reader *reader)
{
	struct chat_scan scan = {reader->source, reader->arena, reader->diags, 0, 0, 0, false};
	struct str text = reader->source->text;
	size_t n = text_valid_up_to(text);

	if (text.n > max_chat_bytes) {
		scan_error(
			&scan, "C021", 0, 0, S("split the file"), "the file is larger than 1 MiB");
		return 0;
	}
	if (str_starts(text, S("\xEF\xBB\xBF"))) {
		scan_error(&scan, "C020", 0, 3, S("save the file as UTF-8 without one"),
			"the text begins with a byte order mark");
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
	struct chat_reader reader = {.source = source,
		.arena = arena,
		.diags = diags,
		.defaults = {.now = chat_default_now}};
	struct chat_file *file = arena_new_of(arena, struct chat_file);

	read_lines(&reader, str_sub(source->text, 0, readable(&reader)));
	finish_test(&reader);
	*file = (struct chat_file){source, reader.test, reader.n_tests};
	return file;
}

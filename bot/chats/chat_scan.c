/* The small things that lines of a conversation test are made of. */
#include "bot/chats/chat_scan.h"

#include <stdarg.h>
#include <string.h>

#include "bot/base/date.h"

enum { max_nesting = 16 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool scan_is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_name_char(s.p[i]))
			return false;
	return s.n > 0;
}

void scan_error(struct chat_scan *scan, const char *code, size_t offset, size_t length,
	struct str hint, const char *format, ...)
{
	va_list ap;

	scan->failed = true;
	va_start(ap, format);
	diag_addv(scan->diags, DIAG_ERROR, code, scan->source, offset, length, hint, format, ap);
	va_end(ap);
}

struct str scan_rest(const struct chat_scan *scan)
{
	return str_sub(scan->source->text, scan->pos, scan->end - scan->pos);
}

void scan_blanks(struct chat_scan *scan)
{
	while (scan->pos < scan->end && is_blank(scan->source->text.p[scan->pos]))
		scan->pos++;
}

bool scan_at_end(struct chat_scan *scan)
{
	scan_blanks(scan);
	return scan->pos >= scan->end;
}

bool scan_sees(struct chat_scan *scan, const char *what)
{
	struct str rest;
	size_t n = strlen(what);

	scan_blanks(scan);
	rest = scan_rest(scan);
	if (!str_starts(rest, str_of(what)))
		return false;
	return !is_name_char(what[n - 1]) || rest.n == n || !is_name_char(rest.p[n]);
}

bool scan_take(struct chat_scan *scan, const char *what)
{
	if (!scan_sees(scan, what))
		return false;
	scan->pos += strlen(what);
	return true;
}

/* The length of a hole "{name}" at the beginning of @s, else 0. */
static size_t hole_length(struct str s)
{
	size_t n = 1;

	if (!s.n || s.p[0] != '{')
		return 0;
	while (n < s.n && is_name_char(s.p[n]))
		n++;
	return n > 1 && n < s.n && s.p[n] == '}' ? n + 1 : 0;
}

struct str scan_word(struct chat_scan *scan)
{
	struct str text = scan->source->text;
	size_t begin;

	scan_blanks(scan);
	begin = scan->pos;
	while (scan->pos < scan->end && !is_blank(text.p[scan->pos]) && text.p[scan->pos] != ',') {
		size_t hole = hole_length(scan_rest(scan));

		if (!hole && (text.p[scan->pos] == '{' || text.p[scan->pos] == '}'))
			break;
		scan->pos += hole ? hole : 1;
	}
	return str_sub(text, begin, scan->pos - begin);
}

struct str scan_until(struct chat_scan *scan, const char *stop)
{
	struct str rest = scan_rest(scan);
	long at = str_find(rest, str_of(stop));
	struct str found = at < 0 ? rest : str_sub(rest, 0, (size_t)at);

	scan->pos += found.n;
	return str_trim(found);
}

bool scan_number(struct chat_scan *scan, int64_t *number)
{
	size_t begin = scan->pos;

	if (str_int(scan_word(scan), number))
		return true;
	scan->pos = begin;
	return false;
}

struct str scan_unescape(struct arena *arena, struct str text)
{
	static const char hex[] = "0123456789abcdef";
	char *out;
	size_t n = 0;

	if (str_find(text, S("\\")) < 0)
		return text;
	out = arena_raw(arena, text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		char next = i + 1 < text.n ? text.p[i + 1] : '\0';
		const char *high = NULL, *low = NULL;

		if (text.p[i] == '\\' && next == 'x' && i + 3 < text.n) {
			high = memchr(hex, text.p[i + 2] | 0x20, 16);
			low = memchr(hex, text.p[i + 3] | 0x20, 16);
		}
		if (high && low) {
			out[n++] = (char)(((high - hex) << 4) | (low - hex));
			i += 3;
		} else if (text.p[i] == '\\' && next && strchr("nt#\\\"", next)) {
			out[n++] = next == 'n' ? '\n' : next == 't' ? '\t' : next;
			i++;
		} else {
			out[n++] = text.p[i];
		}
	}
	out[n] = '\0';
	return (struct str){out, n};
}

/* "29.90 USD" */
static const struct value *money_scalar(struct arena *arena, struct str word)
{
	size_t n = word.n && word.p[0] == '-', point = 0;

	while (n < word.n && (is_digit(word.p[n]) || word.p[n] == '.'))
		point += word.p[n++] == '.';
	if (n + 4 != word.n || n == 0 || point > 1 || word.p[n] != ' ')
		return NULL;
	for (size_t i = n + 1; i < word.n; i++)
		if (word.p[i] < 'A' || word.p[i] > 'Z')
			return NULL;
	return value_money(arena, str_sub(word, 0, n), str_sub(word, n + 1, 3));
}

const struct value *chat_scalar(struct arena *arena, struct str word)
{
	size_t first = word.n && word.p[0] == '-';
	const struct value *money;
	int64_t number;

	if (str_is(word, "true"))
		return &value_true;
	if (str_is(word, "false"))
		return &value_false;
	if (str_is(word, "none"))
		return &value_none;
	/* Long digits and leading zeros are ids, not numbers. */
	if (word.n > first && word.n <= 15 && (word.p[first] != '0' || word.n == first + 1) &&
		str_int(word, &number))
		return value_int(arena, number);
	money = money_scalar(arena, word);
	return money ? money : value_text(arena, word);
}

static const struct value *read_value(struct chat_scan *scan, size_t stop, unsigned depth);

static const struct value *read_quoted(struct chat_scan *scan)
{
	struct str text = scan->source->text;
	size_t begin = scan->pos++;

	while (scan->pos < scan->end && text.p[scan->pos] != '"')
		scan->pos += text.p[scan->pos] == '\\' && scan->pos + 1 < scan->end ? 2 : 1;
	if (scan->pos >= scan->end) {
		scan_error(scan, "C011", begin, 1, S("the closing '\"' belongs on the same line"),
			"this text is not closed");
		return &value_none;
	}
	scan->pos++;
	return value_text(scan->arena,
		scan_unescape(scan->arena, str_sub(text, begin + 1, scan->pos - begin - 2)));
}

static const struct value *read_bare(struct chat_scan *scan, size_t stop, unsigned depth)
{
	struct str text = scan->source->text, word;
	size_t begin = scan->pos;

	while (scan->pos < stop) {
		size_t hole = hole_length(scan_rest(scan));

		if (hole) {
			scan->pos += hole;
			continue;
		}
		if (depth && strchr(",{}[]", text.p[scan->pos]))
			break;
		scan->pos++;
	}
	word = str_trim(str_sub(text, begin, scan->pos - begin));
	if (!word.n)
		scan_error(scan, "C011", begin < scan->source->text.n ? begin : begin - 1, 1,
			S("a text, a number, true, false, none, { … } or [ … ]"),
			"a value is missing here");
	return chat_scalar(scan->arena, word);
}

/* The end of a member: ',' goes on, @close is taken and ends. */
static bool read_more(struct chat_scan *scan, char close, size_t open)
{
	const char end[] = {close, '\0'};

	if (scan_take(scan, end))
		return false;
	if (scan_take(scan, ","))
		return !scan_take(scan, end);
	if (scan_at_end(scan))
		scan_error(scan, "C011", open, 1,
			arena_printf(
				scan->arena, "the closing '%c' belongs on the same line", close),
			"this '%c' is not closed", close == '}' ? '{' : '[');
	else
		scan_error(scan, "C011", scan->pos, 1,
			arena_printf(scan->arena, "',' or '%c'", close),
			"'%c' does not belong here", scan->source->text.p[scan->pos]);
	return false;
}

static const struct value *read_record(struct chat_scan *scan, unsigned depth)
{
	struct value_builder b = value_build(scan->arena);
	size_t open = scan->pos++;
	bool more = !scan_take(scan, "}");

	while (more && !scan->failed) {
		size_t begin;
		struct str name;

		scan_blanks(scan);
		begin = scan->pos;
		while (scan->pos < scan->end && is_name_char(scan->source->text.p[scan->pos]))
			scan->pos++;
		name = str_sub(scan->source->text, begin, scan->pos - begin);
		if (!name.n || !scan_take(scan, ":")) {
			scan_error(scan, "C011", name.n ? begin : open, name.n ? name.n : 1,
				S("{ name: value, name: value }"), "a name and ':' are missing");
			break;
		}
		value_put(
			&b, arena_cstr(scan->arena, name), read_value(scan, scan->end, depth + 1));
		more = !scan->failed && read_more(scan, '}', open);
	}
	return value_record(&b);
}

static const struct value *read_list(struct chat_scan *scan, unsigned depth)
{
	struct value_builder b = value_build(scan->arena);
	size_t open = scan->pos++;
	bool more = !scan_take(scan, "]");

	while (more && !scan->failed) {
		value_push(&b, read_value(scan, scan->end, depth + 1));
		more = !scan->failed && read_more(scan, ']', open);
	}
	return value_list(&b);
}

static const struct value *read_value(struct chat_scan *scan, size_t stop, unsigned depth)
{
	char c;

	scan_blanks(scan);
	c = scan->pos < stop ? scan->source->text.p[scan->pos] : '\0';
	if (depth > max_nesting) {
		scan_error(scan, "C011", scan->pos, 1, (struct str){0},
			"values are nested too deeply");
		return &value_none;
	}
	if (c == '"')
		return read_quoted(scan);
	if (c == '{' && !hole_length(scan_rest(scan)))
		return read_record(scan, depth);
	if (c == '[')
		return read_list(scan, depth);
	return read_bare(scan, stop, depth);
}

const struct value *scan_value(struct chat_scan *scan, size_t stop)
{
	return read_value(scan, stop, 0);
}

static const struct {
	const char *word;
	enum chat_outcome_kind kind;
} outcome_word[] = {
	{"ok", CHAT_OK},
	{"refused", CHAT_REFUSED},
	{"failed", CHAT_FAILED},
	{"unknown", CHAT_UNKNOWN},
	{"timeout", CHAT_TIMEOUT},
	{"lost", CHAT_LOST},
};

enum { n_outcome_words = sizeof outcome_word / sizeof *outcome_word };

static struct str outcome_hint(struct chat_scan *scan, struct str word)
{
	struct str name[n_outcome_words + 1], near;

	for (size_t i = 0; i < n_outcome_words; i++)
		name[i] = str_of(outcome_word[i].word);
	name[n_outcome_words] = S("slow");
	near = diag_nearest(scan->arena, word, name, n_outcome_words + 1);
	return near.n ? near : S("one of: ok, refused, failed, unknown, timeout, lost, slow 12s");
}

/* "refused shipped" is short for "refused { why: shipped }". */
static const struct value *read_refusal(struct chat_scan *scan)
{
	struct value_builder b = value_build(scan->arena);
	struct str why;

	if (scan_sees(scan, "{") && !hole_length(scan_rest(scan)))
		return scan_value(scan, scan->end);
	why = scan_sees(scan, "then") ? (struct str){0} : scan_word(scan);
	value_put_text(&b, "why", why.n ? why : S("refused"));
	return value_record(&b);
}

static bool read_slow(struct chat_scan *scan, int64_t *ms)
{
	size_t begin;
	struct str word;

	scan_blanks(scan);
	begin = scan->pos;
	word = scan_word(scan);
	if (date_duration_ms(word, ms))
		return true;
	scan_error(scan, "C006", begin, word.n, S("write it like 12s, 15m, 8h or 3d"),
		"'%.*s' is not a time", STR(word));
	return false;
}

static bool read_outcome(struct chat_scan *scan, struct chat_outcome *outcome)
{
	size_t begin, i = 0;
	struct str word;

	*outcome = (struct chat_outcome){.kind = CHAT_OK};
	if (scan_take(scan, "slow")) {
		if (!read_slow(scan, &outcome->slow_ms))
			return false;
		if (scan_at_end(scan) || scan_sees(scan, ",") || scan_sees(scan, "then"))
			return true;
	}
	scan_blanks(scan);
	begin = scan->pos;
	word = scan_word(scan);
	while (i < n_outcome_words && !str_is(word, outcome_word[i].word))
		i++;
	if (i == n_outcome_words) {
		scan_error(scan, "C012", begin, word.n, outcome_hint(scan, word),
			"unknown outcome '%.*s'", STR(word));
		return false;
	}
	outcome->kind = outcome_word[i].kind;
	if (outcome->kind == CHAT_REFUSED)
		outcome->value = read_refusal(scan);
	else if (outcome->kind == CHAT_OK && (scan_sees(scan, "{") || scan_sees(scan, "[")))
		outcome->value = scan_value(scan, scan->end);
	return !scan->failed;
}

const struct chat_outcome *scan_outcomes(struct chat_scan *scan, size_t *n)
{
	struct chat_outcome *list = NULL, one;

	*n = 0;
	do {
		if (!read_outcome(scan, &one))
			return NULL;
		list = arena_grow(scan->arena, list, *n, struct chat_outcome);
		list[(*n)++] = one;
	} while (scan_take(scan, ",") || scan_take(scan, "then"));
	if (scan_at_end(scan))
		return list;
	scan_error(scan, "C004", scan->pos, scan->end - scan->pos,
		S("separate outcomes by ',' or 'then'"), "'%.*s' is too much here",
		STR(str_trim(scan_rest(scan))));
	return NULL;
}

/* The cell that the hole at the beginning of @text stands for; NULL if it is no column. */
static const struct str *hole_cell(struct str text, size_t length, const struct str *column,
	size_t n_columns, const struct str *row)
{
	for (size_t i = 0; i < n_columns; i++)
		if (str_eq(column[i], str_sub(text, 1, length - 2)))
			return &row[i];
	return NULL;
}

struct str chat_fill(struct arena *arena, struct str text, const struct str *column,
	size_t n_columns, const struct str *row)
{
	struct buf out;
	struct str filled;

	if (!n_columns || str_find(text, S("{")) < 0)
		return text;
	buf_init(&out, max_chat_bytes);
	for (size_t i = 0; i < text.n; i++) {
		struct str rest = str_sub(text, i, text.n - i);
		size_t length = hole_length(rest);
		const struct str *cell =
			length ? hole_cell(rest, length, column, n_columns, row) : NULL;

		if (cell) {
			buf_add(&out, *cell);
			i += length - 1;
		} else {
			buf_addc(&out, text.p[i]);
		}
	}
	filled = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return filled;
}

const struct value *chat_fill_value(struct arena *arena, const struct value *value,
	const struct str *column, size_t n_columns, const struct str *row)
{
	struct value_builder b;
	struct str filled;

	if (!value || !n_columns)
		return value;
	b = value_build(arena);
	switch (value->type) {
	case VALUE_TEXT:
		filled = chat_fill(arena, value->text, column, n_columns, row);
		return filled.p == value->text.p ? value : chat_scalar(arena, filled);
	case VALUE_LIST:
		for (size_t i = 0; i < value->list.n; i++)
			value_push(&b, chat_fill_value(
					       arena, value->list.item[i], column, n_columns, row));
		return value_list(&b);
	case VALUE_RECORD:
		for (size_t i = 0; i < value->record.n; i++)
			value_put(&b, arena_cstr(arena, value->record.field[i].name),
				chat_fill_value(arena, value->record.field[i].value, column,
					n_columns, row));
		return value_record(&b);
	case VALUE_NONE:
	case VALUE_BOOL:
	case VALUE_INT:
		break;
	}
	return value;
}

bool chat_has_hole(const struct chat_test *test, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		struct str rest = str_sub(text, i, text.n - i);
		size_t length = hole_length(rest);

		if (length && hole_cell(rest, length, test->column, test->n_columns, test->column))
			return true;
	}
	return false;
}

bool chat_ref_split(struct str ref, struct str *flow, struct str *step)
{
	size_t slash = ref.n;

	while (slash && ref.p[slash - 1] != '/')
		slash--;
	if (!slash)
		return false;
	*flow = str_sub(ref, 0, slash - 1);
	*step = str_sub(ref, slash, ref.n - slash);
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t past_spaces(struct str s, size_t i)
{
	while (i < s.n && is_space(s.p[i]))
		i++;
	return i;
}

bool chat_pattern_matches(struct str pattern, struct str text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, from = 0;

	pattern = str_trim(pattern);
	text = str_trim(text);
	/* The usual walk: after a mismatch the last star takes one character more. */
	while (t < text.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = ++p;
			from = t;
		} else if (p < pattern.n && is_space(pattern.p[p]) && is_space(text.p[t])) {
			p = past_spaces(pattern, p);
			t = past_spaces(text, t);
		} else if (p < pattern.n && pattern.p[p] == text.p[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star;
			t = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

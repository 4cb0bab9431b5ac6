/* The strict scanner in front of cJSON.
 *
 * It judges the text, all of it, and writes what cJSON then reads: the same tokens without blanks,
 * comments, trailing commas and "//" members.  So cJSON never sees a text whose fate hangs on its
 * leniency.  Each fault has its code:
 *
 *   J001  the text ends too early, or is empty
 *   J002  not UTF-8
 *   J003  a byte order mark in front
 *   J004  something else than the grammar wants: a missing comma, a key without quotes …
 *   J005  something after the value
 *   J006  a control character inside a text: most often the closing quote is missing
 *   J007  an escape that JSON does not have
 *   J008  an escape for a character that no text may hold: NUL, half of a surrogate pair
 *   J009  a number that is not written as JSON wants it
 *   J010  a number that a double would not keep: too many digits, too large, too small
 *   J011  a key twice in one object
 *   J012  past a limit: bytes, depth, number of values
 */
#include "bot/base/json_scan.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/text.h"

enum {
	default_bytes = 1024 * 1024,
	default_nodes = 100000,
	default_depth = 32,
	max_depth = 900,               /* cJSON stops at 1,000 */
	max_digits = 15,               /* DBL_DIG: what a double gives back unchanged */
	max_number_length = 60,        /* cJSON copies numbers into 64 bytes */
	max_decimal_exponent = 300,
	few_keys = 12,                 /* compared each with each */
};

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* A key of an object that is still open. */
struct member_key {
	struct str name;               /* decoded */
	struct stretch where;
};

struct scanner {
	const struct source *source;
	const char *p;
	size_t n, at;
	unsigned flags;
	struct json_limits limits;
	struct diags *diags;
	struct arena *scratch;         /* decoded keys and hints; NULL until there are any */
	struct json_scan *out;
	size_t cap_marks, n_nodes;
	struct member_key *key;        /* a stack: the keys of all open objects */
	size_t n_keys, cap_keys;
};

static void *checked(void *memory)
{
	if (!memory) {
		fputs("tenstep: out of memory\n", stderr);
		abort();
	}
	return memory;
}

/* Adds the finding that ends the scan; always false, for the caller to return. */
__attribute__((format(printf, 6, 7))) static bool refuse(struct scanner *s, const char *code,
	size_t offset, size_t length, struct str hint, const char *format, ...)
{
	struct buf text;
	va_list ap;

	if (!s->diags)
		return false;
	buf_init(&text, 1024);
	va_start(ap, format);
	buf_addfv(&text, format, ap);
	va_end(ap);
	diag_add(s->diags, DIAG_ERROR, code, s->source, offset, length, hint, "%.*s",
		STR(buf_str(&text)));
	buf_release(&text);
	return false;
}

static struct arena *scratch(struct scanner *s)
{
	if (!s->scratch)
		s->scratch = arena_new(s->limits.bytes);
	return s->scratch;
}

static struct str slice(const struct scanner *s, size_t from, size_t to)
{
	return (struct str){s->p + from, to - from};
}

static bool at_char(const struct scanner *s, char c)
{
	return s->at < s->n && s->p[s->at] == c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'
		|| c == '$' || c == '-';
}

static unsigned line_of(const struct scanner *s, size_t offset)
{
	return source_place(s->source, offset).line;
}

/* Blanks and comments. */

static bool skip_comment(struct scanner *s)
{
	size_t start = s->at;
	char kind = s->at + 1 < s->n ? s->p[s->at + 1] : 0;
	const char *end;

	if (kind != '/' && kind != '*')
		return refuse(s, "J004", start, 1, S("a comment begins with '//' or '/*'"),
			"unexpected '/'");
	if (!(s->flags & JSON_AUTHORED))
		return refuse(s, "J004", start, 2, S("leave it out"),
			"a comment is not allowed here");
	if (kind == '/') {
		end = memchr(s->p + start, '\n', s->n - start);
		s->at = end ? (size_t)(end - s->p) : s->n;
		return true;
	}
	for (s->at += 2; s->at + 1 < s->n; s->at++)
		if (s->p[s->at] == '*' && s->p[s->at + 1] == '/') {
			s->at += 2;
			return true;
		}
	return refuse(s, "J001", start, 2, S("end it with '*/'"), "this comment never ends");
}

static bool skip_blanks(struct scanner *s)
{
	while (s->at < s->n) {
		char c = s->p[s->at];

		if (c == ' ' || c == '\n' || c == '\t' || c == '\r')
			s->at++;
		else if (c != '/')
			break;
		else if (!skip_comment(s))
			return false;
	}
	return true;
}

/* What stands at a place where something else should: names it and, for the usual slips, the
 * cure. */

static struct str word_at(const struct scanner *s)
{
	size_t end = s->at;

	while (end < s->n && is_word_char(s->p[end]))
		end++;
	return slice(s, s->at, end);
}

static struct str cure_of_word(struct scanner *s, struct str word, bool is_key)
{
	static const struct {
		const char *slip, *cure;
	} known[] = {
		{"true", "write it in lower case: true"},
		{"false", "write it in lower case: false"},
		{"null", "write it in lower case: null"},
		{"none", "write null"},
		{"nil", "write null"},
		{"undefined", "write null, or leave the member out"},
		{"yes", "write true, or the text \"yes\""},
		{"no", "write false, or the text \"no\""},
		{"nan", "JSON has no such number"},
		{"infinity", "JSON has no such number"},
	};

	for (size_t i = 0; !is_key && i < sizeof(known) / sizeof(*known); i++)
		if (str_eq_nocase(word, str_of(known[i].slip)))
			return str_of(known[i].cure);
	word = str_sub(word, 0, 60);
	return arena_printf(scratch(s), "put it in double quotes: \"%.*s\"", STR(word));
}

static bool refuse_what_is_here(struct scanner *s, const char *wanted, bool is_key)
{
	struct str word = word_at(s), c;
	size_t n;

	if (s->at >= s->n)
		return refuse(s, "J001", s->n, 0, S(""), "the text ends where %s should be",
			wanted);
	if (word.n && word.p[0] != '-')
		return refuse(s, "J004", s->at, word.n, cure_of_word(s, word, is_key),
			"expected %s, not '%.*s'", wanted, STR(str_sub(word, 0, 60)));
	text_decode(slice(s, s->at, s->n), &n);
	c = slice(s, s->at, s->at + n);
	if ((unsigned char)c.p[0] < 0x20 || c.p[0] == 0x7F)
		return refuse(s, "J004", s->at, 1, S(""),
			"expected %s, not the control byte 0x%02X",
			wanted, (unsigned)(unsigned char)c.p[0]);
	return refuse(s, "J004", s->at, n,
		c.p[0] == '\'' ? S("texts stand in double quotes") : S(""),
		"expected %s, not '%.*s'",
		wanted, STR(c));
}

/* Texts. */

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits after "\u" at @at; -1 if they are not four. */
static int32_t hex4(struct str s, size_t at)
{
	int32_t value = 0;

	if (s.n < 4 || at > s.n - 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int digit = hex_value(s.p[at + i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static bool is_high_half(int32_t c)
{
	return c >= 0xD800 && c < 0xDC00;
}

static bool is_low_half(int32_t c)
{
	return c >= 0xDC00 && c < 0xE000;
}

/* The other half that must follow a high half whose escape begins at @at; -1 if there is none. */
static int32_t low_half(struct str s, size_t at)
{
	int32_t low = str_starts(str_sub(s, at + 6, 2), S("\\u")) ? hex4(s, at + 8) : -1;

	return is_low_half(low) ? low : -1;
}

/* Stands on the backslash; goes behind the escape. */
static bool scan_escape(struct scanner *s)
{
	struct str text = {s->p, s->n};
	size_t start = s->at;
	char kind = start + 1 < s->n ? s->p[start + 1] : 0;
	int32_t c;

	s->at += 2;
	if (kind && strchr("\"\\/bfnrt", kind))
		return true;
	if (kind != 'u') {
		size_t n = 0;

		if (start + 1 < s->n)
			text_decode(slice(s, start + 1, s->n), &n);
		return refuse(s, "J007", start, 1 + n, S("for a backslash itself write \\\\"),
			"a text has no escape like this");
	}
	c = hex4(text, s->at);
	if (c < 0)
		return refuse(s, "J007", start, 2, S("as in \\u00e9"),
			"'\\u' wants four hexadecimal digits");
	if (c == 0)
		return refuse(s, "J008", start, 6, S("leave it out"),
			"a text cannot hold the NUL character");
	if (is_low_half(c) || (is_high_half(c) && low_half(text, start) < 0))
		return refuse(s, "J008", start, 6, S("write the character itself"),
			"this is one half of a character, without the other");
	s->at = start + (is_high_half(c) ? 12 : 6);
	return true;
}

/* Eight bytes at once: not 0 when one of them is less than @byte (which is at most 0x80). */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (uint64_t)(byte))
#define HAS_LESS(word, byte) (((word) - EACH(byte)) & ~(word) & EACH(0x80))

/* Whether the next eight bytes of a text are what they look like. */
static bool are_plain(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return !(HAS_LESS(word, 0x20) | HAS_LESS(word ^ EACH('"'), 1) |
		 HAS_LESS(word ^ EACH('\\'), 1));
}

/* Stands on the opening quote; goes behind the closing one. */
static bool scan_text(struct scanner *s, struct stretch *out)
{
	size_t start = s->at++;

	for (;;) {
		unsigned char c;

		while (s->at + 8 <= s->n && are_plain(s->p + s->at))
			s->at += 8;
		if (s->at >= s->n || s->p[s->at] == '"')
			break;
		c = (unsigned char)s->p[s->at];
		if (c == '\\') {
			if (!scan_escape(s))
				return false;
			continue;
		}
		if (c == '\n' || c == '\r')
			return refuse(s, "J006", start, s->at - start,
				S("close it with '\"'; a line end inside a text is written \\n"),
				"this text does not end on its line");
		if (c < 0x20)
			return refuse(s, "J006", s->at, 1,
				c == '\t' ? S("write \\t") : S("leave it out"),
				"a text cannot hold the raw control byte 0x%02X", c);
		s->at++;
	}
	if (s->at >= s->n)
		return refuse(s, "J001", start, 1, S("close it with '\"'"), "this text never ends");
	s->at++;
	*out = (struct stretch){start, s->at - start};
	return true;
}

/* The characters of a text that scan_text() has passed and that has escapes; @s is what is between
 * the quotes. */
static struct str decoded(struct arena *arena, struct str s)
{
	static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	char *text, *p;

	text = p = arena_alloc(arena, s.n);
	for (size_t i = 0; i < s.n;) {
		int32_t c;

		if (s.p[i] != '\\') {
			*p++ = s.p[i++];
		} else if (s.p[i + 1] != 'u') {
			*p++ = meant[strchr(plain, s.p[i + 1]) - plain];
			i += 2;
		} else {
			c = hex4(s, i + 2);
			if (is_high_half(c)) {
				c = 0x10000 + ((c - 0xD800) << 10) + (low_half(s, i) - 0xDC00);
				i += 6;
			}
			p += text_encode(c, p);
			i += 6;
		}
	}
	return (struct str){text, (size_t)(p - text)};
}

/* Numbers. */

static size_t skip_digits(struct scanner *s)
{
	size_t start = s->at;

	while (s->at < s->n && is_digit(s->p[s->at]))
		s->at++;
	return s->at - start;
}

/* What the digits of a number come to. */
struct number {
	size_t whole, fraction;        /* digits before and after the point */
	size_t zeros;                  /* of these, those before the first other digit */
	long exponent;
	bool is_whole;                 /* neither point nor exponent */
};

static size_t leading_zeros(struct str s)
{
	size_t zeros = 0;

	for (size_t i = 0; i < s.n && (s.p[i] == '0' || s.p[i] == '.'); i++)
		zeros += s.p[i] == '0';
	return zeros;
}

static long exponent_of(struct str digits, bool negative)
{
	long exponent = 0;

	for (size_t i = 0; i < digits.n && exponent < 100000; i++)
		exponent = exponent * 10 + (digits.p[i] - '0');
	return negative ? -exponent : exponent;
}

static bool refuse_number(struct scanner *s, size_t start, struct str hint, const char *what)
{
	while (s->at < s->n && (is_word_char(s->p[s->at]) || s->p[s->at] == '.'
		|| s->p[s->at] == '+'))
		s->at++;
	return refuse(s, "J009", start, s->at - start, hint, "%s", what);
}

/* number = [-] (0 | 1-9 digits) [. digits] [e [+-] digits]   (RFC 8259, section 6) */
static bool scan_number_grammar(struct scanner *s, struct number *number)
{
	size_t start = s->at, digits;
	bool negative;

	*number = (struct number){.is_whole = true};
	s->at += at_char(s, '-');
	digits = s->at;
	number->whole = skip_digits(s);
	if (!number->whole)
		return refuse_number(s, start, S(""), "a number begins with a digit");
	if (number->whole > 1 && s->p[digits] == '0')
		return refuse_number(s, start, S("leave the zeros out, or make it a text"),
			"a number has no zeros in front");
	if (at_char(s, '.')) {
		s->at++;
		number->is_whole = false;
		number->fraction = skip_digits(s);
		if (!number->fraction)
			return refuse_number(s, start, S(""), "digits are missing after the point");
	}
	number->zeros = leading_zeros(slice(s, digits, s->at));
	if (at_char(s, 'e') || at_char(s, 'E')) {
		s->at++;
		number->is_whole = false;
		negative = at_char(s, '-');
		s->at += negative || at_char(s, '+');
		digits = s->at;
		if (!skip_digits(s))
			return refuse_number(s, start, S(""), "digits are missing in the exponent");
		number->exponent = exponent_of(slice(s, digits, s->at), negative);
	}
	if (s->at < s->n && (is_word_char(s->p[s->at]) || s->p[s->at] == '.'))
		return refuse_number(s, start,
			S("if it is meant as a text, put it in double quotes"),
			"this is not a number");
	return true;
}

static bool scan_number(struct scanner *s)
{
	size_t start = s->at, length, significant;
	struct number number;
	long magnitude;

	if (!scan_number_grammar(s, &number))
		return false;
	length = s->at - start;
	significant = number.whole + number.fraction - number.zeros;
	if (number.is_whole && significant > max_digits && (s->flags & JSON_BIG_AS_TEXT)) {
		buf_addc(&s->out->copy, '"');
		buf_add(&s->out->copy, slice(s, start, s->at));
		buf_addc(&s->out->copy, '"');
		return true;
	}
	if (significant > max_digits || length > max_number_length)
		return refuse(s, "J010", start, length,
			S("put it in double quotes to keep all digits"),
			"this number has too many digits (at most %d)", max_digits);
	magnitude = (long)number.whole - (long)number.zeros + number.exponent;
	if (significant && labs(magnitude) > max_decimal_exponent)
		return refuse(s, "J010", start, length, S(""), "this number is too %s",
			magnitude > 0 ? "large" : "small");
	buf_add(&s->out->copy, slice(s, start, s->at));
	return true;
}

/* Values. */

static bool scan_value(struct scanner *s, unsigned depth, struct stretch key);

static bool scan_word(struct scanner *s)
{
	struct str word = word_at(s);

	if (!str_is(word, "true") && !str_is(word, "false") && !str_is(word, "null"))
		return refuse_what_is_here(s, "a value", false);
	buf_add(&s->out->copy, word);
	s->at += word.n;
	return true;
}

/* Stands behind a value in an array or object: goes behind the comma, or onto the end. */
static bool scan_separator(struct scanner *s, size_t open, size_t value_end, bool *comma)
{
	char close = s->p[open] == '{' ? '}' : ']';
	const char *whole = close == '}' ? "object" : "list";
	unsigned line;

	if (!skip_blanks(s))
		return false;
	*comma = at_char(s, ',');
	s->at += *comma;
	if (*comma || at_char(s, close))
		return true;
	line = line_of(s, open);
	if (s->at >= s->n)
		return refuse(s, "J001", s->n, 0, close == '}' ? S("close it with '}'")
			: S("close it with ']'"),
			"the text ends inside the %s that begins in line %u", whole, line);
	if (at_char(s, '}') || at_char(s, ']'))
		return refuse(s, "J004", s->at, 1, S(""),
			"the %s that begins in line %u ends with '%c', not '%c'", whole, line,
			close,
			s->p[s->at]);
	if (strchr("\"{[-", s->p[s->at]) || is_word_char(s->p[s->at]))
		return refuse(s, "J004", value_end, 0, S("write ',' here"),
			"a comma is missing between two %s",
			close == '}' ? "members of an object" : "elements of a list");
	return refuse_what_is_here(s, close == '}' ? "',' or '}'" : "',' or ']'", false);
}

/* Stands on what may be the end of an array or object; a comma may have come before. */
static bool scan_end(struct scanner *s, char close, bool comma, bool *ended)
{
	*ended = at_char(s, close);
	if (*ended && comma && !(s->flags & JSON_AUTHORED))
		return refuse(s, "J004", s->at, 1, S("leave the last comma out"),
			"a comma before the '%c'", close);
	s->at += *ended;
	return true;
}

static bool scan_array(struct scanner *s, unsigned depth)
{
	size_t open = s->at++;
	bool comma = false, ended;

	buf_addc(&s->out->copy, '[');
	for (;;) {
		if (!skip_blanks(s) || !scan_end(s, ']', comma, &ended))
			return false;
		if (ended)
			break;
		if (comma)
			buf_addc(&s->out->copy, ',');
		if (!scan_value(s, depth, (struct stretch){0})
			|| !scan_separator(s, open, s->at, &comma))
			return false;
	}
	buf_addc(&s->out->copy, ']');
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct member_key *x = a, *y = b;
	int c = str_cmp(x->name, y->name);

	return c ? c : (x->where.offset > y->where.offset) - (x->where.offset < y->where.offset);
}

/* The first key that is there again, and where it was before; false: there is none. */
struct repeat {
	const struct member_key *again, *before;
};

static bool find_repeat_of_few(const struct member_key *key, size_t n, struct repeat *repeat)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(key[i].name, key[j].name)) {
				*repeat = (struct repeat){&key[i], &key[j]};
				return true;
			}
	return false;
}

/* Sorted rather than hashed: whoever wrote the text may also have chosen keys that collide. */
static bool find_repeat(struct member_key *key, size_t n, struct repeat *repeat)
{
	*repeat = (struct repeat){0};
	qsort(key, n, sizeof(*key), by_name);
	for (size_t i = 1; i < n; i++)
		if (str_eq(key[i - 1].name, key[i].name) &&
			(!repeat->again || key[i].where.offset < repeat->again->where.offset))
			*repeat = (struct repeat){&key[i], &key[i - 1]};
	return repeat->again != NULL;
}

/* The keys of one object, which ends here. */
static bool check_keys(struct scanner *s, size_t first)
{
	size_t n = s->n_keys - first;
	struct member_key *key;
	struct repeat repeat;

	s->n_keys = first;
	if (n < 2)
		return true;
	key = s->key + first;
	if (n <= few_keys ? !find_repeat_of_few(key, n, &repeat) : !find_repeat(key, n, &repeat))
		return true;
	return refuse(s, "J011", repeat.again->where.offset, repeat.again->where.length,
		arena_printf(scratch(s), "the first one is in line %u; keep one of the two",
			line_of(s, repeat.before->where.offset)),
		"the key '%.*s' is already in this object", STR(text_clip(repeat.again->name, 60)));
}

static void push_key(struct scanner *s, struct str name, struct stretch where)
{
	if (s->n_keys == s->cap_keys) {
		s->cap_keys = s->cap_keys ? s->cap_keys * 2 : 32;
		s->key = checked(realloc(s->key, s->cap_keys * sizeof(*s->key)));
	}
	s->key[s->n_keys++] = (struct member_key){name, where};
}

/* Stands on the key.  @first: no member has been written to the copy yet. */
static bool scan_member(struct scanner *s, unsigned depth, bool *first)
{
	size_t copied = s->out->copy.n, n_marks = s->out->n_marks;
	struct stretch where;
	struct str name;

	if (!at_char(s, '"'))
		return refuse_what_is_here(s, "a key in double quotes", true);
	if (!*first)
		buf_addc(&s->out->copy, ',');
	if (!scan_text(s, &where))
		return false;
	buf_add(&s->out->copy, slice(s, where.offset, s->at));
	buf_addc(&s->out->copy, ':');
	name = slice(s, where.offset + 1, s->at - 1);
	if (name.n && memchr(name.p, '\\', name.n))
		name = decoded(scratch(s), name);
	if (!skip_blanks(s))
		return false;
	if (!at_char(s, ':'))
		return refuse_what_is_here(s, "':' after the key", false);
	s->at++;
	if (!skip_blanks(s) || !scan_value(s, depth, where))
		return false;
	if ((s->flags & JSON_AUTHORED) && str_is(name, "//")) {
		s->out->copy.n = copied;    /* a comment: cJSON never sees it */
		s->out->n_marks = n_marks;
		return true;
	}
	push_key(s, name, where);
	*first = false;
	return true;
}

static bool scan_object(struct scanner *s, unsigned depth)
{
	size_t open = s->at++, first_key = s->n_keys;
	bool comma = false, first = true, ended;

	buf_addc(&s->out->copy, '{');
	for (;;) {
		if (!skip_blanks(s) || !scan_end(s, '}', comma, &ended))
			return false;
		if (ended)
			break;
		if (!scan_member(s, depth, &first) || !scan_separator(s, open, s->at, &comma))
			return false;
	}
	buf_addc(&s->out->copy, '}');
	return check_keys(s, first_key);
}

static void add_mark(struct scanner *s, struct stretch key)
{
	if (s->out->n_marks == s->cap_marks) {
		s->cap_marks = s->cap_marks ? s->cap_marks * 2 : 32;
		s->out->mark = checked(realloc(s->out->mark, s->cap_marks * sizeof(*s->out->mark)));
	}
	s->out->mark[s->out->n_marks++] = (struct json_mark){.value = {s->at, 0}, .key = key};
}

static bool scan_value_here(struct scanner *s, unsigned depth)
{
	struct stretch text;
	char c = s->at < s->n ? s->p[s->at] : 0;

	if (c == '{' || c == '[') {
		if (depth >= s->limits.depth)
			return refuse(s, "J012", s->at, 1, S(""),
				"nested too deep (at most %u levels)", s->limits.depth);
		return c == '{' ? scan_object(s, depth + 1) : scan_array(s, depth + 1);
	}
	if (c == '"') {
		if (!scan_text(s, &text))
			return false;
		buf_add(&s->out->copy, slice(s, text.offset, s->at));
		return true;
	}
	if (c == '-' || is_digit(c))
		return scan_number(s);
	if (c == '+' || c == '.')
		return refuse_number(s, s->at, S(""), "a number begins with a digit");
	if (is_word_char(c))
		return scan_word(s);
	return refuse_what_is_here(s, "a value", false);
}

static bool scan_value(struct scanner *s, unsigned depth, struct stretch key)
{
	size_t start = s->at, index = s->out->n_marks;

	if (++s->n_nodes > s->limits.nodes)
		return refuse(s, "J012", s->at, 1, S(""), "too many values (at most %zu)",
			s->limits.nodes);
	add_mark(s, key);
	if (!scan_value_here(s, depth))
		return false;
	s->out->mark[index].value.length = s->at - start;
	return true;
}

static bool scan_all(struct scanner *s)
{
	size_t valid;

	if (s->n > s->limits.bytes)
		return refuse(s, "J012", 0, 0, S(""), "%zu bytes are too much (at most %zu)", s->n,
			s->limits.bytes);
	if (str_starts((struct str){s->p, s->n}, S(BYTE_ORDER_MARK)))
		return refuse(s, "J003", 0, 3, S("save it as UTF-8 without one"),
			"the text begins with a byte order mark");
	valid = text_valid_up_to((struct str){s->p, s->n});
	if (valid < s->n)
		return refuse(s, "J002", valid, 1, S("save it as UTF-8"),
			"the byte 0x%02X is not part of UTF-8 text",
			(unsigned)(unsigned char)s->p[valid]);
	if (!skip_blanks(s))
		return false;
	if (s->at == s->n)
		return refuse(s, "J001", s->n, 0, S(""), "there is nothing in it");
	if (!scan_value(s, 0, (struct stretch){0}) || !skip_blanks(s))
		return false;
	if (s->at < s->n)
		return refuse(s, "J005", s->at, 1, S(""),
			"there is more after the value has ended");
	return true;
}

static size_t or_default(size_t limit, size_t otherwise)
{
	return limit ? limit : otherwise;
}

bool json_scan(const struct source *source, unsigned flags, const struct json_limits *limits,
	struct diags *diags, struct json_scan *out)
{
	static const struct json_limits none;
	struct scanner s = {
		.source = source,
		.p = source->text.p ? source->text.p : "",
		.n = source->text.n,
		.flags = flags,
		.diags = diags,
		.out = out,
	};
	bool accepted;

	if (!limits)
		limits = &none;
	s.limits.bytes = or_default(limits->bytes, default_bytes);
	s.limits.nodes = or_default(limits->nodes, default_nodes);
	s.limits.depth = (unsigned)or_default(limits->depth, default_depth);
	assert(s.limits.depth <= max_depth);
	*out = (struct json_scan){0};
	buf_init(&out->copy, SIZE_MAX / 4);
	if (s.n <= s.limits.bytes)
		buf_reserve(&out->copy, s.n);    /* no blanks are added */
	accepted = scan_all(&s);
	arena_free(s.scratch);
	free(s.key);
	if (!accepted)
		json_scan_release(out);
	return accepted;
}

void json_scan_release(struct json_scan *scan)
{
	buf_release(&scan->copy);
	free(scan->mark);
	*scan = (struct json_scan){0};
}

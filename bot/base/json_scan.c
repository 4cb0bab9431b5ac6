/* The strict scanner.
 *
 * It judges the text, all of it, and marks where each value stands.  Each fault has its code:
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
#include "bot/base/json_scanner.h"

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
	max_depth = 900, /* a tree is walked by functions that call themselves */
	few_keys = 12,   /* compared each with each */
};

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static void *checked(void *memory)
{
	if (!memory) {
		fputs("tenstep: out of memory\n", stderr);
		abort();
	}
	return memory;
}

bool json_refuse(struct json_scanner *s, const char *code, size_t offset, size_t length,
	struct str hint, const char *format, ...)
{
	va_list ap;

	if (!s->diags)
		return false;
	va_start(ap, format);
	diag_addv(s->diags, DIAG_ERROR, code, s->source, offset, length, hint, format, ap);
	va_end(ap);
	return false;
}

static struct arena *scratch(struct json_scanner *s)
{
	if (!s->scratch)
		s->scratch = arena_new(s->limits.bytes);
	return s->scratch;
}

static unsigned line_of(const struct json_scanner *s, size_t offset)
{
	return source_place(s->source, offset).line;
}

/* Blanks and comments. */

static bool skip_comment(struct json_scanner *s)
{
	size_t start = s->at;
	char kind = s->at + 1 < s->n ? s->p[s->at + 1] : 0;
	const char *end;

	if (kind != '/' && kind != '*')
		return json_refuse(s, "J004", start, 1, S("a comment begins with '//' or '/*'"),
			"unexpected '/'");
	if (!(s->flags & JSON_AUTHORED))
		return json_refuse(
			s, "J004", start, 2, S("leave it out"), "a comment is not allowed here");
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
	return json_refuse(s, "J001", start, 2, S("end it with '*/'"), "this comment never ends");
}

static bool skip_real_blanks(struct json_scanner *s)
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

/* Mostly there are none. */
static inline bool skip_blanks(struct json_scanner *s)
{
	return (s->at < s->n && s->p[s->at] > ' ' && s->p[s->at] != '/') || skip_real_blanks(s);
}

/* What stands at a place where something else should: names it and, for the usual slips, the
 * cure. */

static struct str word_at(const struct json_scanner *s)
{
	size_t end = s->at;

	while (end < s->n && is_word_char(s->p[end]))
		end++;
	return slice(s, s->at, end);
}

static struct str cure_of_word(struct json_scanner *s, struct str word, bool is_key)
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

static struct str cure_of_sign(struct str sign)
{
	static const char *const quote[] = {"'", "\xE2\x80\x98", "\xE2\x80\x99", "\xE2\x80\x9C",
		"\xE2\x80\x9D", "\xE2\x80\x9E", "\xC2\xAB", "\xC2\xBB", "`"};

	for (size_t i = 0; i < sizeof(quote) / sizeof(*quote); i++)
		if (str_is(sign, quote[i]))
			return S("texts stand in double quotes, straight ones: \"");
	return str_is(sign, "#") ? S("a comment begins with //") : S("");
}

static bool refuse_what_is_here(struct json_scanner *s, const char *wanted, bool is_key)
{
	struct str word = word_at(s), c;
	size_t n;

	if (s->at >= s->n)
		return json_refuse(
			s, "J001", s->n, 0, S(""), "the text ends where %s should be", wanted);
	if (word.n && word.p[0] != '-')
		return json_refuse(s, "J004", s->at, word.n, cure_of_word(s, word, is_key),
			"expected %s, not '%.*s'", wanted, STR(str_sub(word, 0, 60)));
	text_decode(slice(s, s->at, s->n), &n);
	c = slice(s, s->at, s->at + n);
	if ((unsigned char)c.p[0] < 0x20 || c.p[0] == 0x7F)
		return json_refuse(s, "J004", s->at, 1, S(""),
			"expected %s, not the control byte 0x%02X", wanted,
			(unsigned)(unsigned char)c.p[0]);
	return json_refuse(s, "J004", s->at, n,
		cure_of_sign(c),
		"expected %s, not '%.*s'", wanted, STR(c));
}

/* Values. */

static bool scan_value(struct json_scanner *s, unsigned depth, struct stretch key);

static bool scan_word(struct json_scanner *s)
{
	struct str word = word_at(s);

	if (!str_is(word, "true") && !str_is(word, "false") && !str_is(word, "null"))
		return refuse_what_is_here(s, "a value", false);
	s->at += word.n;
	return true;
}

/* Stands behind a value in an array or object: goes behind the comma, or onto the end. */
static bool scan_separator(struct json_scanner *s, size_t open, size_t value_end, bool *comma)
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
		return json_refuse(s, "J001", s->n, 0,
			close == '}' ? S("close it with '}'") : S("close it with ']'"),
			"the text ends inside the %s that begins in line %u", whole, line);
	if (at_char(s, '}') || at_char(s, ']'))
		return json_refuse(s, "J004", s->at, 1, S(""),
			"the %s that begins in line %u ends with '%c', not '%c'", whole, line,
			close, s->p[s->at]);
	if (strchr("\"{[-", s->p[s->at]) || is_word_char(s->p[s->at]))
		return json_refuse(s, "J004", value_end, 0, S("write ',' here"),
			"a comma is missing between two %s",
			close == '}' ? "members of an object" : "elements of a list");
	return refuse_what_is_here(s, close == '}' ? "',' or '}'" : "',' or ']'", false);
}

/* Stands on what may be the end of an array or object; a comma may have come before. */
static bool scan_end(struct json_scanner *s, char close, bool comma, bool *ended)
{
	*ended = at_char(s, close);
	if (*ended && comma && !(s->flags & JSON_AUTHORED))
		return json_refuse(s, "J004", s->at, 1, S("leave the last comma out"),
			"a comma before the '%c'", close);
	s->at += *ended;
	return true;
}

static bool scan_array(struct json_scanner *s, unsigned depth)
{
	size_t open = s->at++;
	bool comma = false, ended;

	for (;;) {
		if (!skip_blanks(s) || !scan_end(s, ']', comma, &ended))
			return false;
		if (ended)
			break;
		if (!scan_value(s, depth, (struct stretch){0}) ||
			!scan_separator(s, open, s->at, &comma))
			return false;
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct json_member_key *x = a, *y = b;
	int c = str_cmp(x->name, y->name);

	return c ? c : (x->where.offset > y->where.offset) - (x->where.offset < y->where.offset);
}

/* The first key that is there again, and where it was before; false: there is none. */
struct repeat {
	const struct json_member_key *again, *before;
};

static bool find_repeat_of_few(const struct json_member_key *key, size_t n, struct repeat *repeat)
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
static bool find_repeat(struct json_member_key *key, size_t n, struct repeat *repeat)
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
static bool check_keys(struct json_scanner *s, size_t first)
{
	size_t n = s->n_keys - first;
	struct json_member_key *key;
	struct repeat repeat;

	s->n_keys = first;
	if (n < 2)
		return true;
	key = s->key + first;
	if (n <= few_keys ? !find_repeat_of_few(key, n, &repeat) : !find_repeat(key, n, &repeat))
		return true;
	return json_refuse(s, "J011", repeat.again->where.offset, repeat.again->where.length,
		arena_printf(scratch(s), "the first one is in line %u; keep one of the two",
			line_of(s, repeat.before->where.offset)),
		"the key '%.*s' is already in this object", STR(text_clip(repeat.again->name, 60)));
}

/* The first ones are on the caller's stack. */
static void make_room_for_keys(struct json_scanner *s)
{
	struct json_member_key *key = checked(malloc(s->cap_keys * 2 * sizeof(*key)));

	memcpy(key, s->key, s->n_keys * sizeof(*key));
	if (s->key != s->first_keys)
		free(s->key);
	s->key = key;
	s->cap_keys *= 2;
}

static void push_key(struct json_scanner *s, struct str name, struct stretch where)
{
	if (s->n_keys == s->cap_keys)
		make_room_for_keys(s);
	s->key[s->n_keys++] = (struct json_member_key){name, where};
}

/* Stands on the key. */
static bool scan_member(struct json_scanner *s, unsigned depth)
{
	size_t n_marks = s->out->n_marks;
	struct stretch where;
	struct str name;

	if (!at_char(s, '"'))
		return refuse_what_is_here(s, "a key in double quotes", true);
	if (!json_scan_text(s, &where))
		return false;
	name = slice(s, where.offset + 1, s->at - 1);
	if (name.n && memchr(name.p, '\\', name.n))
		name = json_decoded(scratch(s), name);
	if (!skip_blanks(s))
		return false;
	if (!at_char(s, ':'))
		return refuse_what_is_here(s, "':' after the key", false);
	s->at++;
	if (!skip_blanks(s) || !scan_value(s, depth, where))
		return false;
	if ((s->flags & JSON_AUTHORED) && str_is(name, "//")) {
		s->out->n_marks = n_marks; /* a comment */
		return true;
	}
	push_key(s, name, where);
	return true;
}

static bool scan_object(struct json_scanner *s, unsigned depth)
{
	size_t open = s->at++, first_key = s->n_keys;
	bool comma = false, ended;

	for (;;) {
		if (!skip_blanks(s) || !scan_end(s, '}', comma, &ended))
			return false;
		if (ended)
			break;
		if (!scan_member(s, depth) || !scan_separator(s, open, s->at, &comma))
			return false;
	}
	return check_keys(s, first_key);
}

static void add_mark(struct json_scanner *s, struct stretch key)
{
	if (s->out->n_marks == s->cap_marks && !(s->flags & JSON_MARKS_THERE)) {
		s->cap_marks = s->cap_marks ? s->cap_marks * 2 : 16;
		s->out->mark = checked(realloc(s->out->mark, s->cap_marks * sizeof(*s->out->mark)));
	}
	s->out->mark[s->out->n_marks++] = (struct json_mark){.value = {s->at, 0}, .key = key};
}

/* The value that was marked last. */
static bool scan_value_here(struct json_scanner *s, unsigned depth)
{
	struct stretch text;
	char c = s->at < s->n ? s->p[s->at] : 0;

	if (c == '{' || c == '[') {
		if (depth >= s->limits.depth)
			return json_refuse(s, "J012", s->at, 1, S(""),
				"nested too deep (at most %u levels)", s->limits.depth);
		return c == '{' ? scan_object(s, depth + 1) : scan_array(s, depth + 1);
	}
	if (c == '"')
		return json_scan_text(s, &text);
	if (c == '-' || is_digit(c))
		return json_scan_number(s, &s->out->mark[s->out->n_marks - 1].big);
	if (c == '+' || c == '.')
		return json_refuse_number(s, s->at, S(""), "a number begins with a digit");
	if (is_word_char(c))
		return scan_word(s);
	return refuse_what_is_here(s, "a value", false);
}

static bool scan_value(struct json_scanner *s, unsigned depth, struct stretch key)
{
	size_t start = s->at, index = s->out->n_marks;

	if (++s->n_nodes > s->limits.nodes)
		return json_refuse(s, "J012", s->at, 1, S(""), "too many values (at most %zu)",
			s->limits.nodes);
	add_mark(s, key);
	if (!scan_value_here(s, depth))
		return false;
	s->out->mark[index].value.length = s->at - start;
	return true;
}

/* Beginning with the mark of a 16-bit text, or with two characters of which the other halves are
 * nothing. */
static bool is_wide(const struct json_scanner *s)
{
	const char *p = s->p;

	if (s->n < 4)
		return false;
	if ((p[0] == '\xFF' && p[1] == '\xFE') || (p[0] == '\xFE' && p[1] == '\xFF'))
		return true;
	return !p[0] == !p[2] && !p[1] == !p[3] && !p[0] != !p[1];
}

static struct str cure_of_rest(char c)
{
	return c == '}' || c == ']' ? S("here or above one bracket is too many")
				    : S("what is not part of it belongs into another file");
}

static bool scan_all(struct json_scanner *s)
{
	size_t valid;

	if (s->n > s->limits.bytes)
		return json_refuse(s, "J012", 0, 0, S(""), "%zu bytes are too much (at most %zu)",
			s->n, s->limits.bytes);
	if (str_starts((struct str){s->p, s->n}, S(BYTE_ORDER_MARK)))
		return json_refuse(s, "J003", 0, 3, S("save it as UTF-8 without one"),
			"the text begins with a byte order mark");
	if (is_wide(s))
		return json_refuse(s, "J002", 0, 1, S("save it as UTF-8"),
			"the text is in another encoding, as it seems in UTF-16");
	valid = text_valid_up_to((struct str){s->p, s->n});
	if (valid < s->n)
		return json_refuse(s, "J002", valid, 1, S("save it as UTF-8"),
			"the byte 0x%02X is not part of UTF-8 text",
			(unsigned)(unsigned char)s->p[valid]);
	if (!skip_blanks(s))
		return false;
	if (s->at == s->n)
		return json_refuse(s, "J001", s->n, 0, S(""), "there is nothing in it");
	if (!scan_value(s, 0, (struct stretch){0}) || !skip_blanks(s))
		return false;
	if (s->at < s->n)
		return json_refuse(s, "J005", s->at, 1, cure_of_rest(s->p[s->at]),
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
	struct json_scanner s = {
		.source = source,
		.p = source->text.p ? source->text.p : "",
		.n = source->text.n,
		.flags = flags,
		.diags = diags,
		.out = out,
	};
	struct json_member_key key[16];
	struct json_mark *mark = flags & JSON_MARKS_THERE ? out->mark : NULL;
	bool accepted;

	s.key = s.first_keys = key;
	s.cap_keys = sizeof(key) / sizeof(*key);
	if (!limits)
		limits = &none;
	s.limits.bytes = or_default(limits->bytes, default_bytes);
	s.limits.nodes = or_default(limits->nodes, default_nodes);
	s.limits.depth = (unsigned)or_default(limits->depth, default_depth);
	assert(s.limits.depth <= max_depth);
	*out = (struct json_scan){.mark = mark};
	accepted = scan_all(&s);
	arena_free(s.scratch);
	if (s.key != key)
		free(s.key);
	if (!accepted && !mark)
		json_scan_release(out);
	return accepted;
}

void json_scan_release(struct json_scan *scan)
{
	free(scan->mark);
	*scan = (struct json_scan){0};
}

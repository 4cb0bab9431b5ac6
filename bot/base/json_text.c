/* Texts in JSON (RFC 8259, section 7). */
#include <string.h>

#include "bot/base/eight.h"
#include "bot/base/json_scanner.h"
#include "bot/base/text.h"

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
static bool scan_escape(struct json_scanner *s)
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
		return json_refuse(s, "J007", start, 1 + n, S("for a backslash itself write \\\\"),
			"a text has no escape like this");
	}
	c = hex4(text, s->at);
	if (c < 0)
		return json_refuse(s, "J007", start, 2, S("as in \\u00e9"),
			"'\\u' wants four hexadecimal digits");
	if (c == 0)
		return json_refuse(s, "J008", start, 6, S("leave it out"),
			"a text cannot hold the NUL character");
	if (is_low_half(c) || (is_high_half(c) && low_half(text, start) < 0))
		return json_refuse(s, "J008", start, 6, S("write the character itself"),
			"this is one half of a character, without the other");
	s->at = start + (is_high_half(c) ? 12 : 6);
	return true;
}

const char *json_plain_end(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t word = eight_at(p);
		uint64_t other =
			eight_has_less(word, 0x20) | eight_has(word, '"') | eight_has(word, '\\');

		if (other)
			return p + eight_before(other);
	}
	while (p < end && (unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return p;
}

bool json_scan_text(struct json_scanner *s, struct stretch *out)
{
	size_t start = s->at++;

	for (;;) {
		unsigned char c;

		s->at = (size_t)(json_plain_end(s->p + s->at, s->p + s->n) - s->p);
		if (s->at >= s->n || s->p[s->at] == '"')
			break;
		c = (unsigned char)s->p[s->at];
		if (c == '\\') {
			if (!scan_escape(s))
				return false;
			continue;
		}
		if (c == '\n' || c == '\r')
			return json_refuse(s, "J006", start, s->at - start,
				S("close it with '\"'; a line end inside a text is written \\n"),
				"this text does not end on its line");
		return json_refuse(s, "J006", s->at, 1,
			c == '\t' ? S("write \\t") : S("leave it out"),
			"a text cannot hold the raw control byte 0x%02X", c);
	}
	if (s->at >= s->n)
		return json_refuse(
			s, "J001", start, 1, S("close it with '\"'"), "this text never ends");
	s->at++;
	*out = (struct stretch){start, s->at - start};
	return true;
}

/* Stands on the backslash of an escape; goes behind it. */
static char *decode_escape(struct str s, size_t *at, char *out)
{
	static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	size_t start = *at;
	char kind = s.p[start + 1];
	int32_t c;

	if (kind != 'u') {
		*at += 2;
		*out = meant[strchr(plain, kind) - plain];
		return out + 1;
	}
	*at += 6;
	c = hex4(s, start + 2);
	if (is_high_half(c)) {
		c = 0x10000 + ((c - 0xD800) << 10) + (low_half(s, start) - 0xDC00);
		*at += 6;
	}
	return out + text_encode(c, out);
}

size_t json_decode(struct str s, char *out)
{
	const char *start = out;

	for (size_t i = 0; i < s.n;) {
		const char *escape = memchr(s.p + i, '\\', s.n - i);
		size_t n = escape ? (size_t)(escape - s.p) - i : s.n - i;

		memcpy(out, s.p + i, n);
		out += n;
		i += n;
		if (escape)
			out = decode_escape(s, &i, out);
	}
	return (size_t)(out - start);
}

struct str json_decoded(struct arena *arena, struct str s)
{
	char *text = arena_raw(arena, s.n);

	return (struct str){text, json_decode(s, text)};
}

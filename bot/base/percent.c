/* Percent signs. */
#include "bot/base/percent.h"

#include <string.h>

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int percent_byte(struct str s, size_t at)
{
	int high, low;

	if (at >= s.n || s.n - at < 3 || s.p[at] != '%')
		return -1;
	high = hex_of(s.p[at + 1]);
	low = hex_of(s.p[at + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool percent_decode_form(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int byte;

		if (s.p[i] != '%') {
			buf_addc(out, s.p[i] == '+' ? ' ' : s.p[i]);
			continue;
		}
		byte = percent_byte(s, i);
		if (byte < 0)
			return false;
		buf_addc(out, (char)byte);
		i += 2;
	}
	return true;
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

void percent_encode(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_unreserved(s.p[i]))
			buf_addc(out, s.p[i]);
		else
			buf_addf(out, "%%%02X", (unsigned char)s.p[i]);
	}
}

static bool is_named(struct str pair, const char *name, struct buf *scratch)
{
	buf_clear(scratch);
	return percent_decode_form(str_cut(&pair, '='), scratch) && str_is(buf_str(scratch), name);
}

bool percent_field(struct str form, const char *name, struct buf *out)
{
	while (form.n) {
		struct str value = str_cut(&form, '&');

		if (!is_named(value, name, out))
			continue;
		str_cut(&value, '=');
		buf_clear(out);
		return percent_decode_form(value, out) && !out->over;
	}
	buf_clear(out);
	return false;
}

/* Fields of queries and forms (WHATWG URL section 5.1), cookies (RFC 6265 section 5.4). */
#include "adapters/net/listener.h"
#include "adapters/net/percent.h"

static bool is_named(struct str pair, const char *name, struct buf *scratch)
{
	buf_clear(scratch);
	return percent_decode_form(str_cut(&pair, '='), scratch) && str_is(buf_str(scratch), name);
}

bool http_field(struct str form, const char *name, struct buf *out)
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

struct str http_cookie(struct str cookies, const char *name)
{
	while (cookies.n) {
		struct str value = str_trim(str_cut(&cookies, ';'));

		if (str_is(str_trim(str_cut(&value, '=')), name))
			return str_trim(value);
	}
	return (struct str){0};
}

/* Headers, fields of queries and forms, cookies (RFC 6265 section 5.4). */
#include "adapters/net/http.h"
#include "bot/base/percent.h"

struct str http_header(const struct http_head *head, const char *name)
{
	return head->more ? head->more->header(head->more, name) : (struct str){0};
}

bool http_field(struct str form, const char *name, struct buf *out)
{
	return percent_field(form, name, out);
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

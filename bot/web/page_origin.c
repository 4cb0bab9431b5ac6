/* Where a request comes from. */
#include "bot/web/page_origin.h"

#include "bot/common/web_name.h"

bool page_is_own(const struct http_head *head)
{
	struct str scheme = head->tls ? S("https://") : S("http://");

	return str_starts(head->origin, scheme) &&
	       str_eq(str_sub(head->origin, scheme.n, head->origin.n), head->host);
}

static bool is_listed(const struct serve_config *config, struct str origin)
{
	for (size_t i = 0; i < config->n_origins; i++)
		if (str_eq(config->origin[i], origin))
			return true;
	return false;
}

bool page_is_allowed(const struct serve_config *config, const struct http_head *head)
{
	return head->origin.n && (page_is_own(head) || is_listed(config, head->origin));
}

/* RFC 9110 section 7.2: with the port, which an IPv6 address keeps apart by its brackets. */
static struct str without_port(struct str host)
{
	size_t n = host.n;

	while (n && host.p[n - 1] >= '0' && host.p[n - 1] <= '9')
		n--;
	return n && host.p[n - 1] == ':' ? str_sub(host, 0, n - 1) : host;
}

bool head_is_local(const struct http_head *head)
{
	return name_is_loopback(head->address) && !head->forwarded &&
	       name_is_loopback(without_port(head->host));
}

struct str bearer_of(const struct http_head *head)
{
	struct str scheme = S("Bearer ");

	return str_eq_nocase(str_sub(head->authorization, 0, scheme.n), scheme)
		       ? str_trim(str_sub(head->authorization, scheme.n, head->authorization.n))
		       : (struct str){0};
}

/* Which page a request comes from. */
#include "bot/web/page_origin.h"

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

struct str bearer_of(const struct http_head *head)
{
	struct str scheme = S("Bearer ");

	return str_eq_nocase(str_sub(head->authorization, 0, scheme.n), scheme)
		       ? str_trim(str_sub(head->authorization, scheme.n, head->authorization.n))
		       : (struct str){0};
}

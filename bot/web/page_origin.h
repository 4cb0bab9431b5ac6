/* Where a request comes from: which page, judged by its Origin header (RFC 6454 section 7), and
 * whose token. */
#ifndef TENSTEP_WEB_PAGE_ORIGIN_H
#define TENSTEP_WEB_PAGE_ORIGIN_H

#include "adapters/net/listener.h"
#include "bot/config/serve_config.h"

/* "https://host:port" of the address that the request itself used. */
bool page_is_own(const struct http_head *head);
/* Our own, or one that the configuration lists.  False if there is no Origin. */
bool page_is_allowed(const struct serve_config *config, const struct http_head *head);

/* Somebody on this machine asks for themselves, so that a token may be done without: from a
 * loopback address, and by a name that is this machine's on every machine.  A page in a browser
 * here comes by a name of its own that leads here (DNS rebinding); a proxy here, for the whole
 * world. */
bool head_is_local(const struct http_head *head);

/* What follows "Bearer " in the Authorization header (RFC 6750 section 2.1); else empty. */
struct str bearer_of(const struct http_head *head);

#endif

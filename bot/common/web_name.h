/* Names of places on the web, as a configuration gives them: addresses, origins, URLs.  Each
 * function answers NULL when the name is right, else what would be right, as a hint. */
#ifndef TENSTEP_COMMON_WEB_NAME_H
#define TENSTEP_COMMON_WEB_NAME_H

#include "bot/base/str.h"

/* An IPv4 or IPv6 address in numbers, without brackets. */
const char *address_fault(struct str address);
/* 127.0.0.0/8, ::1; also "localhost" and "[::1]", as URLs have them. */
bool name_is_loopback(struct str address);

/* An origin exactly as a browser sends it (RFC 6454 section 6.2, the Origin header): scheme, host
 * in lower case, the port unless it is the scheme's own; no path. */
const char *origin_fault(struct str origin);

/* Where something is posted to: https, or http for loopback; no user, password or fragment. */
const char *hook_url_fault(struct str url);

#endif

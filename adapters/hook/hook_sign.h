/* Signatures as Standard Webhooks has them: HMAC-SHA256 of "id.timestamp.body", in base64. */
#ifndef TENSTEP_ADAPTERS_HOOK_SIGN_H
#define TENSTEP_ADAPTERS_HOOK_SIGN_H

#include "bot/base/arena.h"

/* What the configured secret stands for: "whsec_" and base64 are bytes, anything else is itself. */
struct str hook_key(struct str secret, struct arena *arena);

/* @header is a list of "version,signature" with one blank between two; one of version 1 that is
 * right is enough, so that a new key can be brought in. */
bool hook_signed(struct str key, struct str id, struct str timestamp, struct str body,
	struct str header) MUST_CHECK;

/* "v1,…" */
struct str hook_sign(
	struct str key, struct str id, struct str timestamp, struct str body, struct arena *arena);

#endif

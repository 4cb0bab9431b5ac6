/* Secrets: read from a file or the environment, or made; never shown. */
#ifndef TENSTEP_COMMON_SECRET_H
#define TENSTEP_COMMON_SECRET_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"

enum { secret_min_bytes = 24, secret_max_bytes = 4096 };

struct secret {
	struct str bytes; /* empty: not configured */
};

/* What is wrong, in words that say nothing of the secret, is in @error when one of these is false.
 * The bytes are in @arena, followed by a zero byte; one line end at the end of a file is not part
 * of them. */
bool secret_from_file(
	const char *path, struct arena *arena, struct secret *secret, struct buf *error) MUST_CHECK;
bool secret_from_variable(
	const char *name, struct arena *arena, struct secret *secret, struct buf *error) MUST_CHECK;

/* Reads @path or, if there is no such file, makes it: 32 bytes of chance (getrandom) as 43 letters
 * of base64url, mode 0600, there as a whole or not at all.  Of two programs that make it at once
 * both get the same. */
bool secret_keep(
	const char *path, struct arena *arena, struct secret *secret, struct buf *error) MUST_CHECK;

/* Whether the file is readable or writable by others than its owner. */
bool secret_file_is_open(const char *path);

#endif

/* multipart/form-data: a complete body cut into its parts, as browsers and Node's FormData write it
 * (RFC 7578; RFC 2046, 5.1.1; HTML, "multipart/form-data encoding algorithm").  Pure.
 *
 * Our own, because of the libraries at hand only libwebsockets reads it (lws_spa), and that part of
 * 4.1.6 cannot be handed bytes without a connection, so it could not be fuzzed here; it cuts types
 * off at 31 bytes ("application/vnd.microsoft.activity" has 34) and tells them to nobody, takes a
 * "--" in a header that it does not know for the end of the form, and takes what is cut short.
 *
 * Strict: what no client sends is refused instead of guessed.  No text before the first boundary or
 * behind the last, no padding behind a boundary, no folded headers, no transfer encodings, each
 * part named once.  Time is linear in the body. */
#ifndef TENSTEP_ADAPTERS_DIRECTLINE_MULTIPART_H
#define TENSTEP_ADAPTERS_DIRECTLINE_MULTIPART_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"

enum { multipart_max_parts = 8, multipart_max_line_bytes = 1000, multipart_max_headers = 8 };

struct multipart_part {
	struct str name;
	struct str file; /* what the file is called; empty: it is none */
	struct str type; /* as sent; may be empty */
	struct str bytes;
};

bool multipart_is(struct str content_type);
/* Slices point into @body and @content_type, but for names that had to be decoded: @arena.  False
 * with one line in @error. */
bool multipart_read(struct str content_type, struct str body, struct arena *arena,
	struct multipart_part part[multipart_max_parts], size_t *n, struct buf *error) MUST_CHECK;

#endif

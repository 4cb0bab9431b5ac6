/* One small object, read where it stands: for messages that come by the thousand and have their few
 * members side by side.  No tree is made; what is inside a member that is an object or a list is
 * judged and passed over. */
#ifndef TENSTEP_BASE_JSON_FLAT_H
#define TENSTEP_BASE_JSON_FLAT_H

#include "bot/base/json.h"

enum { json_flat_most = 32 };

struct json_member {
	struct str key;
	struct str value; /* of a text its characters; else as it is written */
	enum json_type type;
};

struct json_flat {
	bool is_object; /* else there are no members */
	size_t n;
	struct json_member member[json_flat_most];
};

/* Judges as json_parse() does, with the same arguments; @limits->nodes is at most json_flat_most.
 * Texts stay in the source, or are in @arena when they had escapes. */
bool json_flat_read(const struct source *source, unsigned flags, const struct json_limits *limits,
	struct arena *arena, struct json_flat *out, struct diags *diags) MUST_CHECK;

/* NULL if there is none of that name. */
const struct json_member *json_flat_get(const struct json_flat *flat, const char *key);
/* The empty slice when it is absent or no text. */
struct str json_flat_text(const struct json_flat *flat, const char *key);
/* False if it is absent, or anything else than a whole number that is written as one. */
bool json_flat_int(const struct json_flat *flat, const char *key, int64_t *out) MUST_CHECK;

#endif

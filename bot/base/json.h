/* JSON (RFC 8259): a strict scanner, and trees of cJSON's nodes (what cJSON 1.7.15's own parser would let
 * through is listed in tests/unit/base/base_json_test.c).  Nothing else in the program includes cJSON. */
#ifndef TENSTEP_BASE_JSON_H
#define TENSTEP_BASE_JSON_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"
#include "bot/base/diag.h"
#include "bot/base/source.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

struct json;        /* a node; lives as long as its document */
struct json_doc;

enum {
	JSON_AUTHORED = 1,       /* comments, trailing commas and "//" members are accepted */
	JSON_BIG_AS_TEXT = 2,    /* a whole number of more than 15 digits is read as a text */
};

struct json_limits {
	size_t bytes, nodes;     /* 0: 1 MiB; 100,000 */
	unsigned depth;          /* 0: 32 */
};

/* Reads one value that fills the whole text.  Refused: invalid UTF-8, raw control characters, NUL
 * escapes, lone surrogates, bad numbers and (without JSON_BIG_AS_TEXT) numbers of more than 15
 * significant digits, duplicate keys, anything past the limits, anything after the value.  On a
 * fault one finding J001…J012 is added (@diags may be NULL) and NULL comes back.  @source must
 * outlive the document; the caller frees it with json_doc_free(). */
struct json_doc *json_parse(const struct source *source, unsigned flags,
	const struct json_limits *limits, struct diags *diags) MUST_CHECK;
void json_doc_free(struct json_doc *doc);
const struct json *json_root(const struct json_doc *doc);
const struct source *json_source(const struct json_doc *doc);

enum json_type json_type(const struct json *node);
const char *json_type_name(enum json_type type);      /* "a text", "an object", … for findings */
bool json_is(const struct json *node, enum json_type type);    /* false for NULL too */

/* Slices point into the document.  The empty slice when it is not a text. */
struct str json_text(const struct json *node);
bool json_bool(const struct json *node);
double json_number(const struct json *node);
/* The number as a whole one; false if it is not a whole number within ±2^53. */
bool json_int(const struct json *node, int64_t *out) MUST_CHECK;

/* The member of an object by its exact name; NULL if absent or if @node is no object. */
const struct json *json_get(const struct json *node, const char *key);
/* Members or elements in the order of the file: for (m = json_first(x); m; m = json_next(m)). */
const struct json *json_first(const struct json *node);
const struct json *json_next(const struct json *node);
size_t json_count(const struct json *node);
struct str json_key(const struct json *node);        /* of a member; else empty */

/* Where a value, or the key of a member (of anything else the value), stands in the source. */
struct stretch {
	size_t offset, length;
};
struct stretch json_where(const struct json_doc *doc, const struct json *node);
struct stretch json_where_key(const struct json_doc *doc, const struct json *node);

/* A finding at a value or, for a key, at the key. */
#define json_error(diags, doc, node, code, hint, ...)                                             \
	diag_add((diags), DIAG_ERROR, (code), json_source(doc), json_where((doc), (node)).offset, \
		json_where((doc), (node)).length, (hint), __VA_ARGS__)
#define json_error_key(diags, doc, node, code, hint, ...)                                         \
	diag_add((diags), DIAG_ERROR, (code), json_source(doc),                                   \
		json_where_key((doc), (node)).offset, json_where_key((doc), (node)).length,       \
		(hint), __VA_ARGS__)

/* Building: a tree that the maker frees with json_free().  Texts are copied; what JSON cannot hold,
 * a broken byte or a NUL, becomes U+FFFD.  An object must not be given one key twice. */
struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_text(struct str text);
struct json *json_new_int(int64_t number);
struct json *json_new_bool(bool yes);
struct json *json_new_null(void);
void json_free(struct json *tree);
void json_put_text(struct json *object, const char *key, struct str text);
void json_put_int(struct json *object, const char *key, int64_t number);
void json_put_number(struct json *object, const char *key, double number);
void json_put_bool(struct json *object, const char *key, bool yes);
void json_put_null(struct json *object, const char *key);
void json_put(struct json *object, const char *key, struct json *tree);    /* takes @tree */
void json_push(struct json *array, struct json *tree);                     /* takes @tree */
void json_push_text(struct json *array, struct str text);
void json_push_int(struct json *array, int64_t number);

/* Writes without blanks on one line; with @indent, a line a member for people. */
void json_write(const struct json *tree, struct buf *out);
void json_write_indented(const struct json *tree, struct buf *out);

/* A text between quotes, for whoever writes JSON without a tree (json_out.h); and the same without
 * the quotes.  What JSON cannot hold, a broken byte or a NUL, becomes U+FFFD; control characters
 * and DEL are escaped. */
void json_write_text(struct str text, struct buf *out);
void json_write_characters(struct str text, struct buf *out);

#endif

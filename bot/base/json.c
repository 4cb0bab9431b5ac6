/* JSON: documents, reading, building, writing.  A tree consists of cJSON's nodes; what is read is
 * judged by json_scan.c and made into nodes here, so that cJSON's parser, which would look at every
 * byte twice more and allocate every node and text apart, is not used. */
#include "bot/base/json.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/eight.h"
#include "bot/base/json_scanner.h"
#include "bot/base/text.h"

struct json_doc {
	const struct source *source;
	struct json_mark *mark; /* one a node, in the same order */
	size_t n_marks;
	char *texts; /* and keys: each ends with a NUL */
	cJSON node[];
};

static void *checked(void *memory)
{
	if (!memory) {
		fputs("tenstep: out of memory\n", stderr);
		abort();
	}
	return memory;
}

/* Documents. */

static struct str between_quotes(const struct json_doc *doc, struct stretch at)
{
	return str_sub(doc->source->text, at.offset + 1, at.length - 2);
}

/* Decoded, at *@room, which goes on. */
static char *put_text(struct str written, char **room)
{
	char *text = *room;

	*room += json_decode(written, text);
	*(*room)++ = 0;
	return text;
}

static double number_of(struct str written)
{
	char digits[json_number_length + 1];

	memcpy(digits, written.p, written.n);
	digits[written.n] = 0;
	return strtod(digits, NULL);
}

static void fill_node(struct json_doc *doc, const struct json_mark *mark, cJSON *node, char **room)
{
	struct str written = str_sub(doc->source->text, mark->value.offset, mark->value.length);
	char first = written.p[0];

	if (mark->key.length)
		node->string = put_text(between_quotes(doc, mark->key), room);
	if (first == '{' || first == '[') {
		node->type = first == '{' ? cJSON_Object : cJSON_Array;
	} else if (first == '"' || mark->big) {
		node->type = cJSON_String;
		node->valuestring =
			put_text(mark->big ? written : between_quotes(doc, mark->value), room);
	} else if (first == 't' || first == 'f') {
		node->type = first == 't' ? cJSON_True : cJSON_False;
	} else if (first == 'n') {
		node->type = cJSON_NULL;
	} else {
		node->type = cJSON_Number;
		node->valuedouble = number_of(written);
	}
}

/* The node of mark @at, and what is inside; gives the mark after these.  The node keeps its number
 * in valueint, which nobody else uses: numbers are read from valuedouble. */
static size_t make_node(struct json_doc *doc, size_t at, char **room)
{
	const struct json_mark *mark = &doc->mark[at];
	cJSON *node = &doc->node[at], *last = NULL;
	size_t end = mark->value.offset + mark->value.length;

	*node = (cJSON){.valueint = (int)at};
	fill_node(doc, mark, node, room);
	for (at++; at < doc->n_marks && doc->mark[at].value.offset < end;) {
		cJSON *child = &doc->node[at];

		at = make_node(doc, at, room);
		if (last)
			last->next = child;
		else
			node->child = child;
		child->prev = last;
		last = child;
	}
	return at;
}

/* A decoded text is never longer than it is written, and two quotes make room for its NUL. */
static size_t room_for_texts(const struct source *source, const struct json_scan *scan)
{
	size_t n = 1;

	for (size_t i = 0; i < scan->n_marks; i++) {
		const struct json_mark *mark = &scan->mark[i];

		n += mark->key.length;
		if (source->text.p[mark->value.offset] == '"' || mark->big)
			n += mark->value.length + 1;
	}
	return n;
}

struct json_doc *json_parse(const struct source *source, unsigned flags,
	const struct json_limits *limits, struct diags *diags)
{
	struct json_doc *doc;
	struct json_scan scan;
	size_t made;
	char *room;

	if (!json_scan(source, flags, limits, diags, &scan))
		return NULL;
	doc = checked(malloc(sizeof(*doc) + scan.n_marks * sizeof(*doc->node)));
	*doc = (struct json_doc){
		.source = source,
		.mark = scan.mark, /* the document's now */
		.n_marks = scan.n_marks,
		.texts = checked(malloc(room_for_texts(source, &scan))),
	};
	room = doc->texts;
	made = make_node(doc, 0, &room);
	assert(made == doc->n_marks);
	(void)made;
	return doc;
}

void json_doc_free(struct json_doc *doc)
{
	if (!doc)
		return;
	free(doc->texts);
	free(doc->mark);
	free(doc);
}

const struct json *json_root(const struct json_doc *doc)
{
	return (const struct json *)doc->node;
}

const struct source *json_source(const struct json_doc *doc)
{
	return doc->source;
}

/* A struct json is a cJSON that does not say so. */
static const cJSON *of(const struct json *node)
{
	return (const cJSON *)node;
}

static const struct json_mark *mark_of(const struct json_doc *doc, const struct json *node)
{
	static const struct json_mark nowhere;
	size_t index = node && of(node)->valueint > 0 ? (size_t)of(node)->valueint : 0;

	if (index < doc->n_marks && &doc->node[index] == of(node))
		return &doc->mark[index];
	return &nowhere;
}

struct stretch json_where(const struct json_doc *doc, const struct json *node)
{
	return mark_of(doc, node)->value;
}

struct stretch json_where_key(const struct json_doc *doc, const struct json *node)
{
	const struct json_mark *mark = mark_of(doc, node);

	return mark->key.length ? mark->key : mark->value;
}

/* Reading. */

enum json_type json_type(const struct json *node)
{
	switch (of(node)->type & 0xFF) {
	case cJSON_False:
	case cJSON_True:
		return JSON_BOOL;
	case cJSON_Number:
	case cJSON_Raw: /* a whole number too large for a double; only in trees that we built */
		return JSON_NUMBER;
	case cJSON_String:
		return JSON_TEXT;
	case cJSON_Array:
		return JSON_ARRAY;
	case cJSON_Object:
		return JSON_OBJECT;
	}
	return JSON_NULL;
}

const char *json_type_name(enum json_type type)
{
	switch (type) {
	case JSON_NULL:
		return "null";
	case JSON_BOOL:
		return "true or false";
	case JSON_NUMBER:
		return "a number";
	case JSON_TEXT:
		return "a text";
	case JSON_ARRAY:
		return "a list";
	case JSON_OBJECT:
		return "an object";
	}
	return "";
}

bool json_is(const struct json *node, enum json_type type)
{
	return node && json_type(node) == type;
}

struct str json_text(const struct json *node)
{
	return str_of(json_is(node, JSON_TEXT) ? of(node)->valuestring : NULL);
}

bool json_bool(const struct json *node)
{
	return node && cJSON_IsTrue(of(node));
}

double json_number(const struct json *node)
{
	if (!json_is(node, JSON_NUMBER))
		return 0;
	return cJSON_IsRaw(of(node)) ? strtod(of(node)->valuestring, NULL) : of(node)->valuedouble;
}

static const double two_to_53 = 9007199254740992.0;

/* Without floor(): it would be the only reason to link libm. */
static bool is_whole(double number)
{
	double size = number < 0 ? -number : number;

	return size >= two_to_53 || (double)(int64_t)number == number;
}

static bool is_exact(double number)
{
	return number >= -two_to_53 && number <= two_to_53;
}

bool json_int(const struct json *node, int64_t *out)
{
	double number = json_number(node);

	if (!json_is(node, JSON_NUMBER) || cJSON_IsRaw(of(node)) || !is_exact(number) ||
		!is_whole(number))
		return false;
	*out = (int64_t)number;
	return true;
}

const struct json *json_get(const struct json *node, const char *key)
{
	if (!json_is(node, JSON_OBJECT))
		return NULL;
	return (const struct json *)cJSON_GetObjectItemCaseSensitive(of(node), key);
}

const struct json *json_first(const struct json *node)
{
	return node ? (const struct json *)of(node)->child : NULL;
}

const struct json *json_next(const struct json *node)
{
	return (const struct json *)of(node)->next;
}

size_t json_count(const struct json *node)
{
	size_t n = 0;

	for (node = json_first(node); node; node = json_next(node))
		n++;
	return n;
}

struct str json_key(const struct json *node)
{
	return str_of(node ? of(node)->string : NULL);
}

/* Building. */

static struct json *made(cJSON *node)
{
	return checked(node);
}

static cJSON *for_change(struct json *node)
{
	return (cJSON *)node;
}

struct json *json_new_object(void)
{
	return made(cJSON_CreateObject());
}

struct json *json_new_array(void)
{
	return made(cJSON_CreateArray());
}

/* What no JSON text can hold, a broken byte or a NUL, becomes U+FFFD. */
struct json *json_new_text(struct str text)
{
	char *copy = checked(malloc(text.n * 3 + 1)), *p = copy;
	struct json *node;

	while (text.n) {
		size_t n;
		int32_t c = text_decode(text, &n);

		p += text_encode(c ? c : 0xFFFD, p);
		text = str_sub(text, n, text.n);
	}
	*p = 0;
	node = made(cJSON_CreateString(copy));
	free(copy);
	return node;
}

struct json *json_new_int(int64_t number)
{
	char digits[24];

	if (number >= -(INT64_C(1) << 53) && number <= INT64_C(1) << 53)
		return made(cJSON_CreateNumber((double)number));
	snprintf(digits, sizeof(digits), "%lld", (long long)number);
	return made(cJSON_CreateRaw(digits));
}

struct json *json_new_bool(bool yes)
{
	return made(cJSON_CreateBool(yes));
}

struct json *json_new_null(void)
{
	return made(cJSON_CreateNull());
}

void json_free(struct json *tree)
{
	cJSON_Delete(for_change(tree));
}

void json_put(struct json *object, const char *key, struct json *tree)
{
	if (!cJSON_AddItemToObject(for_change(object), key, for_change(tree)))
		checked(NULL);
}

void json_put_text(struct json *object, const char *key, struct str text)
{
	json_put(object, key, json_new_text(text));
}

void json_put_int(struct json *object, const char *key, int64_t number)
{
	json_put(object, key, json_new_int(number));
}

void json_put_number(struct json *object, const char *key, double number)
{
	json_put(object, key, made(cJSON_CreateNumber(number)));
}

void json_put_bool(struct json *object, const char *key, bool yes)
{
	json_put(object, key, json_new_bool(yes));
}

void json_put_null(struct json *object, const char *key)
{
	json_put(object, key, json_new_null());
}

void json_push(struct json *array, struct json *tree)
{
	if (!cJSON_AddItemToArray(for_change(array), for_change(tree)))
		checked(NULL);
}

void json_push_text(struct json *array, struct str text)
{
	json_push(array, json_new_text(text));
}

void json_push_int(struct json *array, int64_t number)
{
	json_push(array, json_new_int(number));
}

/* Writing.  Not cJSON's printer: it makes a second copy of everything, knows no ceiling, and takes
 * the decimal point from the locale. */

static bool are_plain(const char *p)
{
	uint64_t word = eight_at(p);

	return !(eight_has_less(word, 0x20) | eight_has(word, '"') | eight_has(word, '\\') |
		 eight_has(word, 0x7F));
}

/* The first character from @at on that is to be escaped, or the end. */
static size_t plain_until(struct str text, size_t at)
{
	while (at + 8 <= text.n && are_plain(text.p + at))
		at += 8;
	while (at < text.n && (unsigned char)text.p[at] >= 0x20 && text.p[at] != '"' &&
		text.p[at] != '\\' && text.p[at] != 0x7F)
		at++;
	return at;
}

static void write_escape(char c, struct buf *out)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	const char *known = strchr(plain, c);

	if (known)
		buf_add(out, (struct str){(char[]){'\\', letter[known - plain]}, 2});
	else
		buf_addf(out, "\\u%04x", (unsigned)c);
}

/* @text is well-formed and has no NUL. */
static void write_valid(struct str text, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; (i = plain_until(text, i)) < text.n; i++) {
		buf_add(out, str_sub(text, from, i - from));
		from = i + 1;
		write_escape(text.p[i], out);
	}
	buf_add(out, str_sub(text, from, text.n));
}

/* Most texts are ASCII without anything to escape. */
static bool is_all_plain(struct str text)
{
	size_t i = 0;

	for (; i + 8 <= text.n; i += 8)
		if (eight_has_other(eight_at(text.p + i), '"', '\\'))
			return false;
	if (i)
		return !eight_has_other(eight_at(text.p + text.n - 8), '"', '\\');
	for (; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7F)
			return false;
	}
	return true;
}

void json_write_characters(struct str text, struct buf *out)
{
	if (is_all_plain(text)) {
		buf_add(out, text);
		return;
	}
	while (text.n) {
		const char *nul = memchr(text.p, 0, text.n);
		struct str head = {text.p, nul ? (size_t)(nul - text.p) : text.n};

		head.n = text_valid_up_to(head);
		write_valid(head, out);
		if (head.n < text.n)
			buf_adds(out, "\xEF\xBF\xBD");
		text = str_sub(text, head.n + 1, text.n);
	}
}

static void write_plain(struct str text, struct buf *out)
{
	char *p;

	if (!buf_fits(out, text.n + 2))
		return;
	p = out->p + out->n;
	*p++ = '"';
	if (text.n)
		memcpy(p, text.p, text.n);
	p[text.n] = '"';
	p[text.n + 1] = 0;
	out->n += text.n + 2;
}

void json_write_text(struct str text, struct buf *out)
{
	if (is_all_plain(text)) {
		write_plain(text, out);
		return;
	}
	buf_addc(out, '"');
	json_write_characters(text, out);
	buf_addc(out, '"');
}

static void write_text(const char *text, struct buf *out)
{
	buf_addc(out, '"');
	write_valid(str_of(text), out);
	buf_addc(out, '"');
}

static void write_number(double number, struct buf *out)
{
	char text[40];

	if (!__builtin_isfinite(number)) {
		buf_adds(out, "null");
		return;
	}
	if (number > -1e15 && number < 1e15 && is_whole(number)) {
		snprintf(text, sizeof(text), "%.0f", number);
	} else {
		snprintf(text, sizeof(text), "%.15g", number); /* as short as it came in */
		if (strtod(text, NULL) != number)
			snprintf(text, sizeof(text), "%.17g", number);
	}
	for (char *p = text; *p; p++) /* the locale's decimal point */
		if ((*p < '0' || *p > '9') && *p != '-' && *p != '+' && *p != 'e')
			*p = '.';
	buf_adds(out, text);
}

enum { compact = -1 };

static void new_line(int indent, struct buf *out)
{
	if (indent == compact)
		return;
	buf_addf(out, "\n%*s", indent * 2, "");
}

static void write_node(const cJSON *node, int indent, struct buf *out)
{
	bool is_object = cJSON_IsObject(node);
	int inner = indent == compact ? compact : indent + 1;

	if (cJSON_IsString(node)) {
		write_text(node->valuestring, out);
	} else if (cJSON_IsNumber(node)) {
		write_number(node->valuedouble, out);
	} else if (cJSON_IsRaw(node)) {
		buf_adds(out, node->valuestring);
	} else if (cJSON_IsBool(node)) {
		buf_adds(out, cJSON_IsTrue(node) ? "true" : "false");
	} else if (!is_object && !cJSON_IsArray(node)) {
		buf_adds(out, "null");
	} else {
		buf_addc(out, is_object ? '{' : '[');
		for (const cJSON *child = node->child; child; child = child->next) {
			new_line(inner, out);
			if (is_object) {
				write_text(child->string, out);
				buf_adds(out, indent == compact ? ":" : ": ");
			}
			write_node(child, inner, out);
			if (child->next)
				buf_addc(out, ',');
		}
		if (node->child)
			new_line(indent, out);
		buf_addc(out, is_object ? '}' : ']');
	}
}

void json_write(const struct json *tree, struct buf *out)
{
	write_node(of(tree), compact, out);
}

void json_write_indented(const struct json *tree, struct buf *out)
{
	write_node(of(tree), 0, out);
}

/* Values from and to bytes, for sessions and the store.
 *
 *   value   tag byte, then
 *   INT     the number, zigzag (0, -1, 1, -2 …) as in bot/base/varint.h
 *   TEXT    length as a varint, the bytes (UTF-8)
 *   LIST    count as a varint, the values
 *   RECORD  count as a varint; for each field: length of the name, its bytes, the value
 *
 * There is one way only to write a value, and anything else is refused when read. */
#include "bot/base/value.h"

#include <stdlib.h>

#include "bot/base/text.h"
#include "bot/base/varint.h"

enum tag { TAG_NONE, TAG_FALSE, TAG_TRUE, TAG_INT, TAG_TEXT, TAG_LIST, TAG_RECORD };

enum { max_depth = 32, shortest_value = 1, shortest_field = 2 };

/* Writing. */

static uint64_t zigzag(int64_t number)
{
	return ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0);
}

static void encode(const struct value *v, unsigned depth, struct buf *out);

/* What is nested too deep to be read again is written as "not set". */
ASIDE void encode_nest(const struct value *v, unsigned depth, struct buf *out)
{
	if (depth >= max_depth) {
		buf_addc(out, TAG_NONE);
	} else if (v->type == VALUE_LIST) {
		buf_addc(out, TAG_LIST);
		varint_put(out, v->list.n);
		for (size_t i = 0; i < v->list.n; i++)
			encode(v->list.item[i], depth + 1, out);
	} else {
		buf_addc(out, TAG_RECORD);
		varint_put(out, v->record.n);
		for (size_t i = 0; i < v->record.n; i++) {
			varint_put_text(out, v->record.field[i].name);
			encode(v->record.field[i].value, depth + 1, out);
		}
	}
}

static void encode(const struct value *v, unsigned depth, struct buf *out)
{
	switch (v ? v->type : VALUE_NONE) {
	case VALUE_NONE:
		buf_addc(out, TAG_NONE);
		break;
	case VALUE_BOOL:
		buf_addc(out, v->yes ? TAG_TRUE : TAG_FALSE);
		break;
	case VALUE_INT:
		buf_addc(out, TAG_INT);
		varint_put(out, zigzag(v->number));
		break;
	case VALUE_TEXT:
		buf_addc(out, TAG_TEXT);
		varint_put_text(out, v->text);
		break;
	case VALUE_LIST:
	case VALUE_RECORD:
		encode_nest(v, depth, out);
		break;
	}
}

void value_encode(const struct value *v, struct buf *out)
{
	if (value_is_set(v))
		encode(v, 0, out);
	else
		buf_addc(out, TAG_NONE);
}

/* Reading. */

/* @owed: bytes that the lists and records around still need at the least.  A count is believed only
 * as far as the bytes beyond these can hold it, so that no input makes us allocate more than a
 * fixed multiple of its length. */
struct reader {
	struct arena *arena;
	struct str in;
	size_t owed;
	bool in_place; /* texts stay where they are */
};

static bool take_byte(struct reader *r, unsigned char *out)
{
	if (!r->in.n)
		return false;
	*out = (unsigned char)*r->in.p++;
	r->in.n--;
	return true;
}

static bool take_text(struct reader *r, struct str *out)
{
	uint64_t n;

	if (!varint_take(&r->in, &n) || n > r->in.n)
		return false;
	*out = (struct str){r->in.p, (size_t)n};
	r->in.p += n;
	r->in.n -= (size_t)n;
	if (text_valid_up_to(*out) != out->n)
		return false;
	if (!r->in_place)
		*out = arena_str(r->arena, *out);
	return true;
}

/* A count of things that take at least @shortest bytes each. */
static bool take_count(struct reader *r, size_t shortest, size_t *out)
{
	uint64_t n;

	if (!varint_take(&r->in, &n) || r->in.n < r->owed || n > (r->in.n - r->owed) / shortest)
		return false;
	*out = (size_t)n;
	r->owed += *out * shortest;
	return true;
}

static const struct value *decode(struct reader *r, unsigned depth);

static const struct value *decode_list(struct reader *r, unsigned depth)
{
	struct value_builder b = value_build(r->arena);

	if (depth >= max_depth || !take_count(r, shortest_value, &b.n))
		return NULL;
	b.item = arena_raw(r->arena, b.n * sizeof(*b.item));
	for (size_t i = 0; i < b.n; i++) {
		r->owed -= shortest_value;
		b.item[i] = decode(r, depth + 1);
		if (!b.item[i])
			return NULL;
	}
	return value_list(&b);
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool each_differs(const struct value_builder *b)
{
	for (size_t i = 1; i < b->n; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(b->field[i].name, b->field[j].name))
				return false;
	return true;
}

/* Many are sorted, not compared each with each: the bytes may come from somebody who wants us to be
 * slow. */
static bool names_differ(const struct value_builder *b)
{
	enum { few = 12 };
	struct str *name;

	if (b->n <= few)
		return each_differs(b);
	name = arena_array(b->arena, struct str, b->n);
	for (size_t i = 0; i < b->n; i++)
		name[i] = b->field[i].name;
	qsort(name, b->n, sizeof(*name), by_name);
	for (size_t i = 1; i < b->n; i++)
		if (str_eq(name[i - 1], name[i]))
			return false;
	return true;
}

static const struct value *decode_record(struct reader *r, unsigned depth)
{
	struct value_builder b = value_build(r->arena);

	if (depth >= max_depth || !take_count(r, shortest_field, &b.n))
		return NULL;
	b.field = arena_raw(r->arena, b.n * sizeof(*b.field));
	for (size_t i = 0; i < b.n; i++) {
		r->owed -= shortest_field;
		if (!take_text(r, &b.field[i].name))
			return NULL;
		b.field[i].value = decode(r, depth + 1);
		if (!b.field[i].value)
			return NULL;
	}
	return names_differ(&b) ? value_record(&b) : NULL;
}

static const struct value *decode_int(struct reader *r)
{
	uint64_t n;

	if (!varint_take(&r->in, &n))
		return NULL;
	return value_int(r->arena, (int64_t)((n >> 1) ^ (n & 1 ? UINT64_MAX : 0)));
}

static const struct value *decode_text(struct reader *r)
{
	struct value *value = arena_raw(r->arena, sizeof(*value));

	value->type = VALUE_TEXT;
	return take_text(r, &value->text) ? value : NULL;
}

/* NULL if the bytes are not a value. */
static const struct value *decode(struct reader *r, unsigned depth)
{
	unsigned char tag;

	if (!take_byte(r, &tag))
		return NULL;
	switch ((enum tag)tag) {
	case TAG_NONE:
		return &value_none;
	case TAG_FALSE:
		return &value_false;
	case TAG_TRUE:
		return &value_true;
	case TAG_INT:
		return decode_int(r);
	case TAG_TEXT:
		return decode_text(r);
	case TAG_LIST:
		return decode_list(r, depth);
	case TAG_RECORD:
		return decode_record(r, depth);
	}
	return NULL;
}

static bool read_value(struct reader *r, struct str *bytes, const struct value **v)
{
	const struct value *read;

	if (bytes->n && *bytes->p == TAG_NONE) { /* mostly nothing is set */
		*bytes = str_sub(*bytes, 1, bytes->n);
		*v = &value_none;
		return true;
	}
	read = decode(r, 0);

	*v = read ? read : &value_none;
	if (!read)
		return false;
	*bytes = r->in;
	return true;
}

bool value_decode(struct arena *arena, struct str *bytes, const struct value **v)
{
	return read_value(&(struct reader){.arena = arena, .in = *bytes}, bytes, v);
}

bool value_decode_in_place(struct arena *arena, struct str *bytes, const struct value **v)
{
	return read_value(
		&(struct reader){.arena = arena, .in = *bytes, .in_place = true}, bytes, v);
}

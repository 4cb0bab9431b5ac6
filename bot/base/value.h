/* A value as slots, calls and templates know it: immutable, in an arena. */
#ifndef TENSTEP_BASE_VALUE_H
#define TENSTEP_BASE_VALUE_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"
#include "bot/base/json.h"

/* Money is a record {amount: "29.90", currency: "USD"}; a time is a whole number of Unix seconds,
 * UTC; ids are texts.  NONE is "not set". */
enum value_type { VALUE_NONE, VALUE_BOOL, VALUE_INT, VALUE_TEXT, VALUE_LIST, VALUE_RECORD };

struct value;

struct field {
	struct str name;
	const struct value *value;
};

struct value {
	enum value_type type;
	union {
		bool yes;
		int64_t number;
		struct str text;
		struct {
			const struct value *const *item;
			size_t n;
		} list;
		struct {
			const struct field *field;
			size_t n;
		} record;
	};
};

extern const struct value value_none, value_true, value_false;

const struct value *value_bool(bool yes);
const struct value *value_int(struct arena *arena, int64_t number);
const struct value *value_text(struct arena *arena, struct str text);      /* copies */
const struct value *value_money(struct arena *arena, struct str amount, struct str currency);

/* Lists and records are built step by step, then closed. */
struct value_builder {
	struct arena *arena;
	const struct value **item;
	struct field *field;
	size_t n;
};
struct value_builder value_build(struct arena *arena);
void value_push(struct value_builder *b, const struct value *item);
/* @name is not copied: a literal, or something in the arena. */
void value_put_str(struct value_builder *b, struct str name, const struct value *value);
IN_PLACE void value_put(struct value_builder *b, const char *name, const struct value *value)
{
	value_put_str(b, str_of(name), value);
}
IN_PLACE void value_put_text(struct value_builder *b, const char *name, struct str text)
{
	value_put(b, name, value_text(b->arena, text));
}
void value_put_int(struct value_builder *b, const char *name, int64_t number);
const struct value *value_list(struct value_builder *b);
const struct value *value_record(struct value_builder *b);

/* Readers: NONE (or the empty slice, 0, false) when it is something else or absent; @v may be
 * NULL. */
bool value_is_set(const struct value *v);
const struct value *value_get_str(const struct value *record, struct str name);
IN_PLACE const struct value *value_get(const struct value *record, const char *name)
{
	return value_get_str(record, str_of(name));
}
const struct value *value_at(const struct value *list, size_t index);      /* from 0 */
size_t value_count(const struct value *v);      /* of a list; of anything else set 1, of NONE 0 */
struct str value_text_of(const struct value *v);
int64_t value_int_of(const struct value *v);
bool value_bool_of(const struct value *v);
/* value_text_of(value_get(…)), the commonest thing done. */
IN_PLACE struct str value_get_text(const struct value *record, const char *name)
{
	return value_text_of(value_get(record, name));
}
int64_t value_get_int(const struct value *record, const char *name);

/* Deep equality; records compare by name, whatever the order. */
bool value_eq(const struct value *a, const struct value *b);
/* A deep copy into @arena. */
const struct value *value_copy(struct arena *arena, const struct value *v);

/* For people who debug: like JSON; not for buyers. */
void value_show(const struct value *v, struct buf *out);

/* JSON both ways.  A number that is not whole becomes a text of its digits.  Nesting ≤ 32. */
const struct value *value_from_json(struct arena *arena, const struct json *node);
struct json *value_to_json(const struct value *v);      /* the caller frees it */

/* Bytes both ways, for sessions and the store.  Decoding refuses anything it did not write:
 * false, and *v is NONE.  @bytes is cut by what was read. */
void value_encode(const struct value *v, struct buf *out);
bool value_decode(struct arena *arena, struct str *bytes, const struct value **v) MUST_CHECK;
/* The same without copying texts: they stay in @bytes, which must live as long as *v. */
bool value_decode_in_place(
	struct arena *arena, struct str *bytes, const struct value **v) MUST_CHECK;

#endif

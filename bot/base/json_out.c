/* JSON written straight into a text. */
#include "bot/base/json_out.h"

/* After a bracket that opens, a key or another document's end of line, no comma is due. */
static bool is_comma_due(const struct buf *out)
{
	char last = out->n ? out->p[out->n - 1] : '\n';

	return last != '{' && last != '[' && last != ':' && last != '\n';
}

static void separate(struct buf *out)
{
	if (is_comma_due(out))
		buf_addc(out, ',');
}

void json_out_start(struct buf *out, char bracket)
{
	buf_addc(out, bracket);
}

void json_out_open(struct buf *out, char bracket)
{
	separate(out);
	buf_addc(out, bracket);
}

void json_out_close(struct buf *out, char bracket)
{
	buf_addc(out, bracket);
}

/* In one piece: a post has two dozen of them. */
void json_out_name(struct buf *out, struct str name)
{
	size_t comma = is_comma_due(out);
	char *p;

	if (!buf_fits(out, comma + name.n + 3))
		return;
	p = out->p + out->n;
	*p = ',';
	p += comma;
	*p++ = '"';
	memcpy(p, name.p, name.n);
	memcpy(p + name.n, "\":", 3); /* with the zero */
	out->n += comma + name.n + 3;
}

void json_out_text(struct buf *out, struct str text)
{
	separate(out);
	json_write_text(text, out);
}

void json_out_begin_text(struct buf *out)
{
	separate(out);
	buf_addc(out, '"');
}

/* Not through printf: with it a post takes half as long again. */
void json_out_int(struct buf *out, int64_t number)
{
	static const char pair[] = "0001020304050607080910111213141516171819"
				   "2021222324252627282930313233343536373839"
				   "4041424344454647484950515253545556575859"
				   "6061626364656667686970717273747576777879"
				   "8081828384858687888990919293949596979899";
	char digit[20], *p = digit + sizeof(digit);
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	for (; rest >= 100; rest /= 100)
		memcpy(p -= 2, pair + rest % 100 * 2, 2);
	if (rest >= 10)
		memcpy(p -= 2, pair + rest * 2, 2);
	else
		*--p = (char)('0' + rest);
	separate(out);
	if (number < 0)
		buf_addc(out, '-');
	buf_add(out, (struct str){p, (size_t)(digit + sizeof(digit) - p)});
}

void json_out_bool(struct buf *out, bool yes)
{
	separate(out);
	buf_adds(out, yes ? "true" : "false");
}

static void out_null(struct buf *out)
{
	separate(out);
	buf_adds(out, "null");
}

static void out_list(struct buf *out, const struct value *list)
{
	json_out_open(out, '[');
	for (size_t i = 0; i < list->list.n; i++)
		json_out_value(out, list->list.item[i]);
	json_out_close(out, ']');
}

/* Names come from the shop's answers: they are escaped like any text. */
static void out_record(struct buf *out, const struct value *record)
{
	json_out_open(out, '{');
	for (size_t i = 0; i < record->record.n; i++) {
		json_out_text(out, record->record.field[i].name);
		buf_addc(out, ':');
		json_out_value(out, record->record.field[i].value);
	}
	json_out_close(out, '}');
}

void json_out_value(struct buf *out, const struct value *value)
{
	switch (value ? value->type : VALUE_NONE) {
	case VALUE_NONE:
		out_null(out);
		return;
	case VALUE_BOOL:
		json_out_bool(out, value->yes);
		return;
	case VALUE_INT:
		json_out_int(out, value->number);
		return;
	case VALUE_TEXT:
		json_out_text(out, value->text);
		return;
	case VALUE_LIST:
		out_list(out, value);
		return;
	case VALUE_RECORD:
		out_record(out, value);
		return;
	}
}

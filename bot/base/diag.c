/* What is wrong in an author's file. */
#include "bot/base/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
#include "bot/base/text.h"

enum { max_findings = 1000, max_line_shown = 160 };

void diags_init(struct diags *diags, struct arena *arena)
{
	*diags = (struct diags){.arena = arena};
}

void diag_add(struct diags *diags, enum severity severity, const char *code,
	const struct source *source, size_t offset, size_t length, struct str hint,
	const char *format, ...)
{
	struct diag *diag;
	struct buf text;
	va_list ap;

	diags->n_errors += severity == DIAG_ERROR;
	if (diags->n >= max_findings)
		return;
	buf_init(&text, 4096);
	va_start(ap, format);
	buf_addfv(&text, format, ap);
	va_end(ap);
	diags->item = arena_grow(diags->arena, diags->item, diags->n, struct diag);
	diag = &diags->item[diags->n++];
	*diag = (struct diag){
		.code = code,
		.severity = severity,
		.source = source,
		.offset = offset,
		.length = length,
		.message = arena_str(diags->arena, text.over ? S("(too long to print)") : buf_str(&text)),
		.hint = arena_str(diags->arena, hint),
	};
	buf_release(&text);
}

static int by_place(const void *a, const void *b)
{
	const struct diag *x = *(struct diag *const *)a, *y = *(struct diag *const *)b;
	int c;

	if (!x->source || !y->source)
		c = (x->source != NULL) - (y->source != NULL);
	else
		c = strcmp(x->source->name, y->source->name);
	if (c)
		return c;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x < y ? -1 : 1;
}

static struct diag **in_order(const struct diags *diags)
{
	struct diag **order = calloc(diags->n + 1, sizeof(struct diag *));

	if (!order)
		abort();
	for (size_t i = 0; i < diags->n; i++)
		order[i] = &diags->item[i];
	qsort(order, diags->n, sizeof(struct diag *), by_place);
	return order;
}

/* The source line and a caret under the wrong stretch; of a very long line only its part. */
static void print_excerpt(const struct diag *diag, struct place place, struct buf *out)
{
	size_t at = diag->offset - place.line_offset, from = 0, n = place.line_text.n, mark;
	struct str line;

	if (at > n)
		at = n;
	if (n > max_line_shown && at > max_line_shown / 2) {
		from = at - max_line_shown / 2;
		while (from < at && ((unsigned char)place.line_text.p[from] & 0xC0) == 0x80)
			from++;
	}
	line = str_sub(place.line_text, from, max_line_shown);
	buf_addf(out, "%6u | ", place.line);
	for (size_t i = 0; i < line.n; i++)
		buf_addc(out, (unsigned char)line.p[i] < 0x20 ? ' ' : line.p[i]);
	buf_addf(out, "\n       | %*s", (int)text_width(str_sub(line, 0, at - from)), "");
	mark = text_width(str_sub(line, at - from, diag->length ? diag->length : 1));
	do
		buf_addc(out, '^');
	while (mark-- > 1);
	buf_addc(out, '\n');
}

static void print_one(const struct diag *diag, struct buf *out, bool colour)
{
	static const char *const word[] = {"error", "warning"};
	static const char *const paint[] = {"\033[31m", "\033[33m"};
	struct place place = {0};

	if (diag->source) {
		place = source_place(diag->source, diag->offset);
		buf_addf(out, "%s:%u:%u: ", diag->source->name, place.line, place.column);
	}
	if (colour)
		buf_adds(out, paint[diag->severity]);
	buf_addf(out, "%s[%s]", word[diag->severity], diag->code);
	if (colour)
		buf_adds(out, "\033[0m");
	buf_addf(out, ": %.*s\n", STR(diag->message));
	if (diag->source)
		print_excerpt(diag, place, out);
	if (diag->hint.n)
		buf_addf(out, "       = %.*s\n", STR(diag->hint));
}

static size_t count_code(struct diag **order, size_t n, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += strcmp(order[i]->code, code) == 0;
	return count;
}

void diags_print(const struct diags *diags, struct buf *out, bool colour, size_t per_code)
{
	struct diag **order = in_order(diags);

	for (size_t i = 0; i < diags->n; i++) {
		size_t before = per_code ? count_code(order, i, order[i]->code) : 0;

		if (!per_code || before < per_code)
			print_one(order[i], out, colour);
		else if (before == per_code)
			buf_addf(out, "(%zu more %s)\n",
				count_code(order, diags->n, order[i]->code) - per_code,
				order[i]->code);
	}
	free(order);
}

void diags_print_json(const struct diags *diags, struct buf *out)
{
	struct diag **order = in_order(diags);

	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *diag = order[i];
		struct place place = {0};
		struct json *object = json_new_object();

		if (diag->source) {
			place = source_place(diag->source, diag->offset);
			json_put_text(object, "file", str_of(diag->source->name));
			json_put_int(object, "line", place.line);
			json_put_int(object, "column", place.column);
		}
		json_put_text(object, "severity",
			diag->severity == DIAG_ERROR ? S("error") : S("warning"));
		json_put_text(object, "code", str_of(diag->code));
		json_put_text(object, "message", diag->message);
		json_put_text(object, "hint", diag->hint);
		json_write(object, out);
		buf_addc(out, '\n');
		json_free(object);
	}
	free(order);
}

struct str diag_nearest(struct arena *arena, struct str name, const struct str *names, size_t n)
{
	unsigned best = 3;
	struct str nearest = {0};

	for (size_t i = 0; i < n; i++) {
		unsigned distance = str_distance(name, names[i], 2);

		if (distance < best && distance * 2 < names[i].n) {
			best = distance;
			nearest = names[i];
		}
	}
	if (!nearest.n)
		return nearest;
	return arena_printf(arena, "did you mean '%.*s'?", STR(nearest));
}

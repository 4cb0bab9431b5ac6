/* What is wrong in an author's file. */
#include "bot/base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
#include "bot/base/text.h"

enum { max_findings = 1000, max_line_shown = 160 };

void diags_init(struct diags *diags, struct arena *arena)
{
	*diags = (struct diags){.arena = arena};
}

static void add(struct diags *diags, const struct diag *diag)
{
	struct diag *added;

	diags->item = arena_grow(diags->arena, diags->item, diags->n, struct diag);
	added = &diags->item[diags->n++];
	*added = *diag;
	added->message = arena_str(diags->arena, diag->message);
	added->hint = arena_str(diags->arena, diag->hint);
}

/* What several tests of a file share is looked at for each of them. */
static bool is_told(const struct diags *diags, const struct diag *diag)
{
	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *told = &diags->item[i];

		if (told->source == diag->source && told->offset == diag->offset &&
			strcmp(told->code, diag->code) == 0 && str_eq(told->message, diag->message))
			return true;
	}
	return false;
}

void diag_addv(struct diags *diags, enum severity severity, const char *code,
	const struct source *source, size_t offset, size_t length, struct str hint,
	const char *format, va_list ap)
{
	struct diag diag = {
		.code = code,
		.severity = severity,
		.source = source,
		.offset = offset,
		.length = length,
		.hint = hint,
	};
	struct buf text;

	if (diags->n >= max_findings) {
		diags->n_errors += severity == DIAG_ERROR;
		return;
	}
	buf_init(&text, 4096);
	buf_addfv(&text, format, ap);
	diag.message = text.over ? S("(too long to print)") : buf_str(&text);
	if (!is_told(diags, &diag)) {
		diags->n_errors += severity == DIAG_ERROR;
		add(diags, &diag);
	}
	buf_release(&text);
}

void diag_add(struct diags *diags, enum severity severity, const char *code,
	const struct source *source, size_t offset, size_t length, struct str hint,
	const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	diag_addv(diags, severity, code, source, offset, length, hint, format, ap);
	va_end(ap);
}

void diags_join(struct diags *diags, const struct diags *more)
{
	diags->n_errors += more->n_errors;
	for (size_t i = 0; i < more->n && diags->n < max_findings; i++)
		add(diags, &more->item[i]);
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

	if (!order) {
		fputs("tenstep: out of memory\n", stderr);
		abort();
	}
	for (size_t i = 0; i < diags->n; i++)
		order[i] = &diags->item[i];
	qsort(order, diags->n, sizeof(struct diag *), by_place);
	return order;
}

/* Changes the direction of what follows it: a terminal would show the line in another order. */
static bool is_direction(int32_t c)
{
	return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* Adds what an author wrote so that a terminal only shows it; text_width() columns wide. */
static void add_shown(struct str s, struct buf *out)
{
	for (size_t n; s.n; s = str_sub(s, n, s.n)) {
		int32_t c = text_decode(s, &n);
		char bytes[4];

		if (is_direction(c))
			continue;
		if (c < 0x20 || (c >= 0x7F && c < 0xA0))
			c = ' ';
		buf_add(out, (struct str){bytes, text_encode(c, bytes)});
	}
}

/* Of a very long line the part around @at: cuts @line, returns what was cut off in front. */
static size_t cut_line(struct str *line, size_t at)
{
	size_t from = 0;

	if (line->n <= max_line_shown)
		return 0;
	if (at > max_line_shown / 2)
		from = at - max_line_shown / 2;
	while (from < at && ((unsigned char)line->p[from] & 0xC0) == 0x80)
		from++;
	*line = text_clip(str_sub(*line, from, line->n), max_line_shown);
	return from;
}

/* The source line and carets under the wrong stretch, as far as it is on this line. */
static void print_excerpt(const struct diag *diag, struct place place, struct buf *out)
{
	struct str line = place.line_text, before;
	size_t at = diag->offset - place.line_offset, from, marked;

	if (at > line.n)
		at = line.n;
	from = cut_line(&line, at);
	at -= from;
	before = str_sub(line, 0, at);
	marked = text_width(str_sub(line, at, diag->length));
	buf_addf(out, "%6u |%s%s", place.line, line.n ? " " : "", from ? "…" : "");
	add_shown(line, out);
	buf_adds(out, from + line.n < place.line_text.n ? "…\n" : "\n");
	buf_addf(out, "       | %*s", (int)(text_width(before) + (from > 0)), "");
	do
		buf_addc(out, '^');
	while (marked-- > 1);
	buf_addc(out, '\n');
}

static void print_one(const struct diag *diag, struct buf *out, bool colour)
{
	static const char *const word[] = {"error", "warning"};
	static const char *const paint[] = {"\033[31m", "\033[33m"};
	struct place place = {0};

	if (diag->source) {
		place = source_place(diag->source, diag->offset);
		add_shown(str_of(diag->source->name), out);
		buf_addf(out, ":%u:%u: ", place.line, place.column);
	}
	if (colour)
		buf_adds(out, paint[diag->severity]);
	buf_addf(out, "%s[%s]", word[diag->severity], diag->code);
	if (colour)
		buf_adds(out, "\033[0m");
	buf_adds(out, ": ");
	add_shown(diag->message, out);
	buf_addc(out, '\n');
	if (diag->source)
		print_excerpt(diag, place, out);
	if (diag->hint.n) {
		buf_adds(out, "       = ");
		add_shown(diag->hint, out);
		buf_addc(out, '\n');
	}
}

static size_t count_code(struct diag **order, size_t n, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += strcmp(order[i]->code, code) == 0;
	return count;
}

static size_t n_listed_errors(const struct diags *diags)
{
	size_t n = 0;

	for (size_t i = 0; i < diags->n; i++)
		n += diags->item[i].severity == DIAG_ERROR;
	return n;
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
	if (diags->n == max_findings && diags->n_errors > n_listed_errors(diags))
		buf_addf(out, "(%zu more errors)\n", diags->n_errors - n_listed_errors(diags));
}

void diags_print_json(const struct diags *diags, struct buf *out)
{
	struct diag **order = in_order(diags);

	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *diag = order[i];
		struct json *object = json_new_object();

		if (diag->source) {
			struct place place = source_place(diag->source, diag->offset);

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

		if (distance < best && distance * 2 <= names[i].n) {
			best = distance;
			nearest = names[i];
		}
	}
	if (!nearest.n)
		return nearest;
	return arena_printf(arena, "did you mean '%.*s'?", STR(nearest));
}

struct str diag_one_of(struct arena *arena, const struct str *names, size_t n)
{
	struct str hint;
	struct buf all;

	buf_init(&all, 4000);
	for (size_t i = 0; i < n; i++)
		buf_addf(&all, "%s%.*s", i ? ", " : "one of: ", STR(names[i]));
	hint = all.over ? S("") : arena_str(arena, buf_str(&all));
	buf_release(&all);
	return hint;
}

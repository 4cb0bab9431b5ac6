/* Bubbles, choices and cards in a terminal. */
#include "bot/terminal/talk_draw.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bot/base/card_text.h"
#include "bot/base/text.h"

enum { max_width = 100, min_width = 30, indent = 5, max_rows = 64 };

static const char bold[] = "\033[1m", dim[] = "\033[2m", blue[] = "\033[36m", plain[] = "\033[0m";

size_t view_width(FILE *to)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int64_t n = 0;

	if (isatty(fileno(to)) && ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col)
		n = size.ws_col;
	else if (!columns || !str_int(str_of(columns), &n))
		n = 80;
	return (size_t)(n < min_width ? min_width : n > max_width ? max_width : n);
}

static void paint(const struct view *view, const char *colour)
{
	if (view->colour)
		fputs(colour, view->to);
}

/* --- wrapped text --- */

/* What the shop or a buyer wrote must not steer the terminal. */
static void put_safely(FILE *to, struct str text)
{
	size_t n;

	for (; text.n; text = str_sub(text, n, text.n)) {
		int32_t c = text_decode(text, &n);

		if (c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
			(c >= 0x2066 && c <= 0x2069))
			putc(' ', to);
		else
			fwrite(text.p, 1, n, to);
	}
}

/* The head of @line that fits into @width columns, cut between words when there is a blank. */
static struct str fitting(struct str line, size_t width)
{
	size_t at = 0, blank = 0, used = 0, n;

	while (at < line.n) {
		struct str rest = str_sub(line, at, line.n);

		(void)text_decode(rest, &n);
		if (rest.p[0] == ' ')
			blank = at;
		used += text_width(str_sub(rest, 0, n));
		if (used > width)
			return str_sub(line, 0, blank ? blank : at ? at : n);
		at += n;
	}
	return line;
}

/* The next piece of @text that is one line on the screen; cuts it off. */
static struct str next_piece(struct str *text, size_t width)
{
	struct str line = *text, piece;
	long end = str_find(line, S("\n"));

	if (end >= 0)
		line.n = (size_t)end;
	piece = fitting(line, width);
	*text = str_sub(*text, piece.n, text->n);
	if (piece.n == line.n)
		*text = str_sub(*text, 1, text->n); /* the line's end */
	while (piece.n < line.n && text->n && text->p[0] == ' ')
		*text = str_sub(*text, 1, text->n);
	return piece;
}

/* The first line begins at column @margin, where the caller has written up to; so do the others. */
static void put_wrapped(const struct view *view, size_t margin, struct str text)
{
	size_t width = view->width > margin + 10 ? view->width - margin : 10;

	do {
		put_safely(view->to, next_piece(&text, width));
		putc('\n', view->to);
		if (text.n)
			fprintf(view->to, "%*s", (int)margin, "");
	} while (text.n);
}

void draw_bubble(const struct view *view, struct str text)
{
	paint(view, blue);
	fprintf(view->to, "%-*s", indent, "bot");
	paint(view, plain);
	put_wrapped(view, indent, text);
}

void draw_aside(const struct view *view, const char *format, ...)
{
	va_list ap;

	paint(view, dim);
	va_start(ap, format);
	vfprintf(view->to, format, ap);
	va_end(ap);
	paint(view, plain);
	putc('\n', view->to);
}

/* --- cards --- */

/* A card's items and rows, one below the other. */
struct table {
	struct {
		struct str label, value;
	} row[max_rows];
	size_t n, label_width;
};

static void add_row(struct table *table, struct str label, struct str value)
{
	size_t width = text_width(label);

	if (table->n == max_rows || !value.n)
		return;
	table->row[table->n].label = label;
	table->row[table->n++].value = value;
	if (width > table->label_width)
		table->label_width = width;
}

static void fill_table(struct table *table, const struct value *card, struct arena *arena)
{
	const struct value *items = value_get(card, "items");
	struct card_row row[card_max_rows];
	size_t n = card_rows(card, arena, row);

	for (size_t i = 0; items && items->type == VALUE_LIST && i < items->list.n; i++)
		add_row(table, S("Item"), card_item_priced(items->list.item[i], arena));
	for (size_t i = 0; i < n; i++)
		add_row(table, str_of(row[i].label), row[i].value);
}

static void put_line(const struct view *view, size_t n)
{
	while (n--)
		fputs("─", view->to);
}

static void draw_row(const struct view *view, const struct table *table, size_t i, size_t inner)
{
	struct str value = table->row[i].value, label = table->row[i].label;

	if (i && str_eq(label, table->row[i - 1].label))
		label = S("");
	do {
		struct str piece = next_piece(&value, inner - table->label_width - 2);

		fprintf(view->to, "%*s│ ", indent, "");
		paint(view, dim);
		put_safely(view->to, label);
		paint(view, plain);
		fprintf(view->to, "%*s  ", (int)(table->label_width - text_width(label)), "");
		put_safely(view->to, piece);
		fprintf(view->to, "%*s │\n",
			(int)(inner - table->label_width - 2 - text_width(piece)), "");
		label = S("");
	} while (value.n);
}

static size_t inner_width(const struct view *view, const struct table *table, struct str title)
{
	size_t inner = text_width(title) + 1, most = view->width - indent - 4;

	for (size_t i = 0; i < table->n; i++) {
		size_t width = table->label_width + 2 + text_width(table->row[i].value);

		inner = width > inner ? width : inner;
	}
	inner = inner > most ? most : inner;
	return inner < table->label_width + 12 ? table->label_width + 12 : inner;
}

static void draw_table(const struct view *view, const struct table *table, struct str title)
{
	size_t inner = inner_width(view, table, title), title_width = text_width(title);

	fprintf(view->to, "%*s╭ ", indent, "");
	paint(view, bold);
	put_safely(view->to, title);
	paint(view, plain);
	putc(' ', view->to);
	put_line(view, inner > title_width ? inner - title_width : 0);
	fputs("╮\n", view->to);
	for (size_t i = 0; i < table->n; i++)
		draw_row(view, table, i, inner);
	fprintf(view->to, "%*s╰", indent, "");
	put_line(view, inner + 2);
	fputs("╯\n", view->to);
}

void draw_card(const struct view *view, const struct value *card)
{
	struct arena *arena = arena_new(1 << 20);
	const struct value *part;

	for (size_t i = 0; (part = card_part(card, i)); i++) {
		struct table *table = arena_new_of(arena, struct table);

		fill_table(table, part, arena);
		if (table->n)
			draw_table(view, table, card_title(part, arena));
	}
	arena_free(arena);
}

/* --- a turn --- */

static void draw_choices(const struct view *view, const struct choice *choice, size_t n)
{
	int digits = n > 9 ? 2 : 1;

	for (size_t i = 0; i < n; i++) {
		fprintf(view->to, "%*s%*zu. ", indent, "", digits, i + 1);
		put_wrapped(view, (size_t)(indent + digits + 2), choice[i].label);
	}
}

static void draw_say(const struct view *view, const struct effect *effect)
{
	draw_bubble(view, effect->say.text);
	if (effect->say.card && value_is_set(effect->say.card))
		draw_card(view, effect->say.card);
	draw_choices(view, effect->say.choice, effect->say.n_choices);
}

bool draw_turn(const struct view *view, const struct host_turn *turn, const struct choice **choice,
	size_t *n_choices)
{
	bool said = false;

	*choice = NULL;
	*n_choices = 0;
	for (size_t i = 0; i < turn->n_effects; i++) {
		const struct effect *effect = &turn->effect[i];

		if (effect->kind == EFFECT_HANDOFF)
			draw_aside(view, "     (a person is asked for: %.*s)",
				STR(effect->handoff.queue));
		if (effect->kind != EFFECT_SAY)
			continue;
		draw_say(view, effect);
		said = true;
		if (!effect->say.n_choices)
			continue;
		*choice = effect->say.choice;
		*n_choices = effect->say.n_choices;
	}
	return said;
}

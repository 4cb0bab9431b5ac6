/* Texts with holes.
 *
 *   F201  a hole without its closing brace, or a closing brace without a hole
 *   F202  an unknown filter
 *   F203  a filter with too few or too many words behind it
 *   F204  an empty hole
 *   F205  a text that no message can hold
 */
#include "flows/template.h"

#include <assert.h>

#include "bot/base/date.h"
#include "bot/base/money.h"
#include "bot/base/text.h"
#include "flows/shape.h"
#include "flows/written.h"

enum {
	max_words = 2,
	max_filters = 4,
	short_characters = 60,
	max_written = 4000, /* characters: what messengers take at once */
	max_printed = 64 * 1024,
	max_depth = 8
};

struct filter_use {
	const struct filter *filter;
	struct str word[max_words];
	struct stretch at; /* of its name */
};

/* Either plain text or a hole. */
struct piece {
	struct str text;
	const struct expr *expr;
	struct filter_use filter[max_filters];
	size_t n_filters;
};

struct template
{
	struct str text;
	const struct piece *piece;
	size_t n_pieces;
};

/* How values read. */

static bool is_money(const struct value *v)
{
	return v->type == VALUE_RECORD && value_get_text(v, "amount").n &&
	       value_get_text(v, "currency").n;
}

static void print_money(const struct value *v, struct buf *out)
{
	money_show(value_get_text(v, "amount"), value_get_text(v, "currency"), out);
}

static void print_deep(const struct value *v, unsigned depth, struct buf *out);

static void print_record(const struct value *v, unsigned depth, struct buf *out)
{
	static const char *const telling[] = {"label", "number", "id", "title"};

	if (is_money(v)) {
		print_money(v, out);
		return;
	}
	for (size_t i = 0; i < sizeof(telling) / sizeof(*telling); i++)
		if (value_is_set(value_get(v, telling[i]))) {
			print_deep(value_get(v, telling[i]), depth + 1, out);
			return;
		}
}

static void print_deep(const struct value *v, unsigned depth, struct buf *out)
{
	if (!v || depth > max_depth)
		return;
	switch (v->type) {
	case VALUE_NONE:
		break;
	case VALUE_BOOL:
		buf_adds(out, v->yes ? "yes" : "no");
		break;
	case VALUE_INT:
		buf_addf(out, "%lld", (long long)v->number);
		break;
	case VALUE_TEXT:
		buf_add(out, v->text);
		break;
	case VALUE_LIST:
		for (size_t i = 0; i < v->list.n; i++) {
			if (i)
				buf_adds(out, ", ");
			print_deep(v->list.item[i], depth + 1, out);
		}
		break;
	case VALUE_RECORD:
		print_record(v, depth, out);
		break;
	}
}

void value_print(const struct value *value, struct buf *out)
{
	print_deep(value, 0, out);
}

/* Filters: a value becomes another one, most often a text.  What a filter cannot read it leaves as
 * it is. */

typedef const struct value *filter_apply(
	const struct value *v, const struct str *word, struct arena *arena);

static const struct value *closed(struct buf *out, struct arena *arena)
{
	const struct value *text = value_text(arena, buf_str(out));

	buf_release(out);
	return text;
}

static const struct value *printed(const struct value *v, struct arena *arena)
{
	struct buf out;

	if (v->type == VALUE_TEXT)
		return v;
	buf_init(&out, max_printed);
	value_print(v, &out);
	return closed(&out, arena);
}

static const struct value *filter_money(
	const struct value *v, const struct str *word, struct arena *arena)
{
	(void)word;
	return printed(v, arena);
}

/* Years 1 to 9999; what lies outside is a number, and no time. */
static const int64_t first_time = -62135596800, last_time = 253402300799;

static const struct value *print_date(const struct value *v, struct arena *arena, const char *shape)
{
	struct date date;
	struct buf out;

	if (v->type != VALUE_INT || v->number < first_time || v->number > last_time)
		return v;
	date = date_of(v->number);
	buf_init(&out, 64);
	for (; *shape; shape++)
		if (*shape == 'd')
			buf_addf(&out, "%u %s", date.day, date_month_name[date.month]);
		else if (*shape == 'y')
			buf_addf(&out, "%lld", (long long)date.year);
		else if (*shape == 't')
			buf_addf(&out, "%02u:%02u UTC", date.hour, date.minute);
		else
			buf_addc(&out, *shape);
	return closed(&out, arena);
}

static const struct value *filter_date(
	const struct value *v, const struct str *word, struct arena *arena)
{
	(void)word;
	return print_date(v, arena, "d y");
}

static const struct value *filter_time(
	const struct value *v, const struct str *word, struct arena *arena)
{
	(void)word;
	return print_date(v, arena, "t");
}

static const struct value *filter_when(
	const struct value *v, const struct str *word, struct arena *arena)
{
	(void)word;
	return print_date(v, arena, "d, t");
}

static bool is_number(const struct value *v, int64_t *number)
{
	if (v->type == VALUE_TEXT)
		return str_int(v->text, number);
	*number = v->type == VALUE_LIST ? (int64_t)v->list.n : value_int_of(v);
	return v->type == VALUE_INT || v->type == VALUE_LIST;
}

static const struct value *filter_days(
	const struct value *v, const struct str *word, struct arena *arena)
{
	int64_t n;
	struct buf out;

	(void)word;
	if (v->type == VALUE_LIST || !is_number(v, &n))
		return v;
	buf_init(&out, 64);
	buf_addf(&out, "%lld day%s", (long long)n, n == 1 ? "" : "s");
	return closed(&out, arena);
}

static const struct value *filter_plural(
	const struct value *v, const struct str *word, struct arena *arena)
{
	int64_t n;

	if (!is_number(v, &n))
		return v;
	return value_text(arena, word[n != 1]);
}

static const struct value *filter_list(
	const struct value *v, const struct str *word, struct arena *arena)
{
	struct buf out;

	(void)word;
	if (v->type != VALUE_LIST)
		return v;
	buf_init(&out, max_printed);
	for (size_t i = 0; i < v->list.n; i++) {
		if (i)
			buf_adds(&out, i + 1 == v->list.n ? " and " : ", ");
		value_print(v->list.item[i], &out);
	}
	return closed(&out, arena);
}

static const struct value *filter_label(
	const struct value *v, const struct str *word, struct arena *arena)
{
	(void)word;
	return printed(v, arena);
}

static const struct value *filter_lower(
	const struct value *v, const struct str *word, struct arena *arena)
{
	struct str text = printed(v, arena)->text;

	(void)word;
	return value_text(arena, text_normalise(arena, text_repaired(arena, text)).text);
}

static const struct value *filter_capital(
	const struct value *v, const struct str *word, struct arena *arena)
{
	const struct value *text = printed(v, arena);
	char *copy;

	(void)word;
	if (!text->text.n || text->text.p[0] < 'a' || text->text.p[0] > 'z')
		return text;
	copy = arena_cstr(arena, text->text);
	copy[0] = (char)(copy[0] - 'a' + 'A');
	return value_text(arena, (struct str){copy, text->text.n});
}

/* The first @n characters of @s. */
static struct str head(struct str s, size_t n)
{
	size_t at = 0, length;

	for (; n && at < s.n; n--) {
		text_decode(str_sub(s, at, s.n), &length);
		at += length;
	}
	return str_sub(s, 0, at);
}

static const struct value *filter_short(
	const struct value *v, const struct str *word, struct arena *arena)
{
	const struct value *text = printed(v, arena);
	struct str clipped;

	(void)word;
	if (text_length(text->text) <= short_characters)
		return text;
	clipped = str_trim(head(text->text, short_characters - 1));
	return value_text(arena, arena_printf(arena, "%.*s…", STR(clipped)));
}

static const struct filter {
	const char *name;
	unsigned n_words;
	filter_apply *apply;
} filter[] = {
	{"money", 0, filter_money},
	{"date", 0, filter_date},
	{"time", 0, filter_time},
	{"when", 0, filter_when},
	{"days", 0, filter_days},
	{"plural", 2, filter_plural},
	{"list", 0, filter_list},
	{"label", 0, filter_label},
	{"lower", 0, filter_lower},
	{"capital", 0, filter_capital},
	{"short", 0, filter_short},
};
enum { n_filters = sizeof(filter) / sizeof(*filter) };

/* Parsing. */

struct parser {
	struct arena *arena;
	struct str text;
	const struct source *source;
	size_t offset;
	struct diags *diags;
	struct piece *piece;
	size_t n, room;
	bool failed;
};

__attribute__((format(printf, 6, 7))) static void fail(struct parser *p, const char *code,
	size_t at, size_t n, struct str hint, const char *format, ...)
{
	struct stretch place = written_at(p->source, p->offset, p->text, at, n);
	va_list ap;

	p->failed = true;
	va_start(ap, format);
	diag_addv(p->diags, DIAG_ERROR, code, p->source, place.offset, place.length, hint, format,
		ap);
	va_end(ap);
}

/* As many as the braces can make: the text before one, and what it stands for. */
static void make_room(struct parser *p)
{
	p->room = 1;
	for (size_t i = 0; i < p->text.n; i++)
		if (p->text.p[i] == '{')
			p->room += 2;
		else if (p->text.p[i] == '}' && i + 1 < p->text.n && p->text.p[i + 1] == '}')
			p->room++;
	p->piece = arena_array(p->arena, struct piece, p->room);
}

static struct piece *new_piece(struct parser *p)
{
	assert(p->n < p->room);
	return &p->piece[p->n++];
}

static size_t offset_in(const struct parser *p, struct str part)
{
	return (size_t)(part.p - p->text.p);
}

static const struct filter *filter_find(struct parser *p, struct str name)
{
	struct str known[n_filters];

	for (size_t i = 0; i < n_filters; i++) {
		if (str_is(name, filter[i].name))
			return &filter[i];
		known[i] = str_of(filter[i].name);
	}
	fail(p, "F202", offset_in(p, name), name.n, diag_nearest(p->arena, name, known, n_filters),
		"unknown filter '%.*s'", STR(name));
	return NULL;
}

/* "plural:item:items", without the bar. */
static void parse_filter(struct parser *p, struct str text, struct piece *piece)
{
	struct str whole = str_trim(text), rest = whole, name = str_trim(str_cut(&rest, ':'));
	bool more = name.n < whole.n;
	const struct filter *found = filter_find(p, name);
	struct filter_use *use = &piece->filter[piece->n_filters];
	unsigned n = 0;

	if (!found)
		return;
	use->at = written_at(p->source, p->offset, p->text, offset_in(p, name), name.n);
	for (; more && n <= max_words; n++) {
		struct str before = rest, word = str_cut(&rest, ':');

		more = word.n < before.n;
		if (n < max_words)
			use->word[n] = word;
	}
	use->filter = found;
	if (n != found->n_words)
		fail(p, "F203", offset_in(p, whole), whole.n,
			found->n_words ? S("as in {n|plural:item:items}") : S(""),
			"the filter '%s' takes %u word%s", found->name, found->n_words,
			found->n_words == 1 ? "" : "s");
	else if (piece->n_filters == max_filters - 1)
		fail(p, "F203", offset_in(p, whole), whole.n, S(""), "too many filters in a row");
	else
		piece->n_filters++;
}

/* Where @s is cut: at the first @at outside quotes, or at its end. */
static size_t end_of(struct str s, const char *at)
{
	char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (quote)
			quote = s.p[i] == quote ? 0 : quote;
		else if (s.p[i] == '"' || s.p[i] == '\'')
			quote = s.p[i];
		else if (s.p[i] == at[0] || s.p[i] == at[1])
			return i;
	}
	return s.n;
}

/* The inside of a hole: an expression and its filters. */
static void parse_hole(struct parser *p, struct str inside)
{
	size_t n = end_of(inside, "||");
	struct str text = str_trim(str_sub(inside, 0, n)), filters = str_sub(inside, n, inside.n);
	struct piece *piece;
	struct stretch place;

	if (!text.n) {
		fail(p, "F204", offset_in(p, inside) - 1, inside.n + 2,
			S("for a brace itself write {{"), "this hole is empty");
		return;
	}
	place = written_at(p->source, p->offset, p->text, offset_in(p, text), text.n);
	piece = new_piece(p);
	piece->expr = expr_parse(p->arena, text, p->source, place.offset, p->diags);
	p->failed |= piece->expr == NULL;
	while (filters.n && !p->failed) {
		filters = str_sub(filters, 1, filters.n);
		n = end_of(filters, "||");
		parse_filter(p, str_sub(filters, 0, n), piece);
		filters = str_sub(filters, n, filters.n);
	}
}

static void add_text(struct parser *p, size_t from, size_t to)
{
	if (to > from)
		new_piece(p)->text = str_sub(p->text, from, to - from);
}

/* Stands on an opening brace; returns where the text goes on. */
static size_t parse_brace(struct parser *p, size_t at)
{
	struct str rest = str_sub(p->text, at + 1, p->text.n);
	size_t n;

	if (str_starts(rest, S("{"))) {
		add_text(p, at, at + 1);
		return at + 2;
	}
	n = end_of(rest, "{}");
	if (n == rest.n || rest.p[n] == '{') {
		fail(p, "F201", at, 1, S("close it with }; for a brace itself write {{"),
			"this hole never ends");
		return p->text.n;
	}
	parse_hole(p, str_sub(rest, 0, n));
	return at + 1 + n + 1;
}

const struct template *template_parse(struct arena *arena, struct str text,
	const struct source *source, size_t offset, struct diags *diags)
{
	struct parser p = {
		.arena = arena, .text = text, .source = source, .offset = offset, .diags = diags};
	struct template *template;
	size_t from = 0, at = 0;

	if (text_length(text) > max_written) {
		fail(&p, "F205", 0, text.n, S("a list of texts is a bubble each: [\"…\", \"…\"]"),
			"this text is too long for a message: at most 4,000 characters");
		return NULL;
	}
	make_room(&p);
	while (at < text.n && !p.failed) {
		if (text.p[at] == '{') {
			add_text(&p, from, at);
			from = at = parse_brace(&p, at);
		} else if (text.p[at] == '}') {
			if (at + 1 == text.n || text.p[at + 1] != '}')
				fail(&p, "F201", at, 1, S("for a brace itself write }}"),
					"no hole was opened here");
			add_text(&p, from, at + 1);
			from = at += 2;
		} else {
			at++;
		}
	}
	if (p.failed)
		return NULL;
	add_text(&p, from, text.n);
	template = arena_new_of(arena, struct template);
	*template = (struct template){.text = text, .piece = p.piece, .n_pieces = p.n};
	return template;
}

/* Filling. */

static void render_hole(
	const struct piece *piece, struct scope scope, struct arena *arena, struct buf *out)
{
	const struct value *v = expr_eval(piece->expr, scope, arena);

	for (size_t i = 0; i < piece->n_filters && value_is_set(v); i++)
		v = piece->filter[i].filter->apply(v, piece->filter[i].word, arena);
	value_print(v, out);
}

void template_render(
	const struct template *template, struct scope scope, struct arena *arena, struct buf *out)
{
	for (size_t i = 0; i < template->n_pieces; i++) {
		const struct piece *piece = &template->piece[i];

		if (piece->expr)
			render_hole(piece, scope, arena, out);
		else
			buf_add(out, piece->text);
	}
}

bool template_is_plain(const struct template *template, struct str *text)
{
	*text = template->n_pieces ? template->piece->text : S("");
	return template->n_pieces <= 1 && !(template->n_pieces && template->piece->expr);
}

struct str template_text(const struct template *template)
{
	return template->text;
}

void template_names(const struct template *template,
	void (*each)(void *self, struct str name, struct str field), void *self)
{
	for (size_t i = 0; i < template->n_pieces; i++)
		if (template->piece[i].expr)
			expr_names(template->piece[i].expr, each, self);
}

void template_read(const struct template *template, const struct expr_reader *reader)
{
	for (size_t i = 0; template && i < template->n_pieces; i++) {
		const struct piece *piece = &template->piece[i];
		struct shape shape = expr_read(piece->expr, reader);

		if (piece->expr && piece->n_filters && reader->filtered)
			reader->filtered(reader->self, shape, str_of(piece->filter->filter->name),
				piece->filter->at);
	}
}

/* Plain text to pieces, and pieces to JSON. */
#include "adapters/widget/content.h"

#include <string.h>

#include "bot/base/eight.h"
#include "bot/base/json_out.h"
#include "bot/base/text.h"

struct walk {
	const struct content_rules *rules;
	content_function *each;
	void *self;
};

static void tell(struct walk *walk, enum content_kind kind)
{
	walk->each(walk->self, &(struct content_piece){.kind = kind});
}

/* --- characters --- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Controls steer a reader's program; embeddings, overrides and isolates make text look like another
 * (Unicode TR 36 section 2.10). */
static bool is_dropped(int32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* How many characters from @at on are ASCII that is shown: nearly all, and each character of each
 * post comes by here. */
static size_t shown_run(struct str text, size_t at)
{
	size_t end = at;

	while (end + 8 <= text.n && !eight_has_other(eight_at(text.p + end), 0, 0))
		end += 8;
	while (end < text.n && text.p[end] >= 0x20 && text.p[end] < 0x7F)
		end++;
	return end - at;
}

static void tell_text(struct walk *walk, struct str text)
{
	if (text.n)
		walk->each(walk->self, &(struct content_piece){CONTENT_TEXT, .text = text});
}

/* Text between links. */
static void walk_plain(struct walk *walk, struct str text)
{
	size_t at = 0, n;

	while ((at += shown_run(text, at)) < text.n) {
		int32_t c = text_decode(str_sub(text, at, 4), &n);

		if (!is_dropped(c)) {
			at += n;
			continue;
		}
		tell_text(walk, str_sub(text, 0, at));
		if (c == '\t')
			tell_text(walk, S(" "));
		text = str_sub(text, at + n, text.n);
		at = 0;
	}
	tell_text(walk, text);
}

/* --- addresses --- */

/* RFC 3986 appendix A, without "'" (a quote more often than part of an address).  ASCII only: what
 * follows without a blank in Chinese is the next word, and a host in look-alike letters deceives.
 */
static bool in_address(char c)
{
	return is_letter_or_digit(c) || (c && strchr("-._~:/?#[]@!$&()*+,;=%", c));
}

static size_t count(struct str text, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == c;
	return n;
}

/* What ends a sentence is not the address's; nor is a bracket that was opened before it. */
static struct str without_tail(struct str address)
{
	size_t round = count(address, ')') - count(address, '('),
	       square = count(address, ']') - count(address, '[');

	for (; address.n; address.n--) {
		char last = address.p[address.n - 1];
		size_t *spare = last == ')' ? &round : last == ']' ? &square : NULL;

		if (spare ? !*spare || *spare > address.n : !strchr(".,;:!?*", last))
			break;
		if (spare)
			--*spare;
	}
	return address;
}

/* As far as an address could reach. */
static struct str stretch_of(struct str text)
{
	size_t n = 0;

	while (n < text.n && in_address(text.p[n]))
		n++;
	return str_sub(text, 0, n);
}

static size_t span(struct str text, const char *until)
{
	size_t n = 0;

	while (n < text.n && !strchr(until, text.p[n]))
		n++;
	return n;
}

/* "//host…": a user name in front of the host is there to deceive. */
static bool is_web_rest(struct str rest)
{
	struct str host;

	if (!str_starts(rest, S("//")))
		return false;
	host = str_sub(rest, 2, rest.n);
	host.n = span(host, "/?#");
	return host.n && !memchr(host.p, '@', host.n) &&
	       (is_letter_or_digit(host.p[0]) || host.p[0] == '[');
}

static bool is_mail_rest(struct str rest)
{
	size_t at = span(rest, "@");

	return at && at + 1 < rest.n && is_letter_or_digit(rest.p[at + 1]);
}

static bool is_phone_rest(struct str rest)
{
	size_t digits = 0;

	for (size_t i = 0; i < rest.n; i++) {
		digits += is_digit(rest.p[i]);
		if (!is_digit(rest.p[i]) && !strchr("+-.()", rest.p[i]))
			return false;
	}
	return digits >= 3;
}

static const struct scheme {
	const char *name;
	bool (*fits)(struct str rest);
} scheme_of[] = {
	{"https:", is_web_rest},
	{"http:", is_web_rest},
	{"mailto:", is_mail_rest},
	{"tel:", is_phone_rest},
};

/* The scheme that @text begins with; NULL if none. */
static const struct scheme *scheme_at(struct str text)
{
	for (size_t i = 0; i < sizeof(scheme_of) / sizeof(*scheme_of); i++) {
		struct str name = str_of(scheme_of[i].name);

		if (str_eq_nocase(str_sub(text, 0, name.n), name))
			return &scheme_of[i];
	}
	return NULL;
}

/* What of @stretch is an address of @scheme; empty if it is none. */
static struct str address_in(struct str stretch, const struct scheme *scheme)
{
	struct str address = without_tail(stretch);
	size_t n = strlen(scheme->name);

	return address.n > n && scheme->fits(str_sub(address, n, address.n)) ? address : S("");
}

static void tell_link(struct walk *walk, const struct scheme *scheme, struct str address)
{
	walk->each(walk->self, &(struct content_piece){
				       CONTENT_LINK,
				       .scheme = scheme->name,
				       .text = str_sub(address, strlen(scheme->name), address.n),
				       .shown = address,
			       });
}

/* The scheme that ends @head with its colon and that no word runs into; NULL if none. */
static const struct scheme *scheme_ending(struct str head)
{
	for (size_t i = 0; i < sizeof(scheme_of) / sizeof(*scheme_of); i++) {
		struct str name = str_of(scheme_of[i].name);
		size_t at = head.n - name.n;

		if (head.n >= name.n && (!at || !is_letter_or_digit(head.p[at - 1])) &&
			str_eq_nocase(str_sub(head, at, name.n), name))
			return &scheme_of[i];
	}
	return NULL;
}

/* A stretch that begins like an address and is none is passed over as a whole: time stays
 * proportional to the text. */
static void walk_line(struct walk *walk, struct str line)
{
	const char *from = line.p, *colon;

	while ((colon = memchr(from, ':', (size_t)(line.p + line.n - from)))) {
		const struct scheme *scheme =
			scheme_ending((struct str){line.p, (size_t)(colon + 1 - line.p)});
		struct str stretch, address;
		size_t at;

		from = colon + 1;
		if (!scheme)
			continue;
		at = (size_t)(from - line.p) - strlen(scheme->name);
		stretch = stretch_of(str_sub(line, at, line.n));
		address = address_in(stretch, scheme);
		if (!address.n) {
			from = stretch.p + stretch.n;
			continue;
		}
		walk_plain(walk, str_sub(line, 0, at));
		tell_link(walk, scheme, address);
		line = str_sub(line, at + address.n, line.n);
		from = line.p;
	}
	walk_plain(walk, line);
}

bool content_is_web(struct str url)
{
	const struct scheme *scheme = scheme_at(url);

	return scheme && scheme->fits == is_web_rest && stretch_of(url).n == url.n &&
	       address_in(url, scheme).n == url.n;
}

bool content_may_show(const struct frame_view *view, struct str url)
{
	for (size_t i = 0; view && i < view->n_image_origins; i++) {
		struct str origin = view->image_origin[i];

		if (origin.n && str_starts(url, origin) && url.n > origin.n &&
			url.p[origin.n] == '/')
			return content_is_web(url);
	}
	return false;
}

/* --- lines --- */

enum line_kind { LINE_BLANK, LINE_TEXT, LINE_BULLET, LINE_NUMBER, LINE_PICTURE };

struct line {
	enum line_kind kind;
	struct str text; /* without the mark of a list */
	unsigned number;
};

static bool is_picture(const struct content_rules *rules, struct str line)
{
	static const char *const tail[] = {".jpg", ".jpeg", ".png", ".gif", ".webp"};

	if (!content_may_show(rules->view, line))
		return false;
	for (size_t i = 0; i < sizeof(tail) / sizeof(*tail); i++) {
		struct str end = str_of(tail[i]);

		if (line.n > end.n && str_eq_nocase(str_sub(line, line.n - end.n, end.n), end))
			return true;
	}
	return false;
}

/* "12. words": up to three digits, so that a year is no number of a list. */
static bool is_numbered(struct line *line)
{
	size_t n = 0;
	unsigned number = 0;

	while (n < line->text.n && n < 3 && is_digit(line->text.p[n]))
		number = number * 10 + (unsigned)(line->text.p[n++] - '0');
	if (!n || line->text.n < n + 3 || line->text.p[n] != '.' || line->text.p[n + 1] != ' ')
		return false;
	line->number = number;
	line->text = str_sub(line->text, n + 2, line->text.n);
	return true;
}

static struct line next_line(const struct content_rules *rules, struct str *text)
{
	struct line line = {.kind = LINE_TEXT, .text = str_cut(text, '\n')};

	line.text = str_trim(line.text);
	if (!line.text.n) {
		line.kind = LINE_BLANK;
	} else if (!rules->lists) {
		line.kind = LINE_TEXT;
	} else if (line.text.n > 2 && str_starts(line.text, S("- "))) {
		line.kind = LINE_BULLET;
		line.text = str_sub(line.text, 2, line.text.n);
	} else if (is_numbered(&line)) {
		line.kind = LINE_NUMBER;
	} else if (is_picture(rules, line.text)) {
		line.kind = LINE_PICTURE;
	}
	return line;
}

/* --- blocks --- */

struct blocks {
	enum line_kind open; /* BLANK: none */
	unsigned last;       /* number of a list */
};

static void close_block(struct walk *walk, struct blocks *blocks)
{
	if (blocks->open != LINE_BLANK)
		tell(walk, CONTENT_END);
	blocks->open = LINE_BLANK;
}

static bool goes_on(const struct blocks *blocks, const struct line *line)
{
	return blocks->open == line->kind &&
	       (line->kind != LINE_NUMBER || line->number == blocks->last + 1);
}

/* "https://shop.example/p/blue-dress.jpg" -> "blue-dress": better than nothing for who hears it. */
static struct str picture_words(struct str url)
{
	size_t from = url.n, to = url.n - 1;

	while (url.p[from - 1] != '/')
		from--;
	while (url.p[to] != '.')
		to--;
	return str_sub(url, from, to > from ? to - from : 0);
}

static void tell_picture(struct walk *walk, struct str url)
{
	walk->each(walk->self,
		&(struct content_piece){CONTENT_PICTURE, .text = url, .shown = picture_words(url)});
}

static void begin_block(struct walk *walk, struct blocks *blocks, const struct line *line)
{
	static const enum content_kind begin[] = {
		[LINE_TEXT] = CONTENT_PARAGRAPH,
		[LINE_BULLET] = CONTENT_BULLETS,
		[LINE_NUMBER] = CONTENT_NUMBERS,
	};

	close_block(walk, blocks);
	walk->each(walk->self,
		&(struct content_piece){.kind = begin[line->kind], .start = line->number});
	blocks->open = line->kind;
}

static void walk_block_line(struct walk *walk, struct blocks *blocks, const struct line *line)
{
	if (!goes_on(blocks, line))
		begin_block(walk, blocks, line);
	else if (line->kind == LINE_TEXT)
		tell(walk, CONTENT_BREAK);
	if (line->kind != LINE_TEXT)
		tell(walk, CONTENT_ITEM);
	blocks->last = line->number;
	walk_line(walk, line->text);
}

void content_walk(
	struct str text, const struct content_rules *rules, content_function *each, void *self)
{
	struct walk walk = {rules, each, self};
	struct blocks blocks = {LINE_BLANK, 0};

	while (text.n) {
		struct line line = next_line(rules, &text);

		if (line.kind == LINE_BLANK || line.kind == LINE_PICTURE)
			close_block(&walk, &blocks);
		if (line.kind == LINE_PICTURE)
			tell_picture(&walk, line.text);
		else if (line.kind != LINE_BLANK)
			walk_block_line(&walk, &blocks, &line);
	}
	close_block(&walk, &blocks);
}

/* --- JSON --- */

struct writer {
	struct buf *out;
	enum content_kind block;
	bool in_item, in_text; /* a string is open: pieces of text that follow each other are one */
};

static void end_text(struct writer *w)
{
	if (w->in_text)
		buf_addc(w->out, '"');
	w->in_text = false;
}

static void write_text(struct writer *w, struct str text)
{
	if (!w->in_text)
		json_out_begin_text(w->out);
	w->in_text = true;
	json_write_characters(text, w->out);
}

static void begin_list(struct writer *w, const struct content_piece *piece)
{
	w->block = piece->kind;
	json_out_open(w->out, '{');
	if (piece->kind == CONTENT_NUMBERS && piece->start != 1)
		json_out_member_int(w->out, "start", piece->start);
	json_out_key(w->out, piece->kind == CONTENT_PARAGRAPH ? "p"
			     : piece->kind == CONTENT_NUMBERS ? "ol"
							      : "ul");
	json_out_open(w->out, '[');
}

static void begin_item(struct writer *w)
{
	if (w->in_item)
		json_out_close(w->out, ']');
	w->in_item = true;
	json_out_open(w->out, '[');
}

static void end_block(struct writer *w)
{
	if (w->in_item)
		json_out_close(w->out, ']');
	w->in_item = false;
	buf_adds(w->out, "]}");
}

static void write_link(struct writer *w, const struct content_piece *piece)
{
	json_out_open(w->out, '{');
	json_out_key(w->out, "a");
	json_out_open(w->out, '{');
	json_out_key(w->out, "href");
	buf_addc(w->out, '"');
	buf_adds(w->out, piece->scheme);
	json_write_characters(piece->text, w->out);
	buf_addc(w->out, '"');
	json_out_member(w->out, "text", piece->shown);
	buf_adds(w->out, "}}");
}

static void write_picture(struct writer *w, const struct content_piece *piece)
{
	json_out_open(w->out, '{');
	json_out_key(w->out, "img");
	json_out_open(w->out, '{');
	json_out_member(w->out, "src", piece->text);
	json_out_member(w->out, "alt", piece->shown);
	buf_adds(w->out, "}}");
}

static void write_break(struct writer *w)
{
	json_out_open(w->out, '{');
	json_out_member_int(w->out, "br", 1);
	json_out_close(w->out, '}');
}

static void write_piece(void *self, const struct content_piece *piece)
{
	struct writer *w = self;

	if (piece->kind != CONTENT_TEXT)
		end_text(w);
	switch (piece->kind) {
	case CONTENT_PARAGRAPH:
	case CONTENT_BULLETS:
	case CONTENT_NUMBERS:
		begin_list(w, piece);
		return;
	case CONTENT_ITEM:
		begin_item(w);
		return;
	case CONTENT_TEXT:
		write_text(w, piece->text);
		return;
	case CONTENT_LINK:
		write_link(w, piece);
		return;
	case CONTENT_BREAK:
		write_break(w);
		return;
	case CONTENT_PICTURE:
		write_picture(w, piece);
		return;
	case CONTENT_END:
		end_block(w);
		return;
	}
}

void content_write(struct str text, const struct content_rules *rules, struct buf *out)
{
	struct writer w = {.out = out};

	json_out_open(out, '[');
	content_walk(text, rules, write_piece, &w);
	json_out_close(out, ']');
}

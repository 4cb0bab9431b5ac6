/* How the desk's answers look in a terminal. */
#include "bot/desk/inbox_print.h"

#include <string.h>
#include <time.h>

#include "bot/base/text.h"
#include "bot/terminal/talk_draw.h"

enum { max_clean_bytes = 64 << 10, max_cell_bytes = 400 };

/* --- what may be shown --- */

static bool turns_direction(int32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
	       c == 0x200f || c == 0x061c;
}

static bool is_control(int32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

void inbox_clean(struct str s, struct buf *out)
{
	while (s.n) {
		size_t n;
		int32_t c = text_decode(s, &n);
		char bytes[4];

		if (c == '\n')
			buf_addc(out, '\n');
		else if (c == '\t')
			buf_addc(out, ' ');
		else if (is_control(c) || turns_direction(c))
			buf_addf(out, "<U+%04X>", (unsigned)c);
		else
			buf_add(out, (struct str){bytes, text_encode(c, bytes)});
		s = str_sub(s, n, s.n);
	}
}

/* --- cells --- */

/* One line of at most @width columns, filled up with blanks. */
static void print_cell(FILE *to, struct str s, size_t width, bool fill)
{
	struct buf clean;
	struct str rest;
	size_t used = 0;

	buf_init(&clean, max_clean_bytes);
	inbox_clean(text_clip(s, max_cell_bytes), &clean);
	rest = buf_str(&clean);
	while (rest.n) {
		size_t n;
		int32_t c = text_decode(rest, &n);
		size_t columns = c == '\n' ? 1 : text_width(str_sub(rest, 0, n));

		if (used + columns + (rest.n > n) > width) {
			fputs("…", to);
			used++;
			break;
		}
		if (c == '\n')
			putc(' ', to);
		else
			fwrite(rest.p, 1, n, to);
		used += columns;
		rest = str_sub(rest, n, rest.n);
	}
	for (; fill && used < width; used++)
		putc(' ', to);
	buf_release(&clean);
}

static struct str text_at(const struct json *object, const char *key)
{
	return json_text(json_get(object, key));
}

static int64_t number_at(const struct json *object, const char *key)
{
	int64_t number = 0;

	return json_int(json_get(object, key), &number) ? number : 0;
}

static void show_wait(int64_t seconds, char text[20])
{
	if (seconds < 60)
		snprintf(text, 20, "%d s", (int)seconds);
	else if (seconds < 2 * 3600)
		snprintf(text, 20, "%d min", (int)(seconds / 60));
	else if (seconds < 48 * 3600)
		snprintf(text, 20, "%d h", (int)(seconds / 3600));
	else
		snprintf(text, 20, "%lld d", (long long)(seconds / 86400));
}

static void show_time(int64_t at, char text[40])
{
	time_t then = (time_t)at, now = time(NULL);
	struct tm a, b;

	text[0] = 0;
	if (localtime_r(&then, &a) && localtime_r(&now, &b))
		strftime(text, 40,
			a.tm_year == b.tm_year && a.tm_yday == b.tm_yday ? "%H:%M" : "%d %b %H:%M",
			&a);
}

/* --- who waits --- */

static const struct {
	const char *state, *words;
} state_word[] = {
	{"waiting", "waiting"},
	{"with_bot", "with the bot"},
	{"closed", "closed"},
};

static void show_state(const struct json *card, char text[80])
{
	struct str state = text_at(card, "state"), person = text_at(card, "person");

	snprintf(text, 80, "%.*s", STR(str_sub(person.n ? person : state, 0, 70)));
	for (size_t i = 0; i < sizeof(state_word) / sizeof(state_word[0]); i++)
		if (str_is(state, state_word[i].state))
			snprintf(text, 80, "%s", state_word[i].words);
}

/* What it is about, in the flow's words; else what the buyer said last. */
static struct str about(const struct json *card)
{
	const struct json *own = json_get(card, "card");
	struct str summary = text_at(own, "summary");

	return summary.n ? summary : text_at(own, "last_said");
}

static struct str buyer_of(const struct json *card)
{
	const struct json *own = json_get(card, "card");
	struct str name = text_at(own, "name"), buyer = text_at(own, "buyer");

	return name.n ? name : buyer.n ? buyer : S("-");
}

static void print_row(FILE *to, const struct json *card, size_t width)
{
	char state[80], wait[20];

	show_state(card, state);
	show_wait(number_at(card, "waited_s"), wait);
	fprintf(to, "%5lld  ", (long long)number_at(card, "id"));
	print_cell(to, str_of(state), 13, true);
	fprintf(to, " %8s  ", wait);
	print_cell(to, buyer_of(card), 14, true);
	putc(' ', to);
	print_cell(to, about(card), width > 60 ? width - 46 : 14, false);
	putc('\n', to);
}

static void print_hours(FILE *to, const struct json *answer)
{
	int64_t opens_at = number_at(answer, "opens_at");
	char when[40];

	if (json_bool(json_get(answer, "open")))
		return;
	show_time(opens_at, when);
	if (opens_at)
		fprintf(to, "The desk is closed until %s.\n", when);
	else
		fprintf(to, "The desk is closed.\n");
}

void inbox_print_cards(FILE *to, const struct json *answer)
{
	const struct json *cards = json_get(answer, "cards");
	size_t width = view_width(to);

	print_hours(to, answer);
	if (!json_count(cards)) {
		fprintf(to, "Nobody waits.\n");
		return;
	}
	fprintf(to, "%5s  %-13s %8s  %-14s %s\n", "CARD", "WITH", "WAITED", "BUYER", "ABOUT");
	for (const struct json *card = json_first(cards); card; card = json_next(card))
		print_row(to, card, width);
	if (json_bool(json_get(answer, "more")))
		fprintf(to, "… and more\n");
}

void inbox_print_change(FILE *to, const struct json *card)
{
	char state[80];

	show_state(card, state);
	fprintf(to, "card %lld: ", (long long)number_at(card, "id"));
	print_cell(to, str_of(state), 60, false);
	putc('\n', to);
}

/* --- one conversation --- */

static void print_lines(FILE *to, struct str text, size_t indent)
{
	struct buf clean;
	struct str rest;

	buf_init(&clean, max_clean_bytes);
	inbox_clean(text, &clean);
	rest = buf_str(&clean);
	for (bool first = true; rest.n || first; first = false) {
		struct str line = str_cut(&rest, '\n');

		fprintf(to, "%*s%.*s", first ? 0 : (int)indent, "", STR(line));
		if (rest.n)
			putc('\n', to);
	}
	buf_release(&clean);
}

static void print_body(FILE *to, const struct json *body, size_t indent)
{
	const struct json *file = json_get(body, "file"), *card = json_get(body, "card");

	print_lines(to, text_at(body, "text"), indent);
	if (json_is(file, JSON_OBJECT)) {
		fputs(text_at(body, "text").n ? " [file: " : "[file: ", to);
		print_cell(to, text_at(file, "name"), 60, false);
		putc(']', to);
	}
	if (json_is(card, JSON_OBJECT)) {
		struct str number = text_at(card, "number");

		fputs(" [card: ", to);
		print_cell(to, number.n ? number : text_at(card, "order"), 40, false);
		putc(']', to);
	}
	for (const struct json *c = json_first(json_get(body, "choices")); c; c = json_next(c)) {
		fputs(" [", to);
		print_cell(to, text_at(c, "label"), 40, false);
		putc(']', to);
	}
}

void inbox_print_posts(FILE *to, const struct json *posts)
{
	for (const struct json *post = json_first(posts); post; post = json_next(post)) {
		struct str who = text_at(post, "who"), name = text_at(post, "name");
		char when[40];

		show_time(number_at(post, "at") / 1000, when);
		fprintf(to, "%12s  ", when);
		print_cell(to, str_is(who, "person") ? name : who, 10, true);
		putc(' ', to);
		print_body(to, json_get(post, "body"), 25);
		putc('\n', to);
	}
}

static void print_field(FILE *to, const char *label, struct str value)
{
	if (!value.n)
		return;
	fprintf(to, "%-9s ", label);
	print_cell(to, value, 400, false);
	putc('\n', to);
}

/* What the assistant could not find out. */
static void print_left(FILE *to, const struct json *left)
{
	for (const struct json *one = json_first(left); one; one = json_next(one)) {
		fprintf(to, "%-9s ", "To settle");
		print_cell(to, text_at(one, "operation"), 40, false);
		putc(' ', to);
		print_cell(to, text_at(one, "order"), 40, false);
		putc('\n', to);
	}
}

void inbox_print_card(FILE *to, const struct json *answer)
{
	static const struct {
		const char *label, *field;
	} shown[] = {{"Buyer", "buyer"}, {"Name", "name"}, {"Order", "order"},
		{"Channel", "channel"}, {"About", "summary"}, {"Before", "tried"}};
	const struct json *card = json_get(answer, "card");
	char state[80], when[40];

	show_state(answer, state);
	show_time(number_at(answer, "at"), when);
	fprintf(to, "Card %lld of %s: ", (long long)number_at(answer, "id"), when);
	print_cell(to, str_of(state), 60, false);
	putc('\n', to);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		print_field(to, shown[i].label, text_at(card, shown[i].field));
	for (const struct json *p = json_first(json_get(card, "promised")); p; p = json_next(p))
		print_field(to, "Promised", json_text(p));
	print_left(to, json_get(answer, "left"));
	putc('\n', to);
	inbox_print_posts(to, json_get(answer, "posts"));
}

/* --- what was not delivered --- */

void inbox_print_sends(FILE *to, const struct json *answer)
{
	const struct json *sends = json_get(answer, "sends");

	if (!json_count(sends)) {
		fprintf(to, "Everything was delivered.\n");
		return;
	}
	fprintf(to, "%5s  %-8s %6s  %-13s  %s\n", "SEND", "STATE", "TRIES", "NEXT", "ERROR");
	for (const struct json *send = json_first(sends); send; send = json_next(send)) {
		int64_t next_at = number_at(send, "next_at");
		char when[40] = "never";

		if (next_at)
			show_time(next_at, when);
		fprintf(to, "%5lld  ", (long long)number_at(send, "id"));
		print_cell(to, text_at(send, "state"), 8, true);
		fprintf(to, " %6lld  %-13s  ", (long long)number_at(send, "tries"), when);
		print_cell(to, text_at(send, "error"), 60, false);
		putc('\n', to);
	}
}

/* --- messaging platforms --- */

void inbox_print_channels(FILE *to, const struct json *answer)
{
	const struct json *channels = json_get(answer, "channels");

	if (!json_count(channels)) {
		fprintf(to, "No account is configured; bot/app/CONFIG.md says how.\n");
		return;
	}
	fprintf(to, "%-16s %-12s %-8s %6s %8s %6s  %s\n", "NAME", "PLATFORM", "STATE", "CHATS",
		"WAITING", "DEAD", "LAST ERROR");
	for (const struct json *c = json_first(channels); c; c = json_next(c)) {
		int64_t at = number_at(c, "error_at");
		char when[40] = "";

		print_cell(to, text_at(c, "name"), 16, true);
		putc(' ', to);
		print_cell(to, text_at(c, "platform"), 12, true);
		putc(' ', to);
		print_cell(to, text_at(c, "state"), 8, true);
		fprintf(to, " %6lld %8lld %6lld  ", (long long)number_at(c, "conversations"),
			(long long)number_at(c, "waiting"), (long long)number_at(c, "dead"));
		if (at)
			show_time(at, when);
		fprintf(to, "%s%s", when, at ? " " : "-");
		print_cell(to, text_at(c, "error"), 60, false);
		putc('\n', to);
	}
}

void inbox_print_letters(FILE *to, const struct json *answer)
{
	const struct json *letters = json_get(answer, "letters");

	if (!json_count(letters)) {
		fprintf(to, "Everything that was said is shown or waits its turn.\n");
		return;
	}
	fprintf(to, "%-13s  %-30s %6s  %s\n", "GIVEN UP", "CONVERSATION", "POST", "WHY");
	for (const struct json *l = json_first(letters); l; l = json_next(l)) {
		char when[40];

		show_time(number_at(l, "at"), when);
		fprintf(to, "%-13s  ", when);
		print_cell(to, text_at(l, "conversation"), 30, true);
		fprintf(to, " %6lld  ", (long long)number_at(l, "post"));
		print_cell(to, text_at(l, "why"), 80, false);
		putc('\n', to);
	}
}

/* --- promises --- */

static void print_promise(FILE *to, const struct json *promise, size_t width)
{
	struct str state = text_at(promise, "state"), why = text_at(promise, "why");
	int64_t made = number_at(promise, "made"), kept = number_at(promise, "kept");
	char made_at[40] = "-", kept_at[40] = "-";

	if (made)
		show_time(made / 1000, made_at);
	if (kept)
		show_time(kept / 1000, kept_at);
	print_cell(to, state, 8, true);
	fprintf(to, " %-13s %-13s ", made_at, kept_at);
	print_cell(to, text_at(promise, "event"), 15, true);
	putc(' ', to);
	print_cell(to, text_at(promise, "order"), 20, true);
	putc(' ', to);
	print_cell(to, text_at(promise, "conversation"), width > 90 ? width - 74 : 24, false);
	putc('\n', to);
	if (why.n) {
		fputs("         ", to);
		print_cell(to, why, 70, false);
		putc('\n', to);
	}
}

void inbox_print_promises(FILE *to, const struct json *answer)
{
	const struct json *promises = json_get(answer, "promises");
	int64_t quiet_until = number_at(answer, "quiet_until");
	size_t width = view_width(to);
	char when[40];

	if (quiet_until) {
		show_time(quiet_until, when);
		fprintf(to, "Buyers are not written to by night; until %s.\n", when);
	}
	if (!json_count(promises)) {
		fprintf(to, "Nothing is promised.\n");
		return;
	}
	fprintf(to, "%-8s %-13s %-13s %-15s %-20s %s\n", "STATE", "MADE", "LAST TOLD", "ABOUT",
		"ORDER", "CONVERSATION");
	for (const struct json *p = json_first(promises); p; p = json_next(p))
		print_promise(to, p, width);
}

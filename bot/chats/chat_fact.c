/* Indented lines of a conversation test. */
#include "bot/chats/chat_fact.h"

#include <string.h>

struct form {
	const char *word;
	bool (*read)(struct chat_scan *scan, struct chat_fact *fact);
	const char *shape; /* for the hint */
	bool negatable;
};

static const struct form form[N_FACT_KINDS];

static bool is_name_char(char c)
{
	const struct str one = {&c, 1};

	return scan_is_name(one);
}

/* The length of a slot's path at the beginning of @s: "order", "order.number", "items[1].title". */
static size_t path_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (is_name_char(s.p[n]) || s.p[n] == '.' || s.p[n] == '[' || s.p[n] == ']'))
		n++;
	return n;
}

/* Whether a fact about a slot begins at @s: "order = …", "order is set", "order is not set". */
static bool begins_slot(struct str s)
{
	size_t n = path_length(s);
	struct str rest = str_trim(str_sub(s, n, s.n - n));

	if (!n || n == s.n)
		return false;
	return str_starts(rest, S("=")) || str_starts(rest, S("is set")) ||
	       str_starts(rest, S("is not set"));
}

static bool begins_with_word(struct str s, const char *word)
{
	size_t n = strlen(word);

	return str_starts(s, str_of(word)) && (s.n == n || !is_name_char(s.p[n]));
}

static bool begins_fact(struct str s)
{
	s = str_trim(s);
	if (begins_slot(s) || begins_with_word(s, "not") || begins_with_word(s, "no") ||
		begins_with_word(s, "nothing"))
		return true;
	for (int i = 0; i < N_FACT_KINDS; i++)
		if (i != FACT_SLOT && begins_with_word(s, form[i].word))
			return true;
	return false;
}

static bool begins_plain(struct str s)
{
	return begins_slot(str_trim(s)) || begins_with_word(str_trim(s), "nothing");
}

/* Takes a comma if what follows goes on with the same list, not with the next fact. */
static bool take_item_comma(struct chat_scan *scan)
{
	if (!scan_sees(scan, ","))
		return false;
	if (begins_fact(str_sub(scan_rest(scan), 1, SIZE_MAX / 2)))
		return false;
	scan->pos++;
	return true;
}

/* Where the text of this fact ends: at a comma that begins another one, else at the line's end. */
static size_t fact_end(const struct chat_scan *scan, bool (*begins)(struct str s))
{
	struct str text = scan->source->text;
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = scan->pos; i < scan->end; i++) {
		char c = text.p[i];

		if (c == '"' && (i == scan->pos || text.p[i - 1] != '\\'))
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && depth)
			depth--;
		else if (!quoted && !depth && c == ',' &&
			 begins(str_sub(text, i + 1, scan->end - i - 1)))
			return i;
	}
	return scan->end;
}

static struct str take_text(struct chat_scan *scan, bool (*begins)(struct str s))
{
	size_t end = fact_end(scan, begins);
	struct str text = str_trim(str_sub(scan->source->text, scan->pos, end - scan->pos));

	scan->pos = end;
	return text;
}

static bool read_name(struct chat_scan *scan, struct chat_fact *fact)
{
	fact->name = scan_word(scan);
	return fact->name.n > 0;
}

static bool read_text(struct chat_scan *scan, struct chat_fact *fact)
{
	fact->name = take_text(scan, begins_fact);
	return fact->name.n > 0;
}

static bool read_compared(struct chat_scan *scan, struct chat_fact *fact)
{
	return chat_compare_read(scan, &fact->compare, &fact->number);
}

static void add_item(struct chat_scan *scan, struct chat_fact *fact, struct str item)
{
	struct str *list = (struct str *)fact->item;

	list = arena_grow(scan->arena, list, fact->n_items, struct str);
	list[fact->n_items++] = item;
	fact->item = list;
}

/* "cancle -> cancel, ordr -> order" */
static bool read_fixed(struct chat_scan *scan, struct chat_fact *fact)
{
	do {
		struct str from = scan_word(scan);

		if (!from.n || !scan_take(scan, "->"))
			return false;
		add_item(scan, fact, from);
		add_item(scan, fact, scan_word(scan));
		if (!fact->item[fact->n_items - 1].n)
			return false;
	} while (take_item_comma(scan));
	return true;
}

/* "A-1001 · Blue dress | A-1002 | ..."; labels may hold commas, so they take the rest of the line.
 */
static bool read_buttons(struct chat_scan *scan, struct chat_fact *fact)
{
	struct str rest = str_trim(scan_rest(scan));

	scan->pos = scan->end;
	if (fact->negated)
		return !rest.n;
	while (rest.n) {
		struct str item = str_trim(str_cut(&rest, '|'));

		if (!item.n || fact->and_more)
			return false;
		if (str_is(item, "..."))
			fact->and_more = true;
		else
			add_item(scan, fact, scan_unescape(scan->arena, item));
	}
	return fact->n_items > 0;
}

static bool read_record(struct chat_scan *scan, struct chat_fact *fact)
{
	if (scan_sees(scan, "{"))
		fact->value = scan_value(scan, scan->end);
	return !scan->failed;
}

static bool read_card(struct chat_scan *scan, struct chat_fact *fact)
{
	return read_record(scan, fact) && (fact->negated || fact->value);
}

static bool read_slot(struct chat_scan *scan, struct chat_fact *fact)
{
	scan_blanks(scan);
	fact->name = str_sub(scan->source->text, scan->pos, path_length(scan_rest(scan)));
	scan->pos += fact->name.n;
	if (scan_take(scan, "is")) {
		fact->negated = scan_take(scan, "not");
		return scan_take(scan, "set");
	}
	if (!scan_take(scan, "="))
		return false;
	fact->value = scan_value(scan, fact_end(scan, begins_plain));
	return !scan->failed;
}

static bool read_open(struct chat_scan *scan, struct chat_fact *fact)
{
	return read_name(scan, fact);
}

/* "corrected order A-1001 -> A-1002" */
static bool read_corrected(struct chat_scan *scan, struct chat_fact *fact)
{
	if (!read_name(scan, fact))
		return false;
	if (scan_at_end(scan) || scan_sees(scan, ","))
		return true;
	fact->from = scan_until(scan, "->");
	if (!scan_take(scan, "->"))
		return false;
	fact->to = take_text(scan, begins_fact);
	return fact->from.n && fact->to.n;
}

static bool read_times(struct chat_scan *scan, struct chat_fact *fact)
{
	fact->number = -1;
	if (scan_take(scan, "once"))
		fact->number = 1;
	else if (scan_take(scan, "twice"))
		fact->number = 2;
	else if (scan_number(scan, &fact->number))
		return fact->number >= 0 && (scan_take(scan, "times") || scan_take(scan, "time"));
	return true;
}

/* "called orders.cancel once in all { order: A-1002 } -> ok" */
static bool read_called(struct chat_scan *scan, struct chat_fact *fact)
{
	static const char *const outcome[] = {"ok", "refused", "failed", "unknown"};

	if (!read_name(scan, fact) || !read_times(scan, fact))
		return false;
	if (scan_take(scan, "in")) {
		fact->in_all = true;
		if (!scan_take(scan, "all"))
			return false;
	}
	if (!read_record(scan, fact))
		return false;
	if (!scan_take(scan, "->"))
		return true;
	fact->to = scan_word(scan);
	for (size_t i = 0; i < sizeof outcome / sizeof *outcome; i++)
		if (str_is(fact->to, outcome[i]))
			return true;
	return false;
}

/* "handoff orders { … }", "note rating { … }"; the name may be left out of a hand-off. */
static bool read_handoff(struct chat_scan *scan, struct chat_fact *fact)
{
	if (!scan_sees(scan, "{") && !scan_sees(scan, ","))
		fact->name = scan_word(scan);
	return read_record(scan, fact);
}

static bool read_note(struct chat_scan *scan, struct chat_fact *fact)
{
	return read_handoff(scan, fact) && (fact->negated || fact->name.n);
}

/* "watching refund.updated of A-1002" */
static bool read_watching(struct chat_scan *scan, struct chat_fact *fact)
{
	fact->name = scan_word(scan);
	if (scan_take(scan, "of"))
		fact->from = scan_word(scan);
	else
		return fact->negated && !fact->name.n;
	return fact->name.n && fact->from.n;
}

static bool read_ended(struct chat_scan *scan, struct chat_fact *fact)
{
	if (!read_name(scan, fact))
		return false;
	if (!scan_sees(scan, ","))
		fact->to = scan_word(scan);
	return true;
}

static bool read_heard(struct chat_scan *scan, struct chat_fact *fact)
{
	scan_take(scan, "as");
	return read_text(scan, fact);
}

static const struct form form[N_FACT_KINDS] = {
	[FACT_INTENT] = {"intent", read_text, "intent cancel_order", true},
	[FACT_DECISION] = {"decision", read_text, "decision not cancel_order", false},
	[FACT_HEARD] = {"heard", read_heard, "heard as answer", false},
	[FACT_SCORE] = {"score", read_compared, "score >= 60", false},
	[FACT_LEAD] = {"lead", read_compared, "lead >= 15", false},
	[FACT_FIXED] = {"fixed", read_fixed, "fixed cancle -> cancel", false},
	[FACT_BUTTONS] = {"buttons", read_buttons, "buttons Yes | No, or: no buttons", true},
	[FACT_CARD] = {"card", read_card, "card { number: A-1001 }, or: no card", true},
	[FACT_SLOT] = {"slot", read_slot, "order = A-1001, or: order is set", false},
	[FACT_AT] = {"at", read_name, "at cancel_order/sure", true},
	[FACT_OPEN] = {"open", read_open, "open cancel_order", true},
	[FACT_DIGRESSION] = {"digression", read_name, "digression policy", false},
	[FACT_TRIES] = {"tries", read_compared, "tries 2", false},
	[FACT_CORRECTED] = {"corrected", read_corrected, "corrected order A-1001 -> A-1002", false},
	[FACT_CALLED] = {"called", read_called,
		"called orders.cancel once in all { order: A-1002 } -> ok", true},
	[FACT_HANDOFF] = {"handoff", read_handoff, "handoff orders { order: A-1001 }", true},
	[FACT_WATCHING] = {"watching", read_watching, "watching refund.updated of A-1002", true},
	[FACT_NOTE] = {"note", read_note, "note rating { stars: 5 }", true},
	[FACT_ENDED] = {"ended", read_ended, "ended cancel_order done", true},
	[FACT_OWNER] = {"owner", read_name, "owner bot", false},
	[FACT_LANGUAGE] = {"language", read_name, "language en", false},
	[FACT_SAID] = {"said", NULL, "nothing said", false},
};

const char *chat_fact_word(enum chat_fact_kind kind)
{
	return form[kind].word;
}

bool chat_is_fact(struct str word)
{
	for (size_t i = 0; i < N_FACT_KINDS; i++)
		if (form[i].word && str_is(word, form[i].word))
			return true;
	return false;
}

bool chat_compare_read(struct chat_scan *scan, enum chat_compare *compare, int64_t *number)
{
	static const struct {
		const char *sign;
		enum chat_compare compare;
	} sign[] = {{"<=", COMPARE_LE}, {">=", COMPARE_GE}, {"<", COMPARE_LT}, {">", COMPARE_GT},
		{"=", COMPARE_EQ}};

	*compare = COMPARE_EQ;
	for (size_t i = 0; i < sizeof sign / sizeof *sign; i++)
		if (scan_take(scan, sign[i].sign)) {
			*compare = sign[i].compare;
			break;
		}
	return scan_number(scan, number);
}

static struct str fact_hint(struct chat_scan *scan, struct str word)
{
	struct str name[N_FACT_KINDS + 3], near;

	for (int i = 0; i < N_FACT_KINDS; i++)
		name[i] = str_of(form[i].word);
	name[N_FACT_KINDS] = S("not");
	name[N_FACT_KINDS + 1] = S("no");
	name[N_FACT_KINDS + 2] = S("nothing");
	near = diag_nearest(scan->arena, word, name, N_FACT_KINDS + 3);
	return near.n ? near
		      : S("tests/chats/FORMAT.md lists the facts; a slot is 'order = A-1001'");
}

/* "nothing said", "nothing called", "nothing open", "nothing fixed" */
static bool read_nothing(struct chat_scan *scan, struct chat_fact *fact)
{
	static const enum chat_fact_kind kind[] = {FACT_SAID, FACT_CALLED, FACT_OPEN, FACT_FIXED};
	size_t begin;

	scan_blanks(scan);
	begin = scan->pos;
	fact->negated = true;
	fact->number = -1;
	for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
		if (scan_take(scan, form[kind[i]].word)) {
			fact->kind = kind[i];
			return true;
		}
	scan_error(scan, "C009", begin, scan_word(scan).n,
		S("nothing said, nothing called, nothing open, nothing fixed"), "nothing what?");
	return false;
}

static bool read_kind(struct chat_scan *scan, struct chat_fact *fact)
{
	size_t begin = scan->pos;
	struct str word;

	if (begins_slot(scan_rest(scan))) {
		fact->kind = FACT_SLOT;
		return true;
	}
	fact->negated = scan_take(scan, "not") || scan_take(scan, "no");
	scan_blanks(scan);
	begin = scan->pos;
	word = scan_word(scan);
	for (int i = 0; i < N_FACT_KINDS; i++)
		if (form[i].read && i != FACT_SLOT && str_is(word, form[i].word)) {
			fact->kind = (enum chat_fact_kind)i;
			if (!fact->negated || form[i].negatable)
				return true;
			scan_error(scan, "C009", begin, word.n, str_of(form[i].shape),
				"'%s' cannot be negated", form[i].word);
			return false;
		}
	scan_error(scan, "C008", begin, word.n ? word.n : 1, fact_hint(scan, word),
		"unknown fact '%.*s'", STR(word));
	return false;
}

bool chat_fact_read(struct chat_scan *scan, struct chat_fact *fact, bool *more)
{
	size_t begin;
	bool nothing;

	*fact = (struct chat_fact){.kind = FACT_SAID};
	*more = false;
	scan_blanks(scan);
	begin = scan->pos;
	nothing = scan_take(scan, "nothing");
	if (nothing ? !read_nothing(scan, fact) : !read_kind(scan, fact))
		return false;
	if (!nothing && !form[fact->kind].read(scan, fact)) {
		if (!scan->failed)
			scan_error(scan, "C009", begin, scan->end - begin,
				str_of(form[fact->kind].shape), "'%s' is not written like this",
				form[fact->kind].word);
		return false;
	}
	fact->at = (struct chat_at){begin, scan->pos - begin};
	if (scan_take(scan, ",")) {
		*more = !scan_at_end(scan);
		return true;
	}
	if (scan_at_end(scan))
		return true;
	scan_error(scan, "C009", scan->pos, scan->end - scan->pos, str_of(form[fact->kind].shape),
		"'%.*s' is too much here", STR(str_trim(scan_rest(scan))));
	return false;
}

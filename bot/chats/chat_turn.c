/* Turns of a conversation test as they are written: what happens, what is said to it, facts. */
#include "bot/base/date.h"
#include "bot/chats/chat_fact.h"
#include "bot/chats/chat_reader.h"

struct chat_turn *chat_last_turn(struct chat_builder *b)
{
	return b->test.n_turns ? &b->turn[b->test.n_turns - 1] : NULL;
}

void chat_close_turn(struct chat_builder *b)
{
	struct chat_turn *turn = chat_last_turn(b);

	if (turn && !turn->speech)
		turn->speech = b->speech;
	if (turn && !turn->fact)
		turn->fact = b->fact;
	b->speech = NULL;
	b->fact = NULL;
}

bool chat_makes_turn(enum chat_do what)
{
	return what != CHAT_API && what != CHAT_LOAD && what != CHAT_PUBLISH;
}

void chat_add_turn(struct chat_reader *reader, struct chat_turn turn)
{
	struct chat_builder *b = &reader->now;

	chat_close_turn(b);
	b->turn = arena_grow(reader->arena, b->turn, b->test.n_turns, struct chat_turn);
	b->turn[b->test.n_turns++] = turn;
	reader->may_expect = chat_makes_turn(turn.what);
	b->acted = b->acted || (chat_makes_turn(turn.what) && turn.what != CHAT_START);
}

void chat_read_after(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = chat_line_at(scan)};
	struct str word = str_trim(scan_rest(scan));

	if (date_duration_ms(word, &turn.ms) && turn.ms >= 0)
		chat_add_turn(reader, turn);
	else
		scan_error(scan, "C006", scan->pos, word.n,
			S("write it like 12s, 15m, 8h, 3d or 1h30m"), "'%.*s' is not a time",
			STR(word));
}

/* event: NAME { … }   start: FLOW/STEP { … } */
void chat_read_named_record(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = chat_line_at(scan)};

	turn.name = scan_word(scan);
	turn.at.length = turn.name.n;
	if (scan_sees(scan, "{"))
		turn.value = scan_value(scan, scan->end);
	if (!turn.name.n || scan->failed || !scan_at_end(scan))
		chat_bad_shape(keyword, scan);
	else
		chat_add_turn(reader, turn);
}

/* Words of the buyer: press:, edited:, again, deleted, image … */
void chat_read_plain(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	chat_add_turn(
		reader, (struct chat_turn){.what = keyword->what,
				.at = chat_line_at(scan),
				.name = str_of(keyword->word),
				.text = scan_unescape(reader->arena, str_trim(scan_rest(scan)))});
}

void chat_read_pasted(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = chat_line_at(scan)};

	if (!scan_number(scan, &turn.number) || turn.number < 1 || turn.number > max_chat_bytes)
		chat_bad_shape(keyword, scan);
	else
		chat_add_turn(reader, turn);
}

/* agent Ana: says Hello */
void chat_read_agent(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.at = chat_line_at(scan)};

	if (str_find(scan_rest(scan), S(":")) >= 0) {
		turn.name = scan_until(scan, ":");
		scan_take(scan, ":");
	}
	if (!turn.name.n)
		turn.name = S("Ana");
	if (scan_take(scan, "claims")) {
		turn.what = CHAT_AGENT_CLAIMS;
	} else if (scan_take(scan, "nobody")) {
		turn.what = CHAT_AGENT_NOBODY;
	} else if (scan_take(scan, "puts") && scan_take(scan, "back")) {
		turn.what = CHAT_AGENT_PUTS_BACK;
	} else if (scan_take(scan, "says")) {
		turn.what = CHAT_AGENT_SAYS;
		turn.text = scan_unescape(reader->arena, str_trim(scan_rest(scan)));
		scan->pos = scan->end;
	} else if (scan_take(scan, "hands") && scan_take(scan, "back")) {
		turn.what = CHAT_AGENT_HANDS_BACK;
		if (scan_take(scan, "at"))
			turn.text = scan_word(scan);
	} else {
		chat_bad_shape(keyword, scan);
		return;
	}
	if (scan_at_end(scan))
		chat_add_turn(reader, turn);
	else
		chat_bad_shape(keyword, scan);
}

void chat_read_api(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = chat_line_at(scan)};

	turn.name = scan_word(scan);
	turn.at.length = turn.name.n;
	if (!turn.name.n || !scan_take(scan, "->")) {
		chat_bad_shape(keyword, scan);
		return;
	}
	turn.outcome = scan_outcomes(scan, &turn.n_outcomes);
	if (turn.outcome)
		chat_add_turn(reader, turn);
}

/* load: FLOW version N */
void chat_read_version(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = keyword->what, .at = chat_line_at(scan)};

	turn.name = scan_word(scan);
	turn.at.length = turn.name.n;
	if (turn.name.n && scan_take(scan, "version") && scan_number(scan, &turn.number) &&
		turn.number > 0 && scan_at_end(scan))
		chat_add_turn(reader, turn);
	else
		chat_bad_shape(keyword, scan);
}

void chat_read_message(struct chat_reader *reader, struct chat_scan *scan)
{
	struct chat_turn turn = {.what = CHAT_TEXT}, *last = chat_last_turn(&reader->now);
	struct str text;

	scan->pos++;
	text = str_trim(scan_rest(scan));
	turn.at = (struct chat_at){text.n ? (size_t)(text.p - scan->source->text.p) : scan->pos - 1,
		text.n ? text.n : 1};
	if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']') {
		turn.what = CHAT_LABEL;
		text = str_trim(str_sub(text, 1, text.n - 2));
	}
	turn.text = scan_unescape(reader->arena, text);
	if (reader->swapped == 2)
		last->text = turn.text;
	else if (reader->swapped == 1)
		last->second = turn.text;
	else
		chat_add_turn(reader, turn);
	reader->swapped -= reader->swapped > 0;
}

void chat_read_out_of_order(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	chat_add_turn(reader, (struct chat_turn){.what = keyword->what, .at = chat_line_at(scan)});
	reader->swapped = 2;
}

void chat_read_speech(struct chat_reader *reader, struct chat_scan *scan)
{
	struct chat_speech speech = {.how = WORDS_ANY};
	struct chat_turn *turn = chat_last_turn(&reader->now);

	scan->pos++;
	scan_blanks(scan);
	speech.at.offset = scan->pos;
	speech.ref = scan_until(scan, ":");
	speech.at.length = speech.ref.n;
	if (scan_take(scan, ":")) {
		scan_blanks(scan);
		speech.how = scan_take(scan, "=")   ? WORDS_EXACT
			     : scan_take(scan, "~") ? WORDS_NOTED
						    : WORDS_PATTERN;
		scan_blanks(scan);
		speech.words_at = chat_line_at(scan);
		speech.words = scan_unescape(reader->arena, str_trim(scan_rest(scan)));
		speech.words_at.length = str_trim(scan_rest(scan)).n;
	}
	if (!speech.ref.n || str_find(speech.ref, S(" ")) >= 0 ||
		(speech.how != WORDS_ANY && !speech.words.n)) {
		scan_error(scan, "C004", speech.at.offset, scan->end - speech.at.offset,
			S("< FLOW/STEP: words, or < FLOW/STEP, or < ..."),
			"'<' is not written like this");
		return;
	}
	if (str_is(speech.ref, "..."))
		speech.ref = (struct str){0};
	reader->now.speech =
		arena_grow(reader->arena, reader->now.speech, turn->n_speeches, struct chat_speech);
	reader->now.speech[turn->n_speeches++] = speech;
}

void chat_read_facts(struct chat_reader *reader, struct chat_scan *scan)
{
	struct chat_turn *turn = chat_last_turn(&reader->now);
	struct chat_fact fact;
	bool more = true;

	while (more && chat_fact_read(scan, &fact, &more)) {
		reader->now.fact = arena_grow(
			reader->arena, reader->now.fact, turn->n_facts, struct chat_fact);
		reader->now.fact[turn->n_facts++] = fact;
	}
}

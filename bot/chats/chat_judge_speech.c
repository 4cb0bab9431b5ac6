/* The lines that begin with '<': which steps spoke, and with which words. */
#include "bot/chats/chat_judge_parts.h"

static bool bubble_is(const struct seen_bubble *bubble, struct str ref)
{
	return judge_ref_is(ref, bubble->flow, bubble->step);
}

static bool same_step(const struct seen_bubble *a, const struct seen_bubble *b)
{
	return str_eq(a->flow, b->flow) && str_eq(a->step, b->step);
}

/* How many bubbles from @i on may belong to one line: those of one step, or of one flow when the
 * line names no step. */
static size_t run_length(const struct seen *seen, size_t i, struct str ref)
{
	size_t n = 0;

	while (i + n < seen->n_bubbles && bubble_is(&seen->bubble[i + n], ref) &&
		(str_eq(ref, seen->bubble[i].flow) ||
			same_step(&seen->bubble[i], &seen->bubble[i + n])))
		n++;
	return n;
}

/* fits[e * (n + 1) + i]: the lines from e on are just the bubbles from i on. */
static bool *which_fit(struct judge *j, const struct chat_turn *turn)
{
	size_t n = j->seen->n_bubbles, width = n + 1;
	bool *fits = arena_array(j->arena, bool, (turn->n_speeches + 1) * width);

	fits[turn->n_speeches * width + n] = true;
	for (size_t e = turn->n_speeches; e-- > 0;)
		for (size_t i = width; i-- > 0;) {
			struct str ref = turn->speech[e].ref;
			bool *fit = &fits[e * width + i];
			size_t most = ref.n ? run_length(j->seen, i, ref) : n - i;

			for (size_t k = ref.n ? 1 : 0; k <= most && !*fit; k++)
				*fit = fits[(e + 1) * width + i + k];
		}
	return fits;
}

/* As long as it goes, for the report: where the first line stands that does not fit. */
static void fail_steps(struct judge *j, const struct chat_turn *turn)
{
	const struct seen *seen = j->seen;
	size_t e = 0, i = 0;
	struct str expected, got;

	while (e < turn->n_speeches && turn->speech[e].ref.n) {
		size_t most = run_length(seen, i, turn->speech[e].ref);

		if (!most)
			break;
		i += most;
		e++;
	}
	/* After "..." everything may be meant: the lists tell more than a place. */
	if (e < turn->n_speeches && !turn->speech[e].ref.n) {
		struct str rest = (struct str){0};

		for (size_t k = e + 1; k < turn->n_speeches; k++)
			rest = arena_printf(j->arena, "%.*s, %.*s", STR(rest),
				STR(turn->speech[k].ref.n ? turn->speech[k].ref : S("...")));
		chat_fail(j->failures, FAIL_STEP, turn->speech[e].at,
			arena_printf(j->arena, "...%.*s", STR(rest)),
			judge_none_if_empty(judge_steps(j)));
		return;
	}
	expected = e < turn->n_speeches ? turn->speech[e].ref : S("nothing more said");
	got = i < seen->n_bubbles ? judge_step_name(j, &seen->bubble[i])
	      : seen->n_bubbles   ? S("nothing more said")
				  : S("nothing said");
	chat_fail(j->failures, FAIL_STEP,
		e < turn->n_speeches ? turn->speech[e].at : turn->speech[turn->n_speeches - 1].at,
		expected, got);
}

static struct str joined_text(struct judge *j, size_t i, size_t n)
{
	struct buf out;
	struct str text;

	buf_init(&out, 64 << 10);
	for (size_t k = 0; k < n; k++)
		buf_addf(&out, "%s%.*s", k ? "\n" : "", STR(j->seen->bubble[i + k].text));
	text = arena_str(j->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Equal but for the blanks. */
static bool same_words(struct str a, struct str b)
{
	size_t i = 0, k = 0;

	a = str_trim(a);
	b = str_trim(b);
	while (i < a.n && k < b.n) {
		if (is_space(a.p[i]) && is_space(b.p[k])) {
			while (i < a.n && is_space(a.p[i]))
				i++;
			while (k < b.n && is_space(b.p[k]))
				k++;
		} else if (a.p[i++] != b.p[k++]) {
			return false;
		}
	}
	return i == a.n && k == b.n;
}

static bool words_fit(const struct chat_speech *speech, struct str text)
{
	switch (speech->how) {
	case WORDS_ANY:
		return true;
	case WORDS_EXACT:
		return same_words(speech->words, text);
	case WORDS_PATTERN:
	case WORDS_NOTED:
		return chat_pattern_matches(speech->words, text);
	}
	return false;
}

static void judge_words(struct judge *j, const struct chat_speech *speech, size_t i, size_t n,
	struct chat_failures *notes)
{
	struct chat_failures *to = speech->how == WORDS_NOTED ? notes : j->failures;
	struct str all = joined_text(j, i, n);

	if (words_fit(speech, all))
		return;
	for (size_t k = 0; k < n; k++)
		if (words_fit(speech, j->seen->bubble[i + k].text))
			return;
	chat_fail(to, FAIL_TEXT, speech->words_at, speech->words, all);
	to->item[to->n - 1].words_at = speech->words_at;
}

void judge_speeches(struct judge *j, const struct chat_turn *turn, struct chat_failures *notes)
{
	bool *fits = which_fit(j, turn);
	size_t width = j->seen->n_bubbles + 1, i = 0;

	if (!fits[0]) {
		fail_steps(j, turn);
		return;
	}
	for (size_t e = 0; e < turn->n_speeches; e++) {
		struct str ref = turn->speech[e].ref;
		size_t n = ref.n ? run_length(j->seen, i, ref) : 0;

		/* The most bubbles for a named step, the fewest for "...". */
		if (ref.n)
			while (!fits[(e + 1) * width + i + n])
				n--;
		else
			while (!fits[(e + 1) * width + i + n])
				n++;
		if (ref.n)
			judge_words(j, &turn->speech[e], i, n, notes);
		i += n;
	}
}

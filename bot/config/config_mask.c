/* A configuration's text with whatever may be a secret starred out.
 *
 * The file may be broken in any way, so this does not parse it: it walks over the bytes and shows
 * what is known to be harmless, which is keys, punctuation, and the values of keys whose values are
 * not secret.  All else, comments too, becomes "*", byte for byte: what a finding points to stays
 * where it was. */
#include <string.h>

#include "bot/config/config_field.h"

static bool is_harmless_key(struct str key)
{
	bool secret, known = config_channel_key(key, &secret);

	if (secret)
		return false;
	known = known || str_is(key, "file") || opening_weekday(key) >= 0;

	for (size_t i = 0; i < n_config_fields; i++)
		if (str_is(key, config_field[i].name)) {
			if (config_kind_is_secret(config_field[i].kind))
				return false;
			known = true;
		}
	return known;
}

struct mask {
	char *p;
	size_t n;
	bool shown;     /* the value that comes is harmless */
	unsigned lists; /* "[" that are open: a comma in them is not the end of a value */
	bool after_colon;
	bool lost; /* something is missing: until the line's end nothing is what it seems */
};

static void star(struct mask *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (m->p[i] != '\n' && m->p[i] != '\r')
			m->p[i] = '*';
}

static bool comment_begins(const struct mask *m, size_t i)
{
	return i + 1 < m->n && m->p[i] == '/' && (m->p[i + 1] == '/' || m->p[i + 1] == '*');
}

static size_t end_of_comment(const struct mask *m, size_t i)
{
	bool block = m->p[i + 1] == '*';

	for (i += 2; i < m->n; i++) {
		if (!block && m->p[i] == '\n')
			return i;
		if (block && m->p[i] == '/' && m->p[i - 1] == '*')
			return i + 1;
	}
	return m->n;
}

/* Behind the closing quote; or at the line's end when there is none. */
static size_t end_of_text(const struct mask *m, size_t i)
{
	for (i++; i < m->n && m->p[i] != '\n'; i++) {
		if (m->p[i] == '\\' && i + 1 < m->n && m->p[i + 1] != '\n')
			i++;
		else if (m->p[i] == '"')
			return i + 1;
	}
	return i;
}

static bool is_bare(char c)
{
	return !strchr(" \t\r\n{}[]:,\"", c) || !c;
}

static size_t end_of_bare(const struct mask *m, size_t i)
{
	for (i++; i < m->n && is_bare(m->p[i]) && !comment_begins(m, i);)
		i++;
	return i;
}

static bool colon_follows(const struct mask *m, size_t i)
{
	while (i < m->n && m->p[i] && strchr(" \t\r\n", m->p[i]))
		i++;
	return i < m->n && m->p[i] == ':';
}

/* No JSON has a bare word beside a quote, or two texts side by side. */
static bool is_glued(const struct mask *m, size_t from, size_t to, bool quoted)
{
	bool before = from && (m->p[from - 1] == '"' || (quoted && is_bare(m->p[from - 1])));
	bool after = to < m->n && (m->p[to] == '"' || (quoted && is_bare(m->p[to])));

	return before || after;
}

/* A word from @from to @to, in quotes or not. */
static void mask_word(struct mask *m, size_t from, size_t to)
{
	bool quoted = m->p[from] == '"';
	bool closed = quoted && to - from >= 2 && m->p[to - 1] == '"';
	struct str inside = {m->p + from + quoted, to - from - quoted - closed};

	if ((quoted && !closed) || is_glued(m, from, to, quoted) ||
		(m->after_colon && colon_follows(m, to)))
		m->lost = true;
	if (m->lost)
		star(m, from, to);
	else if (colon_follows(m, to))
		m->shown = is_harmless_key(inside);
	else if (!m->shown)
		star(m, from + quoted, from + quoted + inside.n);
	m->after_colon = false;
}

static void mask_sign(struct mask *m, char c)
{
	if (c == '\n' && m->lost)
		m->lost = m->shown = false;
	if (strchr(" \t\r\n", c))
		return;
	m->after_colon = c == ':';
	if (c == '[')
		m->lists++;
	else if (c == ']')
		m->lists -= m->lists > 0;
	else if (c == '{' || c == '}')
		m->lists = 0;
	if (c == '{' || c == '}' || (c == ',' && !m->lists))
		m->shown = false;
}

struct str config_masked(struct str text, struct arena *arena)
{
	struct mask m = {arena_cstr(arena, text), text.n, false, 0, false, false};
	size_t i = 0, end;

	for (; i < m.n; i = end) {
		if (comment_begins(&m, i)) {
			end = end_of_comment(&m, i);
			star(&m, i + 2, end);
		} else if (m.p[i] == '"' || is_bare(m.p[i])) {
			end = m.p[i] == '"' ? end_of_text(&m, i) : end_of_bare(&m, i);
			mask_word(&m, i, end);
		} else {
			mask_sign(&m, m.p[i]);
			end = i + 1;
		}
	}
	return (struct str){m.p, m.n};
}

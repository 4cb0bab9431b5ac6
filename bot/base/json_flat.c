/* One small object, read where it stands. */
#include "bot/base/json_flat.h"

#include <assert.h>

#include "bot/base/json_scanner.h"
#include "bot/base/text.h"

static enum json_type type_of(char first)
{
	switch (first) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_TEXT;
	case 't':
	case 'f':
		return JSON_BOOL;
	case 'n':
		return JSON_NULL;
	}
	return JSON_NUMBER;
}

/* What is between the quotes. */
static struct str characters(struct arena *arena, struct str quoted)
{
	struct str s = str_sub(quoted, 1, quoted.n - 2);

	return s.n && memchr(s.p, '\\', s.n) ? json_decoded(arena, s) : s;
}

static struct str written(const struct source *source, struct stretch at)
{
	return (struct str){source->text.p + at.offset, at.length};
}

static struct json_member member_of(
	const struct source *source, const struct json_mark *mark, struct arena *arena)
{
	struct json_member member = {
		.key = characters(arena, written(source, mark->key)),
		.value = written(source, mark->value),
	};

	member.type = type_of(member.value.p[0]);
	if (member.type == JSON_TEXT)
		member.value = characters(arena, member.value);
	return member;
}

/* Nearly every message is an object of texts without escapes and of whole numbers: it is read in
 * one go.  Anything else, be it right or wrong, is left to the scanner, which also knows what to
 * say. */

struct plain {
	const char *at, *end;
};

static bool pass(struct plain *p, char c)
{
	if (p->at == p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

static bool pass_with_blank(struct plain *p, char c)
{
	if (!pass(p, c))
		return false;
	(void)pass(p, ' ');
	return true;
}

static bool take_text(struct plain *p, struct str *out)
{
	const char *start;

	if (!pass(p, '"'))
		return false;
	start = p->at;
	p->at = json_plain_end(start, p->end);
	*out = (struct str){start, (size_t)(p->at - start)};
	return pass(p, '"');
}

static bool take_digits(struct plain *p, struct str *out)
{
	const char *start = p->at;

	while (p->at < p->end && is_digit(*p->at))
		p->at++;
	*out = (struct str){start, (size_t)(p->at - start)};
	return out->n && out->n <= json_most_digits && (*start != '0' || out->n == 1);
}

static bool take_member(struct plain *p, struct json_member *member)
{
	if (!take_text(p, &member->key) || !pass_with_blank(p, ':') || p->at == p->end)
		return false;
	member->type = type_of(*p->at);
	if (member->type == JSON_TEXT)
		return take_text(p, &member->value);
	return member->type == JSON_NUMBER && take_digits(p, &member->value);
}

static bool is_new(const struct json_flat *flat, struct str key)
{
	for (size_t i = 0; i < flat->n; i++)
		if (str_eq(flat->member[i].key, key))
			return false;
	return true;
}

static bool read_plainly(struct str text, const struct json_limits *limits, struct json_flat *out)
{
	struct plain p = {text.p, text.p + text.n};

	out->n = 0;
	out->is_object = true;
	if (text.n > limits->bytes || !pass(&p, '{') || text_valid_up_to(text) < text.n)
		return false;
	do {
		struct json_member *member = &out->member[out->n];

		if (out->n + 1 >= limits->nodes || !take_member(&p, member) ||
			!is_new(out, member->key))
			return false;
		out->n++;
	} while (pass_with_blank(&p, ','));
	return pass(&p, '}') && p.at == p.end;
}

bool json_flat_read(const struct source *source, unsigned flags, const struct json_limits *limits,
	struct arena *arena, struct json_flat *out, struct diags *diags)
{
	struct json_mark mark[json_flat_most];
	struct json_scan scan = {.mark = mark};
	size_t end = 0; /* of the last member: what begins before it is inside */

	assert(limits->nodes && limits->nodes <= json_flat_most);
	if (!flags && source->text.n && read_plainly(source->text, limits, out))
		return true;
	if (!json_scan(source, flags | JSON_MARKS_THERE, limits, diags, &scan))
		return false;
	out->n = 0;
	out->is_object = source->text.p[mark[0].value.offset] == '{';
	for (size_t i = 1; out->is_object && i < scan.n_marks; i++) {
		if (mark[i].value.offset < end)
			continue;
		end = mark[i].value.offset + mark[i].value.length;
		out->member[out->n++] = member_of(source, &mark[i], arena);
	}
	return true;
}

const struct json_member *json_flat_get(const struct json_flat *flat, const char *key)
{
	struct str name = str_of(key);

	for (size_t i = 0; i < flat->n; i++)
		if (str_eq(flat->member[i].key, name))
			return &flat->member[i];
	return NULL;
}

struct str json_flat_text(const struct json_flat *flat, const char *key)
{
	const struct json_member *member = json_flat_get(flat, key);

	return member && member->type == JSON_TEXT ? member->value : S("");
}

bool json_flat_int(const struct json_flat *flat, const char *key, int64_t *out)
{
	const struct json_member *member = json_flat_get(flat, key);

	return member && member->type == JSON_NUMBER && str_int(member->value, out);
}

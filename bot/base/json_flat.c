/* One small object, read where it stands. */
#include "bot/base/json_flat.h"

#include <assert.h>

#include "bot/base/json_scanner.h"

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

bool json_flat_read(const struct source *source, unsigned flags, const struct json_limits *limits,
	struct arena *arena, struct json_flat *out, struct diags *diags)
{
	struct json_mark mark[json_flat_most];
	struct json_scan scan = {.mark = mark};
	size_t end = 0; /* of the last member: what begins before it is inside */

	assert(limits->nodes && limits->nodes <= json_flat_most);
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

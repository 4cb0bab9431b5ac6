/* multipart/form-data: a complete body cut into its parts. */
#include "adapters/directline/multipart.h"

#include <string.h>

enum { max_boundary = 70 }; /* RFC 2046, 5.1.1 */

struct reading {
	struct arena *arena;
	struct buf *error;
	struct str rest;      /* of the body */
	struct str delimiter; /* CRLF, "--" and the boundary */
};

static bool wrong(struct buf *error, const char *why)
{
	buf_adds(error, why);
	return false;
}

static bool starts_nocase(struct str s, struct str with)
{
	return s.n >= with.n && str_eq_nocase(str_sub(s, 0, with.n), with);
}

static bool take(struct str *s, struct str what)
{
	if (!str_starts(*s, what))
		return false;
	*s = str_sub(*s, what.n, s->n);
	return true;
}

/* --- parameters: ;name=value and ;name="value" --- */

/* As HTML writes them: a quote inside is %22, a backslash is itself. */
static bool take_value(struct str *s, struct str *value)
{
	struct str end = S("\""), quoted = *s;
	long n;

	if (!take(&quoted, end)) {
		size_t i = 0;

		while (i < s->n && !strchr(" \t;\"", s->p[i]))
			i++;
		*value = str_sub(*s, 0, i);
		*s = str_sub(*s, i, s->n);
		return value->n;
	}
	n = str_find(quoted, end);
	if (n < 0)
		return false;
	*value = str_sub(quoted, 0, (size_t)n);
	*s = str_sub(quoted, (size_t)n + 1, quoted.n);
	return true;
}

static bool take_parameter(struct str *s, struct str *name, struct str *value)
{
	*s = str_trim(*s);
	if (!take(s, S(";")))
		return false;
	*s = str_trim(*s);
	if (str_find(*s, S("=")) < 1)
		return false;
	*name = str_cut(s, '=');
	return take_value(s, value);
}

/* --- the boundary --- */

static bool is_boundary(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], small = c | 0x20;

		if (!(c >= '0' && c <= '9') && !(small >= 'a' && small <= 'z') &&
			!(c && strchr("'()+_,-./:=? ", c)))
			return false;
	}
	return s.n && s.n <= max_boundary && s.p[s.n - 1] != ' ';
}

static const struct str kind = S("multipart/form-data");

bool multipart_is(struct str content_type)
{
	return starts_nocase(content_type, kind) &&
	       (content_type.n == kind.n || strchr("; \t", content_type.p[kind.n]));
}

static bool read_boundary(struct str content_type, struct reading *r)
{
	struct str rest = str_sub(content_type, kind.n, content_type.n), name, value,
		   boundary = {0};

	while (take_parameter(&rest, &name, &value)) {
		if (!str_eq_nocase(name, S("boundary")))
			continue;
		if (boundary.n)
			return wrong(r->error, "the form has two boundaries");
		boundary = value;
	}
	if (str_trim(rest).n || !is_boundary(boundary))
		return wrong(r->error, "the form has no proper boundary");
	r->delimiter = arena_printf(r->arena, "\r\n--%.*s", STR(boundary));
	return true;
}

/* --- a part's head --- */

static int encoded(struct str s, size_t at)
{
	static const struct {
		struct str code;
		char c;
	} known[] = {{S("%22"), '"'}, {S("%0D"), '\r'}, {S("%0A"), '\n'}};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_starts(str_sub(s, at, s.n), known[i].code))
			return known[i].c;
	return -1;
}

/* The three bytes that HTML writes with percent signs, and no others. */
static struct str decode_name(struct str name, struct arena *arena)
{
	char *plain, *to;

	if (str_find(name, S("%")) < 0)
		return name;
	plain = to = arena_cstr(arena, name);
	for (size_t i = 0; i < name.n; i++) {
		int c = encoded(name, i);

		*to++ = (char)(c < 0 ? name.p[i] : c);
		i += c < 0 ? 0 : 2;
	}
	return (struct str){plain, (size_t)(to - plain)};
}

static bool read_disposition(struct reading *r, struct str line, struct multipart_part *part)
{
	struct str form = S("form-data"), name, value, *to;

	if (part->name.n)
		return wrong(r->error, "a part of the form is named twice");
	if (!starts_nocase(line, form))
		return wrong(r->error, "a part of the form is no form-data");
	line = str_sub(line, form.n, line.n);
	while (take_parameter(&line, &name, &value)) {
		to = str_eq_nocase(name, S("name"))       ? &part->name
		     : str_eq_nocase(name, S("filename")) ? &part->file
							  : NULL;
		if (!to || to->n)
			return wrong(r->error, "a part of the form has an unknown parameter");
		*to = decode_name(value, r->arena);
	}
	if (str_trim(line).n || !part->name.n)
		return wrong(r->error, "a part of the form has no proper name");
	return true;
}

static bool is_verbatim(struct str encoding)
{
	return str_eq_nocase(encoding, S("binary")) || str_eq_nocase(encoding, S("8bit")) ||
	       str_eq_nocase(encoding, S("7bit"));
}

static bool read_header(struct reading *r, struct str line, struct multipart_part *part)
{
	struct str name;

	if (str_find(line, S(":")) < 1 || line.p[0] == ' ' || line.p[0] == '\t')
		return wrong(r->error, "a part of the form has a line that is no header");
	name = str_cut(&line, ':');
	line = str_trim(line);
	if (str_eq_nocase(name, S("content-disposition")))
		return read_disposition(r, line, part);
	if (str_eq_nocase(name, S("content-type")))
		part->type = line;
	else if (str_eq_nocase(name, S("content-transfer-encoding")) && !is_verbatim(line))
		return wrong(r->error, "a part of the form is encoded");
	return true;
}

/* A line without its end; false: there is none within the limit. */
static bool take_line(struct str *rest, struct str *line)
{
	struct str end = S("\r\n");
	long n = str_find(str_sub(*rest, 0, multipart_max_line_bytes), end);

	if (n < 0)
		return false;
	*line = str_sub(*rest, 0, (size_t)n);
	*rest = str_sub(*rest, (size_t)n + end.n, rest->n);
	return true;
}

static bool read_head(struct reading *r, struct multipart_part *part)
{
	struct str line;

	for (unsigned i = 0; i <= multipart_max_headers; i++) {
		if (!take_line(&r->rest, &line))
			return wrong(r->error, "a part of the form has a line without an end");
		if (!line.n)
			return part->name.n || wrong(r->error, "a part of the form has no name");
		if (!read_header(r, line, part))
			return false;
	}
	return wrong(r->error, "a part of the form has too many headers");
}

/* --- parts --- */

static bool read_part(struct reading *r, struct multipart_part *part)
{
	long n;

	*part = (struct multipart_part){0};
	if (!read_head(r, part))
		return false;
	n = str_find(r->rest, r->delimiter);
	if (n < 0)
		return wrong(r->error, "the form is cut short");
	part->bytes = str_sub(r->rest, 0, (size_t)n);
	r->rest = str_sub(r->rest, (size_t)n + r->delimiter.n, r->rest.n);
	return true;
}

static bool read_parts(
	struct reading *r, struct multipart_part part[multipart_max_parts], size_t *n)
{
	while (!take(&r->rest, S("--"))) {
		if (!take(&r->rest, S("\r\n")))
			return wrong(r->error, "a boundary of the form has something behind it");
		if (*n == multipart_max_parts)
			return wrong(r->error, "the form has more than 8 parts");
		if (!read_part(r, &part[*n]))
			return false;
		(*n)++;
	}
	(void)take(&r->rest, S("\r\n"));
	return !r->rest.n || wrong(r->error, "the form has something behind its end");
}

bool multipart_read(struct str content_type, struct str body, struct arena *arena,
	struct multipart_part part[multipart_max_parts], size_t *n, struct buf *error)
{
	struct reading r = {arena, error, body, {0}};

	*n = 0;
	if (!multipart_is(content_type))
		return wrong(error, "this is no form");
	if (!read_boundary(content_type, &r))
		return false;
	if (!take(&r.rest, str_sub(r.delimiter, 2, r.delimiter.n)))
		return wrong(error, "the form does not begin with its boundary");
	return read_parts(&r, part, n);
}

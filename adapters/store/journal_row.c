/* Rows of the journal from and to bytes.
 *
 *   row      format (1), count of sessions (0 or 1), the session,
 *            count of posts, the posts, count of ids, the ids
 *   session  saved, due, bytes
 *   post     n, at_ms, who, name, mid, body
 *   id       mid, at_ms
 *
 * Times have eight bytes, numbers and counts four, format and who one. */
#include "adapters/store/journal_row.h"

#include <assert.h>

#include "adapters/store/row_bytes.h"

enum {
	FORMAT = 1,
	ROW_SHORTEST = 1 + 1 + 4 + 4,
	SESSION_SHORTEST = 8 + 8 + 4,
	POST_SHORTEST = 4 + 8 + 1 + 4 + 4 + 4,
	MID_EMPTY = 4 + 8,
	MID_SHORTEST = MID_EMPTY + 1
};

/* Writing: it is known how long a row will be */

static size_t length_of(const struct journal_row *row)
{
	size_t n = ROW_SHORTEST + row->n_posts * POST_SHORTEST + row->n_mids * MID_EMPTY;

	if (row->has_session)
		n += SESSION_SHORTEST + row->session.bytes.n;
	for (size_t i = 0; i < row->n_posts; i++)
		n += row->post[i].name.n + row->post[i].mid.n + row->post[i].body.n;
	for (size_t i = 0; i < row->n_mids; i++)
		n += row->mid[i].mid.n;
	return n;
}

static char *write_time(char *to, int64_t time)
{
	return row_write(to, (uint64_t)time, 8);
}

static char *write_post(char *to, const struct kept_post *post)
{
	to = row_write(to, post->n, 4);
	to = write_time(to, post->at_ms);
	to = row_write(to, post->who, 1);
	to = row_write_text(to, post->name);
	to = row_write_text(to, post->mid);
	return row_write_text(to, post->body);
}

static char *write_row(char *to, const struct journal_row *row)
{
	to = row_write(to, FORMAT, 1);
	to = row_write(to, row->has_session, 1);
	if (row->has_session) {
		to = write_time(to, row->session.saved);
		to = write_time(to, row->session.due_ms);
		to = row_write_text(to, row->session.bytes);
	}
	to = row_write(to, row->n_posts, 4);
	for (size_t i = 0; i < row->n_posts; i++)
		to = write_post(to, &row->post[i]);
	to = row_write(to, row->n_mids, 4);
	for (size_t i = 0; i < row->n_mids; i++) {
		to = row_write_text(to, row->mid[i].mid);
		to = write_time(to, row->mid[i].at_ms);
	}
	return to;
}

struct str journal_row_encode(const struct journal_row *row, struct arena *arena)
{
	struct str bytes = {NULL, length_of(row)};
	char *to = arena_raw(arena, bytes.n), *end = write_row(to, row);

	assert(end == to + bytes.n);
	(void)end;
	bytes.p = to;
	return bytes;
}

/* Reading */

static struct kept_post take_post(struct row_reader *r)
{
	struct kept_post post = {.n = (uint32_t)row_take(r, 4), .at_ms = (int64_t)row_take(r, 8)};
	uint64_t who = row_take(r, 1);

	r->good = r->good && post.n > 0 && who <= POST_NOTE;
	post.who = r->good ? (enum post_who)who : POST_BUYER;
	post.name = row_take_text(r);
	post.mid = row_take_text(r);
	post.body = row_take_text(r);
	return post;
}

static void take_posts(struct row_reader *r, struct arena *arena, struct journal_row *row)
{
	row->n_posts = row_take_count(r, POST_SHORTEST);
	row->post = arena_array(arena, struct kept_post, row->n_posts);
	for (size_t i = 0; i < row->n_posts && r->good; i++) {
		row->post[i] = take_post(r);
		r->good = r->good && (i == 0 || row->post[i].n == row->post[i - 1].n + 1);
	}
}

static void take_mids(struct row_reader *r, struct arena *arena, struct journal_row *row)
{
	row->n_mids = row_take_count(r, MID_SHORTEST);
	row->mid = arena_array(arena, struct kept_mid, row->n_mids);
	for (size_t i = 0; i < row->n_mids && r->good; i++) {
		row->mid[i].mid = row_take_text(r);
		row->mid[i].at_ms = (int64_t)row_take(r, 8);
		r->good = r->good && row->mid[i].mid.n > 0;
	}
}

static bool take_session(struct row_reader *r, bool *has_session, struct kept_session *session)
{
	bool known = row_take(r, 1) == FORMAT;
	uint64_t sessions = row_take(r, 1);

	*has_session = sessions == 1;
	if (!known || sessions > 1)
		return false;
	if (*has_session) {
		session->saved = (int64_t)row_take(r, 8);
		session->due_ms = (int64_t)row_take(r, 8);
		session->bytes = row_take_text(r);
	}
	return true;
}

bool journal_row_decode(struct arena *arena, struct str bytes, struct journal_row *row)
{
	struct row_reader r = {bytes, true};

	*row = (struct journal_row){.n_posts = 0};
	if (!take_session(&r, &row->has_session, &row->session))
		return false;
	take_posts(&r, arena, row);
	take_mids(&r, arena, row);
	return r.good && r.in.n == 0;
}

bool journal_row_has_mid(const struct journal_row *row, struct str mid)
{
	for (size_t i = 0; i < row->n_posts; i++)
		if (str_eq(row->post[i].mid, mid))
			return true;
	for (size_t i = 0; i < row->n_mids; i++)
		if (str_eq(row->mid[i].mid, mid))
			return true;
	return false;
}

/* Several as one */

enum { SESSION_AT = 2 };

static void skip_post(struct row_reader *r, struct journal_parts *parts)
{
	parts->last_post = (uint32_t)row_take(r, 4);
	parts->last_ms = (int64_t)row_take(r, 8);
	(void)row_take(r, 1);
	(void)row_take_text(r);
	(void)row_take_text(r);
	(void)row_take_text(r);
}

bool journal_parts_of(struct str bytes, struct journal_parts *parts)
{
	struct row_reader r = {bytes, true};
	struct str from;

	*parts = (struct journal_parts){.n_posts = 0};
	if (!take_session(&r, &parts->has_session, &parts->session))
		return false;
	from = str_sub(bytes, SESSION_AT, bytes.n);
	parts->session_bytes = str_sub(from, 0, from.n - r.in.n);
	parts->n_posts = row_take_count(&r, POST_SHORTEST);
	from = r.in;
	for (size_t i = 0; i < parts->n_posts; i++)
		skip_post(&r, parts);
	parts->post_bytes = str_sub(from, 0, from.n - r.in.n);
	parts->n_mids = row_take_count(&r, MID_SHORTEST);
	return r.good;
}

void journal_parts_join(const struct journal_parts *part, size_t n, struct buf *out)
{
	const struct journal_parts *newest = NULL;
	size_t n_posts = 0;

	for (size_t i = 0; i < n; i++) {
		newest = part[i].has_session ? &part[i] : newest;
		n_posts += part[i].n_posts;
	}
	row_put(out, FORMAT, 1);
	row_put(out, newest != NULL, 1);
	if (newest)
		buf_add(out, newest->session_bytes);
	row_put(out, n_posts, 4);
	for (size_t i = 0; i < n; i++)
		buf_add(out, part[i].post_bytes);
	row_put(out, 0, 4);
}

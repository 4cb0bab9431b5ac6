/* Rows of the journal from and to bytes.
 *
 *   row      format (1), count of sessions (0 or 1), the session,
 *            count of posts, the posts, count of ids, the ids
 *   session  saved, due, bytes
 *   post     n, at_ms, who, name, mid, body
 *   id       mid, at_ms
 *
 * Times have eight bytes, numbers and counts four, format and who one, the lowest byte first; a
 * text is its length and its bytes. */
#include "adapters/store/journal_row.h"

enum { FORMAT = 1, POST_SHORTEST = 4 + 8 + 1 + 4 + 4 + 4, MID_SHORTEST = 4 + 1 + 8 };

/* Writing */

static void put(struct buf *out, uint64_t number, unsigned width)
{
	char bytes[8];

	for (unsigned i = 0; i < width; i++)
		bytes[i] = (char)(number >> 8 * i);
	buf_add(out, (struct str){bytes, width});
}

static void put_number(struct buf *out, size_t number)
{
	put(out, number, 4);
}

static void put_time(struct buf *out, int64_t time)
{
	put(out, (uint64_t)time, 8);
}

static void put_text(struct buf *out, struct str text)
{
	put_number(out, text.n);
	buf_add(out, text);
}

static void put_post(struct buf *out, const struct kept_post *post)
{
	put_number(out, post->n);
	put_time(out, post->at_ms);
	put(out, post->who, 1);
	put_text(out, post->name);
	put_text(out, post->mid);
	put_text(out, post->body);
}

void journal_row_encode(const struct journal_row *row, struct buf *out)
{
	put(out, FORMAT, 1);
	put(out, row->has_session, 1);
	if (row->has_session) {
		put_time(out, row->session.saved);
		put_time(out, row->session.due_ms);
		put_text(out, row->session.bytes);
	}
	put_number(out, row->n_posts);
	for (size_t i = 0; i < row->n_posts; i++)
		put_post(out, &row->post[i]);
	put_number(out, row->n_mids);
	for (size_t i = 0; i < row->n_mids; i++) {
		put_text(out, row->mid[i].mid);
		put_time(out, row->mid[i].at_ms);
	}
}

/* Reading: the first fault empties the input, so everything after it fails as well. */

struct reader {
	struct str in;
	bool good;
};

static struct str take_bytes(struct reader *r, size_t n)
{
	struct str taken = str_sub(r->in, 0, n);

	r->good = r->good && taken.n == n;
	r->in = r->good ? str_sub(r->in, n, r->in.n) : (struct str){"", 0};
	return taken;
}

static uint64_t take(struct reader *r, unsigned width)
{
	struct str bytes = take_bytes(r, width);
	uint64_t number = 0;

	for (unsigned i = 0; r->good && i < width; i++)
		number |= (uint64_t)(unsigned char)bytes.p[i] << 8 * i;
	return number;
}

static struct str take_text(struct reader *r)
{
	return take_bytes(r, take(r, 4));
}

/* How many things follow, of which each takes at least @shortest bytes. */
static size_t take_count(struct reader *r, size_t shortest)
{
	size_t n = take(r, 4);

	r->good = r->good && n <= r->in.n / shortest;
	return r->good ? n : 0;
}

static struct kept_post take_post(struct reader *r)
{
	struct kept_post post = {.n = (uint32_t)take(r, 4), .at_ms = (int64_t)take(r, 8)};
	uint64_t who = take(r, 1);

	r->good = r->good && post.n > 0 && who <= POST_NOTE;
	post.who = r->good ? (enum post_who)who : POST_BUYER;
	post.name = take_text(r);
	post.mid = take_text(r);
	post.body = take_text(r);
	return post;
}

static void take_posts(struct reader *r, struct arena *arena, struct journal_row *row)
{
	row->n_posts = take_count(r, POST_SHORTEST);
	row->post = arena_array(arena, struct kept_post, row->n_posts);
	for (size_t i = 0; i < row->n_posts && r->good; i++) {
		row->post[i] = take_post(r);
		r->good = r->good && (i == 0 || row->post[i].n == row->post[i - 1].n + 1);
	}
}

static void take_mids(struct reader *r, struct arena *arena, struct journal_row *row)
{
	row->n_mids = take_count(r, MID_SHORTEST);
	row->mid = arena_array(arena, struct kept_mid, row->n_mids);
	for (size_t i = 0; i < row->n_mids && r->good; i++) {
		row->mid[i].mid = take_text(r);
		row->mid[i].at_ms = (int64_t)take(r, 8);
		r->good = r->good && row->mid[i].mid.n > 0;
	}
}

static bool take_session(struct reader *r, bool *has_session, struct kept_session *session)
{
	bool known = take(r, 1) == FORMAT;
	uint64_t sessions = take(r, 1);

	*has_session = sessions == 1;
	if (!known || sessions > 1)
		return false;
	if (*has_session) {
		session->saved = (int64_t)take(r, 8);
		session->due_ms = (int64_t)take(r, 8);
		session->bytes = take_text(r);
	}
	return true;
}

bool journal_row_decode(struct arena *arena, struct str bytes, struct journal_row *row)
{
	struct reader r = {bytes, true};

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

enum { SESSION_AT = 2, POST_FIXED = 4 + 8 + 1 };

static void skip_post(struct reader *r)
{
	(void)take_bytes(r, POST_FIXED);
	(void)take_text(r);
	(void)take_text(r);
	(void)take_text(r);
}

bool journal_parts_of(struct str bytes, struct journal_parts *parts)
{
	struct reader r = {bytes, true};
	struct str from;

	*parts = (struct journal_parts){.n_posts = 0};
	if (!take_session(&r, &parts->has_session, &parts->session))
		return false;
	from = str_sub(bytes, SESSION_AT, bytes.n);
	parts->session_bytes = str_sub(from, 0, from.n - r.in.n);
	parts->n_posts = take_count(&r, POST_SHORTEST);
	from = r.in;
	for (size_t i = 0; i < parts->n_posts; i++)
		skip_post(&r);
	parts->post_bytes = str_sub(from, 0, from.n - r.in.n);
	parts->n_mids = take_count(&r, MID_SHORTEST);
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
	put(out, FORMAT, 1);
	put(out, newest != NULL, 1);
	if (newest)
		buf_add(out, newest->session_bytes);
	put_number(out, n_posts);
	for (size_t i = 0; i < n; i++)
		buf_add(out, part[i].post_bytes);
	put_number(out, 0);
}

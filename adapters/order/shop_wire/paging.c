/* Pages of a list: behind the last row that was shown, so that what is added meanwhile neither
 * repeats nor hides anything.  Tokens are opaque and signed: only what was given comes back. */
#include "adapters/order/shop_wire/parts.h"

enum { MAC_DIGITS = 12 };

static void mac_of(const struct visit *v, struct str text, char mac[MAC_DIGITS + 1])
{
	const struct str piece[] = {
		S("page"), v->wire->setup.chance, str_of(v->endpoint->name), text};
	char hex[65];

	digest_hex(digest_of_pieces(piece, sizeof(piece) / sizeof(piece[0])), hex);
	for (int i = 0; i < MAC_DIGITS; i++)
		mac[i] = hex[i];
	mac[MAC_DIGITS] = '\0';
}

struct str page_token(struct visit *v, int64_t key, int64_t row)
{
	struct str text = arena_printf(v->arena, "%lld.%lld", (long long)key, (long long)row);
	char mac[MAC_DIGITS + 1];
	struct buf token;
	struct str copy;

	mac_of(v, text, mac);
	text = arena_printf(v->arena, "%.*s.%s", STR(text), mac);
	buf_init(&token, 200);
	base64_encode(text, &token);
	copy = arena_str(v->arena, buf_str(&token));
	buf_release(&token);
	return copy;
}

static bool read_token(struct visit *v, struct str token, struct page *page)
{
	struct str text, key, row;
	char mac[MAC_DIGITS + 1];
	struct buf plain;
	bool good;

	buf_init(&plain, 200);
	good = base64_decode(token, &plain);
	text = arena_str(v->arena, buf_str(&plain));
	buf_release(&plain);
	if (!good || text.n < MAC_DIGITS + 1)
		return false;
	mac_of(v, str_sub(text, 0, text.n - MAC_DIGITS - 1), mac);
	if (!str_ends(text, str_of(mac)))
		return false;
	key = str_cut(&text, '.');
	row = str_cut(&text, '.');
	page->resumes = 1;
	return str_int(key, &page->key) && str_int(row, &page->row);
}

static bool read_size(struct visit *v, const struct page_rule *rule, struct page *page)
{
	struct str size = visit_param(v, "page_size");
	const char *bounds = arena_printf(v->arena, "must be between %lld and %lld.",
		(long long)rule->least, (long long)rule->most)
				     .p;

	page->size = rule->usual;
	if (!size.n)
		return rule->usual || visit_bad(v, "page_size", "is needed.");
	return (str_int(size, &page->size) && page->size >= rule->least &&
		       page->size <= rule->most) ||
	       visit_bad(v, "page_size", bounds);
}

static bool read_sort(struct visit *v, const struct page_rule *rule, struct page *page)
{
	struct str field = visit_param(v, "sort_field"), order = visit_param(v, "sort_order");

	page->sign = rule->descending ? -1 : 1;
	page->by_update = str_is(field, "update_time");
	if (field.n && !page->by_update && !str_is(field, "create_time"))
		return visit_bad(v, "sort_field", "must be create_time or update_time.");
	if (str_is(order, "DESC"))
		page->sign = -1;
	else if (str_is(order, "ASC"))
		page->sign = 1;
	else if (order.n)
		return visit_bad(v, "sort_order", "must be ASC or DESC.");
	return true;
}

bool page_read(struct visit *v, const struct page_rule *rule, struct page *page)
{
	struct str token = visit_param(v, "page_token");

	*page = (struct page){0};
	if (!read_size(v, rule, page) || !read_sort(v, rule, page))
		return false;
	return !token.n || read_token(v, token, page) ||
	       visit_bad(v, "page_token", "is not one that was given.");
}

void page_bind(struct sql_query *q, const struct page *page)
{
	sql_bind_int(q, page->resumes);
	sql_bind_int(q, page->sign);
	sql_bind_int(q, page->sign * page->key);
	sql_bind_int(q, page->sign * page->row);
	sql_bind_int(q, page->size + 1);
}

struct hits page_hits(struct visit *v, const struct page *page, struct sql_query *q)
{
	struct hits hits = {.row = arena_array(v->arena, int64_t, (size_t)page->size),
		.name = arena_array(v->arena, struct str, (size_t)page->size)};
	int64_t key = 0;

	while (sql_next(q)) {
		if (hits.n == (size_t)page->size) { /* one more: there is a next page */
			hits.next = page_token(v, key, hits.row[hits.n - 1]);
			break;
		}
		key = sql_int(q, "sort_key");
		hits.row[hits.n] = sql_int(q, "row");
		hits.name[hits.n++] = sql_copy(q, v->arena, "name");
	}
	sql_end(q);
	return hits;
}

void page_answer(
	struct visit *v, const struct listing *listing, const struct page *page, const void *filter)
{
	struct sql_query *q = sql_query_at(v->sql, listing->rows, __FILE__, __LINE__), *count;
	struct hits hits;

	listing->bind(q, filter);
	sql_bind_bool(q, page->by_update);
	page_bind(q, page);
	hits = page_hits(v, page, q);
	count = sql_query_at(v->sql, listing->count, __FILE__, __LINE__);
	listing->bind(count, filter);
	json_out_start(v->out, '{');
	json_out_key(v->out, listing->name);
	json_out_open(v->out, '[');
	for (size_t i = 0; i < hits.n; i++)
		listing->write(v, hits.row[i]);
	json_out_close(v->out, ']');
	json_out_member(v->out, "next_page_token", hits.next);
	json_out_member_int(v->out, "total_count", sql_number(count));
	json_out_close(v->out, '}');
}

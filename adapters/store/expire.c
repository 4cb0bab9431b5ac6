/* What is over by its age alone: ids that nobody repeats any more, and what was for a while only.
 */
#include "adapters/store/store_sqlite.h"

/* A call does a bounded amount of work. */
enum { EXPIRE_ROWS = 2000 };

/* Of what is older. */
static void run_some(struct sql_query *q, int64_t before_ms)
{
	sql_bind_int(q, before_ms);
	sql_bind_int(q, EXPIRE_ROWS);
	(void)sql_run(q);
}

static void expire_mids(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q = sql_query(sql,
		"delete from mid where (conversation, mid) in (select conversation, mid from mid"
		" where at_ms < ? order by at_ms limit ?)");

	run_some(q, before_ms);
}

static void expire_dead_letters(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q =
		sql_query(sql, "delete from dead_letter where id in (select id from dead_letter"
			       " where at_ms < ? order by id limit ?)");

	run_some(q, before_ms);
}

/* Brought there again when they are shown again. */
static void expire_pictures(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q = sql_query(sql, "delete from picture where at_ms < ?");

	sql_bind_int(q, before_ms);
	(void)sql_run(q);
}

static void expire_hooks(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q =
		sql_query(sql, "delete from hook where id in (select id from hook where at_ms < ?"
			       " order by at_ms limit ?)");

	run_some(q, before_ms);
}

/* What nobody waits to hear about and was not looked at for so long is over. */
static void expire_orders(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q = sql_query(sql,
		"delete from shop_order where number in (select number from shop_order"
		" where looked_ms < ? and look_ms is null and number not in"
		" (select of from watch) order by looked_ms limit ?)");

	run_some(q, before_ms);
	q = sql_query(sql,
		"delete from promise where id in (select id from promise where ended_ms < ?"
		" order by ended_ms limit ?)");
	run_some(q, before_ms);
}

static void expire_sends(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q = sql_query(sql, "delete from send where next_at is null and at < ?");

	sql_bind_int(q, before_ms);
	(void)sql_run(q);
}

enum store_status sqlite_expire(struct store *store, int64_t before_ms)
{
	struct store_sqlite *own = sqlite_own(store);
	enum sql_status status;

	sqlite_settle_commit(own);
	sqlite_settle(own);
	status = sql_begin(own->sql);
	if (status != SQL_OK)
		return sqlite_status(status);
	tail_cool(own->tail, EXPIRE_ROWS);
	expire_mids(own->sql, before_ms);
	expire_sends(own->sql, before_ms);
	expire_dead_letters(own->sql, before_ms);
	expire_pictures(own->sql, before_ms);
	expire_hooks(own->sql, before_ms);
	expire_orders(own->sql, before_ms);
	return sqlite_status(moves_commit(own->moves, own->sql));
}

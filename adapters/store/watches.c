/* What conversations wait to hear about, and what was promised with it.  Few have any, so the
 * tables are small and not worth a detour through the journal. */
#include "adapters/store/store_sqlite.h"

/* A watch that is gone is a promise that ended; a new one is a new promise. */
static void note_promises(struct sql *sql, struct str conversation, int64_t now_ms)
{
	struct sql_query *q = sql_query(sql,
		"update promise set ended_ms = ?2 where conversation = ?1 and ended_ms is null"
		" and not exists (select 1 from watch w where w.conversation = ?1"
		" and w.event = promise.event and w.of = promise.of)");

	sql_bind_text(q, conversation);
	sql_bind_int(q, now_ms);
	(void)sql_run(q);
	q = sql_query(sql,
		"insert into promise(conversation, event, of, made_ms, kept)"
		" select w.conversation, w.event, w.of, ?2, 0 from watch w"
		" where w.conversation = ?1 and w.event <> 'buyer' and not exists"
		" (select 1 from promise p where p.conversation = ?1 and p.event = w.event"
		" and p.of = w.of and p.ended_ms is null)");
	sql_bind_text(q, conversation);
	sql_bind_int(q, now_ms);
	(void)sql_run(q);
}

void sqlite_set_watches(struct store *store, struct str conversation,
	const struct store_watch *watch, size_t n, int64_t now_ms)
{
	struct sql *sql = sqlite_writing(store);
	struct sql_query *q = sql_query(sql, "delete from watch where conversation = ?");

	sql_bind_text(q, conversation);
	(void)sql_run(q);
	for (size_t i = 0; i < n; i++) {
		q = sql_query(sql,
			"insert or ignore into watch(conversation, event, of) values (?, ?, ?)");
		sql_bind_text(q, conversation);
		sql_bind_text(q, watch[i].event);
		sql_bind_text(q, watch[i].of);
		(void)sql_run(q);
	}
	note_promises(sql, conversation, now_ms);
}

enum store_status sqlite_watching(
	struct store *store, struct str event, struct str of, store_name_function *each, void *self)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select conversation from watch where event = ? and of = ? order by conversation");

	sql_bind_text(q, event);
	sql_bind_text(q, of);
	while (sql_next(q))
		each(self, sql_text(q, "conversation"));
	sql_end(q);
	return sqlite_read_status(store);
}

static void show_promises(struct sql_query *q, store_promise_function *each, void *self)
{
	while (sql_next(q))
		each(self, &(struct store_promise){
				   .id = sql_int(q, "id"),
				   .conversation = sql_text(q, "conversation"),
				   .event = sql_text(q, "event"),
				   .of = sql_text(q, "of"),
				   .made_ms = sql_int(q, "made_ms"),
				   .kept_ms = sql_int(q, "kept_ms"),
				   .kept = sql_int(q, "kept"),
				   .ended_ms = sql_int(q, "ended_ms"),
				   .news_ms = sql_int(q, "news") * 1000,
				   .looked_ms = sql_int(q, "looked_ms"),
			   });
	sql_end(q);
}

#define PROMISES                                                                                   \
	"select p.*, o.looked_ms, (select min(n.at) from notice n where n.event = p.event"         \
	" and n.number = p.of) as news from promise p left join shop_order o on o.number = p.of"

enum store_status sqlite_promises(
	struct store *store, bool all, store_promise_function *each, void *self)
{
	struct sql *sql = sqlite_reading(store);

	if (all)
		show_promises(sql_query(sql, "select * from (" PROMISES
					     " order by p.ended_ms is null desc, p.id desc"
					     " limit 1000) order by id"),
			each, self);
	else
		show_promises(sql_query(sql, PROMISES " where p.ended_ms is null"
						      " order by p.id limit 1000"),
			each, self);
	return sqlite_read_status(store);
}

/* It may have ended in the same turn: the news was the last. */
void sqlite_keep_promise(struct store *store, struct str conversation, struct str event,
	struct str of, int64_t now_ms)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update promise set kept = kept + 1, kept_ms = ?4 where id = (select max(id)"
		" from promise where conversation = ?1 and event = ?2 and of = ?3)");

	sql_bind_text(q, conversation);
	sql_bind_text(q, event);
	sql_bind_text(q, of);
	sql_bind_int(q, now_ms);
	(void)sql_run(q);
}

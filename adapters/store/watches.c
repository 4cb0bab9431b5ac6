/* What conversations wait to hear about.  Few have any, so the table is small and not worth a
 * detour through the journal. */
#include "adapters/store/store_sqlite.h"

void sqlite_set_watches(
	struct store *store, struct str conversation, const struct store_watch *watch, size_t n)
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

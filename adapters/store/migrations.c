/* The store's tables, and how an older file becomes a newer one. */
#include "adapters/store/migrations.h"

/* The n-th script makes schema n + 1 out of schema n.  A script that was ever released is never
 * changed: what is wrong in it is put right by the next one. */
static const char *const migration[] = {
	"create table session(conversation text primary key, bytes blob not null,"
	" saved integer not null) strict, without rowid;"
	"create table note(id integer primary key autoincrement, name text not null,"
	" at integer not null, conversation text not null, json text not null) strict;"
	"create index note_of_conversation on note(conversation);"
	"create table card(id integer primary key autoincrement, conversation text not null,"
	" queue text not null, at integer not null, closed integer, json text not null) strict;"
	"create index card_of_conversation on card(conversation);"
	"create table effect(key text primary key, conversation text not null, operation text not "
	"null,"
	" args blob not null, state text not null, answer blob, claimed integer not null,"
	" settled integer, tries integer not null) strict, without rowid;"
	"create index effect_open on effect(claimed) where state in ('sent', 'unknown');"
	"create index effect_of_conversation on effect(conversation);",
};

enum { NEWEST = sizeof(migration) / sizeof(migration[0]) };

static int64_t schema_version(struct sql *sql)
{
	return sql_number(sql_query(sql, "select number from meta where name = 'schema'"));
}

static void set_version(struct sql *sql, int64_t version)
{
	struct sql_query *q =
		sql_query(sql, "insert into meta(name, number) values ('schema', ?)"
			       " on conflict(name) do update set number = excluded.number");

	sql_bind_int(q, version);
	(void)sql_run(q);
}

enum sql_status migrations_apply(struct sql *sql, struct buf *error)
{
	enum sql_status status = sql_begin(sql);
	int64_t version;

	if (status != SQL_OK) {
		buf_adds(error, sql_error(sql));
		return status;
	}
	sql_script(sql,
		"create table if not exists meta(name text primary key, number integer not null)"
		" strict, without rowid");
	version = schema_version(sql);
	if (version > NEWEST) {
		sql_rollback(sql);
		buf_addf(error, "written by a newer tenstep (schema %lld, this one knows %d)",
			(long long)version, NEWEST);
		return SQL_BROKEN;
	}
	for (; version < NEWEST; version++) {
		sql_script(sql, migration[version]);
		set_version(sql, version + 1);
	}
	status = sql_commit(sql);
	if (status != SQL_OK)
		buf_adds(error, sql_error(sql));
	return status;
}

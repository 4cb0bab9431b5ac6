/* Statements: prepared once, bound, read. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/store/sqlite/sqlite_inside.h"

static struct sql_query *query_new(struct sql *sql, const char *text)
{
	struct sql_query *query = calloc(1, sizeof(*query));

	if (!query)
		abort();
	query->sql = sql;
	query->text = text;
	return query;
}

/* The slot of @text in the cache: the query, or where it would stand. */
static struct sql_query **cache_slot(struct sql *sql, const char *text)
{
	size_t i = ((uintptr_t)text >> 2) * 2654435761u % SQL_CACHE_SLOTS;

	while (sql->cache[i] && sql->cache[i]->text != text)
		i = (i + 1) % SQL_CACHE_SLOTS;
	return &sql->cache[i];
}

struct sql_query *sql_query_at(struct sql *sql, const char *text, const char *file, int line)
{
	struct sql_query **slot = cache_slot(sql, text);
	struct sql_query *query = *slot;

	if (!query && sql->n_cached < SQL_CACHE_SLOTS / 2) {
		query = *slot = query_new(sql, text);
		query->cached = true;
		sql->n_cached++;
	} else if (!query || query->in_use) { /* no room, or a query inside its own loop */
		query = query_new(sql, text);
	}
	query->file = file;
	query->line = line;
	query->n_bound = 0;
	query->next_column = 0;
	query->in_use = true;
	if (!query->stmt && sql->status == SQL_OK) {
		int rc = sqlite3_prepare_v3(
			sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &query->stmt, NULL);

		if (rc != SQLITE_OK)
			sql_note_error(sql, rc, file, line);
	}
	return query;
}

static void bound(struct sql_query *query, int rc)
{
	if (rc != SQLITE_OK)
		sql_note_error(query->sql, rc, query->file, query->line);
}

void sql_bind_int(struct sql_query *query, int64_t number)
{
	query->n_bound++;
	if (query->stmt)
		bound(query, sqlite3_bind_int64(query->stmt, query->n_bound, number));
}

void sql_bind_text(struct sql_query *query, struct str text)
{
	query->n_bound++;
	if (query->stmt)
		bound(query, sqlite3_bind_text64(query->stmt, query->n_bound, text.p ? text.p : "",
				     text.n, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void sql_bind_blob(struct sql_query *query, struct str bytes)
{
	query->n_bound++;
	if (query->stmt)
		bound(query, sqlite3_bind_blob64(query->stmt, query->n_bound,
				     bytes.p ? bytes.p : "", bytes.n, SQLITE_TRANSIENT));
}

void sql_bind_kept_text(struct sql_query *query, struct str text)
{
	query->n_bound++;
	if (query->stmt)
		bound(query, sqlite3_bind_text64(query->stmt, query->n_bound, text.p ? text.p : "",
				     text.n, SQLITE_STATIC, SQLITE_UTF8));
}

void sql_bind_kept_blob(struct sql_query *query, struct str bytes)
{
	query->n_bound++;
	if (query->stmt)
		bound(query, sqlite3_bind_blob64(query->stmt, query->n_bound,
				     bytes.p ? bytes.p : "", bytes.n, SQLITE_STATIC));
}

void sql_bind_null(struct sql_query *query)
{
	query->n_bound++;
	if (query->stmt)
		bound(query, sqlite3_bind_null(query->stmt, query->n_bound));
}

void sql_bind_bool(struct sql_query *query, bool yes)
{
	sql_bind_int(query, yes);
}

void sql_bind_time(struct sql_query *query, int64_t unix_seconds)
{
	if (unix_seconds)
		sql_bind_int(query, unix_seconds);
	else
		sql_bind_null(query);
}

void sql_bind_optional(struct sql_query *query, struct str text)
{
	if (text.n)
		sql_bind_text(query, text);
	else
		sql_bind_null(query);
}

bool sql_next(struct sql_query *query)
{
	int rc;

	if (!query->stmt || query->sql->status != SQL_OK)
		return false;
	assert(query->n_bound == sqlite3_bind_parameter_count(query->stmt));
	rc = sqlite3_step(query->stmt);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		sql_note_error(query->sql, rc, query->file, query->line);
	return false;
}

/* Columns are nearly always read in their order. */
static int column_of(struct sql_query *query, const char *name)
{
	int n = sqlite3_column_count(query->stmt);

	for (int k = 0; k < n; k++) {
		int i = (query->next_column + k) % n;

		if (strcmp(sqlite3_column_name(query->stmt, i), name) != 0)
			continue;
		query->next_column = i + 1;
		return i;
	}
	assert(!"no such column");
	return 0;
}

int64_t sql_int(struct sql_query *query, const char *column)
{
	return sqlite3_column_int64(query->stmt, column_of(query, column));
}

struct str sql_text(struct sql_query *query, const char *column)
{
	int i = column_of(query, column);
	const char *p = sqlite3_column_blob(query->stmt, i);

	return (struct str){p ? p : "", (size_t)sqlite3_column_bytes(query->stmt, i)};
}

struct str sql_copy(struct sql_query *query, struct arena *arena, const char *column)
{
	return arena_str(arena, sql_text(query, column));
}

bool sql_is_null(struct sql_query *query, const char *column)
{
	return sqlite3_column_type(query->stmt, column_of(query, column)) == SQLITE_NULL;
}

void sql_end(struct sql_query *query)
{
	assert(query->in_use);
	query->in_use = false;
	if (query->cached) {
		/* The error of the last step, if any, was noted when it happened. */
		if (query->stmt) {
			(void)sqlite3_reset(query->stmt);
			(void)sqlite3_clear_bindings(query->stmt);
		}
		return;
	}
	sqlite3_finalize(query->stmt);
	free(query);
}

int64_t sql_run(struct sql_query *query)
{
	struct sql *sql = query->sql;
	int64_t changed = 0;

	while (sql_next(query))
		;
	if (sql->status == SQL_OK)
		changed = sqlite3_changes64(sql->db);
	sql_end(query);
	return changed;
}

int64_t sql_last_id(const struct sql *sql)
{
	return sqlite3_last_insert_rowid(sql->db);
}

int64_t sql_number(struct sql_query *query)
{
	int64_t number = sql_next(query) ? sqlite3_column_int64(query->stmt, 0) : 0;

	sql_end(query);
	return number;
}

void sql_script(struct sql *sql, const char *script)
{
	int rc;

	if (sql->status != SQL_OK)
		return;
	rc = sqlite3_exec(sql->db, script, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		sql_note_error(sql, rc, __FILE__, __LINE__);
}

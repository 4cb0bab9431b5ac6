/* A connection to SQLite: its settings, and that it is alone. */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/store/sqlite/sqlite_file.h"
#include "adapters/store/sqlite/sqlite_inside.h"

enum { BUSY_WAIT_MS = 250 }; /* for a predecessor that is just closing */

/* EXCLUSIVE comes before WAL, so that no shared index file is ever made: with it two processes
 * could write at once, which this SQLite does not survive in all cases.  Nothing reaches the disk
 * but by system calls.  secure_delete: what a buyer asked to forget is overwritten.  cache_size, in
 * kB: the inner pages of a store with a million conversations, and what was read of those that wake
 * until they are folded; it grows as it is needed.  wal_autocheckpoint is replaced by
 * sql_watch_log(). */
static const struct sql_setting file_setting[] = {
	{"pragma locking_mode = exclusive", "pragma locking_mode", "exclusive"},
	{"pragma journal_mode = wal", "pragma journal_mode", "wal"},
	{"pragma synchronous = full", "pragma synchronous", "2"},
	{"pragma mmap_size = 0", "pragma mmap_size", "0"},
	{"pragma auto_vacuum = none", "pragma auto_vacuum", "0"},
	{"pragma secure_delete = on", "pragma secure_delete", "1"},
	{"pragma foreign_keys = on", "pragma foreign_keys", "1"},
	{"pragma temp_store = memory", "pragma temp_store", "2"},
	{"pragma cache_size = -64000", "pragma cache_size", "-64000"},
};

static const struct sql_setting memory_setting[] = {
	{"pragma journal_mode = memory", "pragma journal_mode", "memory"},
	{"pragma foreign_keys = on", "pragma foreign_keys", "1"},
	{"pragma temp_store = memory", "pragma temp_store", "2"},
};

int sql_set_and_read_back(sqlite3 *db, const struct sql_setting *s, char got[64])
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_exec(db, s->pragma, NULL, NULL, NULL);

	snprintf(got, 64, "nothing");
	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_prepare_v2(db, s->read, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		snprintf(got, 64, "%s", (const char *)sqlite3_column_text(stmt, 0));
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	/* SQLite leaves out mmap_size's row where maps are compiled away. */
	if (rc == SQLITE_DONE)
		snprintf(got, 64, "%s", s->want);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static enum sql_status apply_settings(struct sql *sql, struct buf *error)
{
	const struct sql_setting *list = sql->path ? file_setting : memory_setting;
	size_t n = sql->path ? sizeof(file_setting) / sizeof(file_setting[0])
			     : sizeof(memory_setting) / sizeof(memory_setting[0]);
	const char *name = sql->path ? sql->path : ":memory:";
	char got[64];

	for (size_t i = 0; i < n; i++) {
		int rc = sql_set_and_read_back(sql->db, &list[i], got);

		if (sql_status_of(rc) == SQL_BUSY) {
			buf_addf(error, "another tenstep is using '%s'", name);
			return SQL_BUSY;
		}
		if (rc != SQLITE_OK) {
			buf_addf(error, "cannot use '%s' (%s): ", name, list[i].pragma);
			sql_add_why(sql, rc, error);
			return sql_status_of(rc);
		}
		if (strcmp(got, list[i].want) != 0) {
			buf_addf(error, "cannot use '%s' safely: %s gives '%s', not '%s'", name,
				list[i].read, got, list[i].want);
			return SQL_BROKEN;
		}
	}
	return SQL_OK;
}

/* Takes the exclusive lock now and not at the first write, so that a second program hears of it
 * when it starts. */
static enum sql_status take_lock(struct sql *sql, struct buf *error)
{
	int rc = sqlite3_exec(sql->db, "begin exclusive; commit", NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		return SQL_OK;
	if (sql_status_of(rc) == SQL_BUSY) {
		buf_addf(error, "another tenstep is using '%s'", sql->path);
		return SQL_BUSY;
	}
	buf_addf(error, "cannot use '%s': ", sql->path);
	sql_add_why(sql, rc, error);
	return sql_status_of(rc);
}

enum sql_status sql_open(const char *path, struct sql **out, struct buf *error)
{
	struct sql *sql = calloc(1, sizeof(*sql));
	enum sql_status status;
	int rc;

	*out = NULL;
	if (!sql)
		abort();
	if (path && !(sql->path = strdup(path)))
		abort();
	rc = sqlite3_open_v2(path ? path : ":memory:", &sql->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		sqlite_file_system());
	if (rc != SQLITE_OK) {
		buf_addf(error, "cannot open '%s': ", path ? path : ":memory:");
		sql_add_why(sql, rc, error);
		sql_close(sql);
		return sql_status_of(rc);
	}
	sqlite3_extended_result_codes(sql->db, 1);
	sqlite3_busy_timeout(sql->db, BUSY_WAIT_MS);
	status = apply_settings(sql, error);
	if (status == SQL_OK && path)
		status = take_lock(sql, error);
	if (status == SQL_OK && path)
		sql_watch_log(sql);
	if (status == SQL_OK && path && stat(path, &sql->place) != 0) {
		buf_addf(error, "cannot find '%s' again: %s", path, strerror(errno));
		status = SQL_BROKEN;
	}
	if (status != SQL_OK) {
		sql_close(sql);
		return status;
	}
	*out = sql;
	return SQL_OK;
}

void sql_close(struct sql *sql)
{
	if (!sql)
		return;
	for (unsigned i = 0; i < SQL_CACHE_SLOTS; i++) {
		struct sql_query *query = sql->cache[i];

		if (!query)
			continue;
		assert(!query->in_use);
		sqlite3_finalize(query->stmt);
		free(query);
	}
	/* Closing rolls an open transaction back; SQLITE_BUSY would mean a statement that nobody
	 * ended. */
	if (sqlite3_close(sql->db) != SQLITE_OK)
		assert(!"a query was not ended");
	free(sql->path);
	free(sql);
}

/* SQLite is not asked: another thread may be using the connection. */
bool sql_is_in_place(const struct sql *sql)
{
	struct stat now;

	return !sql->path || (stat(sql->path, &now) == 0 && now.st_ino == sql->place.st_ino &&
				     now.st_dev == sql->place.st_dev);
}

bool sql_is_empty(struct sql *sql)
{
	return sql_number(sql_query(sql, "select count(*) from sqlite_schema")) == 0;
}

static int64_t bytes_of(const char *path, const char *suffix)
{
	char name[PATH_MAX];
	struct stat about;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &about) == 0 ? about.st_size : 0;
}

int64_t sql_bytes(const struct sql *sql)
{
	return sql->path ? bytes_of(sql->path, "") + bytes_of(sql->path, "-wal") : 0;
}

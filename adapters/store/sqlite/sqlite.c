/* SQLite: one connection, durable, used by nobody else: what went wrong, units of work, the log. */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/store/sqlite/sqlite_inside.h"

#ifndef TENSTEP_LOG_PAGES
#define TENSTEP_LOG_PAGES 4000 /* a test may want fewer */
#endif

enum {
	/* The log is written back from so many pages on: with SQLite's usual 1,000 most pages are
	 * written to the file once a time they change (tests/bench/bench_store.c). */
	LOG_PAGES = TENSTEP_LOG_PAGES,
	LOG_PAGES_MAX = LOG_PAGES * 3 / 2,
	LONG_NAME = 500, /* more is no name for SQLite */
};

/* What went wrong */

enum sql_status sql_status_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return SQL_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return SQL_BUSY;
	case SQLITE_CONSTRAINT:
		return SQL_CONSTRAINT;
	case SQLITE_FULL:
		return SQL_FULL;
	default:
		return SQL_BROKEN;
	}
}

/* What the system said last about a file; SQLite has used errno for other things since. */
static int last_errno(sqlite3_file *file)
{
	int number = 0;

	if (file && file->pMethods)
		(void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
	return number;
}

static bool no_room(sqlite3 *db, int which)
{
	sqlite3_file *file = NULL;
	int number;

	(void)sqlite3_file_control(db, "main", which, &file);
	number = last_errno(file);
	return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

/* No room is said in several ways: a quota and a limit of this process come as an I/O error. */
static bool is_full(sqlite3 *db, int rc)
{
	return (rc & 0xff) == SQLITE_IOERR && (no_room(db, SQLITE_FCNTL_JOURNAL_POINTER) ||
						      no_room(db, SQLITE_FCNTL_FILE_POINTER));
}

/* SQLite's own words hide what the system said. */
void sql_add_why(struct sql *sql, int rc, struct buf *error)
{
	int number = sqlite3_system_errno(sql->db);

	switch (rc & 0xff) {
	case SQLITE_CANTOPEN:
		if (sql->path && strlen(sql->path) > LONG_NAME)
			buf_adds(error, "the name is too long");
		else
			buf_adds(error, number ? strerror(number) : sqlite3_errmsg(sql->db));
		return;
	case SQLITE_READONLY:
		buf_adds(error, "it may be read, but not written");
		return;
	case SQLITE_IOERR:
		buf_adds(error, sqlite3_errmsg(sql->db));
		if (number)
			buf_addf(error, " (%s)", strerror(number));
		return;
	default:
		buf_adds(error, sqlite3_errmsg(sql->db));
	}
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void sql_note_error(struct sql *sql, int rc, const char *file, int line)
{
	int number = (rc & 0xff) == SQLITE_IOERR ? sqlite3_system_errno(sql->db) : 0;

	if (sql->status != SQL_OK)
		return;
	sql->status = is_full(sql->db, rc) ? SQL_FULL : sql_status_of(rc);
	if (sql->status == SQL_BUSY)
		snprintf(sql->error, sizeof(sql->error), "another tenstep is using '%s'",
			sql->path ? sql->path : ":memory:");
	else
		snprintf(sql->error, sizeof(sql->error), "%s:%d: %s%s%s", base_name(file), line,
			sqlite3_errmsg(sql->db), number ? ": " : "",
			number ? strerror(number) : "");
}

/* The log */

/* Whoever calls sql_write_back() in time never waits for it here; who never does waits now and
 * then. */
static int commit_done(void *self, sqlite3 *db, const char *name, int pages)
{
	struct sql *sql = self;

	(void)name;
	if (!sql->relaxed)
		atomic_store(&sql->unsure, false);
	sql->log_pages = pages;
	if (pages < LOG_PAGES_MAX)
		return SQLITE_OK;
	sql->log_pages = 0;
	(void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

void sql_watch_log(struct sql *sql)
{
	(void)sqlite3_wal_hook(sql->db, commit_done, sql);
}

bool sql_log_is_long(const struct sql *sql)
{
	return sql->log_pages >= LOG_PAGES;
}

void sql_write_back(struct sql *sql)
{
	if (!sql_log_is_long(sql))
		return;
	sql->log_pages = 0;
	(void)sqlite3_wal_checkpoint_v2(sql->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* SQLite does not wait until the log is as short on the disk. */
static int sync_log(struct sql *sql)
{
	sqlite3_file *log = NULL;

	(void)sqlite3_file_control(sql->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	return log && log->pMethods ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) : SQLITE_OK;
}

void sql_checkpoint(struct sql *sql)
{
	int rc;

	if (!sql->path || sql->status != SQL_OK)
		return;
	rc = sqlite3_wal_checkpoint_v2(sql->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sync_log(sql);
	if (rc != SQLITE_OK)
		sql_note_error(sql, rc, __FILE__, __LINE__);
}

/* Transactions */

enum sql_status sql_begin(struct sql *sql)
{
	assert(!sql->in_transaction && !sql->relaxed);
	sql_clear(sql);
	(void)sql_run(sql_query(sql, "begin immediate"));
	sql->in_transaction = sql->status == SQL_OK;
	return sql->status;
}

/* With NORMAL a commit is written to the log and not waited for; the next one that is waited for
 * takes it along, because the log is one file.
 * https://www.sqlite.org/pragma.html#pragma_synchronous */
static void relax(struct sql *sql, bool relaxed)
{
	static const struct sql_setting normal = {
		"pragma synchronous = normal", "pragma synchronous", "1"};
	static const struct sql_setting full = {
		"pragma synchronous = full", "pragma synchronous", "2"};
	const struct sql_setting *want = relaxed ? &normal : &full;
	char got[64];
	int rc;

	if (!sql->path || sql->relaxed == relaxed)
		return;
	rc = sql_set_and_read_back(sql->db, want, got);
	if (rc != SQLITE_OK || strcmp(got, want->want) != 0)
		abort(); /* whatever came next would not be as durable as it is said to be */
	sql->relaxed = relaxed;
}

enum sql_status sql_begin_relaxed(struct sql *sql)
{
	enum sql_status status;

	assert(!sql->in_transaction);
	sql_clear(sql);
	relax(sql, true);
	(void)sql_run(sql_query(sql, "begin immediate"));
	sql->in_transaction = sql->status == SQL_OK;
	status = sql->status;
	if (status != SQL_OK)
		relax(sql, false);
	return status;
}

/* When the disk refuses to be waited for, all of it may be there nevertheless. */
static void run_commit(struct sql *sql)
{
	(void)sql_run(sql_query(sql, "commit"));
	if (sql->status != SQL_OK && !sql->relaxed &&
		(sqlite3_extended_errcode(sql->db) & 0xff) == SQLITE_IOERR)
		atomic_store(&sql->unsure, true);
}

enum sql_status sql_commit(struct sql *sql)
{
	assert(sql->in_transaction);
	if (sql->status == SQL_OK)
		run_commit(sql);
	if (sql->status != SQL_OK)
		sql_rollback(sql);
	sql->in_transaction = false;
	relax(sql, false);
	return sql->status;
}

void sql_rollback(struct sql *sql)
{
	/* Some errors have already rolled back; then there is nothing left to do. */
	if (!sqlite3_get_autocommit(sql->db)) {
		int rc = sqlite3_exec(sql->db, "rollback", NULL, NULL, NULL);

		if (rc != SQLITE_OK)
			sql_note_error(sql, rc, __FILE__, __LINE__);
	}
	sql->in_transaction = false;
	relax(sql, false);
}

bool sql_is_unsure(const struct sql *sql)
{
	return atomic_load(&sql->unsure);
}

bool sql_in_transaction(const struct sql *sql)
{
	return sql->in_transaction;
}

void sql_fail(struct sql *sql, const char *format, ...)
{
	va_list ap;

	if (sql->status != SQL_OK)
		return;
	sql->status = SQL_BROKEN;
	va_start(ap, format);
	vsnprintf(sql->error, sizeof(sql->error), format, ap);
	va_end(ap);
}

enum sql_status sql_status(const struct sql *sql)
{
	return sql->status;
}

const char *sql_error(const struct sql *sql)
{
	return sql->error;
}

void sql_clear(struct sql *sql)
{
	sql->status = SQL_OK;
	sql->error[0] = '\0';
}

enum sql_status sql_copy_all(struct sql *to, struct sql *from)
{
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");

	if (!backup) {
		sql_note_error(to, sqlite3_errcode(to->db), __FILE__, __LINE__);
		return to->status;
	}
	sqlite3_backup_step(backup, -1);
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		sql_note_error(to, sqlite3_errcode(to->db), __FILE__, __LINE__);
	return to->status;
}

bool sql_check(struct sql *sql, struct buf *out)
{
	struct sql_query *query = sql_query(sql, "pragma integrity_check(1)");
	bool ok = false;

	if (sql_next(query)) {
		struct str said = {(const char *)sqlite3_column_text(query->stmt, 0),
			(size_t)sqlite3_column_bytes(query->stmt, 0)};

		ok = str_is(said, "ok");
		buf_add(out, said);
	} else {
		buf_adds(out, sql->error);
	}
	sql_end(query);
	return ok;
}

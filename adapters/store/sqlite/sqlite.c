/* SQLite: one connection, durable, used by nobody else. */
#include "adapters/store/sqlite/sqlite.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "adapters/store/sqlite/sqlite_file.h"

#ifndef TENSTEP_LOG_PAGES
#define TENSTEP_LOG_PAGES 4000 /* a test may want fewer */
#endif

enum {
	CACHE_SLOTS = 512, /* a power of two, well above the statements of one schema */
	ERROR_MAX = 512,
	BUSY_WAIT_MS = 250, /* for a predecessor that is just closing */
	/* The log is written back from so many pages on: with SQLite's usual 1,000 most pages are
	 * written to the file once a time they change (tests/bench/bench_store.c). */
	LOG_PAGES = TENSTEP_LOG_PAGES,
	LOG_PAGES_MAX = LOG_PAGES * 3 / 2,
	LONG_NAME = 500, /* more is no name for SQLite */
};

struct sql_query {
	struct sql *sql;
	sqlite3_stmt *stmt; /* NULL: could not be prepared; the error sticks to the connection */
	const char *text;   /* the literal: the key of the cache */
	const char *file;
	int line;
	int n_bound;
	int next_column; /* to be read, probably */
	bool in_use;
	bool cached;
};

struct sql {
	sqlite3 *db;
	char *path;        /* NULL: in memory */
	struct stat place; /* of the file when it was opened */
	enum sql_status status;
	char error[ERROR_MAX];
	bool in_transaction, relaxed;
	atomic_bool unsure;
	int log_pages; /* that may be written back, by the last commit's count */
	struct sql_query *cache[CACHE_SLOTS];
	unsigned n_cached;
};

static enum sql_status status_of(int rc)
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

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
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
static void add_why(struct sql *sql, int rc, struct buf *error)
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

/* Only the first error of a unit of work says what went wrong; the rest follow from it. */
static void note_error(struct sql *sql, int rc, const char *file, int line)
{
	int number = (rc & 0xff) == SQLITE_IOERR ? sqlite3_system_errno(sql->db) : 0;

	if (sql->status != SQL_OK)
		return;
	sql->status = is_full(sql->db, rc) ? SQL_FULL : status_of(rc);
	if (sql->status == SQL_BUSY)
		snprintf(sql->error, sizeof(sql->error), "another tenstep is using '%s'",
			sql->path ? sql->path : ":memory:");
	else
		snprintf(sql->error, sizeof(sql->error), "%s:%d: %s%s%s", base_name(file), line,
			sqlite3_errmsg(sql->db), number ? ": " : "",
			number ? strerror(number) : "");
}

/* Opening */

struct setting {
	const char *pragma; /* the statement that sets it */
	const char *read;   /* the one that reads it back */
	const char *want;
};

/* EXCLUSIVE comes before WAL, so that no shared index file is ever made: with it two processes
 * could write at once, which this SQLite does not survive in all cases.  Nothing reaches the disk
 * but by system calls.  secure_delete: what a buyer asked to forget is overwritten.  cache_size, in
 * kB: the inner pages of a store with a million conversations, and what was read of those that wake
 * until they are folded; it grows as it is needed.  wal_autocheckpoint is replaced by
 * commit_done(). */
static const struct setting file_setting[] = {
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

static const struct setting memory_setting[] = {
	{"pragma journal_mode = memory", "pragma journal_mode", "memory"},
	{"pragma foreign_keys = on", "pragma foreign_keys", "1"},
	{"pragma temp_store = memory", "pragma temp_store", "2"},
};

/* Sets one setting and reads it back: a pragma that had no effect returns SQLITE_OK all the same.
 */
static int set_and_read_back(sqlite3 *db, const struct setting *s, char got[64])
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
	const struct setting *list = sql->path ? file_setting : memory_setting;
	size_t n = sql->path ? sizeof(file_setting) / sizeof(file_setting[0])
			     : sizeof(memory_setting) / sizeof(memory_setting[0]);
	const char *name = sql->path ? sql->path : ":memory:";
	char got[64];

	for (size_t i = 0; i < n; i++) {
		int rc = set_and_read_back(sql->db, &list[i], got);

		if (status_of(rc) == SQL_BUSY) {
			buf_addf(error, "another tenstep is using '%s'", name);
			return SQL_BUSY;
		}
		if (rc != SQLITE_OK) {
			buf_addf(error, "cannot use '%s' (%s): ", name, list[i].pragma);
			add_why(sql, rc, error);
			return status_of(rc);
		}
		if (strcmp(got, list[i].want) != 0) {
			buf_addf(error, "cannot use '%s' safely: %s gives '%s', not '%s'", name,
				list[i].read, got, list[i].want);
			return SQL_BROKEN;
		}
	}
	return SQL_OK;
}

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

/* Takes the exclusive lock now and not at the first write, so that a second program hears of it
 * when it starts. */
static enum sql_status take_lock(struct sql *sql, struct buf *error)
{
	int rc = sqlite3_exec(sql->db, "begin exclusive; commit", NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		return SQL_OK;
	if (status_of(rc) == SQL_BUSY) {
		buf_addf(error, "another tenstep is using '%s'", sql->path);
		return SQL_BUSY;
	}
	buf_addf(error, "cannot use '%s': ", sql->path);
	add_why(sql, rc, error);
	return status_of(rc);
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
		add_why(sql, rc, error);
		sql_close(sql);
		return status_of(rc);
	}
	sqlite3_extended_result_codes(sql->db, 1);
	sqlite3_busy_timeout(sql->db, BUSY_WAIT_MS);
	status = apply_settings(sql, error);
	if (status == SQL_OK && path)
		status = take_lock(sql, error);
	if (status == SQL_OK && path)
		(void)sqlite3_wal_hook(sql->db, commit_done, sql);
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
	for (unsigned i = 0; i < CACHE_SLOTS; i++) {
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
	static const struct setting normal = {
		"pragma synchronous = normal", "pragma synchronous", "1"};
	static const struct setting full = {"pragma synchronous = full", "pragma synchronous", "2"};
	const struct setting *want = relaxed ? &normal : &full;
	char got[64];
	int rc;

	if (!sql->path || sql->relaxed == relaxed)
		return;
	rc = set_and_read_back(sql->db, want, got);
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
			note_error(sql, rc, __FILE__, __LINE__);
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

/* Queries */

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
	size_t i = ((uintptr_t)text >> 2) * 2654435761u % CACHE_SLOTS;

	while (sql->cache[i] && sql->cache[i]->text != text)
		i = (i + 1) % CACHE_SLOTS;
	return &sql->cache[i];
}

struct sql_query *sql_query_at(struct sql *sql, const char *text, const char *file, int line)
{
	struct sql_query **slot = cache_slot(sql, text);
	struct sql_query *query = *slot;

	if (!query && sql->n_cached < CACHE_SLOTS / 2) {
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
			note_error(sql, rc, file, line);
	}
	return query;
}

static void bound(struct sql_query *query, int rc)
{
	if (rc != SQLITE_OK)
		note_error(query->sql, rc, query->file, query->line);
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
		note_error(query->sql, rc, query->file, query->line);
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
		note_error(sql, rc, __FILE__, __LINE__);
}

enum sql_status sql_copy_all(struct sql *to, struct sql *from)
{
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");

	if (!backup) {
		note_error(to, sqlite3_errcode(to->db), __FILE__, __LINE__);
		return to->status;
	}
	sqlite3_backup_step(backup, -1);
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		note_error(to, sqlite3_errcode(to->db), __FILE__, __LINE__);
	return to->status;
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
		note_error(sql, rc, __FILE__, __LINE__);
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

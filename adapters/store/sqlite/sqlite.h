/* SQLite: one connection, durable, used by nobody else.  Nothing else in the program includes
 * sqlite3.h. */
#ifndef TENSTEP_ADAPTERS_STORE_SQLITE_H
#define TENSTEP_ADAPTERS_STORE_SQLITE_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"

struct sql;       /* a connection */
struct sql_query; /* a statement being bound or read */

enum sql_status {
	SQL_OK,
	SQL_BUSY,       /* another process holds the file */
	SQL_CONSTRAINT, /* the schema forbids it */
	SQL_FULL,       /* no room on the disk */
	SQL_BROKEN,     /* anything else: not a database, damaged, I/O error */
};

/* Opens or makes the file; a NULL @path is a database in memory.  A file is locked for this
 * process, in WAL mode with synchronous=FULL and no memory map (an acknowledged commit then
 * survives a kill at any system call, and a power cut).  What is deleted leaves no byte in the file
 * once the log is emptied.  All settings are read back: on a mismatch
 * nothing is opened. On failure one line goes to @error. */
enum sql_status sql_open(const char *path, struct sql **sql, struct buf *error) MUST_CHECK;
void sql_close(struct sql *sql); /* NULL is fine; an open transaction is rolled back */

/* An error sticks: after the first one, statements do nothing and reads give no rows, until the
 * transaction ends.  So a unit of work is written straight down and asked once, at its commit. */
enum sql_status sql_begin(struct sql *sql) MUST_CHECK;
/* For work that is simply done again when it is lost: its commit survives a kill, and a power cut
 * as soon as something after it was committed that had begun with sql_begin().  It does not wait
 * for the disk. */
enum sql_status sql_begin_relaxed(struct sql *sql) MUST_CHECK;
/* Commits, or rolls back and says what went wrong first. */
enum sql_status sql_commit(struct sql *sql) MUST_CHECK;
/* Whether a commit that was to be waited for failed, and the file may have it all the same, for who
 * opens it after a kill; until such a one is written over it.  To be asked in any thread. */
bool sql_is_unsure(const struct sql *sql);
void sql_rollback(struct sql *sql);
bool sql_in_transaction(const struct sql *sql);

/* The transaction fails as if one of its statements had, for a reason that SQLite does not see. */
void sql_fail(struct sql *sql, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The status since the last sql_begin() or sql_clear(), and the text of its error:
 * "orders.c:120: UNIQUE constraint failed: …"; valid until the next error. */
enum sql_status sql_status(const struct sql *sql);
const char *sql_error(const struct sql *sql);
void sql_clear(struct sql *sql);

/* A prepared statement; the text must be a literal, prepared statements are kept by its address.
 * Never NULL.  Every query is ended by sql_run() or sql_end(). */
#define sql_query(sql, literal) sql_query_at((sql), "" literal, __FILE__, __LINE__)
struct sql_query *sql_query_at(
	struct sql *sql, const char *text, const char *file, int line) MUST_CHECK;

/* Bound in the order of the question marks; all of them must be.  The bytes are copied. */
void sql_bind_int(struct sql_query *query, int64_t number);
void sql_bind_text(struct sql_query *query, struct str text);
void sql_bind_blob(struct sql_query *query, struct str bytes);
/* The same without a copy: the bytes stay as they are until the query ends. */
void sql_bind_kept_text(struct sql_query *query, struct str text);
void sql_bind_kept_blob(struct sql_query *query, struct str bytes);
void sql_bind_null(struct sql_query *query);
void sql_bind_bool(struct sql_query *query, bool yes);
/* 0 and the empty text are kept as NULL: "does not apply". */
void sql_bind_time(struct sql_query *query, int64_t unix_seconds);
void sql_bind_optional(struct sql_query *query, struct str text);

/* The next row; false at the end or after an error. */
bool sql_next(struct sql_query *query) MUST_CHECK;

/* Columns by name; NULL reads as 0 or empty.  A name that is not there is a bug (assert).  The
 * slice lives until the next sql_next() or sql_end(); sql_copy() puts it into an arena. */
int64_t sql_int(struct sql_query *query, const char *column);
struct str sql_text(struct sql_query *query, const char *column);
struct str sql_copy(struct sql_query *query, struct arena *arena, const char *column);
bool sql_is_null(struct sql_query *query, const char *column);

void sql_end(struct sql_query *query);

/* Runs a query that gives no rows and ends it: the number of rows changed. */
int64_t sql_run(struct sql_query *query);
/* The integer key that the last row got which was inserted without one. */
int64_t sql_last_id(const struct sql *sql);
/* Reads the first column of the first row as a number (0 without one) and ends the query. */
int64_t sql_number(struct sql_query *query);

/* Several statements, for schemas. */
void sql_script(struct sql *sql, const char *script);

/* Makes @to, a database in memory without an open transaction, a copy of @from. */
enum sql_status sql_copy_all(struct sql *to, struct sql *from) MUST_CHECK;

/* Writes everything from the log into the file and empties the log; what was only there is on no
 * disk any more. */
void sql_checkpoint(struct sql *sql);
/* Writes the log back to the file once it has become long.  Who calls this now and then, outside of
 * a transaction, spares the commits from doing it. */
void sql_write_back(struct sql *sql);
bool sql_log_is_long(const struct sql *sql);

/* Whether the file is still where it was opened; may be asked by any thread. */
bool sql_is_in_place(const struct sql *sql) MUST_CHECK;
/* Whether it holds nothing at all. */
bool sql_is_empty(struct sql *sql) MUST_CHECK;
/* What the file and its log take on the disk; 0 in memory. */
int64_t sql_bytes(const struct sql *sql);

/* "ok", or the first fault that SQLite's own check finds; into @out. */
bool sql_check(struct sql *sql, struct buf *out) MUST_CHECK;

#endif

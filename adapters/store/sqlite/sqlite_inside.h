/* What the files of this folder know of a connection and its statements. */
#ifndef TENSTEP_ADAPTERS_STORE_SQLITE_INSIDE_H
#define TENSTEP_ADAPTERS_STORE_SQLITE_INSIDE_H

#include <stdatomic.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "adapters/store/sqlite/sqlite.h"

enum {
	SQL_CACHE_SLOTS = 512, /* a power of two, well above the statements of one schema */
	SQL_ERROR_MAX = 512,
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
	char error[SQL_ERROR_MAX];
	bool in_transaction, relaxed;
	atomic_bool unsure;
	int log_pages; /* that may be written back, by the last commit's count */
	struct sql_query *cache[SQL_CACHE_SLOTS];
	unsigned n_cached;
};

/* What SQLite's number means here. */
enum sql_status sql_status_of(int rc);
/* Of what is not a statement of a unit of work: why, in a few words. */
void sql_add_why(struct sql *sql, int rc, struct buf *error);
/* Only the first error of a unit of work says what went wrong; the rest follow from it. */
void sql_note_error(struct sql *sql, int rc, const char *file, int line);

/* sqlite_open.c */
struct sql_setting {
	const char *pragma; /* the statement that sets it */
	const char *read;   /* the one that reads it back */
	const char *want;
};
/* Sets one setting and reads it back: a pragma that had no effect returns SQLITE_OK all the same.
 */
int sql_set_and_read_back(sqlite3 *db, const struct sql_setting *setting, char got[64]);

/* sqlite.c: from now on how long the log is is known after each commit. */
void sql_watch_log(struct sql *sql);

#endif

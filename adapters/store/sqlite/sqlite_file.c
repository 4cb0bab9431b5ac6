/* How what SQLite writes gets to the system: clean, and much at once.
 *
 * Clean: when SQLite moves rows from one page to another, it leaves their old bytes in the space
 * that belongs to no row, secure_delete or not, and nothing ever finds them again.  So this space
 * is emptied on the way to the file.  (The log keeps them until it is emptied.)
 * https://www.sqlite.org/fileformat2.html, section 1.6
 *
 * Much at once: SQLite writes each page by itself, to the log with its head before it, and a call
 * of the system costs more than the copying.  So what is written behind what was written before is
 * gathered, and goes to the system as one: of the log with the last page of a commit, so that
 * whatever was committed was written; of the database, to which nothing is written but when the log
 * is written back, when that is over. */
#include "adapters/store/sqlite/sqlite_file.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

enum {
	PAGE_1_HEADER = 100,
	INDEX_INNER = 2,
	TABLE_INNER = 5,
	INDEX_LEAF = 10,
	TABLE_LEAF = 13,
	LARGEST_PAGE = 65536,
	FRAME_HEAD = 24,       /* of a page in the log */
	GATHER_MAX = 64 << 10, /* SQLite takes a write of 128 KB for one of none */
	/* So much is on the disk before more is written: what the disk has to take at once is what
	 * a commit to another file waits for. */
	SYNC_EVERY = 4 << 20,
};

/* Other pages begin with the number of a page, which looks like a page of rows from 1 << 25 on. */
enum { MOST_PAGES = 1 << 24 };

/* Behind the system's own part of an open file. */
struct gathering {
	const sqlite3_io_methods *system;
	unsigned char *bytes; /* NULL: nothing was ever written */
	size_t n;
	size_t unsynced; /* written since the last sync */
	sqlite3_int64 at;
	int failed; /* what nobody was told yet */
	bool may_clean;
	/* Of the log: where its newest part ends, and whether the page that comes, or came, is the
	 * last of a commit. */
	sqlite3_int64 end;
	bool is_last;
};

enum { ALIGN = 16 };

static sqlite3_vfs *system_vfs;

static size_t own_part(void)
{
	return ((size_t)system_vfs->szOsFile + ALIGN - 1) / ALIGN * ALIGN;
}

static struct gathering *gathering_of(sqlite3_file *file)
{
	return (struct gathering *)(void *)((char *)file + own_part());
}

static int sync_all(sqlite3_file *file, int flags)
{
	struct gathering *g = gathering_of(file);

	g->unsynced = 0;
	return g->system->xSync(file, flags);
}

/* What could not be written is dropped: whoever is told undoes what it was part of. */
static int write_gathered(sqlite3_file *file)
{
	struct gathering *g = gathering_of(file);
	int rc = g->failed, n = (int)g->n;

	g->failed = SQLITE_OK;
	g->n = 0;
	if (rc != SQLITE_OK || !n)
		return rc;
	rc = g->system->xWrite(file, g->bytes, n, g->at);
	g->unsynced += (size_t)n;
	if (rc == SQLITE_OK && g->unsynced >= SYNC_EVERY)
		rc = sync_all(file, SQLITE_SYNC_NORMAL);
	return rc;
}

static bool has_place(struct gathering *g)
{
	if (!g->bytes)
		g->bytes = malloc(GATHER_MAX);
	return g->bytes != NULL;
}

static int gather(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct gathering *g = gathering_of(file);
	int rc = SQLITE_OK;

	if (n > LARGEST_PAGE || !has_place(g))
		return SQLITE_IOERR_NOMEM;
	if (at != g->at + (sqlite3_int64)g->n || g->n + (size_t)n > GATHER_MAX)
		rc = write_gathered(file);
	if (rc != SQLITE_OK)
		return rc;
	if (!g->n)
		g->at = at;
	memcpy(g->bytes + g->n, bytes, (size_t)n);
	g->n += (size_t)n;
	return SQLITE_OK;
}

/* The database */

static size_t two_bytes(const unsigned char *p)
{
	return (size_t)p[0] << 8 | p[1];
}

/* Where the space between the list of rows and the rows begins, and its length; 0: there is none,
 * or this is no page of rows. */
static size_t unused_space(const unsigned char *page, size_t n, bool first, size_t *from)
{
	const unsigned char *header = page + (first ? PAGE_1_HEADER : 0);
	bool inner = header[0] == INDEX_INNER || header[0] == TABLE_INNER;
	bool leaf = header[0] == INDEX_LEAF || header[0] == TABLE_LEAF;
	size_t content = two_bytes(header + 5);

	*from = (size_t)(header - page) + (inner ? 12 : 8) + 2 * two_bytes(header + 3);
	if (content == 0)
		content = LARGEST_PAGE;
	return (inner || leaf) && *from < content && content <= n ? content - *from : 0;
}

static bool is_small(sqlite3_file *file, int n)
{
	sqlite3_int64 size;

	return gathering_of(file)->system->xFileSize(file, &size) == SQLITE_OK &&
	       size / n < MOST_PAGES;
}

static int write_page(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct gathering *g = gathering_of(file);
	size_t from, length;
	unsigned char *page;
	int rc;

	if (n < 512 || n > LARGEST_PAGE || at % n) {
		rc = write_gathered(file);
		return rc == SQLITE_OK ? g->system->xWrite(file, bytes, n, at) : rc;
	}
	rc = gather(file, bytes, n, at);
	if (rc != SQLITE_OK)
		return rc;
	page = g->bytes + g->n - n;
	if (page == g->bytes)
		g->may_clean = is_small(file, n);
	length = g->may_clean ? unused_space(page, (size_t)n, at == 0, &from) : 0;
	if (length)
		memset(page + from, 0, length);
	return SQLITE_OK;
}

/* The log: https://www.sqlite.org/fileformat2.html, section 4.1 */

/* The last page of a commit has the size of the database in its head. */
static bool ends_commit(const unsigned char *head)
{
	return (head[4] | head[5] | head[6] | head[7]) != 0;
}

static int write_frame(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct gathering *g = gathering_of(file);
	bool is_head = n == FRAME_HEAD, follows = at == g->end;
	int rc;

	if (is_head)
		g->is_last = ends_commit(bytes);
	g->end = at + n;
	rc = gather(file, bytes, n, at);
	if (rc == SQLITE_OK && follows && (is_head || !g->is_last))
		return SQLITE_OK;
	return rc == SQLITE_OK ? write_gathered(file) : rc;
}

/* Both: whatever else is done with the file finds everything written. */

static int close_file(sqlite3_file *file)
{
	struct gathering *g = gathering_of(file);
	const sqlite3_io_methods *system = g->system;

	(void)write_gathered(file);
	free(g->bytes);
	g->bytes = NULL;
	return system->xClose(file);
}

static int read_file(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
	int rc = write_gathered(file);

	return rc == SQLITE_OK ? gathering_of(file)->system->xRead(file, bytes, n, at) : rc;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = write_gathered(file);

	return rc == SQLITE_OK ? gathering_of(file)->system->xTruncate(file, size) : rc;
}

static int sync_file(sqlite3_file *file, int flags)
{
	int rc = write_gathered(file);

	return rc == SQLITE_OK ? sync_all(file, flags) : rc;
}

static int size_of_file(sqlite3_file *file, sqlite3_int64 *size)
{
	int rc = write_gathered(file);

	return rc == SQLITE_OK ? gathering_of(file)->system->xFileSize(file, size) : rc;
}

static int unlock_file(sqlite3_file *file, int lock)
{
	int rc = write_gathered(file), unlocked = gathering_of(file)->system->xUnlock(file, lock);

	return rc == SQLITE_OK ? unlocked : rc;
}

/* Nobody listens to what becomes of it when the log was written back, but to what comes next. */
static int control_file(sqlite3_file *file, int what, void *value)
{
	struct gathering *g = gathering_of(file);

	if (what == SQLITE_FCNTL_CKPT_DONE)
		g->failed = write_gathered(file);
	return g->system->xFileControl(file, what, value);
}

static sqlite3_io_methods methods_over(const sqlite3_io_methods *system,
	int (*write)(sqlite3_file *, const void *, int, sqlite3_int64))
{
	sqlite3_io_methods own = *system;

	own.xClose = close_file;
	own.xRead = read_file;
	own.xWrite = write;
	own.xTruncate = truncate_file;
	own.xSync = sync_file;
	own.xFileSize = size_of_file;
	own.xUnlock = unlock_file;
	own.xFileControl = control_file;
	return own;
}

static int open_file(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	static sqlite3_io_methods database, log;
	int rc = system_vfs->xOpen(system_vfs, name, file, flags, out_flags);
	sqlite3_io_methods *own = flags & SQLITE_OPEN_MAIN_DB ? &database : &log;

	(void)vfs;
	if (rc != SQLITE_OK || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
		return rc;
	assert(!own->xLock || own->xLock == file->pMethods->xLock);
	if (!own->xLock)
		*own = methods_over(file->pMethods, own == &database ? write_page : write_frame);
	*gathering_of(file) = (struct gathering){.system = file->pMethods};
	file->pMethods = own;
	return SQLITE_OK;
}

const char *sqlite_file_system(void)
{
	static sqlite3_vfs vfs;

	if (system_vfs)
		return vfs.zName;
	(void)sqlite3_config(
		SQLITE_CONFIG_MEMSTATUS, 0); /* nobody asks, and it costs a lock each time */
	system_vfs = sqlite3_vfs_find(NULL);
	vfs = *system_vfs;
	vfs.zName = "tenstep";
	vfs.pNext = NULL;
	vfs.szOsFile = (int)(own_part() + sizeof(struct gathering));
	vfs.xOpen = open_file;
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
		abort();
	return vfs.zName;
}

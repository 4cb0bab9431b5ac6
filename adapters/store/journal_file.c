/* The journal's own files. */
#include "adapters/store/journal_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/base/hash.h"

enum {
	RECORD_MAX = 1 << 30,
	FIRST_BYTES = 64 << 10, /* a file grows by as much as it has, from so much … */
	STEP_BYTES = 1 << 20,   /* … up to so much at a time */
	ALIGN = 8,
};

static const char magic[8] = "TS-turns";

struct head {
	char magic[8];
	uint64_t hash; /* of all that follows in the record */
	uint64_t n_bytes;
	int64_t n_rows, last_seq;
};

struct row_head {
	uint32_t n_name, n_bytes;
};

enum { HASHED = offsetof(struct head, n_bytes) };

struct one {
	int fd; /* -1: not open; the file may be there nevertheless, without anything that counts */
	int64_t first_seq, last_seq; /* 0: nothing that counts */
	int64_t oldest_seq;          /* of which there may be bytes; 0: there are none */
	int64_t end, size;
};

struct journal_file {
	char *path;
	uint64_t key;
	struct one one[2];
	unsigned now; /* which is appended to */
	bool unsure;  /* whether a record that failed will be found behind its end */
	struct buf record;
	int64_t n_rows;
	char error[PATH_MAX + 200];
};

struct journal_file *journal_file_new(const char *path, uint64_t key)
{
	struct journal_file *file = calloc(1, sizeof(*file));

	if (!file || !(file->path = strdup(path)))
		abort();
	file->key = key;
	file->one[0].fd = file->one[1].fd = -1;
	buf_init(&file->record, RECORD_MAX);
	return file;
}

void journal_file_free(struct journal_file *file)
{
	if (!file)
		return;
	for (unsigned i = 0; i < 2; i++)
		if (file->one[i].fd >= 0)
			close(file->one[i].fd);
	buf_release(&file->record);
	free(file->path);
	free(file);
}

static const char *name_of(const struct journal_file *file, unsigned i, char name[PATH_MAX])
{
	snprintf(name, PATH_MAX, "%s-turns%u", file->path, i + 1);
	return name;
}

static enum sql_status fail(struct journal_file *file, unsigned i, const char *what)
{
	int error = errno;
	char name[PATH_MAX];

	snprintf(file->error, sizeof(file->error), "%s '%s': %s", what, name_of(file, i, name),
		strerror(error));
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? SQL_FULL : SQL_BROKEN;
}

const char *journal_file_error(const struct journal_file *file)
{
	return file->error;
}

int64_t journal_file_bytes(const struct journal_file *file)
{
	return file->one[0].size + file->one[1].size;
}

/* Writing */

/* Bytes at once or none: false says errno. */
static bool write_all(int fd, const char *bytes, size_t n, int64_t at)
{
	while (n) {
		ssize_t written = pwrite(fd, bytes, n, at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes += written;
		n -= (size_t)written;
		at += written;
	}
	return true;
}

/* A new name in a folder, or one that is gone, is durable when the folder is. */
static bool sync_folder(const char *name)
{
	char copy[PATH_MAX];
	int fd, error;

	snprintf(copy, sizeof(copy), "%s", name);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	error = fsync(fd) ? errno : 0;
	close(fd);
	errno = error;
	return !error;
}

static bool open_one(struct journal_file *file, unsigned i)
{
	struct one *one = &file->one[i];
	char name[PATH_MAX];
	struct stat about;

	if (one->fd >= 0)
		return true;
	one->fd = open(name_of(file, i, name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (one->fd < 0)
		return false;
	if (fstat(one->fd, &about) || !sync_folder(name)) {
		close(one->fd);
		one->fd = -1;
		return false;
	}
	one->size = about.st_size;
	return true;
}

/* In zeros, not in a hole: blocks that are there and written cost nothing to be written again. */
static bool make_room(struct one *one, int64_t n)
{
	static const char zeros[FIRST_BYTES];
	int64_t step = one->size < FIRST_BYTES  ? FIRST_BYTES
		       : one->size > STEP_BYTES ? STEP_BYTES
						: one->size;
	int64_t want = one->end + n <= one->size ? one->size : one->size + step;

	while (want < one->end + n)
		want += STEP_BYTES;
	while (one->size < want) {
		int64_t some = want - one->size < FIRST_BYTES ? want - one->size : FIRST_BYTES;

		if (!write_all(one->fd, zeros, (size_t)some, one->size))
			return false;
		one->size += some;
	}
	return true;
}

void journal_file_begin(struct journal_file *file)
{
	static const char none[sizeof(struct head)];

	buf_clear(&file->record);
	buf_add(&file->record, (struct str){none, sizeof(none)});
	file->n_rows = 0;
}

void journal_file_add(struct journal_file *file, struct str name, struct str bytes)
{
	struct row_head row = {(uint32_t)name.n, (uint32_t)bytes.n};

	buf_add(&file->record, (struct str){(const char *)&row, sizeof(row)});
	buf_add(&file->record, name);
	buf_add(&file->record, bytes);
	file->n_rows++;
}

static void close_record(struct journal_file *file, int64_t last_seq)
{
	static const char none[ALIGN];
	struct buf *record = &file->record;
	struct head head = {.n_rows = file->n_rows, .last_seq = last_seq};

	buf_add(record, (struct str){none, (ALIGN - record->n % ALIGN) % ALIGN});
	memcpy(head.magic, magic, sizeof(magic));
	head.n_bytes = record->n - sizeof(head);
	memcpy(record->p, &head, sizeof(head));
	head.hash = hash_bytes(str_sub(buf_str(record), HASHED, record->n), file->key);
	memcpy(record->p, &head, sizeof(head));
}

/* Whatever of the last record is there must not be found, after a power cut either. */
static bool wipe(struct one *one)
{
	static const char none[sizeof(struct head)];
	int64_t left = one->size - one->end;

	if (one->fd < 0 || left <= 0)
		return true;
	return write_all(one->fd, none, left < (int64_t)sizeof(none) ? (size_t)left : sizeof(none),
		       one->end) &&
	       fdatasync(one->fd) == 0;
}

static enum sql_status take_back(struct journal_file *file, const char *what)
{
	enum sql_status status = fail(file, file->now, what);

	file->unsure = !wipe(&file->one[file->now]);
	return file->unsure ? SQL_BROKEN : status;
}

bool journal_file_is_sure(struct journal_file *file)
{
	if (file->unsure)
		file->unsure = !wipe(&file->one[file->now]);
	return !file->unsure;
}

void journal_file_expect(struct journal_file *file, int64_t seq)
{
	struct one *one = &file->one[file->now];

	if (!one->oldest_seq)
		one->oldest_seq = seq;
}

enum sql_status journal_file_append(struct journal_file *file, int64_t last_seq)
{
	struct one *one = &file->one[file->now];

	if (file->record.over) {
		errno = EFBIG;
		return fail(file, file->now, "cannot write so much at once to");
	}
	close_record(file, last_seq);
	if (!open_one(file, file->now))
		return fail(file, file->now, "cannot make");
	journal_file_expect(file, last_seq - file->n_rows + 1);
	if (!make_room(one, (int64_t)file->record.n) ||
		!write_all(one->fd, file->record.p, file->record.n, one->end))
		return take_back(file, "cannot write to");
	if (fdatasync(one->fd))
		return take_back(file, "cannot wait for the disk with");
	one->end += (int64_t)file->record.n;
	if (!one->last_seq)
		one->first_seq = last_seq - file->n_rows + 1;
	one->last_seq = last_seq;
	file->unsure = false;
	return SQL_OK;
}

/* Taking turns */

int64_t journal_file_length(const struct journal_file *file)
{
	return file->one[file->now].end;
}

int64_t journal_file_aside(const struct journal_file *file)
{
	return file->one[!file->now].last_seq;
}

int64_t journal_file_first(const struct journal_file *file)
{
	int64_t first = INT64_MAX;

	for (unsigned i = 0; i < 2; i++)
		if (file->one[i].last_seq && file->one[i].first_seq < first)
			first = file->one[i].first_seq;
	return first;
}

int64_t journal_file_oldest_aside(const struct journal_file *file)
{
	int64_t oldest = file->one[!file->now].oldest_seq;

	return oldest ? oldest : INT64_MAX;
}

int64_t journal_file_oldest(const struct journal_file *file)
{
	int64_t oldest = file->one[file->now].oldest_seq;
	int64_t aside = journal_file_oldest_aside(file);

	return oldest && oldest < aside ? oldest : aside;
}

void journal_file_turn(struct journal_file *file)
{
	assert(!file->unsure);
	file->now = !file->now;
}

void journal_file_drop_aside(struct journal_file *file)
{
	struct one *one = &file->one[!file->now];

	one->last_seq = one->end = 0;
}

/* What is in it stays until the folder is durable. */
static bool unlink_one(struct journal_file *file, unsigned i, char name[PATH_MAX])
{
	struct one *one = &file->one[i];

	if (one->fd >= 0)
		close(one->fd);
	*one = (struct one){.fd = -1, .oldest_seq = one->oldest_seq};
	return !unlink(name_of(file, i, name)) || errno == ENOENT;
}

int journal_file_remove_aside(struct journal_file *file)
{
	char name[PATH_MAX];

	if (!unlink_one(file, !file->now, name) || !sync_folder(name))
		return errno;
	file->one[!file->now].oldest_seq = 0;
	return 0;
}

enum sql_status journal_file_remove(struct journal_file *file)
{
	enum sql_status status = SQL_OK;
	char name[PATH_MAX];

	for (unsigned i = 0; i < 2; i++)
		if (!unlink_one(file, i, name))
			status = fail(file, i, "cannot remove");
	file->unsure = false;
	if (status == SQL_OK && !sync_folder(name))
		status = fail(file, 1, "cannot wait for the disk with the removal of");
	if (status == SQL_OK)
		file->one[0].oldest_seq = file->one[1].oldest_seq = 0;
	return status;
}

unsigned journal_file_in_use(const struct journal_file *file)
{
	return file->now;
}

bool journal_file_is_made(const struct journal_file *file)
{
	return file->one[file->now].fd >= 0;
}

enum sql_status journal_file_make(struct journal_file *file)
{
	return open_one(file, file->now) ? SQL_OK : fail(file, file->now, "cannot make");
}

bool journal_file_is_missing(const char *path, unsigned which, struct buf *name)
{
	buf_clear(name);
	buf_addf(name, "%s-turns%u", path, which + 1);
	return access(name->p, F_OK) != 0 && errno == ENOENT;
}

bool journal_file_is_in_place(const struct journal_file *file)
{
	char name[PATH_MAX];

	for (unsigned i = 0; i < 2; i++) {
		struct stat open, named;

		if (file->one[i].fd < 0)
			continue;
		if (fstat(file->one[i].fd, &open) || stat(name_of(file, i, name), &named) ||
			open.st_ino != named.st_ino || open.st_dev != named.st_dev)
			return false;
	}
	return true;
}

bool journal_file_is_left(const char *path, struct buf *name)
{
	for (unsigned i = 1; i <= 2; i++) {
		char begins[sizeof(magic)] = "";
		int fd;

		buf_clear(name);
		buf_addf(name, "%s-turns%u", path, i);
		fd = name->over ? -1 : open(name->p, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (pread(fd, begins, sizeof(begins), 0) != sizeof(begins))
			begins[0] = '\0';
		close(fd);
		if (memcmp(begins, magic, sizeof(magic)) == 0)
			return true;
	}
	return false;
}

/* Reading */

struct reading {
	struct journal_file *file;
	unsigned which;
	struct str all;
	int64_t folded;
	journal_file_function *each;
	void *self;
};

/* The record at @at; false: there is none, or not a whole one. */
static bool read_head(const struct reading *r, size_t at, struct head *head)
{
	size_t left = r->all.n - at;

	if (left < sizeof(*head))
		return false;
	memcpy(head, r->all.p + at, sizeof(*head));
	if (memcmp(head->magic, magic, sizeof(magic)) != 0 || head->n_bytes > left - sizeof(*head))
		return false;
	if (head->n_rows < 1 || (uint64_t)head->n_rows > head->n_bytes / sizeof(struct row_head) ||
		head->last_seq < head->n_rows || head->n_bytes % ALIGN)
		return false;
	return head->hash ==
	       hash_bytes(str_sub(r->all, at + HASHED, sizeof(*head) - HASHED + head->n_bytes),
		       r->file->key);
}

static bool take_row(struct str *in, struct str *name, struct str *bytes)
{
	struct row_head row;

	if (in->n < sizeof(row))
		return false;
	memcpy(&row, in->p, sizeof(row));
	*in = str_sub(*in, sizeof(row), in->n);
	*name = str_sub(*in, 0, row.n_name);
	*in = str_sub(*in, row.n_name, in->n);
	*bytes = str_sub(*in, 0, row.n_bytes);
	*in = str_sub(*in, row.n_bytes, in->n);
	return name->n == row.n_name && bytes->n == row.n_bytes;
}

static bool read_rows(const struct reading *r, const struct head *head, struct str in)
{
	struct str name, bytes;

	for (int64_t seq = head->last_seq - head->n_rows + 1; seq <= head->last_seq; seq++) {
		if (!take_row(&in, &name, &bytes))
			return false;
		if (seq > r->folded)
			r->each(r->self, seq, name, bytes);
	}
	return true;
}

/* Behind the end of a file there is nothing newer, or something between is damaged. */
static bool is_end(const struct reading *r, size_t at, int64_t last_seq)
{
	int64_t newest = last_seq > r->folded ? last_seq : r->folded;
	struct str word = {magic, sizeof(magic)};
	struct head head;
	long more;

	for (; (more = str_find(str_sub(r->all, at, r->all.n), word)) >= 0; at++) {
		at += (size_t)more;
		if (at % ALIGN == 0 && read_head(r, at, &head) && head.last_seq > newest)
			return false;
	}
	return true;
}

static enum sql_status damaged(const struct reading *r, size_t at)
{
	char name[PATH_MAX];

	snprintf(r->file->error, sizeof(r->file->error), "'%s' is damaged at byte %zu",
		name_of(r->file, r->which, name), at);
	return SQL_BROKEN;
}

static enum sql_status read_records(const struct reading *r)
{
	struct one *one = &r->file->one[r->which];
	int64_t last_seq = 0;
	struct head head;
	size_t at = 0;

	while (read_head(r, at, &head) && head.last_seq - head.n_rows >= last_seq) {
		if (!read_rows(r, &head, str_sub(r->all, at + sizeof(head), head.n_bytes)))
			return damaged(r, at);
		last_seq = head.last_seq;
		at += sizeof(head) + head.n_bytes;
	}
	if (!is_end(r, at, last_seq))
		return damaged(r, at);
	if (last_seq <= r->folded)
		return SQL_OK;
	one->first_seq = r->folded + 1;
	one->last_seq = last_seq;
	one->end = (int64_t)at;
	return SQL_OK;
}

static bool read_all(int fd, size_t n, char *to)
{
	for (size_t at = 0; at < n;) {
		ssize_t some = pread(fd, to + at, n - at, (off_t)at);

		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			return false;
		at += (size_t)some;
	}
	return true;
}

static enum sql_status read_one(struct reading *r)
{
	struct one *one = &r->file->one[r->which];
	enum sql_status status;
	char name[PATH_MAX], *bytes;

	if (access(name_of(r->file, r->which, name), F_OK))
		return SQL_OK;
	if (!open_one(r->file, r->which))
		return fail(r->file, r->which, "cannot open");
	bytes = malloc((size_t)one->size + 1);
	if (!bytes)
		abort();
	r->all = (struct str){bytes, (size_t)one->size};
	one->oldest_seq = one->size > 0;
	status = read_all(one->fd, r->all.n, bytes) ? read_records(r)
						    : fail(r->file, r->which, "cannot read");
	free(bytes);
	return status;
}

/* The seq of a file's first record says which is the older; 0: it has none. */
static int64_t begins_with(const struct journal_file *file, unsigned i)
{
	struct head head = {{0}};
	char name[PATH_MAX];
	int fd = open(name_of(file, i, name), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
		memcmp(head.magic, magic, sizeof(magic)) != 0)
		head.last_seq = 0;
	close(fd);
	return head.last_seq;
}

enum sql_status journal_file_read(
	struct journal_file *file, int64_t folded, journal_file_function *each, void *self)
{
	struct reading r = {.file = file, .folded = folded, .each = each, .self = self};
	enum sql_status status;

	r.which = begins_with(file, 1) < begins_with(file, 0);
	status = read_one(&r);
	if (status != SQL_OK)
		return status;
	file->now = r.which;
	r.which = !r.which;
	status = read_one(&r);
	if (file->one[r.which].last_seq)
		file->now = r.which;
	return status;
}

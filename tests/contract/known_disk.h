/* A disk of which everything is known: all that is written in a folder is written down on its way
 * to the system (bytes, lengths, names, and what was waited for), in place of the C library's
 * calls. It can be told to refuse one.  For one file of tests, which includes it once. */
#ifndef TENSTEP_TESTS_KNOWN_DISK_H
#define TENSTEP_TESTS_KNOWN_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tests/contract/store_home.h"

enum { max_files = 64, max_fds = 1024 };

enum op_kind {
	OP_CREATE, /* a name */
	OP_WRITE,
	OP_LENGTH,
	OP_SYNC,
	OP_REMOVE,
	OP_SYNC_NAMES,
	OP_READ, /* never written down, but refused */
	OP_TOLD, /* what the test notes between them */
};

struct op {
	enum op_kind kind;
	int file;
	int64_t at; /* offset, length or number */
	size_t n;
	char *bytes;
};

/* One call that the disk refuses: on which files (or the folder), and which. */
enum fault { FAULT_NONE, FAULT_TURNS, FAULT_TABLES, FAULT_FOLDER };

/* Whoever has the same name later is another file. */
static struct {
	pthread_mutex_t lock;
	bool on;
	char folder[64];
	char *name[max_files];
	int n_files;
	int file_of[max_fds]; /* + 1; 0: none of ours; -1: the folder */
	struct op *op;
	size_t n_ops, cap;
	enum fault fault;
	enum op_kind fault_kind;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void note(struct op op, const void *bytes)
{
	if (disk.n_ops == disk.cap) {
		disk.cap = disk.cap ? 2 * disk.cap : 1024;
		disk.op = realloc(disk.op, disk.cap * sizeof(*disk.op));
		if (!disk.op)
			abort();
	}
	if (op.n) {
		op.bytes = malloc(op.n);
		if (!op.bytes)
			abort();
		memcpy(op.bytes, bytes, op.n);
	}
	disk.op[disk.n_ops++] = op;
}

/* The newest file of that name; -1: there is none. */
static int newest(const char *name)
{
	for (int i = disk.n_files; i-- > 0;)
		if (disk.name[i] && strcmp(disk.name[i], name) == 0)
			return i;
	return -1;
}

static bool is_removed(int file)
{
	for (size_t i = 0; i < disk.n_ops; i++)
		if (disk.op[i].kind == OP_REMOVE && disk.op[i].file == file)
			return true;
	return false;
}

static void opened(const char *path, int fd)
{
	size_t n = strlen(disk.folder);
	int file;

	if (fd < 0 || fd >= max_fds)
		return;
	pthread_mutex_lock(&disk.lock);
	disk.file_of[fd] = 0;
	if (disk.on && strcmp(path, disk.folder) == 0) {
		disk.file_of[fd] = -1;
	} else if (disk.on && strncmp(path, disk.folder, n) == 0 && path[n] == '/') {
		file = newest(path + n + 1);
		if (file < 0 || is_removed(file)) {
			if (disk.n_files == max_files)
				abort();
			file = disk.n_files++;
			disk.name[file] = strdup(path + n + 1);
			note((struct op){.kind = OP_CREATE, .file = file}, NULL);
		}
		disk.file_of[fd] = file + 1;
	}
	pthread_mutex_unlock(&disk.lock);
}

static void on_file(int fd, struct op op, const void *bytes)
{
	if (fd < 0 || fd >= max_fds)
		return;
	pthread_mutex_lock(&disk.lock);
	op.file = disk.file_of[fd] - 1;
	if (disk.on && disk.file_of[fd] > 0)
		note(op, bytes);
	else if (disk.on && disk.file_of[fd] < 0 && op.kind == OP_SYNC)
		note((struct op){.kind = OP_SYNC_NAMES}, NULL);
	pthread_mutex_unlock(&disk.lock);
}

/* The calls themselves, in place of the C library's. */

static int open_any(const char *path, int flags, mode_t mode)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);

	opened(path, fd);
	return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
	return flags & O_CREAT ? va_arg(ap, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_any(path, flags, mode_of(flags, ap));
	va_end(ap);
	return fd;
}

int open64(const char *path, int flags, ...);
int open64(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_any(path, flags, mode_of(flags, ap));
	va_end(ap);
	return fd;
}

static enum fault kind_of(int file)
{
	if (file <= 0)
		return file ? FAULT_FOLDER : FAULT_NONE;
	return strstr(disk.name[file - 1], "-turns") ? FAULT_TURNS : FAULT_TABLES;
}

/* Whether this is the call that the disk refuses. */
static bool is_refused(int fd, enum op_kind kind)
{
	bool refused;

	if (fd < 0 || fd >= max_fds)
		return false;
	pthread_mutex_lock(&disk.lock);
	refused = disk.fault && disk.fault_kind == kind && disk.fault == kind_of(disk.file_of[fd]);
	if (refused)
		disk.fault = FAULT_NONE;
	pthread_mutex_unlock(&disk.lock);
	return refused;
}

/* What is refused is written in part. */
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	bool refused = is_refused(fd, OP_WRITE);
	ssize_t written = syscall(SYS_pwrite64, fd, bytes, refused ? n / 2 : n, at);

	if (written > 0)
		on_file(fd, (struct op){.kind = OP_WRITE, .at = at, .n = (size_t)written}, bytes);
	if (!refused)
		return written;
	errno = EIO;
	return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite(fd, bytes, n, at);
}

ssize_t pread(int fd, void *bytes, size_t n, off_t at)
{
	if (!is_refused(fd, OP_READ))
		return syscall(SYS_pread64, fd, bytes, n, at);
	errno = EIO;
	return -1;
}

ssize_t pread64(int fd, void *bytes, size_t n, off_t at);
ssize_t pread64(int fd, void *bytes, size_t n, off_t at)
{
	return pread(fd, bytes, n, at);
}

int ftruncate(int fd, off_t length)
{
	int status = (int)syscall(SYS_ftruncate, fd, length);

	if (status == 0)
		on_file(fd, (struct op){.kind = OP_LENGTH, .at = length}, NULL);
	return status;
}

int ftruncate64(int fd, off_t length);
int ftruncate64(int fd, off_t length)
{
	return ftruncate(fd, length);
}

/* The real disk is not waited for. */
int fdatasync(int fd)
{
	if (is_refused(fd, OP_SYNC)) {
		errno = EIO;
		return -1;
	}
	on_file(fd, (struct op){.kind = OP_SYNC}, NULL);
	return 0;
}

int fsync(int fd)
{
	return fdatasync(fd);
}

int unlink(const char *path)
{
	size_t n = strlen(disk.folder);
	int status = (int)syscall(SYS_unlink, path), file;

	pthread_mutex_lock(&disk.lock);
	if (status == 0 && disk.on && strncmp(path, disk.folder, n) == 0 && path[n] == '/') {
		file = newest(path + n + 1);
		if (file >= 0)
			note((struct op){.kind = OP_REMOVE, .file = file}, NULL);
	}
	pthread_mutex_unlock(&disk.lock);
	return status;
}

/* The next of these calls, on one of these files. */
static void refuse(enum fault fault, enum op_kind kind)
{
	pthread_mutex_lock(&disk.lock);
	disk.fault = fault;
	disk.fault_kind = kind;
	pthread_mutex_unlock(&disk.lock);
}

/* Whether that call is still to come. */
static bool is_armed(void)
{
	bool armed;

	pthread_mutex_lock(&disk.lock);
	armed = disk.fault != FAULT_NONE;
	pthread_mutex_unlock(&disk.lock);
	return armed;
}

static void was_refused(void)
{
	assert_false(is_armed());
}

/* While nothing of it is open. */
static void forget_disk(void)
{
	for (size_t i = 0; i < disk.n_ops; i++)
		free(disk.op[i].bytes);
	free(disk.op);
	for (int file = 0; file < disk.n_files; file++)
		free(disk.name[file]);
	disk.op = NULL;
	disk.n_ops = disk.cap = 0;
	disk.n_files = 0;
	memset(disk.file_of, 0, sizeof(disk.file_of));
}

#endif

/* A small secret file. */
#include "bot/common/shop_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { max_path_bytes = 4096 };

static bool complain(struct buf *error, const char *what, const char *path)
{
	buf_addf(error, "cannot %s '%s': %s", what, path, strerror(errno));
	return false;
}

static bool write_all(int descriptor, struct str text)
{
	while (text.n) {
		ssize_t n = write(descriptor, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = str_sub(text, (size_t)n, text.n);
	}
	return true;
}

static bool write_new(const char *path, struct str text)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good;

	if (descriptor < 0)
		return false;
	good = write_all(descriptor, text) && fsync(descriptor) == 0;
	return close(descriptor) == 0 && good;
}

/* A name is on disk when its folder is. */
static bool sync_folder(const char *path)
{
	char folder[max_path_bytes];
	char *slash;
	int descriptor;
	bool good;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = 0;
	descriptor = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0)
		return false;
	good = fsync(descriptor) == 0;
	close(descriptor);
	return good;
}

bool shop_file_write(const char *path, struct str text, struct buf *error)
{
	char fresh[max_path_bytes];

	if (snprintf(fresh, sizeof(fresh), "%s.%ld", path, (long)getpid()) >= (int)sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return complain(error, "write", path);
	}
	unlink(fresh); /* of a process that died with our number */
	if (!write_new(fresh, text) || rename(fresh, path) != 0 || !sync_folder(path)) {
		(void)complain(error, "write", path);
		unlink(fresh);
		return false;
	}
	return true;
}

static bool read_all(int descriptor, struct buf *text)
{
	char piece[4096];
	ssize_t n;

	while ((n = read(descriptor, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		buf_add(text, (struct str){piece, (size_t)n});
	}
	explicit_bzero(piece, sizeof(piece));
	errno = EFBIG;
	return !text->over;
}

bool shop_file_read(const char *path, struct buf *text, struct buf *error)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	bool good;

	if (descriptor < 0)
		return errno != ENOENT && complain(error, "read", path);
	if (fstat(descriptor, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO))) {
		close(descriptor);
		buf_addf(error, "others than its owner may use '%s'; set its mode with chmod 600",
			path);
		return false;
	}
	good = read_all(descriptor, text) || complain(error, "read", path);
	close(descriptor);
	return good;
}

int64_t shop_file_mark(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	return (int64_t)st.st_ino ^ ((int64_t)st.st_mtim.tv_sec << 20) ^ st.st_mtim.tv_nsec;
}

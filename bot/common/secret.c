/* Secrets: files and variables. */
#include "bot/common/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/base/digest.h"

enum { chance_bytes = 32, max_path_bytes = 4096 };

/* One byte more than there may be, so that a longer file is known. */
static ssize_t read_all(int descriptor, char text[secret_max_bytes + 1])
{
	size_t n = 0;
	ssize_t got;

	while (n < secret_max_bytes + 1) {
		got = read(descriptor, text + n, secret_max_bytes + 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

static struct str without_line_end(struct str text)
{
	if (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	if (text.n && text.p[text.n - 1] == '\r')
		text.n--;
	return text;
}

static bool is_long_enough(struct str bytes, struct buf *error)
{
	if (bytes.n > secret_max_bytes)
		buf_addf(error, "longer than %d bytes", secret_max_bytes);
	else if (bytes.n < secret_min_bytes)
		buf_addf(error, "only %zu byte%s long", bytes.n, bytes.n == 1 ? "" : "s");
	else
		return true;
	return false;
}

bool secret_from_file(
	const char *path, struct arena *arena, struct secret *secret, struct buf *error)
{
	/* Without O_NONBLOCK a pipe of that name would be waited for. */
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char text[secret_max_bytes + 1];
	ssize_t n = descriptor < 0 ? -1 : read_all(descriptor, text);
	struct str bytes;

	*secret = (struct secret){{0}};
	if (n < 0)
		buf_adds(error, strerror(errno));
	if (descriptor >= 0)
		close(descriptor);
	if (n < 0)
		return false;
	bytes = n > secret_max_bytes ? (struct str){text, (size_t)n}
				     : without_line_end((struct str){text, (size_t)n});
	if (is_long_enough(bytes, error))
		secret->bytes = arena_str(arena, bytes);
	explicit_bzero(text, sizeof(text));
	return secret->bytes.n > 0;
}

bool secret_from_variable(
	const char *name, struct arena *arena, struct secret *secret, struct buf *error)
{
	const char *value = getenv(name);
	struct str bytes = str_of(value);

	*secret = (struct secret){{0}};
	if (!value)
		buf_adds(error, "not set");
	else if (is_long_enough(bytes, error))
		secret->bytes = arena_str(arena, bytes);
	return secret->bytes.n > 0;
}

bool secret_file_is_open(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

static bool make_chance(struct buf *letters)
{
	char bytes[chance_bytes];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return false;
	base64url_encode((struct str){bytes, sizeof(bytes)}, letters);
	buf_addc(letters, '\n');
	explicit_bzero(bytes, sizeof(bytes));
	return true;
}

static bool write_new(const char *path, struct str text)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (descriptor < 0)
		return false;
	good = write(descriptor, text.p, text.n) == (ssize_t)text.n && fsync(descriptor) == 0;
	return close(descriptor) == 0 && good;
}

/* The name is given to the whole file only, and only if nobody was quicker. */
static bool make_file(const char *path)
{
	char fresh[max_path_bytes];
	struct buf letters;
	bool good;
	int error;

	if (snprintf(fresh, sizeof(fresh), "%s.%ld", path, (long)getpid()) >= (int)sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return false;
	}
	buf_init(&letters, 2 * chance_bytes);
	unlink(fresh); /* of a process that died with our number */
	good = make_chance(&letters) && write_new(fresh, buf_str(&letters)) &&
	       (link(fresh, path) == 0 || errno == EEXIST);
	error = errno;
	unlink(fresh);
	if (letters.p)
		explicit_bzero(letters.p, letters.n);
	buf_release(&letters);
	errno = error;
	return good;
}

bool secret_keep(const char *path, struct arena *arena, struct secret *secret, struct buf *error)
{
	struct buf why;
	bool good = true;

	buf_init(&why, 500);
	if (access(path, F_OK) != 0 && !make_file(path)) {
		buf_addf(error, "cannot make '%s': %s", path, strerror(errno));
		good = false;
	} else if (secret_file_is_open(path)) {
		buf_addf(error, "others than its owner may use '%s'; set its mode with chmod 600",
			path);
		good = false;
	} else if (!secret_from_file(path, arena, secret, &why)) {
		buf_addf(error, "cannot use '%s': %.*s", path, STR(buf_str(&why)));
		good = false;
	}
	buf_release(&why);
	return good;
}

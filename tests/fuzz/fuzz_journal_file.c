/* A journal's file as a crash or a bad disk may leave it: no crash, nothing is read that the bytes
 * do not hold, rows in rising order, and the file can be appended to afterwards.  Records of the
 * input (length of the body, rows, seq, body …) get the hash that they need to be looked into. */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/store/journal_file.h"
#include "bot/base/hash.h"

enum { key = 7 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct head {
	char magic[8];
	uint64_t hash, n_bytes;
	int64_t n_rows, last_seq;
};

static struct str record(struct buf *out, const uint8_t *data, size_t size)
{
	struct head head = {"TS-turns", 0, data[0], data[1], data[2]};
	size_t at = out->n, n = size < data[0] + 3u ? size - 3 : data[0];

	if (data[1] == 255)
		memset(&head.n_rows, 0x7f, sizeof(head.n_rows));
	buf_add(out, (struct str){(const char *)&head, sizeof(head)});
	buf_add(out, (struct str){(const char *)data + 3, n});
	if (n == head.n_bytes) {
		head.hash = hash_bytes(str_sub(buf_str(out), at + 16, out->n), key);
		memcpy(out->p + at, &head, sizeof(head));
	}
	return (struct str){(const char *)data + 3 + n, size - 3 - n};
}

struct seen {
	int64_t seq;
	size_t n;
};

static void see(void *self, int64_t seq, struct str name, struct str bytes)
{
	struct seen *seen = self;

	assert(seq > seen->seq && seq > 2);
	seen->seq = seq;
	seen->n += name.n + bytes.n;
}

static void write_file(const char *path, struct str bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert(fd >= 0);
	assert(write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
	close(fd);
}

static void read_and_append(const char *path)
{
	struct journal_file *file = journal_file_new(path, key);
	struct seen seen = {0}, again = {0};

	if (journal_file_read(file, 2, see, &seen) == SQL_OK) {
		journal_file_begin(file);
		journal_file_add(file, S("name"), S("bytes"));
		assert(journal_file_append(file, 1000) == SQL_OK);
		journal_file_free(file);
		file = journal_file_new(path, key);
		assert(journal_file_read(file, 2, see, &again) == SQL_OK);
		assert(again.seq == 1000 && again.n == seen.n + 9);
	}
	assert(journal_file_remove(file) == SQL_OK);
	journal_file_free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size};
	char path[64], name[80];
	struct buf bytes;

	snprintf(path, sizeof(path), "/dev/shm/tenstep-fuzz-%d", (int)getpid());
	snprintf(name, sizeof(name), "%s-turns1", path);
	buf_init(&bytes, 1 << 20);
	while (rest.n > 3)
		rest = record(&bytes, (const uint8_t *)rest.p, rest.n);
	buf_add(&bytes, rest);
	write_file(name, buf_str(&bytes));
	buf_release(&bytes);
	read_and_append(path);
	return 0;
}

/* The journal's files: what a crash, a damaged byte or a full disk leaves of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <signal.h>

#include "adapters/store/journal_file.h"

enum { key = 4711 };

struct home {
	char folder[64], path[96], one[112], two[112];
	struct journal_file *file;
};

static int setup(void **state)
{
	struct home *home = calloc(1, sizeof(*home));

	snprintf(home->folder, sizeof(home->folder), "/tmp/tenstep-journal-XXXXXX");
	assert_non_null(mkdtemp(home->folder));
	snprintf(home->path, sizeof(home->path), "%s/s.db", home->folder);
	snprintf(home->one, sizeof(home->one), "%s-turns1", home->path);
	snprintf(home->two, sizeof(home->two), "%s-turns2", home->path);
	home->file = journal_file_new(home->path, key);
	*state = home;
	return 0;
}

static int teardown(void **state)
{
	struct home *home = *state;

	journal_file_free(home->file);
	(void)unlink(home->one);
	(void)unlink(home->two);
	assert_int_equal(rmdir(home->folder), 0);
	free(home);
	return 0;
}

struct heard {
	char text[2000];
	size_t n;
};

static void hear(void *self, int64_t seq, struct str name, struct str bytes)
{
	struct heard *heard = self;

	heard->n += (size_t)snprintf(heard->text + heard->n, sizeof(heard->text) - heard->n,
		"%lld %.*s %.*s; ", (long long)seq, STR(name), bytes.n > 20 ? 20 : (int)bytes.n,
		bytes.p);
}

/* A file that is opened anew, and what is read from it; NULL: it is damaged. */
static const char *reopen(struct home *home, int64_t folded)
{
	static struct heard heard;

	journal_file_free(home->file);
	home->file = journal_file_new(home->path, key);
	heard = (struct heard){.n = 0};
	if (journal_file_read(home->file, folded, hear, &heard) != SQL_OK)
		return NULL;
	return heard.text;
}

static enum sql_status append(struct home *home, int64_t seq, const char *name, const char *bytes)
{
	journal_file_begin(home->file);
	journal_file_add(home->file, str_of(name), str_of(bytes));
	return journal_file_append(home->file, seq);
}

static void append_three(struct home *home)
{
	assert_int_equal(append(home, 1, "a", "one"), SQL_OK);
	journal_file_begin(home->file);
	journal_file_add(home->file, S("b"), S("two"));
	journal_file_add(home->file, S("a"), S(""));
	assert_int_equal(journal_file_append(home->file, 3), SQL_OK);
	assert_int_equal(append(home, 4, "c", "four"), SQL_OK);
}

static void rows__come_back__in_their_order(void **state)
{
	struct home *home = *state;

	assert_string_equal(reopen(home, 0), "");
	append_three(home);
	assert_string_equal(reopen(home, 0), "1 a one; 2 b two; 3 a ; 4 c four; ");
	assert_int_equal(append(home, 5, "d", "five"), SQL_OK);
	assert_string_equal(reopen(home, 0), "1 a one; 2 b two; 3 a ; 4 c four; 5 d five; ");
	assert_int_equal(access(home->two, F_OK), -1);
}

static void rows__that_are_folded__are_left_out(void **state)
{
	struct home *home = *state;

	append_three(home);
	assert_string_equal(reopen(home, 2), "3 a ; 4 c four; ");
	assert_int_equal(journal_file_first(home->file), 3);
	assert_string_equal(reopen(home, 4), "");
	assert_int_equal(journal_file_first(home->file), INT64_MAX);
	/* Nothing in it counts any more, so it is written from its beginning. */
	assert_int_equal(append(home, 5, "d", "five"), SQL_OK);
	assert_string_equal(reopen(home, 4), "5 d five; ");
}

static void files__take_turns__and_are_written_anew(void **state)
{
	struct home *home = *state;
	struct stat first, again;

	append_three(home);
	journal_file_turn(home->file);
	assert_int_equal(journal_file_aside(home->file), 4);
	assert_int_equal(append(home, 5, "d", "five"), SQL_OK);
	assert_string_equal(reopen(home, 0), "1 a one; 2 b two; 3 a ; 4 c four; 5 d five; ");
	assert_int_equal(journal_file_aside(home->file), 4);
	journal_file_drop_aside(home->file);
	assert_int_equal(journal_file_aside(home->file), 0);
	assert_string_equal(reopen(home, 4), "5 d five; ");
	assert_int_equal(journal_file_aside(home->file), 0);
	assert_int_equal(stat(home->one, &first), 0);
	journal_file_turn(home->file);
	assert_int_equal(append(home, 6, "e", "six"), SQL_OK);
	assert_int_equal(stat(home->one, &again), 0);
	assert_int_equal(again.st_ino, first.st_ino);
	assert_int_equal(again.st_size, first.st_size);
	assert_string_equal(reopen(home, 4), "5 d five; 6 e six; ");
	assert_int_equal(journal_file_remove(home->file), SQL_OK);
	assert_int_equal(access(home->one, F_OK), -1);
	assert_int_equal(access(home->two, F_OK), -1);
	assert_string_equal(reopen(home, 6), "");
}

static long read_file(const char *path, char *to, size_t max)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	assert_non_null(file);
	n = fread(to, 1, max, file);
	fclose(file);
	return (long)n;
}

static void write_file(const char *path, const char *from, size_t n)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(from, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

/* The end of what counts: behind it there are zeros only. */
static long used(const char *bytes, long n)
{
	while (n && !bytes[n - 1])
		n--;
	return (n + 7) / 8 * 8;
}

static void record__half_written__is_not_there_and_is_written_over(void **state)
{
	static char bytes[1 << 17], torn[1 << 17];
	struct home *home = *state;
	long n, before, after;

	assert_int_equal(append(home, 1, "a", "one"), SQL_OK);
	n = read_file(home->one, bytes, sizeof(bytes));
	before = used(bytes, n);
	assert_int_equal(append(home, 2, "b", "two and more"), SQL_OK);
	(void)read_file(home->one, bytes, sizeof(bytes));
	after = used(bytes, n);
	for (long cut = before; cut < after - 8; cut++) {
		memcpy(torn, bytes, (size_t)n);
		memset(torn + cut, 0, (size_t)(n - cut));
		write_file(home->one, torn, (size_t)n);
		assert_string_equal(reopen(home, 0), "1 a one; ");
		assert_int_equal(append(home, 2, "c", "new"), SQL_OK);
		assert_string_equal(reopen(home, 0), "1 a one; 2 c new; ");
		/* The file itself may end there, too. */
		write_file(home->one, bytes, (size_t)cut);
		assert_string_equal(reopen(home, 0), "1 a one; ");
		assert_int_equal(append(home, 2, "c", "new"), SQL_OK);
		assert_string_equal(reopen(home, 0), "1 a one; 2 c new; ");
	}
}

static void byte__damaged__is_told_unless_it_was_the_newest_record(void **state)
{
	static char bytes[1 << 17];
	struct home *home = *state;
	long n, end, newest;

	append_three(home);
	n = read_file(home->one, bytes, sizeof(bytes));
	end = used(bytes, n);
	for (newest = end - 8; memcmp(bytes + newest, "TS-turns", 8) != 0; newest -= 8)
		;
	for (long at = 0; at < end; at++) {
		const char *got;

		bytes[at] ^= 0x10;
		write_file(home->one, bytes, (size_t)n);
		got = reopen(home, 0);
		if (at < newest) {
			assert_null(got);
			assert_non_null(
				strstr(journal_file_error(home->file), "is damaged at byte"));
		} else {
			assert_string_equal(got, "1 a one; 2 b two; 3 a ; ");
		}
		bytes[at] ^= 0x10;
	}
}

/* What a buyer writes may look like a record; it is none without the key. */
static void record__of_another_key__is_none(void **state)
{
	static char bytes[1 << 17];
	struct home *home = *state;
	struct journal_file *other;
	struct buf forged;
	long n;

	other = journal_file_new(home->path, key + 1);
	journal_file_begin(other);
	journal_file_add(other, S("victim"), S("forged"));
	assert_int_equal(journal_file_append(other, 99), SQL_OK);
	journal_file_free(other);
	n = used(bytes, read_file(home->one, bytes, sizeof(bytes)));
	assert_string_equal(reopen(home, 0), "");
	buf_init(&forged, 1000);
	for (int shift = 0; shift < 8; shift++) {
		buf_addc(&forged, 'x');
		buf_add(&forged, (struct str){bytes, (size_t)n});
	}
	journal_file_begin(home->file);
	journal_file_add(home->file, S("a"), buf_str(&forged));
	assert_int_equal(journal_file_append(home->file, 1), SQL_OK);
	buf_release(&forged);
	assert_null(strstr(reopen(home, 0), "victim"));
}

static void disk__that_is_full__leaves_nothing_and_goes_on_later(void **state)
{
	static char large[100000];
	struct home *home = *state;
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	memset(large, 'l', sizeof(large) - 1);
	assert_int_equal(append(home, 1, "a", "one"), SQL_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 80000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(append(home, 2, "b", large), SQL_FULL);
	assert_non_null(strstr(journal_file_error(home->file), home->one));
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(append(home, 2, "c", "two"), SQL_OK);
	assert_string_equal(reopen(home, 0), "1 a one; 2 c two; ");
	assert_int_equal(append(home, 3, "b", large), SQL_OK);
	assert_string_equal(reopen(home, 0), "1 a one; 2 c two; 3 b llllllllllllllllllll; ");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(rows__come_back__in_their_order),
		T(rows__that_are_folded__are_left_out),
		T(files__take_turns__and_are_written_anew),
		T(record__half_written__is_not_there_and_is_written_over),
		T(byte__damaged__is_told_unless_it_was_the_newest_record),
		T(record__of_another_key__is_none),
		T(disk__that_is_full__leaves_nothing_and_goes_on_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

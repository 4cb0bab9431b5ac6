/* The wrapper of SQLite: settings, sticky errors, exclusive use. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/store/sqlite/sqlite.h"

/* What SQLite has written to each file and not waited for yet; the disk itself is not waited for.
 */
enum { MAX_FILES = 64 };
static struct {
	bool on;
	size_t unsynced[MAX_FILES], most, all;
} disk;

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	ssize_t written = syscall(SYS_pwrite64, fd, bytes, n, at);

	if (written <= 0 || !disk.on || fd >= MAX_FILES)
		return written;
	disk.all += (size_t)written;
	disk.unsynced[fd] += (size_t)written;
	if (disk.unsynced[fd] > disk.most)
		disk.most = disk.unsynced[fd];
	return written;
}

int fdatasync(int fd)
{
	if (disk.on && fd < MAX_FILES)
		disk.unsynced[fd] = 0;
	return 0;
}

struct home {
	char folder[64];
	char path[96];
	struct buf error;
};

static int setup(void **state)
{
	struct home *home = calloc(1, sizeof(*home));

	snprintf(home->folder, sizeof(home->folder), "/tmp/tenstep-sqlite-XXXXXX");
	assert_non_null(mkdtemp(home->folder));
	snprintf(home->path, sizeof(home->path), "%s/x.db", home->folder);
	buf_init(&home->error, 1000);
	*state = home;
	return 0;
}

static int teardown(void **state)
{
	static const char *const suffix[] = {"", "-wal", "-shm", "-journal"};
	struct home *home = *state;
	char path[128];

	for (size_t i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", home->path, suffix[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(home->folder), 0);
	buf_release(&home->error);
	free(home);
	return 0;
}

static struct sql *open_file(struct home *home)
{
	struct sql *sql;

	assert_int_equal(sql_open(home->path, &sql, &home->error), SQL_OK);
	return sql;
}

static bool said(const struct home *home, const char *what)
{
	return str_find(buf_str(&home->error), str_of(what)) >= 0;
}

static void insert(struct sql *sql, int64_t id)
{
	struct sql_query *q = sql_query(sql, "insert into t(id, text) values (?, ?)");

	sql_bind_int(q, id);
	sql_bind_text(q, S("words"));
	(void)sql_run(q);
}

static int64_t count(struct sql *sql)
{
	sql_clear(sql);
	return sql_number(sql_query(sql, "select count(*) from t"));
}

static struct sql *with_table(struct sql *sql)
{
	assert_int_equal(sql_begin(sql), SQL_OK);
	sql_script(sql, "create table t(id integer primary key, text text) strict");
	assert_int_equal(sql_commit(sql), SQL_OK);
	return sql;
}

static void is_setting(struct sql_query *q, const char *want)
{
	char got[32];

	assert_true(sql_next(q));
	snprintf(got, sizeof(got), "%.*s", STR(sql_text(q, "it")));
	assert_string_equal(got, want);
	sql_end(q);
}

static void sql__opens__durable_and_exclusive(void **state)
{
	struct sql *sql = open_file(*state);

	is_setting(sql_query(sql, "select journal_mode as it from pragma_journal_mode"), "wal");
	is_setting(sql_query(sql, "select cast(synchronous as text) as it from pragma_synchronous"),
		"2");
	is_setting(
		sql_query(sql, "select locking_mode as it from pragma_locking_mode"), "exclusive");
	is_setting(
		sql_query(sql, "select cast(foreign_keys as text) as it from pragma_foreign_keys"),
		"1");
	sql_close(sql);
}

static void sql__makes_no_shared_index_file(void **state)
{
	struct home *home = *state;
	struct sql *sql = with_table(open_file(home));
	char shm[128];

	snprintf(shm, sizeof(shm), "%s-shm", home->path);
	assert_int_not_equal(access(shm, F_OK), 0);
	sql_close(sql);
}

/* Locks belong to processes, so the second opener has to be one. */
static void sql__open__names_the_file_when_another_process_has_it(void **state)
{
	struct home *home = *state;
	struct sql *mine = open_file(home);
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct sql *second = NULL;
		bool right = sql_open(home->path, &second, &home->error) == SQL_BUSY && !second &&
			     said(home, "another tenstep is using '") && said(home, home->path);

		_exit(right ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	sql_close(mine);
}

static void sql__open__refuses_what_is_no_database(void **state)
{
	struct home *home = *state;
	FILE *file = fopen(home->path, "w");
	struct sql *sql;

	for (int i = 0; i < 1000; i++)
		fputs("no database, just words. ", file);
	fclose(file);
	assert_int_equal(sql_open(home->path, &sql, &home->error), SQL_BROKEN);
	assert_null(sql);
	assert_true(said(home, "cannot use '"));
}

static void sql__open__says_when_the_folder_is_missing(void **state)
{
	struct home *home = *state;
	struct sql *sql;

	assert_int_not_equal(sql_open("/tmp/no-such-folder/x.db", &sql, &home->error), SQL_OK);
	assert_null(sql);
	assert_true(said(home, "cannot open '/tmp/no-such-folder/x.db': No such file or directory"));
}

static void sql__error__sticks_until_the_commit_and_undoes_all(void **state)
{
	struct sql *sql = with_table(open_file(*state));

	assert_int_equal(sql_begin(sql), SQL_OK);
	insert(sql, 1);
	insert(sql, 1);
	insert(sql, 2);
	assert_int_equal(sql_commit(sql), SQL_CONSTRAINT);
	assert_true(str_find(str_of(sql_error(sql)), S("sqlite_test.c:")) == 0);
	assert_true(str_find(str_of(sql_error(sql)), S("UNIQUE")) > 0);
	assert_int_equal(count(sql), 0);
	assert_int_equal(sql_begin(sql), SQL_OK);
	insert(sql, 3);
	assert_int_equal(sql_commit(sql), SQL_OK);
	assert_int_equal(count(sql), 1);
	sql_close(sql);
}

static void sql__error__of_unknown_table_names_the_place(void **state)
{
	struct sql *sql = open_file(*state);
	struct sql_query *q = sql_query(sql, "select id from nowhere");

	assert_false(sql_next(q));
	sql_end(q);
	assert_int_equal(sql_status(sql), SQL_BROKEN);
	assert_string_equal(strchr(sql_error(sql), ' ') + 1, "no such table: nowhere");
	sql_close(sql);
}

static void sql__full_disk__stores_nothing_and_goes_on(void **state)
{
	struct sql *sql = with_table(open_file(*state));
	enum sql_status status = SQL_OK;
	int64_t stored = 0;

	sql_script(sql, "pragma max_page_count = 20");
	for (int64_t id = 1; status == SQL_OK && id < 100000; id += 100) {
		assert_int_equal(sql_begin(sql), SQL_OK);
		for (int64_t i = 0; i < 100; i++)
			insert(sql, id + i);
		status = sql_commit(sql);
		if (status == SQL_OK)
			stored += 100;
	}
	assert_int_equal(status, SQL_FULL);
	assert_int_equal(count(sql), stored);
	sql_script(sql, "pragma max_page_count = 2000");
	assert_int_equal(sql_begin(sql), SQL_OK);
	insert(sql, 1000000);
	assert_int_equal(sql_commit(sql), SQL_OK);
	assert_int_equal(count(sql), stored + 1);
	sql_close(sql);
}

static void sql__query__may_run_inside_its_own_loop(void **state)
{
	struct sql *sql = with_table(open_file(*state));
	int64_t pairs = 0;

	for (int64_t id = 1; id <= 3; id++)
		insert(sql, id);
	for (int depth = 0; depth < 2; depth++) {
		struct sql_query *outer = sql_query(sql, "select id from t order by id");

		while (sql_next(outer))
			pairs += sql_int(outer, "id") * count(sql);
		sql_end(outer);
	}
	assert_int_equal(pairs, 2 * (1 + 2 + 3) * 3);
	sql_close(sql);
}

static int64_t sum_recursive(struct sql *sql, int depth)
{
	struct sql_query *q = sql_query(sql, "select id from t order by id");
	int64_t sum = 0;

	while (sql_next(q))
		sum += sql_int(q, "id") + (depth ? sum_recursive(sql, depth - 1) : 0);
	sql_end(q);
	return sum;
}

static void sql__query__in_use_is_not_disturbed_by_itself(void **state)
{
	struct sql *sql = with_table(open_file(*state));

	insert(sql, 1);
	insert(sql, 2);
	assert_int_equal(sum_recursive(sql, 2), 3 + 2 * (3 + 2 * 3));
	sql_close(sql);
}

static void sql__blob__keeps_every_byte(void **state)
{
	struct sql *sql = open_file(*state);
	struct arena *arena = arena_new(10000);
	char bytes[256];
	struct sql_query *q;
	struct str back;

	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	q = sql_query(sql, "select ? as b, ? as t, ? as empty, ? as absent");
	sql_bind_blob(q, (struct str){bytes, sizeof(bytes)});
	sql_bind_text(q, S("Zoë ••4242"));
	sql_bind_text(q, (struct str){0});
	sql_bind_optional(q, (struct str){0});
	assert_true(sql_next(q));
	back = sql_copy(q, arena, "b");
	assert_int_equal(back.n, sizeof(bytes));
	assert_memory_equal(back.p, bytes, sizeof(bytes));
	assert_true(str_is(sql_text(q, "t"), "Zoë ••4242"));
	assert_false(sql_is_null(q, "empty"));
	assert_true(sql_is_null(q, "absent"));
	sql_end(q);
	arena_free(arena);
	sql_close(sql);
}

static void sql__rollback__undoes(void **state)
{
	struct sql *sql = with_table(open_file(*state));

	assert_int_equal(sql_begin(sql), SQL_OK);
	insert(sql, 1);
	assert_true(sql_in_transaction(sql));
	sql_rollback(sql);
	assert_false(sql_in_transaction(sql));
	assert_int_equal(count(sql), 0);
	sql_close(sql);
}

static void sql__check__finds_a_sound_file_ok(void **state)
{
	struct home *home = *state;
	struct sql *sql = with_table(open_file(home));

	assert_true(sql_check(sql, &home->error));
	sql_close(sql);
}

static int64_t synchronous(struct sql *sql)
{
	sql_clear(sql);
	return sql_number(sql_query(sql, "pragma synchronous"));
}

static void sql__relaxed__is_so_for_one_transaction(void **state)
{
	struct sql *sql = with_table(open_file(*state));

	for (int rolled_back = 0; rolled_back < 2; rolled_back++) {
		assert_int_equal(sql_begin_relaxed(sql), SQL_OK);
		assert_int_equal(synchronous(sql), 1);
		insert(sql, 1 + rolled_back);
		if (rolled_back)
			sql_rollback(sql);
		else
			assert_int_equal(sql_commit(sql), SQL_OK);
		assert_int_equal(synchronous(sql), 2);
	}
	assert_int_equal(sql_begin_relaxed(sql), SQL_OK);
	insert(sql, 1);
	assert_int_equal(sql_commit(sql), SQL_CONSTRAINT);
	assert_int_equal(synchronous(sql), 2);
	assert_int_equal(count(sql), 1);
	sql_close(sql);
}

static void sql__fail__undoes_with_its_reason(void **state)
{
	struct sql *sql = with_table(open_file(*state));

	assert_int_equal(sql_begin(sql), SQL_OK);
	insert(sql, 1);
	sql_fail(sql, "row %d is odd", 1);
	sql_fail(sql, "so is row %d", 3);
	insert(sql, 2);
	assert_int_equal(sql_commit(sql), SQL_BROKEN);
	assert_string_equal(sql_error(sql), "row 1 is odd");
	assert_int_equal(count(sql), 0);
	sql_close(sql);
}

/* Rows of all sizes come, grow and go, so that pages are divided and joined. */
static void churn(struct sql *sql, unsigned random)
{
	char text[3000];

	memset(text, 'x', sizeof(text));
	assert_int_equal(sql_begin(sql), SQL_OK);
	for (int i = 0; i < 20000; i++) {
		struct sql_query *q =
			random & 1 << 20
				? sql_query(sql, "insert or replace into t(id, text) values (?, ?)")
				: sql_query(sql, "delete from t where id = ? and ? is not null");

		random = random * 1103515245u + 12345u;
		sql_bind_int(q, random / 65536 % 700);
		random = random * 1103515245u + 12345u;
		sql_bind_text(q, (struct str){text, random / 65536 % 3000});
		(void)sql_run(q);
	}
	assert_int_equal(sql_commit(sql), SQL_OK);
}

/* How many pages of rows there are in the file; none has a byte where no row is. */
static int clean_pages(const char *path)
{
	FILE *file = fopen(path, "rb");
	unsigned char page[4096];
	int n = 0;

	assert_non_null(file);
	for (int number = 1; fread(page, 1, sizeof(page), file) == sizeof(page); number++) {
		const unsigned char *header = page + (number == 1 ? 100 : 0);
		size_t rows = (size_t)header[3] << 8 | header[4];
		size_t content = (size_t)header[5] << 8 | header[6];
		size_t from = (size_t)(header - page) + (header[0] == 13 ? 8 : 12) + 2 * rows;

		if (header[0] != 13 && header[0] != 5)
			continue;
		n++;
		for (size_t i = from; i < content; i++)
			assert_int_equal(page[i], 0);
	}
	fclose(file);
	return n;
}

static void sql__file__has_no_byte_where_no_row_is(void **state)
{
	struct home *home = *state;
	struct sql *sql = with_table(open_file(home));

	churn(sql, 99);
	assert_true(sql_check(sql, &home->error));
	sql_checkpoint(sql);
	assert_true(sql_check(sql, &home->error));
	assert_true(sql_bytes(sql) > 100000);
	sql_close(sql);
	assert_true(clean_pages(home->path) > 50);
	sql = open_file(home);
	assert_true(sql_check(sql, &home->error));
	sql_close(sql);
}

/* Whoever waits for a commit to another file would wait for all that the disk has to take. */
static void sql__much__is_given_to_the_disk_in_small_parts(void **state)
{
	enum { most = (4 << 20) + (128 << 10), rows = 4000 };
	struct sql *sql = with_table(open_file(*state));
	char text[3000];

	memset(text, 'x', sizeof(text));
	memset(&disk, 0, sizeof(disk));
	disk.on = true;
	assert_int_equal(sql_begin_relaxed(sql), SQL_OK);
	for (int i = 0; i < rows; i++) {
		struct sql_query *q = sql_query(sql, "insert into t(id, text) values (?, ?)");

		sql_bind_int(q, i);
		sql_bind_text(q, (struct str){text, sizeof(text)});
		(void)sql_run(q);
	}
	assert_int_equal(sql_commit(sql), SQL_OK);
	sql_write_back(sql);
	sql_checkpoint(sql);
	disk.on = false;
	assert_true(disk.all > 2 * rows * sizeof(text)); /* to the log and to the database */
	assert_true(disk.most <= most);
	assert_int_equal(count(sql), rows);
	sql_close(sql);
}

struct beside {
	struct home home;
	struct sql *sql;
	unsigned random;
	pthread_barrier_t *both;
	pthread_t thread;
};

/* All pages, at the same time as the other. */
static void *write_back(void *self)
{
	struct beside *beside = self;

	churn(beside->sql, beside->random);
	for (int i = 0; i < 80; i++) {
		assert_int_equal(sql_begin(beside->sql), SQL_OK);
		sql_script(beside->sql, "update t set text = substr(text, 2)");
		assert_int_equal(sql_commit(beside->sql), SQL_OK);
		pthread_barrier_wait(beside->both);
		sql_checkpoint(beside->sql);
	}
	return NULL;
}

/* As the store's second thread does while the first works on the shop's file. */
static void sql__two_files__are_written_at_once_by_two_threads(void **state)
{
	struct home *home = *state;
	struct beside beside[2];
	pthread_barrier_t both;

	assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
	for (int i = 0; i < 2; i++) {
		beside[i] = (struct beside){.home = *home, .random = i ? 1000 : 99, .both = &both};
		snprintf(beside[i].home.path, sizeof(beside[i].home.path), "%s/%d.db", home->folder,
			i);
		beside[i].sql = with_table(open_file(&beside[i].home));
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&beside[i].thread, NULL, write_back, &beside[i]), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(beside[i].thread, NULL), 0);
	for (int i = 0; i < 2; i++) {
		sql_close(beside[i].sql);
		beside[i].sql = open_file(&beside[i].home);
		assert_true(sql_check(beside[i].sql, &home->error));
		sql_close(beside[i].sql);
		assert_int_equal(unlink(beside[i].home.path), 0);
	}
	assert_int_equal(pthread_barrier_destroy(&both), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(sql__opens__durable_and_exclusive),
		T(sql__makes_no_shared_index_file),
		T(sql__open__names_the_file_when_another_process_has_it),
		T(sql__open__refuses_what_is_no_database),
		T(sql__open__says_when_the_folder_is_missing),
		T(sql__error__sticks_until_the_commit_and_undoes_all),
		T(sql__error__of_unknown_table_names_the_place),
		T(sql__full_disk__stores_nothing_and_goes_on),
		T(sql__query__may_run_inside_its_own_loop),
		T(sql__query__in_use_is_not_disturbed_by_itself),
		T(sql__blob__keeps_every_byte),
		T(sql__rollback__undoes),
		T(sql__check__finds_a_sound_file_ok),
		T(sql__relaxed__is_so_for_one_transaction),
		T(sql__fail__undoes_with_its_reason),
		T(sql__file__has_no_byte_where_no_row_is),
		T(sql__much__is_given_to_the_disk_in_small_parts),
		T(sql__two_files__are_written_at_once_by_two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

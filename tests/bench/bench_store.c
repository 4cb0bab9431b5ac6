/* What a durable turn costs in the store: a conversation picked at random from all that are stored
 * is loaded, its message looked up, and its session and three posts are saved; 1, 100 or 1,000 such
 * turns share a commit.  Beside each other: the store (journal, then folding, which is also shown
 * by itself) and the same tables written at once; with few and with many conversations stored.
 * Rounds are interleaved, medians are printed, wall clock and CPU.
 *
 *   cmake --preset bench && cmake --build --preset bench
 *   build/bench/tests/bench_store FOLDER [MANY [ROUNDS]]      (1,000,000 and 5; needs 7 GB) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adapters/store/migrations.h"
#include "adapters/store/store.h"
#include "adapters/store/journal_row.h"

enum {
	few = 1000,
	max_rounds = 101,
	session_bytes = 2000,
	n_posts = 3,
	fold_above = 4096,
	fold_step = 256
};

struct cost {
	double wall, cpu; /* seconds */
};

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct cost start(void)
{
	return (struct cost){now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID)};
}

static struct cost since(struct cost started, double turns)
{
	struct cost at = start();

	return (struct cost){(at.wall - started.wall) / turns, (at.cpu - started.cpu) / turns};
}

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_store: %s: %s\n", what, why);
	exit(1);
}

static void must(bool good, const char *what)
{
	if (!good)
		die(what, "failed");
}

/* Turns */

static uint64_t random_state = 88172645463325252u;

static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static struct str name_of(uint64_t number, char name[48])
{
	/* Spread like real ids, which are random. */
	int n = snprintf(name, 48, "widget:%016llx%08llx",
		(unsigned long long)(number * 0x9E3779B97F4A7C15u), (unsigned long long)number);

	return (struct str){name, (size_t)n};
}

/* Bytes as different as those of a session. */
static struct str some_session(void)
{
	static char bytes[session_bytes];

	for (size_t i = 0; i + 8 <= sizeof(bytes); i += 8) {
		uint64_t r = random_number();

		memcpy(bytes + i, &r, 8);
	}
	return (struct str){bytes, sizeof(bytes)};
}

static struct str some_mid(char mid[32])
{
	int n = snprintf(mid, 32, "m-%016llx", (unsigned long long)random_number());

	return (struct str){mid, (size_t)n};
}

/* Timers go with the clock; those of idle conversations are over. */
static int64_t some_due(void)
{
	static int64_t due_ms = 1800000000000;

	return due_ms++;
}

static const struct value *body(struct arena *arena)
{
	struct value_builder b = value_build(arena);

	value_put_text(&b, "text",
		S("Your order A-1001 (Blue dress, size M) can still be cancelled. The refund of "
		  "$29.90 goes back to Visa 4242 within five days. Shall I cancel it now?"));
	value_put(&b, "question", &value_true);
	return value_record(&b);
}

static void turn_of_store(struct store *store, uint64_t number, struct arena *arena)
{
	char name[48], mid[32];
	struct str conversation = name_of(number, name), bytes, id = some_mid(mid);
	uint32_t last;

	must(store_last_post(store, conversation, &last) == STORE_OK, "last post");
	must(store_load_session(store, conversation, arena, &bytes) == STORE_OK, "load");
	must(store_knows(store, conversation, id) == STORE_NONE, "knows");
	store_save_session(store, conversation, some_session(), 1800000000, some_due());
	for (uint32_t i = 1; i <= n_posts; i++)
		store_add_post(store, conversation,
			&(struct post){.n = last + i,
				.at_ms = 1800000000000,
				.who = i == 1 ? POST_BUYER : POST_BOT,
				.mid = i == 1 ? id : S(""),
				.body = body(arena)});
	arena_reset(arena);
}

static void add_to_tables(
	struct sql *sql, struct kept_piece *piece, struct str mid, struct arena *arena)
{
	struct kept_session session = {1800000000, some_due(), some_session()};
	struct journal_row row = {.has_session = true, .session = session, .n_posts = n_posts};
	struct kept_place *place = &piece->place;
	struct buf body_bytes;

	buf_init(&body_bytes, 10000);
	value_encode(body(arena), &body_bytes);
	row.post = arena_array(arena, struct kept_post, n_posts);
	for (uint32_t i = 0; i < n_posts; i++)
		row.post[i] = (struct kept_post){.n = ++place->last_post,
			.at_ms = 1800000000000,
			.who = i == 0 ? POST_BUYER : POST_BOT,
			.mid = i == 0 ? mid : S(""),
			.body = buf_str(&body_bytes)};
	if (place->n_pieces == table_most_pieces)
		table_drop_pieces(sql, place, place->last_post);
	piece->bytes = journal_row_encode(&row, arena);
	table_add_piece(sql, NULL, piece, &session);
	buf_release(&body_bytes);
}

static void turn_of_tables(struct sql *sql, uint64_t number, struct arena *arena)
{
	uint64_t key = (uint64_t)table_number(sql, JOURNAL_KEY);
	struct arena *scratch = arena_new(1 << 20);
	char name[48], mid[32];
	struct str id = some_mid(mid);
	struct kept_piece newest;

	must(table_find(sql, NULL, key, name_of(number, name), arena, &newest), "find");
	must(!table_has_mid(sql, &newest.place, id, scratch), "knows");
	add_to_tables(sql, &newest, id, arena);
	arena_reset(arena);
	arena_free(scratch);
}

/* Files */

static struct sql *open_tables(const char *path)
{
	struct buf error;
	struct sql *sql;

	buf_init(&error, 1000);
	if (sql_open(path, &sql, &error) != SQL_OK || migrations_apply(sql, &error) != SQL_OK)
		die(path, error.p);
	buf_release(&error);
	return sql;
}

static struct store *open_store(const char *path)
{
	struct store *store;
	struct buf error;

	buf_init(&error, 1000);
	if (store_open(path, &store, &error) != STORE_OK)
		die(path, error.p);
	buf_release(&error);
	return store;
}

static void fill(const char *path, uint64_t n)
{
	struct arena *arena = arena_new(1 << 20);
	struct sql *sql = open_tables(path);
	uint64_t key = (uint64_t)table_number(sql, JOURNAL_KEY);
	char name[48], mid[32];

	for (uint64_t i = 0; i < n;) {
		must(sql_begin(sql) == SQL_OK, "begin");
		for (uint64_t end = i + 10000; i < end && i < n; i++) {
			struct kept_piece first = {.name = name_of(i, name)};

			first.place.number = table_new_number(sql, key, first.name);
			add_to_tables(sql, &first, some_mid(mid), arena);
			arena_reset(arena);
		}
		must(sql_commit(sql) == SQL_OK, "commit");
	}
	sql_close(sql);
	arena_free(arena);
}

/* Measuring */

struct kept {
	uint64_t n, of; /* turns are in the last @of */
	struct store *store;
	struct sql *tables;
};

enum column { PLAIN, APPEND, FOLD, n_columns };
static const char *const column_name[] = {"tables at once", "journal", "folding it"};

static struct cost measure_tables(const struct kept *k, unsigned batch, unsigned commits)
{
	struct arena *arena = arena_new(1 << 20);
	struct cost started = start();

	for (unsigned c = 0; c < commits; c++) {
		must(sql_begin(k->tables) == SQL_OK, "begin");
		for (unsigned i = 0; i < batch; i++)
			turn_of_tables(k->tables, k->n - 1 - random_number() % k->of, arena);
		must(sql_commit(k->tables) == SQL_OK, "commit");
	}
	arena_free(arena);
	return since(started, (double)batch * commits);
}

static struct cost sum(struct cost a, struct cost b, double sign)
{
	return (struct cost){a.wall + sign * b.wall, a.cpu + sign * b.cpu};
}

/* As the server does after a commit. */
static struct cost fold(struct store *store)
{
	struct cost started = start();
	size_t left = store_journal(store);

	while (left > fold_above)
		must(store_fold(store, fold_step, &left) == STORE_OK, "fold");
	return since(started, 1);
}

static void measure_store(const struct kept *k, unsigned batch, unsigned commits,
	struct cost *append, struct cost *folding)
{
	struct arena *arena = arena_new(1 << 20);
	struct cost started = start(), all, folded = {0};
	double turns = (double)batch * commits;

	for (unsigned c = 0; c < commits; c++) {
		must(store_begin(k->store) == STORE_OK, "begin");
		for (unsigned i = 0; i < batch; i++)
			turn_of_store(k->store, k->n - 1 - random_number() % k->of, arena);
		must(store_commit(k->store) == STORE_OK, "commit");
		folded = sum(folded, fold(k->store), 1);
	}
	arena_free(arena);
	all = since(started, 1);
	*append = sum(all, folded, -1);
	*append = (struct cost){append->wall / turns, append->cpu / turns};
	*folding = (struct cost){folded.wall / turns, folded.cpu / turns};
}

static int by_wall(const void *a, const void *b)
{
	double x = ((const struct cost *)a)->wall, y = ((const struct cost *)b)->wall;

	return (x > y) - (x < y);
}

static struct cost median(struct cost *cost, unsigned n)
{
	qsort(cost, n, sizeof(*cost), by_wall);
	return cost[n / 2];
}

/* Until the journal is as long as it stays. */
static void warm_up(struct kept kept[2], bool any)
{
	struct cost ignored;

	for (unsigned k = 0; k < 2; k++) {
		kept[k].of = any ? kept[k].n : few;
		measure_store(&kept[k], 1000, 8, &ignored, &ignored);
	}
}

static void run(struct kept kept[2], bool any, unsigned batch, unsigned commits, unsigned rounds)
{
	static struct cost cost[2][n_columns][max_rounds];
	struct cost mid[2][n_columns];

	for (unsigned r = 0; r < rounds; r++)
		for (unsigned k = 0; k < 2; k++) {
			cost[k][PLAIN][r] = measure_tables(&kept[k], batch, commits);
			measure_store(
				&kept[k], batch, commits, &cost[k][APPEND][r], &cost[k][FOLD][r]);
		}
	for (unsigned c = 0; c < n_columns; c++) {
		for (unsigned k = 0; k < 2; k++)
			mid[k][c] = median(cost[k][c], rounds);
		printf("%s %5u  %-15s %9.1f %7.1f   %9.1f %7.1f   %5.2f\n", any ? "any" : "new",
			batch, column_name[c], mid[0][c].wall * 1e6, mid[0][c].cpu * 1e6,
			mid[1][c].wall * 1e6, mid[1][c].cpu * 1e6, mid[1][c].wall / mid[0][c].wall);
	}
	printf("%s %5u  %-15s %9.1f %7.1f   %9.1f %7.1f   %5.2f\n", any ? "any" : "new", batch,
		"journal+folding", (mid[0][APPEND].wall + mid[0][FOLD].wall) * 1e6,
		(mid[0][APPEND].cpu + mid[0][FOLD].cpu) * 1e6,
		(mid[1][APPEND].wall + mid[1][FOLD].wall) * 1e6,
		(mid[1][APPEND].cpu + mid[1][FOLD].cpu) * 1e6,
		(mid[1][APPEND].wall + mid[1][FOLD].wall) /
			(mid[0][APPEND].wall + mid[0][FOLD].wall));
}

static void bare_append(const char *folder, unsigned rounds)
{
	struct cost cost[max_rounds];
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/bare", folder);
	file = fopen(path, "wb");
	must(file != NULL, path);
	for (unsigned r = 0; r < rounds; r++) {
		struct cost started = start();

		for (int i = 0; i < 100; i++) {
			fwrite(some_session().p, 1, session_bytes, file);
			must(fflush(file) == 0 && fdatasync(fileno(file)) == 0, "fdatasync");
		}
		cost[r] = since(started, 100);
	}
	fclose(file);
	(void)unlink(path);
	printf("append and fdatasync alone: %.1f us, %.1f us CPU\n",
		median(cost, rounds).wall * 1e6, median(cost, rounds).cpu * 1e6);
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "/tmp";
	uint64_t many = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
	unsigned rounds = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 5;
	struct kept kept[2] = {{.n = few}, {.n = many}};
	char path[2][2][4096];

	if (rounds < 1 || rounds > max_rounds)
		die("rounds", "1 to 101");
	setvbuf(stdout, NULL, _IOLBF, 0);
	random_state += (uint64_t)time(NULL) << 20; /* the files may be those of an earlier run */
	bare_append(folder, rounds);
	for (unsigned k = 0; k < 2; k++)
		for (unsigned d = 0; d < 2; d++) {
			snprintf(path[k][d], sizeof(path[k][d]), "%s/bench_store-%u-%u.db", folder,
				k, d);
			if (access(path[k][d], F_OK) != 0)
				fill(path[k][d], kept[k].n);
			if (d == 0)
				kept[k].tables = open_tables(path[k][d]);
			else
				kept[k].store = open_store(path[k][d]);
		}
	printf("us a turn; %d and %llu conversations stored\n", few, (unsigned long long)many);
	printf("    turns a commit              few     CPU        many     CPU   many/few\n");
	for (int any = 0; any < 2; any++) {
		warm_up(kept, any);
		run(kept, any, 1, 1000, rounds);
		run(kept, any, 100, 30, rounds);
		run(kept, any, 1000, 5, rounds);
	}
	for (unsigned k = 0; k < 2; k++) {
		sql_close(kept[k].tables);
		store_close(kept[k].store);
	}
	return 0;
}

/* Power cuts.  All that the store writes is written down on its way to the system; then the power
 * is cut at some of these calls: what was waited for is there; of what was not, each sector of 512
 * bytes is there or is not, and of names and removals a first part.  What such a disk holds must
 * open, must hold every commit that was told, and must take the next one.  Now and then the disk
 * refuses a call, so that a commit or a round of folding fails and is tried again.
 *
 * TENSTEP_POWER_CUTS: so many (160), TENSTEP_SEED: chance (1). */
#include "tests/contract/known_disk.h"
#include "tests/contract/store_commits.h"

enum { n_commits = 1500, fillers = 30, sector = 512 };

/* The work */

static void save_fillers(struct store *store, struct arena *arena, int64_t commit)
{
	for (int i = 0; i < fillers; i++)
		store_save_session(store, arena_printf(arena, "filler %d", i),
			arena_printf(arena, "commit %lld", (long long)commit), commit, 0);
}

static void told(int64_t commit)
{
	pthread_mutex_lock(&disk.lock);
	note((struct op){.kind = OP_TOLD, .at = commit}, NULL);
	pthread_mutex_unlock(&disk.lock);
}

static void commit_at_once(struct home *home, int64_t commit)
{
	assert_int_equal(store_commit(home->store), STORE_OK);
	told(commit);
}

static void end_commit(struct home *home, int64_t commit)
{
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	told(commit);
}

/* The open transaction is lost with the commit before it. */
static void fail_both(struct home *home, int64_t commit)
{
	store_commit_begin(home->store, NULL, NULL);
	assert_int_equal(store_begin(home->store), STORE_OK);
	write_commit(home->store, home->arena, commit + 1);
	save_fillers(home->store, home->arena, commit + 1);
	assert_int_not_equal(store_commit_end(home->store), STORE_OK);
	if (commit % 8)
		assert_int_not_equal(store_commit(home->store), STORE_OK);
	else
		store_rollback(home->store);
}

static bool is_in_vain(int64_t commit)
{
	return commit % 20 == 3 || commit % 20 == 8 || commit % 20 == 16;
}

/* A post that is made again when it was refused. */
static void say_again(struct home *home)
{
	struct str name = S("again");
	struct post post = {.n = last_post_of(home->store, name) + 1,
		.at_ms = 1,
		.who = POST_BOT,
		.body = &value_none};

	store_add_post(home->store, name, &post);
}

/* In the journal's files; what comes next is in the tables. */
static void say_in_vain(struct home *home)
{
	assert_int_equal(store_begin(home->store), STORE_OK);
	say_again(home);
	refuse(FAULT_TURNS, OP_SYNC);
	assert_int_not_equal(store_commit(home->store), STORE_OK);
	was_refused();
}

/* Then it is tried again. */
static void commit_in_vain(struct home *home, int64_t commit)
{
	bool in_tables = has_note(commit);

	if (in_tables && commit % 2) {
		say_in_vain(home);
		return;
	}
	assert_int_equal(store_begin(home->store), STORE_OK);
	write_commit(home->store, home->arena, commit);
	save_fillers(home->store, home->arena, commit);
	refuse(in_tables ? FAULT_TABLES : FAULT_TURNS, commit % 5 < 2 ? OP_SYNC : OP_WRITE);
	if (commit % 2 || in_tables)
		assert_int_not_equal(store_commit(home->store), STORE_OK);
	else
		fail_both(home, commit);
	was_refused();
}

static void fold_in_vain(struct home *home)
{
	size_t left;

	assert_int_equal(store_fold(home->store, 1, &left), STORE_OK); /* nothing is under way */
	refuse(FAULT_TABLES, OP_WRITE);
	assert_int_not_equal(store_fold(home->store, 100, &left), STORE_OK);
	was_refused();
	assert_int_not_equal(store_fold_aside(home->store, FOLD_ALL, 100), STORE_OK); /* that one */
}

static void remove_guests(struct home *home, int64_t commit)
{
	size_t left;

	assert_int_equal(store_fold(home->store, 100000, &left), STORE_OK);
	assert_in_range(remove_idle(home, commit - 50).n_gone, 1, guests);
	if (commit > 1000)
		assert_int_equal(store_clean(home->store), STORE_OK);
}

/* The journal's files are emptied beside the commits, and somebody forgotten when they are. */
static void clear_some(struct home *home, int64_t *mark)
{
	bool is_clear;

	if (!*mark)
		*mark = store_mark(home->store);
	assert_int_equal(store_clear_aside(home->store, *mark, &is_clear), STORE_OK);
	if (!is_clear)
		return;
	assert_int_equal(store_forget(home->store, S("nobody")), STORE_OK);
	*mark = 0;
}

/* Long without a commit in the tables, so that the journal's first file is written anew while
 * nothing else has waited for what was folded from it. */
static void work(struct home *home)
{
	bool is_under_way = false;
	int64_t mark = 0;
	size_t left;

	for (int64_t commit = 1; commit <= n_commits; commit++) {
		if (is_in_vain(commit))
			commit_in_vain(home, commit);
		assert_int_equal(store_begin(home->store), STORE_OK);
		write_commit(home->store, home->arena, commit);
		save_fillers(home->store, home->arena, commit);
		if (has_note(commit))
			say_again(home);
		if (commit % 50 == 30)
			say_as_guest(home->store, home->arena, commit);
		if (is_under_way)
			end_commit(home, commit - 1);
		is_under_way = is_halved(commit) && commit != 1250;
		if (is_under_way)
			store_commit_begin(home->store, NULL, NULL);
		else
			commit_at_once(home, commit);
		if (commit % 400 >= 300) { /* by then the first file is full */
			if (commit % 10 == 7)
				fold_in_vain(home);
			assert_int_equal(store_fold_aside(home->store,
						 commit % 4 ? FOLD_OLDER : FOLD_ALL, 100),
				STORE_OK);
			if (commit % 3 == 0)
				assert_int_equal(store_fold(home->store, 600, &left), STORE_OK);
		}
		if (commit % 400 >= 200 && commit % 400 < 280)
			clear_some(home, &mark);
		if (commit == 1150)
			assert_int_equal(store_forget(home->store, S("filler 3")), STORE_OK);
		if (commit % 350 == 340)
			remove_guests(home, commit);
		if (commit == 1250)
			reopen(home);
		arena_reset(home->arena);
	}
	if (is_under_way)
		end_commit(home, n_commits);
}

/* The cut */

static unsigned long chance = 1;

static unsigned below(unsigned n)
{
	chance = chance * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(chance >> 33) % n;
}

/* The file that is being written: one for all of them, because new memory costs more than the rest.
 */
struct image {
	char *bytes;
	int64_t n, cap;
};

static void reach(struct image *image, int64_t n)
{
	if (n > image->cap) {
		image->cap = n > 2 * image->cap ? n : 2 * image->cap;
		image->bytes = realloc(image->bytes, (size_t)image->cap);
		assert_non_null(image->bytes);
	}
	if (n > image->n)
		memset(image->bytes + image->n, 0, (size_t)(n - image->n));
	if (n > image->n)
		image->n = n;
}

static void apply_bytes(struct image *image, const struct op *op, int64_t from, int64_t to)
{
	reach(image, to);
	memcpy(image->bytes + from, op->bytes + (from - op->at), (size_t)(to - from));
}

/* Sector by sector: @there of a hundred reach the disk. */
static void apply_torn(struct image *image, const struct op *op, unsigned there)
{
	int64_t end = op->at + (int64_t)op->n;

	for (int64_t from = op->at; from < end;) {
		int64_t to = (from / sector + 1) * sector;

		if (to > end)
			to = end;
		if (below(100) < there)
			apply_bytes(image, op, from, to);
		from = to;
	}
}

static void apply(struct image *image, const struct op *op, bool waited_for, unsigned there)
{
	if (op->kind == OP_WRITE && waited_for)
		apply_bytes(image, op, op->at, op->at + (int64_t)op->n);
	else if (op->kind == OP_WRITE)
		apply_torn(image, op, there);
	else if (op->kind == OP_LENGTH && (waited_for || below(100) < there)) {
		reach(image, op->at);
		image->n = op->at;
	}
}

static size_t last_before(size_t cut, enum op_kind kind, int file)
{
	while (cut-- > 0)
		if (disk.op[cut].kind == kind &&
			(kind == OP_SYNC_NAMES || disk.op[cut].file == file))
			return cut;
	return 0;
}

/* Whether the name leads to this file: of names and removals that nobody waited for, those before
 * @names happened. */
static bool is_named(int file, size_t names)
{
	bool there = false;

	for (size_t i = 0; i < names; i++) {
		if (disk.op[i].kind == OP_CREATE && disk.op[i].file == file)
			there = true;
		if (disk.op[i].kind == OP_REMOVE && disk.op[i].file == file)
			there = false;
	}
	return there;
}

static void make_image(struct image *image, int file, size_t cut, unsigned there)
{
	size_t synced = last_before(cut, OP_SYNC, file);

	image->n = 0;
	for (size_t i = 0; i < cut; i++)
		if (disk.op[i].file == file)
			apply(image, &disk.op[i], i < synced, there);
}

static void write_image(
	struct image *image, const char *folder, int file, size_t cut, unsigned there)
{
	char path[160];
	FILE *out;

	make_image(image, file, cut, there);
	snprintf(path, sizeof(path), "%s/%s", folder, disk.name[file]);
	out = fopen(path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(image->bytes ? image->bytes : "", 1, (size_t)image->n, out),
		(size_t)image->n);
	assert_int_equal(fclose(out), 0);
}

static void write_images(struct image *image, const char *folder, size_t cut)
{
	static const unsigned there[] = {0, 30, 70, 95, 100};
	size_t names = last_before(cut, OP_SYNC_NAMES, 0);
	unsigned chosen = there[below(5)];

	names += below((unsigned)(cut - names) + 1);
	for (int file = 0; file < disk.n_files; file++)
		if (is_named(file, names))
			write_image(image, folder, file, cut, chosen);
}

static void is_on_the_disk(const struct image *image, const char *folder, const char *name)
{
	char path[160], *bytes = malloc((size_t)image->n + 1);
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	in = fopen(path, "rb");
	assert_non_null(in);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)image->n + 1, in), image->n);
	assert_int_equal(fclose(in), 0);
	assert_memory_equal(bytes, image->bytes, (size_t)image->n);
	free(bytes);
}

/* The log was written back while others worked, not only when the store was closed. */
static void log_was_written_back(void)
{
	int database = newest("tenstep.db");
	size_t n = 0;

	for (size_t i = 0; i < disk.n_ops; i++)
		n += disk.op[i].kind == OP_SYNC && disk.op[i].file == database;
	assert_in_range(n, 20, disk.n_ops);
}

/* Nothing is written in a way that is not written down here. */
static void all_is_written_down(struct image *image)
{
	for (int file = 0; file < disk.n_files; file++) {
		if (!is_named(file, disk.n_ops))
			continue;
		make_image(image, file, disk.n_ops, 100);
		is_on_the_disk(image, disk.folder, disk.name[file]);
	}
}

static int64_t told_before(size_t cut)
{
	while (cut-- > 0)
		if (disk.op[cut].kind == OP_TOLD)
			return disk.op[cut].at;
	return 0;
}

static void remove_images(const char *folder)
{
	char path[160];

	for (int file = 0; file < disk.n_files; file++) {
		snprintf(path, sizeof(path), "%s/%s", folder, disk.name[file]);
		(void)unlink(path);
	}
}

static void go_on(struct home *after, int64_t commit)
{
	begin(after);
	write_commit(after->store, after->arena, commit);
	assert_int_equal(store_commit(after->store), STORE_OK);
	reopen(after);
	assert_int_equal(check_store(after), commit);
}

static void cut_at(struct home *home, struct image *image, const char *folder, size_t cut)
{
	struct home after = *home;
	int64_t told = told_before(cut), stored;

	write_images(image, folder, cut);
	snprintf(after.path, sizeof(after.path), "%s/tenstep.db", folder);
	if (store_open(after.path, &after.store, &home->error) != STORE_OK)
		fail_msg("cut at %zu of %zu: %s", cut, disk.n_ops, home->error.p);
	stored = check_store(&after);
	if (stored != told && stored != told + 1)
		fail_msg("cut at %zu of %zu: %lld commits are there, %lld were told", cut,
			disk.n_ops, (long long)stored, (long long)told);
	go_on(&after, stored + 1);
	store_close(after.store);
	remove_images(folder);
	arena_reset(home->arena);
}

/* Anywhere, or, half of the time, just behind a call that changes one of the journal's files. */
static size_t choose_cut(size_t first)
{
	size_t cut = first + below((unsigned)(disk.n_ops - first + 1));

	if (below(2))
		return cut;
	while (cut < disk.n_ops &&
		(disk.op[cut].kind > OP_LENGTH || !strstr(disk.name[disk.op[cut].file], "-turns")))
		cut++;
	return cut < disk.n_ops ? cut + 1 : cut;
}

static void begin_to_write_down(struct home *home)
{
	store_close(home->store);
	(void)unlink(home->path);
	snprintf(disk.folder, sizeof(disk.folder), "%s", home->folder);
	disk.on = true;
	open_store(home);
}

static unsigned setting(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);

	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void power_cut__anywhere__loses_no_commit_that_was_told(void **state)
{
	struct home *home = *state;
	unsigned cuts = setting("TENSTEP_POWER_CUTS", 160);
	struct image image = {NULL, 0, 0};
	char folder[80];
	size_t first;

	chance = setting("TENSTEP_SEED", 1);
	begin_to_write_down(home);
	first = disk.n_ops; /* the empty store's own beginning is SQLite's */
	work(home);
	all_is_written_down(&image);
	log_was_written_back();
	store_close(home->store);
	disk.on = false;
	snprintf(folder, sizeof(folder), "%s/after", home->folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	for (unsigned i = 0; i < cuts; i++)
		cut_at(home, &image, folder, choose_cut(first));
	free(image.bytes);
	assert_int_equal(rmdir(folder), 0);
	printf("%u power cuts among %zu calls: each commit that was told is there\n", cuts,
		disk.n_ops);
	forget_disk();
	open_store(home);
}

/* What a buyer asked to forget, and what nobody has written in for long */

static void say_xanthippe(struct home *home, uint32_t n)
{
	struct post post = {.n = n, .at_ms = 1, .who = POST_BOT, .body = &value_none};

	begin(home);
	store_save_session(home->store, S("Xanthippe"), S("session of Xanthippe"), 1, 0);
	store_add_post(home->store, S("Xanthippe"), &post);
	if (n % 2)
		store_add_note(home->store, S("note"), 1, S("Xanthippe"), &value_none);
	save_fillers(home->store, home->arena, n);
	commit(home);
	arena_reset(home->arena);
}

static void nothing_is_left_of(const struct home *after, const char *word)
{
	char path[160];

	for (int file = 0; file < disk.n_files; file++) {
		snprintf(path, sizeof(path), "%.90s/%s", after->folder, disk.name[file]);
		if (file_holds(path, word))
			fail_msg("'%s' has '%s'", disk.name[file], word);
	}
}

static void cut_after_forgetting(
	struct home *home, struct image *image, const char *folder, size_t cut)
{
	struct home after = *home;
	struct str bytes;

	snprintf(after.folder, sizeof(after.folder), "%s", folder);
	snprintf(after.path, sizeof(after.path), "%.80s/tenstep.db", folder);
	write_images(image, folder, cut);
	nothing_is_left_of(&after, "Xanthippe");
	open_store(&after);
	assert_int_equal(
		store_load_session(after.store, S("Xanthippe"), home->arena, &bytes), STORE_NONE);
	is_session(&after, "filler 1", S("commit 6"));
	store_close(after.store);
	remove_images(folder);
}

static void forget_xanthippe(struct home *home)
{
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
}

/* Her session was saved at 1, those of others later. */
static void let_xanthippe_go(struct home *home)
{
	assert_int_equal(remove_idle(home, 2).n_gone, 1);
	assert_int_equal(store_clean(home->store), STORE_OK);
}

struct erasing {
	struct image image;
	char folder[80];
	size_t begun, done; /* calls by then */
};

static void erase_xanthippe(
	struct home *home, struct erasing *erasing, void (*erase)(struct home *home))
{
	*erasing = (struct erasing){.begun = 0};
	begin_to_write_down(home);
	for (uint32_t n = 1; n <= 6; n++) {
		say_xanthippe(home, n);
		if (n == 3)
			(void)fold(home, 20);
	}
	if (erase == let_xanthippe_go)
		(void)fold(home, 500);
	begin(home); /* folding waits for nothing: what it did is on the disk by this */
	store_add_note(home->store, S("note"), 1, S("filler 1"), &value_none);
	commit(home);
	erasing->begun = disk.n_ops;
	erase(home);
	erasing->done = disk.n_ops;
	store_close(home->store);
	disk.on = false;
	snprintf(erasing->folder, sizeof(erasing->folder), "%.60s/after", home->folder);
	assert_int_equal(mkdir(erasing->folder, 0700), 0);
}

static void end_erasing(struct home *home, struct erasing *erasing)
{
	free(erasing->image.bytes);
	assert_int_equal(rmdir(erasing->folder), 0);
	forget_disk();
	open_store(home);
}

static void cut_after(struct home *home, void (*erase)(struct home *home))
{
	struct erasing erasing;

	erase_xanthippe(home, &erasing, erase);
	for (unsigned i = 0; i < 60; i++)
		cut_after_forgetting(home, &erasing.image, erasing.folder, erasing.done);
	end_erasing(home, &erasing);
}

static void power_cut__after_forgetting__brings_nothing_back(void **state)
{
	cut_after(*state, forget_xanthippe);
}

static void power_cut__after_removing__brings_nothing_back(void **state)
{
	cut_after(*state, let_xanthippe_go);
}

/* The copies that are left go when the store is opened. */
static bool cut_while_erasing(struct home *home, struct erasing *erasing, size_t cut)
{
	struct home after = *home;
	struct str bytes;
	bool is_gone;

	snprintf(after.folder, sizeof(after.folder), "%.60s", erasing->folder);
	snprintf(after.path, sizeof(after.path), "%.80s/tenstep.db", erasing->folder);
	write_images(&erasing->image, erasing->folder, cut);
	open_store(&after);
	is_gone =
		store_load_session(after.store, S("Xanthippe"), home->arena, &bytes) == STORE_NONE;
	assert_int_equal(last_post_of(after.store, S("Xanthippe")), is_gone ? 0 : 6);
	is_session(&after, "filler 1", S("commit 6"));
	if (is_gone)
		nothing_is_left_of(&after, "Xanthippe");
	store_close(after.store);
	if (is_gone)
		nothing_is_left_of(&after, "Xanthippe");
	remove_images(erasing->folder);
	arena_reset(home->arena);
	return is_gone;
}

static void cut_within(struct home *home, void (*erase)(struct home *home))
{
	struct erasing erasing;
	unsigned n = 0, gone = 0;

	erase_xanthippe(home, &erasing, erase);
	for (size_t cut = erasing.begun; cut <= erasing.done; cut++)
		for (unsigned i = 0; i < 4; i++, n++)
			gone += cut_while_erasing(home, &erasing, cut);
	assert_in_range(gone, 8, n - 8);
	end_erasing(home, &erasing);
}

static void power_cut__while_forgetting__leaves_all_or_nothing(void **state)
{
	cut_within(*state, forget_xanthippe);
}

static void power_cut__while_removing__leaves_all_or_nothing(void **state)
{
	cut_within(*state, let_xanthippe_go);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(power_cut__after_forgetting__brings_nothing_back),
		T(power_cut__after_removing__brings_nothing_back),
		T(power_cut__while_forgetting__leaves_all_or_nothing),
		T(power_cut__while_removing__leaves_all_or_nothing),
		T(power_cut__anywhere__loses_no_commit_that_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

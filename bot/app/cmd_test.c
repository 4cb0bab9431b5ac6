/* tenstep test: plays *.chat files. */
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/app/command.h"
#include "bot/chats/chat_check.h"
#include "bot/chats/chat_missing.h"
#include "bot/chats/chat_report.h"
#include "bot/common/options.h"

enum { max_files = 2000, max_report = 64 << 20 };

enum {
	KEY_COVERAGE = 0x100,
	KEY_MISSING,
	KEY_ACCEPT,
	KEY_TAP,
	KEY_JUNIT,
	KEY_ONLY,
	KEY_FAIL_FAST,
	KEY_LIST
};

struct test_options {
	struct options shared;
	const char **path;
	size_t n_paths;
	const char *only, *junit;
	bool coverage, missing, accept, tap, fail_fast, list;
	long gate; /* percent that must be reached; 0: none */
};

static const struct argp_option option[] = {
	{"only", KEY_ONLY, "PATTERN", 0,
		"Only tests whose name fits the shell pattern; tag:NAME: only tests with that tag",
		0},
	{"fail-fast", KEY_FAIL_FAST, 0, 0, "Stop at the first test that fails", 0},
	{"coverage", KEY_COVERAGE, "PERCENT", OPTION_ARG_OPTIONAL,
		"Tell which steps and edges of the flows no test took; below PERCENT counts as a "
		"failure",
		0},
	{"missing", KEY_MISSING, 0, 0, "Print skeletons of tests for what no test took", 0},
	{"accept", KEY_ACCEPT, 0, 0, "Rewrite the words of lines whose step is right; nothing else",
		0},
	{"tap", KEY_TAP, 0, 0, "Print TAP 14 on standard output", 0},
	{"junit", KEY_JUNIT, "FILE", 0, "Write JUnit XML to FILE", 0},
	{"list", KEY_LIST, 0, 0, "Print the names of the tests and run none", 0}, {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct test_options *o = state->input;
	char *end;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->shared;
		break;
	case KEY_ONLY:
		o->only = arg;
		break;
	case KEY_FAIL_FAST:
		o->fail_fast = true;
		break;
	case KEY_COVERAGE:
		o->coverage = true;
		o->gate = arg ? strtol(arg, &end, 10) : 0;
		if (arg && (*end || end == arg || o->gate < 0 || o->gate > 100))
			argp_error(state, "--coverage takes a whole number from 0 to 100, not '%s'",
				arg);
		break;
	case KEY_MISSING:
		o->missing = true;
		break;
	case KEY_ACCEPT:
		o->accept = true;
		break;
	case KEY_TAP:
		o->tap = true;
		break;
	case KEY_JUNIT:
		o->junit = arg;
		break;
	case KEY_LIST:
		o->list = true;
		break;
	case ARGP_KEY_ARG:
		o->path = realloc(o->path, (o->n_paths + 1) * sizeof(*o->path));
		if (!o->path)
			abort();
		o->path[o->n_paths++] = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* --- files --- */

struct suite {
	struct arena *arena; /* everything that lives as long as the run */
	struct diags diags;
	const struct chat_file *file[max_files];
	size_t n_files;
	bool cannot;
};

static bool read_whole(const char *path, struct arena *arena, struct str *text)
{
	FILE *f = fopen(path, "rb");
	char *p = malloc(max_chat_bytes + 1);
	size_t n = f && p ? fread(p, 1, max_chat_bytes + 1, f) : 0;
	bool good = f && p && !ferror(f);

	if (f)
		fclose(f);
	*text = arena_str(arena, (struct str){p, n});
	free(p);
	return good;
}

static void add_file(struct suite *s, const char *path)
{
	struct source *source = arena_new_of(s->arena, struct source);

	source->name = arena_cstr(s->arena, str_of(path));
	if (s->n_files == max_files) {
		fprintf(stderr, "tenstep test: more than %d files; name fewer\n", max_files);
		s->cannot = true;
		return;
	}
	if (!read_whole(path, s->arena, &source->text)) {
		fprintf(stderr, "tenstep test: cannot read '%s'\n", path);
		s->cannot = true;
		return;
	}
	s->file[s->n_files++] = chat_file_read(source, s->arena, &s->diags);
}

static int chats_only(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && strcmp(entry->d_name + n - 5, ".chat") == 0;
}

static void add_path(struct suite *s, const char *path)
{
	struct dirent **entry;
	struct stat st;
	int n;

	if (stat(path, &st) != 0) {
		fprintf(stderr,
			"tenstep test: there is no '%s'; name a .chat file or a folder that holds "
			"some\n",
			path);
		s->cannot = true;
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		add_file(s, path);
		return;
	}
	n = scandir(path, &entry, chats_only, alphasort);
	for (int i = 0; i < n; i++) {
		add_file(s, arena_printf(s->arena, "%s/%s", path, entry[i]->d_name).p);
		free(entry[i]);
	}
	if (n <= 0) {
		fprintf(stderr, "tenstep test: there is no .chat file in '%s'\n", path);
		s->cannot = true;
	}
	if (n >= 0)
		free(entry);
}

static void check_names(struct suite *s, const struct model *model)
{
	const struct sandbox_fixture *fixture;
	size_t n = sandbox_fixtures(&fixture);
	struct str *shop = arena_array(s->arena, struct str, n);
	struct chat_names names = {model_flows(model), model_intents(model), shop, n, NULL};
	struct buf error;

	buf_init(&error, 1000);
	names.demo = sandbox_open(S("demo"), chat_default_now, &error);
	for (size_t i = 0; i < n; i++)
		shop[i] = str_of(fixture[i].name);
	for (size_t i = 0; i < s->n_files; i++)
		chat_check(s->file[i], &names, &s->diags);
	chat_check_starts(s->file, s->n_files, &names, &s->diags);
	if (names.demo)
		sandbox_api(names.demo)->free(sandbox_api(names.demo));
	buf_release(&error);
}

/* --- running --- */

struct run {
	const struct test_options *o;
	const struct chat_stage *stage;
	struct buf report, junit;
	size_t passed, failed;
	bool colour, cannot;
};

static bool wanted(const struct test_options *o, const struct chat_test *test, struct arena *arena)
{
	if (!o->only)
		return true;
	if (strncmp(o->only, "tag:", 4) != 0)
		return fnmatch(o->only, arena_cstr(arena, test->name), 0) == 0 ||
		       str_find(test->name, str_of(o->only)) >= 0;
	for (size_t i = 0; i < test->n_tags; i++)
		if (str_is(test->tag[i], o->only + 4))
			return true;
	return false;
}

/* The words of "<" lines that were merely reworded.  A test in which anything else went wrong is
 * left alone, and so is one with rows, whose words stand for all of them. */
static void collect_reworded(const struct chat_play *play, struct chat_failures *reworded)
{
	const struct chat_failures *list[] = {&play->failures, &play->notes};

	if (play->test->each != EACH_ONCE || !chat_only_reworded(play))
		return;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < list[k]->n; i++) {
			const struct chat_failure *f = &list[k]->item[i];

			if (!f->words_at.length)
				continue;
			chat_fail(reworded, FAIL_TEXT, f->at, S(""), f->got);
			reworded->item[reworded->n - 1].words_at = f->words_at;
		}
}

static int later_first(const void *a, const void *b)
{
	const struct chat_failure *x = a, *y = b;

	return x->words_at.offset < y->words_at.offset   ? 1
	       : x->words_at.offset > y->words_at.offset ? -1
							 : 0;
}

/* Words as a line of the file holds them: no line ends, no comments, no escapes by accident. */
static void add_words(struct buf *out, struct str words)
{
	for (size_t i = 0; i < words.n; i++)
		if (words.p[i] == '\n')
			buf_adds(out, "\\n");
		else if (words.p[i] == '#' || words.p[i] == '\\')
			buf_addf(out, "\\%c", words.p[i]);
		else
			buf_addc(out, words.p[i]);
}

/* All of @text or nothing: the file is the author's work. */
static bool write_over(const char *path, struct str text, struct arena *arena)
{
	const char *fresh = arena_printf(arena, "%s.new", path).p;
	FILE *f = fopen(fresh, "wb");
	bool good = f && fwrite(text.p, 1, text.n, f) == text.n;

	if (f)
		good = fclose(f) == 0 && good;
	if (good && rename(fresh, path) == 0)
		return true;
	remove(fresh);
	return false;
}

static void rewrite(const struct chat_file *file, struct chat_failures *reworded)
{
	struct str text = file->source->text;
	struct buf out;

	if (!reworded->n)
		return;
	qsort(reworded->item, reworded->n, sizeof(*reworded->item), later_first);
	for (size_t i = 0; i < reworded->n; i++) {
		struct chat_at at = reworded->item[i].words_at;

		buf_init(&out, 2 * max_chat_bytes);
		buf_add(&out, str_sub(text, 0, at.offset));
		add_words(&out, reworded->item[i].got);
		buf_add(&out, str_sub(text, at.offset + at.length, text.n));
		text = arena_str(reworded->arena, buf_str(&out));
		buf_release(&out);
	}
	if (write_over(file->source->name, text, reworded->arena))
		fprintf(stderr, "%s: %zu text%s rewritten\n", file->source->name, reworded->n,
			reworded->n == 1 ? "" : "s");
	else
		fprintf(stderr, "tenstep test: cannot write '%s'\n", file->source->name);
}

static void print(const struct buf *text, FILE *to)
{
	if (text->n)
		fwrite(text->p, 1, text->n, to);
}

static void tell(struct run *run, const struct chat_play *play)
{
	if (play->failures.n)
		run->failed++;
	else
		run->passed++;
	if (run->o->tap)
		chat_report_tap(play, run->passed + run->failed, &run->report);
	else
		chat_report_play(play, run->colour, &run->report);
	if (run->o->junit)
		chat_report_junit(play, &run->junit);
	fputs(buf_str(&run->report).p, stdout);
	buf_clear(&run->report);
}

static bool play_test(struct run *run, const struct chat_file *file, const struct chat_test *test,
	struct chat_failures *reworded)
{
	size_t n = chat_plays(run->stage, test);

	for (size_t row = 0; row < n; row++) {
		struct arena *arena = arena_new(64 << 20);
		struct chat_play play = chat_play(run->stage, file, test, row, arena);
		bool stop = play.failures.n && run->o->fail_fast;

		tell(run, &play);
		if (run->o->accept)
			collect_reworded(&play, reworded);
		arena_free(arena);
		if (stop)
			return false;
	}
	return true;
}

static bool play_file(struct run *run, const struct chat_file *file)
{
	struct arena *arena = arena_new(16 << 20);
	struct chat_failures reworded = {.arena = arena};
	bool go_on = true;

	for (size_t i = 0; go_on && i < file->n_tests; i++) {
		if (!wanted(run->o, &file->test[i], arena))
			continue;
		if (run->o->list)
			printf("%s: %.*s\n", file->source->name, STR(file->test[i].name));
		else
			go_on = play_test(run, file, &file->test[i], &reworded);
	}
	rewrite(file, &reworded);
	arena_free(arena);
	return go_on;
}

/* --- after the run --- */

static void write_junit(struct run *run)
{
	struct buf head;
	FILE *f;

	if (!run->o->junit)
		return;
	buf_init(&head, 4096);
	chat_report_junit_begin(run->passed + run->failed, run->failed, &head);
	chat_report_junit_end(&run->junit);
	f = fopen(run->o->junit, "wb");
	if (f) {
		print(&head, f);
		print(&run->junit, f);
	}
	run->cannot = !f || ferror(f);
	if (f && fclose(f) != 0)
		run->cannot = true;
	if (run->cannot)
		fprintf(stderr, "tenstep test: cannot write '%s'\n", run->o->junit);
	buf_release(&head);
}

static void print_missing(const struct chat_stage *stage)
{
	struct buf out;

	buf_init(&out, max_report);
	chat_missing_print(stage->cover, model_intents(stage->model), &out);
	print(&out, stdout);
	buf_release(&out);
}

static bool tell_coverage(const struct test_options *o, const struct chat_cover *cover)
{
	struct buf out;
	unsigned percent = cover_percent(cover_sum_all(cover));

	buf_init(&out, max_report);
	chat_cover_print(cover, &out);
	print(&out, o->tap ? stderr : stdout);
	buf_release(&out);
	if ((long)percent >= o->gate)
		return true;
	fprintf(stderr, "tenstep test: %u %% of steps and edges are covered, %ld %% are wanted\n",
		percent, o->gate);
	return false;
}

static int run_suite(const struct test_options *o, struct suite *s, const struct chat_stage *stage)
{
	struct run run = {.o = o, .stage = stage, .colour = options_colour(&o->shared, stdout)};
	bool covered = true;

	buf_init(&run.report, max_report);
	buf_init(&run.junit, max_report);
	if (o->tap)
		puts("TAP version 14");
	for (size_t i = 0; i < s->n_files; i++)
		if (!play_file(&run, s->file[i]))
			break;
	if (o->tap)
		printf("1..%zu\n", run.passed + run.failed);
	if (!o->list) {
		write_junit(&run);
		if (o->missing)
			print_missing(stage);
		if (o->coverage)
			covered = tell_coverage(o, stage->cover);
		fprintf(o->tap ? stderr : stdout, "%zu passed, %zu failed\n", run.passed,
			run.failed);
	}
	buf_release(&run.report);
	buf_release(&run.junit);
	if (!o->list && run.passed + run.failed == 0) {
		fprintf(stderr, "tenstep test: no test was run\n");
		return EXIT_CANNOT;
	}
	return run.cannot ? EXIT_CANNOT : run.failed || !covered ? EXIT_FINDINGS : EXIT_GOOD;
}

int cmd_test(int argc, char **argv)
{
	static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {option, parse, "[FILE or FOLDER…]",
		"Plays conversation tests (default: tests/chats) on a fresh demo shop, in virtual "
		"time.\v"
		"How they are written: tests/chats/FORMAT.md.  Exit status: 0 all passed, 1 "
		"failures or findings, 2 cannot run.",
		child, 0, 0};
	struct test_options o = {.shared = OPTIONS_DEFAULT};
	struct suite *s = calloc(1, sizeof(*s));
	struct content *content = NULL;
	struct chat_stage stage = {0};
	int status = EXIT_CANNOT;

	if (!s)
		abort();
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	s->arena = arena_new(512 << 20);
	diags_init(&s->diags, s->arena);
	for (size_t i = 0; i < o.n_paths; i++)
		add_path(s, o.path[i]);
	if (!o.n_paths)
		add_path(s, "tests/chats");
	stage.model = s->cannot ? NULL : options_model(&o.shared, false, &content);
	if (stage.model) {
		stage.content = content;
		stage.past_words = o.accept;
		stage.shops = chat_shops_new();
		stage.cover = chat_cover_new(model_flows(stage.model), s->arena);
		check_names(s, stage.model);
		options_print_findings(&o.shared, &s->diags, stderr);
		status = s->diags.n_errors ? EXIT_FINDINGS : run_suite(&o, s, &stage);
		chat_shops_free(stage.shops);
		model_unref(stage.model);
	}
	content_free(content);
	arena_free(s->arena);
	free(s);
	free(o.path);
	return status;
}

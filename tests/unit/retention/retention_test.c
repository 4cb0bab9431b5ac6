/* What is not kept for ever, with a real dispatcher, store and folder, and a clock that is moved.
 */
#include "tests/unit/dispatch/ground.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "bot/retention/retention.h"
#include "tests/unit/moved_clock.h"

enum { day = 24 * 3600, months = 200 * day, years = 365 * day };

static const char png[] = "\x89PNG\r\n\x1a\n, and more of it";

struct world {
	struct ground ground;
	char path[max_store_path], folder[40];
	struct uploads *uploads;
	struct metrics *metrics;
	FILE *said;
	struct log *log;
	struct retention *retention;
	int64_t conversations_s, uploads_s;
	unsigned n_forgotten;
};

static void erased(void *self, struct str conversation)
{
	uploads_forget(((struct world *)self)->uploads, conversation);
}

static void open_dispatcher(struct world *w)
{
	struct dispatcher_setup setup = ground_setup(&w->ground);

	setup.erased = erased;
	setup.self = w;
	setup.log = w->log;
	w->ground.dispatcher = dispatcher_new(&setup);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	shift_s = held_s = 0;
	snprintf(w->folder, sizeof w->folder, "/tmp/tenstep-retention-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	w->uploads = uploads_new(&(struct uploads_setup){.folder = w->folder, .secret = S("s")});
	w->metrics = metrics_new();
	w->said = tmpfile();
	assert_non_null(w->said);
	w->log = log_new(w->said, LOG_INFO);
	w->conversations_s = 180 * day;
	w->uploads_s = day;
	store_path_fresh(w->path, "retention");
	ground_open(&w->ground, "demo", w->path);
	open_dispatcher(w);
	*state = w;
	return 0;
}

static void remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char inner[400];

	while (dir && (entry = readdir(dir))) {
		snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.' && unlink(inner) != 0)
			remove_folder(inner);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static int tear_down(void **state)
{
	struct world *w = *state;

	retention_free(w->retention);
	uploads_free(w->uploads);
	ground_close(&w->ground);
	store_path_remove(w->path);
	remove_folder(w->folder);
	log_free(w->log);
	fclose(w->said);
	metrics_free(w->metrics);
	free(w);
	return 0;
}

static void end_loop(void *loop)
{
	loop_stop(loop);
}

static void run_for(struct world *w, int64_t ms)
{
	struct loop_timer timer = {0};

	loop_timer_start(w->ground.loop, &timer, ms, end_loop, w->ground.loop);
	loop_run(w->ground.loop);
}

/* The date has gone on for days. */
static void be_sure(struct world *w)
{
	int64_t now = loop_now_ms(w->ground.loop);

	assert_true(dispatcher_write(w->ground.dispatcher));
	store_set_cursor(w->ground.store, S("calendar"),
		arena_printf(w->ground.arena, "%lld %lld", (long long)now,
			(long long)(now - (int64_t)4 * day * 1000)));
	assert_true(dispatcher_flush(w->ground.dispatcher));
}

static void begin_retention(struct world *w)
{
	w->retention = retention_new(&(struct retention_setup){.loop = w->ground.loop,
		.store = w->ground.store,
		.dispatcher = w->ground.dispatcher,
		.uploads = w->uploads,
		.log = w->log,
		.metrics = w->metrics,
		.conversations_s = w->conversations_s,
		.uploads_s = w->uploads_s});
}

/* The program is away until the clock shows what is @later. */
static void come_back(struct world *w, int64_t later_s)
{
	shift_s += later_s;
	ground_restart(&w->ground, w->path);
	open_dispatcher(w);
}

static void say(struct world *w, const char *conversation, const char *text)
{
	static unsigned n;
	struct letter letter = {.conversation = str_of(conversation),
		.channel = S("widget"),
		.event = {.kind = EVENT_TEXT,
			.id = arena_printf(w->ground.arena, "m%u", ++n),
			.text = str_of(text)}};

	dispatcher_take(w->ground.dispatcher, &letter, NULL, NULL);
	assert_true(dispatcher_flush(w->ground.dispatcher));
}

static void show_file(struct world *w, const char *conversation, struct str id)
{
	struct letter letter = {.conversation = str_of(conversation),
		.channel = S("widget"),
		.event = {.kind = EVENT_ATTACHMENT, .id = id, .text = S("image"), .reference = id},
		.file = uploads_find(w->uploads, str_of(conversation), id, w->ground.arena)};

	assert_non_null(letter.file);
	dispatcher_take(w->ground.dispatcher, &letter, NULL, NULL);
	assert_true(dispatcher_flush(w->ground.dispatcher));
}

static void age(const char *path, int64_t s)
{
	struct timespec now, times[2];

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec -= s;
	times[0] = times[1] = now;
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* A file that came so long ago. */
static struct str bring(struct world *w, const char *conversation, int64_t s)
{
	struct upload upload = {.conversation = str_of(conversation),
		.bytes = {png, sizeof png - 1},
		.name = S("label.png"),
		.most = 30};
	struct str id;

	assert_int_equal(uploads_add(w->uploads, &upload, w->ground.arena, &id), UPLOAD_OK);
	age(arena_printf(w->ground.arena, "%s/%s/%.*s", w->folder, conversation, STR(id)).p, s);
	age(arena_printf(w->ground.arena, "%s/%s/%.*s.name", w->folder, conversation, STR(id)).p,
		s);
	return id;
}

static bool has_file(struct world *w, const char *conversation, struct str id)
{
	return uploads_find(w->uploads, str_of(conversation), id, w->ground.arena) != NULL;
}

static bool has_folder(struct world *w, const char *conversation)
{
	return access(arena_printf(w->ground.arena, "%s/%s", w->folder, conversation).p, F_OK) == 0;
}

static bool is_known(struct world *w, const char *conversation)
{
	return dispatcher_standing(w->ground.dispatcher, str_of(conversation)).known;
}

static bool was_said(struct world *w, const char *words)
{
	char text[8192];
	size_t n;

	rewind(w->said);
	n = fread(text, 1, sizeof text - 1, w->said);
	text[n] = '\0';
	return strstr(text, words) != NULL;
}

static double counted(struct world *w, const char *name)
{
	return metrics_value(w->metrics, name, NULL, NULL);
}

static void hear_forgotten(void *self)
{
	((struct world *)self)->n_forgotten++;
}

/* --- conversations --- */

static void conversation__nobody_wrote_in__goes_with_its_files(void **state)
{
	struct world *w = *state;
	struct hearer hearer = {.forgotten = hear_forgotten, .self = w};

	say(w, "widget:old", "hello");
	show_file(w, "widget:old", bring(w, "widget:old", 1));
	come_back(w, months);
	say(w, "widget:new", "hello");
	be_sure(w);
	dispatcher_hear(w->ground.dispatcher, S("widget:old"), &hearer);
	begin_retention(w);
	run_for(w, 1500);
	assert_false(is_known(w, "widget:old"));
	assert_true(is_known(w, "widget:new"));
	assert_false(has_folder(w, "widget:old"));
	assert_int_equal(w->n_forgotten, 1);
	assert_int_equal(counted(w, "tenstep_conversations_removed_total"), 1);
	assert_true(was_said(w, "\"removed\":1"));
	assert_false(was_said(w, "widget:old"));
	dispatcher_unhear(w->ground.dispatcher, &hearer);
	say(w, "widget:old", "hello again");
	assert_true(is_known(w, "widget:old"));
}

static void conversation__that_may_stay_for_ever__stays(void **state)
{
	struct world *w = *state;

	say(w, "widget:old", "hello");
	come_back(w, months);
	be_sure(w);
	w->conversations_s = 0;
	begin_retention(w);
	run_for(w, 1000);
	assert_true(is_known(w, "widget:old"));
}

static void conversation__by_a_date_that_is_new__stays(void **state)
{
	struct world *w = *state;

	say(w, "widget:old", "hello");
	come_back(w, months);
	begin_retention(w);
	run_for(w, 1000);
	assert_true(is_known(w, "widget:old"));
	assert_false(was_said(w, "the date has leapt"));
}

static void conversation__when_the_clock_is_set_forward__stays(void **state)
{
	struct world *w = *state;

	be_sure(w);
	say(w, "widget:a", "hello");
	come_back(w, months); /* by mistake */
	begin_retention(w);
	run_for(w, 1000);
	assert_true(is_known(w, "widget:a"));
	assert_true(was_said(w, "the date has leapt"));
}

static void end_retention(struct world *w)
{
	retention_free(w->retention);
	w->retention = NULL;
}

/* Some days after, by a date that can be believed. */
static void look_after(struct world *w, int64_t later_s)
{
	end_retention(w);
	come_back(w, later_s);
	be_sure(w);
	begin_retention(w);
	run_for(w, 1500);
}

/* While the program runs; retention looks at the date every minute. */
static void set_clock(struct world *w, int64_t s)
{
	shift_s = s;
	held_s += 2 * 60;
	run_for(w, 300);
}

/* Somebody writes by a clock that is wrong, and it is put right. */
static void write_by_a_wrong_clock(struct world *w, int64_t wrong_s)
{
	come_back(w, wrong_s);
	begin_retention(w);
	run_for(w, 300);
	say(w, "widget:a", "hello");
	set_clock(w, 0);
	assert_true(was_said(w, "the date has leapt"));
}

static void stays_as_long_as_promised(struct world *w)
{
	look_after(w, 4 * day);
	assert_true(is_known(w, "widget:a"));
	look_after(w, 170 * day);
	assert_true(is_known(w, "widget:a"));
	look_after(w, 10 * day);
	assert_false(is_known(w, "widget:a"));
}

static void conversation__of_a_clock_that_was_years_behind__stays_as_long_as_promised(void **state)
{
	write_by_a_wrong_clock(*state, -6 * years);
	stays_as_long_as_promised(*state);
}

static void conversation__of_a_clock_that_was_years_ahead__goes_when_promised(void **state)
{
	write_by_a_wrong_clock(*state, 6 * years);
	stays_as_long_as_promised(*state);
}

/* By mistake, for a week, and back. */
static void conversation__before_the_clock_was_wrong__goes_at_last(void **state)
{
	struct world *w = *state;

	begin_retention(w);
	run_for(w, 300);
	say(w, "widget:a", "hello");
	set_clock(w, 6 * years);
	set_clock(w, 0);
	look_after(w, 170 * day);
	assert_true(is_known(w, "widget:a"));
	look_after(w, 20 * day);
	assert_false(is_known(w, "widget:a"));
}

/* The server of a shop that is closed for weeks is no clock that was set. */
static void conversation__while_the_program_was_away__grows_old(void **state)
{
	struct world *w = *state;

	begin_retention(w);
	run_for(w, 300);
	say(w, "widget:a", "hello");
	look_after(w, 165 * day);
	end_retention(w);
	come_back(w, 20 * day);
	begin_retention(w);
	run_for(w, 300);
	assert_true(was_said(w, "the date has leapt"));
	look_after(w, 4 * day);
	assert_false(is_known(w, "widget:a"));
}

/* Nobody can tell whether it was away so long or the clock was behind: rather late than early. */
static void conversation__of_a_clock_put_right_while_away__stays_as_long_as_promised(void **state)
{
	struct world *w = *state;

	come_back(w, -6 * years);
	begin_retention(w);
	run_for(w, 300);
	say(w, "widget:a", "hello");
	end_retention(w);
	come_back(w, 6 * years);
	begin_retention(w);
	run_for(w, 300);
	look_after(w, 170 * day);
	assert_true(is_known(w, "widget:a"));
	look_after(w, 20 * day);
	assert_false(is_known(w, "widget:a"));
}

static void conversation__of_a_person__stays_until_it_is_handed_back(void **state)
{
	struct world *w = *state;

	say(w, "widget:old", "I want to talk to a person");
	say(w, "widget:old", "yes");
	if (dispatcher_standing(w->ground.dispatcher, S("widget:old")).owner == OWNER_BOT)
		say(w, "widget:old", "agent");
	assert_int_not_equal(
		dispatcher_standing(w->ground.dispatcher, S("widget:old")).owner, OWNER_BOT);
	come_back(w, months);
	be_sure(w);
	begin_retention(w);
	run_for(w, 1000);
	assert_true(is_known(w, "widget:old"));
	assert_int_equal(counted(w, "tenstep_conversations_held"), 1);
	assert_int_equal(counted(w, "tenstep_conversations_removed_total"), 0);
}

static void conversations__of_which_there_are_many__go_bit_by_bit(void **state)
{
	enum { many = 60 };
	struct world *w = *state;
	char name[32];

	for (int i = 0; i < many; i++) {
		snprintf(name, sizeof name, "widget:%d", i);
		say(w, name, "hello");
	}
	come_back(w, months);
	be_sure(w);
	begin_retention(w);
	for (int i = 0; i < 60 && counted(w, "tenstep_conversations_removed_total") < many; i++)
		run_for(w, 200);
	assert_int_equal(counted(w, "tenstep_conversations_removed_total"), many);
	for (int i = 0; i < 20 && !was_said(w, "\"removed\":60"); i++)
		run_for(w, 200);
	assert_true(was_said(w, "\"removed\":60"));
}

/* --- uploads --- */

static void upload__that_no_message_named__goes_after_its_time(void **state)
{
	struct world *w = *state;
	struct str named = bring(w, "widget:a", 2 * day), stray = bring(w, "widget:a", 2 * day),
		   young = bring(w, "widget:a", day / 2), alone = bring(w, "widget:b", 2 * day);

	say(w, "widget:a", "hello");
	show_file(w, "widget:a", named);
	be_sure(w);
	begin_retention(w);
	run_for(w, 1000);
	assert_true(has_file(w, "widget:a", named));
	assert_true(has_file(w, "widget:a", young));
	assert_false(has_file(w, "widget:a", stray));
	assert_false(has_file(w, "widget:b", alone));
	assert_false(has_folder(w, "widget:b"));
	assert_int_equal(counted(w, "tenstep_uploads_removed_total"), 2);
	assert_true(was_said(w, "\"files\":2"));
}

/* A kill came while the file was written. */
static void upload__of_which_there_is_a_name_only__goes(void **state)
{
	struct world *w = *state;
	struct str id = bring(w, "widget:a", 2 * day);

	assert_int_equal(
		unlink(arena_printf(w->ground.arena, "%s/widget:a/%.*s", w->folder, STR(id)).p), 0);
	be_sure(w);
	begin_retention(w);
	run_for(w, 1000);
	assert_false(has_folder(w, "widget:a"));
}

static void upload__that_may_stay_for_ever__stays(void **state)
{
	struct world *w = *state;
	struct str id = bring(w, "widget:a", 2 * day);

	be_sure(w);
	w->uploads_s = 0;
	begin_retention(w);
	run_for(w, 1000);
	assert_true(has_file(w, "widget:a", id));
}

static int count_folders(const struct world *w)
{
	DIR *dir = opendir(w->folder);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* That is what a platform's own name of a conversation is no name for. */
static void upload__in_a_folder_of_another_name__goes(void **state)
{
	struct world *w = *state;
	struct upload upload = {
		.conversation = S("hook:a@b/c"), .bytes = {png, sizeof png - 1}, .most = 30};
	struct str id, other;

	assert_int_equal(uploads_add(w->uploads, &upload, w->ground.arena, &id), UPLOAD_OK);
	upload.conversation = S("hook:a@b/d");
	assert_int_equal(uploads_add(w->uploads, &upload, w->ground.arena, &other), UPLOAD_OK);
	say(w, "hook:a@b/d", "hello");
	show_file(w, "hook:a@b/d", other);
	come_back(w, 3 * day);
	be_sure(w);
	begin_retention(w);
	run_for(w, 1000);
	assert_false(has_file(w, "hook:a@b/c", id));
	assert_true(has_file(w, "hook:a@b/d", other));
	assert_int_equal(count_folders(w), 1);
	uploads_forget(w->uploads, S("hook:a@b/d"));
	assert_int_equal(count_folders(w), 0);
}

/* As builds left it that did not put the conversation's name beside the files. */
static void upload__in_a_folder_without_a_name__stays(void **state)
{
	struct world *w = *state;
	struct upload upload = {
		.conversation = S("hook:a@b/c"), .bytes = {png, sizeof png - 1}, .most = 30};
	char path[200], hex[65];
	struct str id;

	assert_int_equal(uploads_add(w->uploads, &upload, w->ground.arena, &id), UPLOAD_OK);
	snprintf(path, sizeof path, "%s/%.*s/" UPLOADS_OF, w->folder,
		STR(uploads_folder_of(upload.conversation, hex)));
	assert_int_equal(unlink(path), 0);
	come_back(w, 3 * day);
	be_sure(w);
	begin_retention(w);
	run_for(w, 1000);
	assert_true(has_file(w, "hook:a@b/c", id));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(conversation__nobody_wrote_in__goes_with_its_files),
		T(conversation__that_may_stay_for_ever__stays),
		T(conversation__by_a_date_that_is_new__stays),
		T(conversation__when_the_clock_is_set_forward__stays),
		T(conversation__of_a_clock_that_was_years_behind__stays_as_long_as_promised),
		T(conversation__of_a_clock_that_was_years_ahead__goes_when_promised),
		T(conversation__before_the_clock_was_wrong__goes_at_last),
		T(conversation__while_the_program_was_away__grows_old),
		T(conversation__of_a_clock_put_right_while_away__stays_as_long_as_promised),
		T(conversation__of_a_person__stays_until_it_is_handed_back),
		T(conversations__of_which_there_are_many__go_bit_by_bit),
		T(upload__that_no_message_named__goes_after_its_time),
		T(upload__of_which_there_is_a_name_only__goes),
		T(upload__that_may_stay_for_ever__stays),
		T(upload__in_a_folder_of_another_name__goes),
		T(upload__in_a_folder_without_a_name__stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

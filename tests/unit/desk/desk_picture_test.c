/* Pictures that a person shows the buyer. */
#include "bot/web/uploads.h"
#include "tests/unit/desk/desk_person.h"

static const char png[] = "\x89PNG\r\n\x1a\n, and more of it";

static struct uploads *open_uploads(struct world *w, char folder[40])
{
	snprintf(folder, 40, "/tmp/tenstep-desk-XXXXXX");
	assert_non_null(mkdtemp(folder));
	w->uploads = uploads_new(&(struct uploads_setup){.folder = folder, .secret = S("secret")});
	restart(w);
	return w->uploads;
}

static void close_uploads(struct world *w, const char *folder, const char *const *conversation)
{
	close_desk(w);
	for (; *conversation; conversation++)
		uploads_forget(w->uploads, str_of(*conversation));
	assert_int_equal(rmdir(folder), 0); /* nothing of them is left */
	uploads_free(w->uploads);
	w->uploads = NULL;
	open_desk(w);
}

/* What a reply calls the picture. */
static const char *bring(struct world *w, const char *path, struct str bytes)
{
	static char file[100];
	static struct answer answer;

	answer = (struct answer){.times = 0};
	desk_ask(w->desk,
		&(struct desk_question){.method = S("POST"),
			.path = str_of(path),
			.authorization = S("Bearer desk-token"),
			.address = S("127.0.0.1"),
			.body = bytes,
			.file_name = S("la%20bel.png")},
		take_answer, &answer);
	assert_int_equal(answer.times, 1);
	if (answer.status != 201)
		return answer.text;
	assert_int_equal(sscanf(answer.text, "{\"file\":\"%99[^\"]\"}", file), 1);
	return file;
}

static struct answer *show_file(struct world *w, const char *id, const char *file)
{
	char body[300];

	snprintf(
		body, sizeof(body), "{\"person\":\"Mai\",\"id\":\"%s\",\"file\":\"%s\"}", id, file);
	return call(w, "POST", "/desk/cards/1/reply", body);
}

static void picture__reaches_the_buyer__once(void **state)
{
	static const char *const talks[] = {"widget:a", NULL};
	struct world *w = *state;
	struct buyer a;
	char folder[40];
	const char *file;

	open_uploads(w, folder);
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	file = bring(w, "/desk/cards/1/picture", (struct str){png, sizeof png - 1});
	assert_true(str_ends(str_of(file), S(".png")));
	expect(show_file(w, "p1", file), 409, "not_yours");
	expect(claim(w, 1, 1, "Mai"), 200, "");
	expect(show_file(w, "p1", file), 200, "\"repeated\":false");
	expect(show_file(w, "p1", file), 200, "\"repeated\":true");
	assert_int_equal(count_of(&a, POST_PERSON), 1);
	assert_string_equal(last_of(&a, POST_PERSON)->file, "la bel.png");
	assert_string_equal(last_of(&a, POST_PERSON)->text, "");
	expect(call(w, "POST", "/desk/cards/1/reply",
		       arena_printf(w->arena,
			       "{\"person\":\"Mai\",\"id\":\"p2\",\"text\":\"Look\",\"file\":\"%"
			       "s\"}",
			       file)
			       .p),
		200, "");
	assert_string_equal(last_of(&a, POST_PERSON)->file, "la bel.png");
	assert_string_equal(last_of(&a, POST_PERSON)->text, "Look");
	close_uploads(w, folder, talks);
}

static void picture__is_refused__with_a_reason(void **state)
{
	static const char *const talks[] = {"widget:a", NULL};
	struct world *w = *state;
	struct buyer a, b;
	char folder[40];

	open_uploads(w, folder);
	meet(w, &a, "widget:a");
	meet(w, &b, "telegram:b");
	ask_for_person(&a);
	ask_for_person(&b);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	assert_non_null(strstr(bring(w, "/desk/cards/1/picture", S("hello")), "bad_type"));
	assert_non_null(strstr(bring(w, "/desk/cards/1/picture", S("%PDF-1.4 x")), "bad_type"));
	assert_non_null(strstr(bring(w, "/desk/cards/1/picture", S("")), "bad_type"));
	assert_non_null(strstr(bring(w, "/desk/cards/9/picture", S("GIF89a")), "no_card"));
	/* A channel that shows none, and says so before anything is stored. */
	assert_non_null(strstr(bring(w, "/desk/cards/2/picture", S("GIF89a")), "no_pictures"));
	expect(show_file(w, "p1", "f0000000000000000000000.png"), 422, "no_file");
	expect(show_file(w, "p1", "../../etc/passwd"), 422, "no_file");
	expect(call(w, "POST", "/desk/cards/1/reply", "{\"person\":\"Mai\",\"id\":\"p1\"}"), 422,
		"'text' is missing");
	expect(call(w, "GET", "/desk/cards/1/picture", ""), 405, "method");
	assert_int_equal(count_of(&a, POST_PERSON), 0);
	(void)bring(w, "/desk/cards/1/picture", S("GIF89a"));
	close_uploads(w, folder, talks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(picture__reaches_the_buyer__once),
		TEST(picture__is_refused__with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

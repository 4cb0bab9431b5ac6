/* tenstep inbox against a desk behind a listener, as a person uses it: what is printed and what it
 * returns. */
#include "tests/unit/desk/desk_world.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "adapters/net/listener.h"
#include "bot/app/command.h"
#include "bot/desk/inbox_print.h"

enum { max_words = 16, max_printed = 20000 };

static const char token[] = "a-token-of-more-than-24-bytes";

struct office {
	struct world *world;
	struct listener *listener;
	char url[60], folder[60], token_file[100];
	char printed[max_printed], complained[max_printed];
};

static struct http_plan plan(void *self, const struct http_head *head)
{
	return desk_plan(((struct office *)self)->world->desk, head);
}

static void request(
	void *self, struct exchange *exchange, const struct http_head *head, struct str body)
{
	desk_request(((struct office *)self)->world->desk, exchange, head, body);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static int open_office(void **state)
{
	struct office *office = calloc(1, sizeof(*office));
	struct listener_setup setup = {.address = "127.0.0.1",
		.self = office,
		.plan = plan,
		.request = request};
	struct buf error;
	void *world;

	set_up(&world);
	office->world = world;
	office->world->config.desk_token.bytes = (struct str){token, sizeof(token) - 1};
	setup.loop = office->world->loop;
	buf_init(&error, 400);
	office->listener = listener_open(&setup, &error);
	assert_non_null(office->listener);
	buf_release(&error);
	snprintf(office->url, sizeof(office->url), "http://127.0.0.1:%d",
		listener_port(office->listener));
	snprintf(office->folder, sizeof(office->folder), "/tmp/tenstep-inbox-XXXXXX");
	assert_non_null(mkdtemp(office->folder));
	snprintf(office->token_file, sizeof(office->token_file), "%s/token", office->folder);
	write_file(office->token_file, token);
	*state = office;
	return 0;
}

static int close_office(void **state)
{
	struct office *office = *state;
	void *world = office->world;

	listener_close(office->listener);
	unlink(office->token_file);
	rmdir(office->folder);
	free(office);
	return tear_down(&world);
}

/* The command in a process of its own, while the server of this one goes on.  Its status. */
static int inbox(struct office *office, const char *const *word)
{
	const char *argv[max_words + 8] = {"tenstep inbox", "--url", office->url, "--token-file",
		office->token_file, "--person", "Mai"};
	FILE *out = tmpfile(), *complaints = tmpfile();
	int n = 7, status = 0;
	pid_t child;

	for (; *word; word++)
		argv[n++] = *word;
	fflush(NULL);
	child = fork();
	if (child == 0) {
		alarm(60);
		dup2(fileno(out), STDOUT_FILENO);
		dup2(fileno(complaints), STDERR_FILENO);
		status = cmd_inbox(n, (char **)(uintptr_t)argv);
		fflush(NULL);
		_exit(status);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		turn(office->world, 5);
	memset(office->printed, 0, max_printed);
	memset(office->complained, 0, max_printed);
	rewind(out);
	rewind(complaints);
	(void)!fread(office->printed, 1, max_printed - 1, out);
	(void)!fread(office->complained, 1, max_printed - 1, complaints);
	fclose(out);
	fclose(complaints);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}
#define INBOX(office, ...) inbox((office), (const char *const[]){__VA_ARGS__, NULL})

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in: %s", part, text);
}

static void inbox__lists__who_waits(void **state)
{
	struct office *office = *state;
	struct buyer a;

	assert_int_equal(INBOX(office, "list"), 0);
	assert_string_equal(office->printed, "Nobody waits.\n");
	meet(office->world, &a, "widget:a");
	ask_for_person(&a);
	assert_int_equal(INBOX(office, "list"), 0);
	has(office->printed, " CARD  WITH            WAITED  BUYER          ABOUT\n    1  waiting");
	has(office->printed, "Asked for a person.");
	assert_int_equal(INBOX(office, "--json"), 0);
	has(office->printed, "{\"now\":");
	assert_string_equal(office->complained, "");
}

static void inbox__holds__a_whole_conversation(void **state)
{
	struct office *office = *state;
	struct buyer a;

	meet(office->world, &a, "widget:a");
	ask_for_person(&a);
	assert_int_equal(INBOX(office, "reply", "1", "too early"), 1);
	has(office->complained, "tenstep inbox: not done: ");
	assert_int_equal(INBOX(office, "claim", "1"), 0);
	assert_string_equal(office->printed, "card 1: Mai\n");
	assert_int_equal(INBOX(office, "reply", "1", "Hello,\nI am Mai."), 0);
	assert_string_equal(last_of(&a, POST_PERSON)->text, "Hello,\nI am Mai.");
	write_text(&a, "good");
	assert_int_equal(INBOX(office, "show", "1"), 0);
	has(office->printed, "Mai        Hello,\n                         I am Mai.\n");
	has(office->printed, "buyer      good\n");
	assert_int_equal(INBOX(office, "back", "1", "cancel_ordr"), 1);
	has(office->complained, "  perhaps: cancel_order");
	assert_int_equal(INBOX(office, "back", "1", "--say", "Bye"), 0);
	assert_string_equal(office->printed, "card 1: closed\n");
	turn(office->world, 5);
	assert_int_equal(a.owner, OWNER_BOT);
	assert_string_equal(last_of(&a, POST_PERSON)->text, "Bye");
	assert_int_equal(INBOX(office, "list"), 0);
	assert_string_equal(office->printed, "Nobody waits.\n");
	assert_int_equal(INBOX(office, "list", "--all"), 0);
	has(office->printed, "1  closed");
}

static void inbox__says__who_was_quicker(void **state)
{
	struct office *office = *state;
	struct buyer a;

	meet(office->world, &a, "widget:a");
	ask_for_person(&a);
	assert_int_equal(INBOX(office, "claim", "1", "--person", "Eve"), 0);
	assert_int_equal(INBOX(office, "claim", "1"), 1);
	assert_string_equal(
		office->complained, "tenstep inbox: somebody was quicker: Eve has it\n");
	assert_int_equal(INBOX(office, "show", "7"), 1);
	has(office->complained, "there is no card of that number");
}

static void inbox__tells__what_is_wrong(void **state)
{
	struct office *office = *state;
	char other[100];

	assert_int_equal(INBOX(office, "shw"), 2);
	has(office->complained, "unknown action 'shw'; did you mean 'show'?");
	assert_int_equal(INBOX(office, "show"), 2);
	has(office->complained, "usage: tenstep inbox show CARD");
	assert_int_equal(INBOX(office, "show", "one"), 2);
	has(office->complained, "'one' is no number of a card");
	assert_int_equal(INBOX(office, "reply", "1", " "), 2);
	assert_int_equal(INBOX(office, "reply", "1"), 2);
	has(office->complained, "usage: tenstep inbox reply CARD TEXT");
	assert_int_equal(INBOX(office, "reply", "1", "--picture", "/nowhere/box.png"), 2);
	has(office->complained, "cannot send '/nowhere/box.png': No such file");
	assert_int_equal(INBOX(office, "reply", "1", "--picture", office->token_file), 2);
	has(office->complained, "it is no JPEG, PNG, WebP or GIF picture");
	assert_int_equal(INBOX(office, "settle", "1"), 2);
	has(office->complained, "usage: tenstep inbox settle CARD done|refused");
	assert_int_equal(INBOX(office, "--url", "http://127.0.0.1:1"), 2);
	has(office->complained, "is `tenstep serve` running there?");
	assert_int_equal(INBOX(office, "--url", "http://192.0.2.1"), 2);
	has(office->complained, "the token travels over https");
	assert_int_equal(INBOX(office, "--token-file", "/nowhere/token"), 2);
	has(office->complained, "no token in '/nowhere/token'");
	snprintf(other, sizeof(other), "%s/other", office->folder);
	write_file(other, "another-token-of-more-than-24-bytes");
	assert_int_equal(INBOX(office, "--token-file", other), 2);
	has(office->complained, "does not take this token");
	write_file(other, "two words of more than 24 bytes in all");
	assert_int_equal(INBOX(office, "--token-file", other), 2);
	has(office->complained, "this is no token");
	unlink(other);
}

/* Names an attacker may choose must not steer the terminal of whoever reads them. */
static void inbox__shows__what_buyers_write__as_text(void **state)
{
	struct office *office = *state;
	struct buyer a;

	meet(office->world, &a, "widget:a");
	ask_for_person(&a);
	assert_int_equal(INBOX(office, "claim", "1"), 0);
	write_text(&a, "\x1b]0;evil\x07 \xe2\x80\xae"
		       "backwards");
	assert_int_equal(INBOX(office, "show", "1"), 0);
	has(office->printed, "<U+001B>]0;evil<U+0007> <U+202E>backwards");
	assert_null(strchr(office->printed, '\x1b'));
}

static void inbox_clean__keeps__languages_and_lines(void **state)
{
	static const struct {
		const char *text, *shown;
	} known[] = {
		{"two\nlines", "two\nlines"},
		{"a\tb", "a b"},
		{"\r\x7f", "<U+000D><U+007F>"},
		{"\xc2\x9b"
		 "31m",
			"<U+009B>31m"},
		{"caf\xc3\xa9 \xd7\xa9 \xe4\xbd\xa0", "caf\xc3\xa9 \xd7\xa9 \xe4\xbd\xa0"},
		{"\xff", "\xef\xbf\xbd"},
		{"\xe2\x81\xa6x\xe2\x80\x8f", "<U+2066>x<U+200F>"},
		{"\xe2\x80\xa8", "<U+2028>"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct buf out;

		buf_init(&out, 200);
		inbox_clean(str_of(known[i].text), &out);
		assert_string_equal(out.p, known[i].shown);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_office, close_office)
		TEST(inbox__lists__who_waits),
		TEST(inbox__holds__a_whole_conversation),
		TEST(inbox__says__who_was_quicker),
		TEST(inbox__tells__what_is_wrong),
		TEST(inbox__shows__what_buyers_write__as_text),
		cmocka_unit_test(inbox_clean__keeps__languages_and_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the configuration reads: defaults, values, secrets, the demo's files, the reference page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "bot/common/log.h"
#include "bot/common/web_name.h"
#include "bot/config/serve_config.h"
#include "tests/unit/made_certificate.h"
#include "tests/unit/golden.h"

static char folder[64];
static struct arena *arena;
static struct serve_config config;
static struct buf out;

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/tenstep-config-XXXXXX");
	arena = arena_new(4 << 20);
	buf_init(&out, 1 << 20);
	unsetenv("CREDENTIALS_DIRECTORY");
	return mkdtemp(folder) ? 0 : -1;
}

static const char *in_folder(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name).p;
}

static int tear_down(void **state)
{
	static const char *const name[] = {
		"desk.token", "identity.secret", "a.secret", "b.secret", "c.json", "sub/a.secret"};

	(void)state;
	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		unlink(in_folder(name[i]));
	rmdir(in_folder("sub"));
	buf_release(&out);
	arena_free(arena);
	unsetenv("CREDENTIALS_DIRECTORY");
	return rmdir(folder);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(in_folder(name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(in_folder(name), mode), 0);
}

/* Reads @text; what is found is in out. */
static bool read_config(const char *text)
{
	struct source source = {"c.json", str_of(text)};
	struct diags diags;
	bool good;

	diags_init(&diags, arena);
	good = serve_config_read(&source, str_of(folder), arena, &config, &diags);
	buf_clear(&out);
	diags_print(&diags, &out, false, 0);
	return good;
}

static void assert_good(const char *text)
{
	if (!read_config(text) || out.n)
		fail_msg("%s\n%.*s", text, STR(buf_str(&out)));
}

#define assert_text(text, wanted) assert_true(str_is((text), (wanted)))

static void serve_config__has_its_defaults__when_the_file_says_nothing(void **state)
{
	(void)state;
	assert_good("{}");
	assert_text(config.address, "127.0.0.1");
	assert_int_equal(config.port, 8080);
	assert_int_equal(config.log_level, LOG_INFO);
	assert_int_equal(config.max_file_bytes, 5242880);
	assert_int_equal(config.limits.max_connections, 16384);
	assert_int_equal(config.limits.drop_ms, 60000);
	assert_int_equal(config.messages_per_minute, 60);
	assert_int_equal(config.nobody_after_s, 0);
	assert_false(config.demo || config.directline || config.rasa || config.has_hours);
	assert_int_equal(config.desk_token.bytes.n + config.identity[0].bytes.n, 0);
	assert_int_equal(config.n_origins + config.n_trusted_proxies + config.n_image_origins, 0);
}

static void write_certificate_and_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	assert_non_null(key);
	assert_true(write_certificate(
		key, in_folder("a.secret"), "20200101000000Z", "29990101000000Z"));
	assert_true(write_key(key, in_folder("b.secret"), 0600, NULL));
	EVP_PKEY_free(key);
}

static void serve_config__takes_every_value__that_is_right(void **state)
{
	(void)state;
	for (char c = 'a'; c <= 'g'; c++) {
		char name[] = "TENSTEP_TEST_x", value[] = "xxxxxxxxxxxxxxxxxxxxxxxx";

		name[13] = (char)(c - 'a' + 'A');
		memset(value, c, strlen(value));
		setenv(name, value, 1);
	}
	write_certificate_and_key();
	assert_good(
		"{\"log\": \"debug\", \"demo\": true,"
		"\"listen\": {\"address\": \"::\", \"port\": 65535, \"certificate\": \"a.secret\","
		" \"key\": \"b.secret\", \"trusted_proxies\": [\"10.0.0.1\", \"fd00::1\"]},"
		"\"website\": {\"origins\": [\"https://shop.example\", \"http://localhost:3000\"],"
		" \"identity\": {\"env\": \"TENSTEP_TEST_A\"},"
		" \"identity_before\": {\"env\": \"TENSTEP_TEST_B\"}, \"title\": \"Orders\","
		" \"greeting\": \"Hello \xC3\xA9\", \"consent\": \"OK?\", \"colour\": \"#1D4ed8\","
		" \"image_origins\": [\"https://cdn.shop.example\"], \"max_file_bytes\": 0},"
		"\"directline\": {\"secret\": {\"env\": \"TENSTEP_TEST_C\"}},"
		"\"rasa\": {\"token\": {\"env\": \"TENSTEP_TEST_D\"}},"
		"\"desk\": {\"token\": {\"env\": \"TENSTEP_TEST_E\"}, \"address\": \"127.0.0.1\","
		" \"port\": 1, \"webhook_url\": \"http://127.0.0.1:9/x?y=1\","
		" \"webhook_secret\": {\"env\": \"TENSTEP_TEST_F\"}, \"timezone\": "
		"\"Europe/Berlin\","
		" \"hours\": {\"monday\": \"09:00-18:30\", \"sunday\": \"00:00-24:00\"},"
		" \"nobody_after\": \"1h30m\", \"waiting\": \"Soon.\"},"
		"\"metrics\": {\"token\": {\"env\": \"TENSTEP_TEST_G\"}},"
		"\"limits\": {\"connections\": 1, \"connections_per_address\": 2,"
		" \"connects_per_second\": 3, \"message_bytes\": 1024, \"queue_bytes\": 16384,"
		" \"request\": \"2s\", \"message\": \"3s\", \"ping\": \"5s\", \"drop\": \"10s\","
		" \"messages_per_minute\": 7, \"conversations_per_minute\": 8}}");
	assert_int_equal(config.log_level, LOG_DEBUG);
	assert_text(config.address, "::");
	assert_int_equal(config.port, 65535);
	assert_string_equal(config.certificate.p, in_folder("a.secret"));
	assert_string_equal(config.key.p, in_folder("b.secret"));
	assert_int_equal(config.n_trusted_proxies, 2);
	assert_text(config.trusted_proxy[1], "fd00::1");
	assert_int_equal(config.n_origins, 2);
	assert_text(config.origin[1], "http://localhost:3000");
	assert_text(config.identity[0].bytes, "aaaaaaaaaaaaaaaaaaaaaaaa");
	assert_text(config.identity[1].bytes, "bbbbbbbbbbbbbbbbbbbbbbbb");
	assert_text(config.title, "Orders");
	assert_text(config.greeting, "Hello \xC3\xA9");
	assert_text(config.consent, "OK?");
	assert_text(config.colour, "#1D4ed8");
	assert_int_equal(config.n_image_origins, 1);
	assert_int_equal(config.max_file_bytes, 0);
	assert_true(config.demo && config.directline && config.rasa && config.has_hours);
	assert_text(config.directline_secret.bytes, "cccccccccccccccccccccccc");
	assert_text(config.rasa_token.bytes, "dddddddddddddddddddddddd");
	assert_text(config.desk_token.bytes, "eeeeeeeeeeeeeeeeeeeeeeee");
	assert_text(config.desk_address, "127.0.0.1");
	assert_int_equal(config.desk_port, 1);
	assert_text(config.webhook_url, "http://127.0.0.1:9/x?y=1");
	assert_text(config.webhook_secret.bytes, "ffffffffffffffffffffffff");
	assert_text(config.timezone, "Europe/Berlin");
	assert_int_equal(config.hours[0].from, 9 * 60);
	assert_int_equal(config.hours[0].to, 18 * 60 + 30);
	assert_int_equal(config.hours[1].to - config.hours[1].from, 0);
	assert_int_equal(config.hours[6].to, 24 * 60);
	assert_int_equal(config.nobody_after_s, 5400);
	assert_text(config.waiting, "Soon.");
	assert_text(config.metrics_token.bytes, "gggggggggggggggggggggggg");
	assert_int_equal(config.limits.max_connections, 1);
	assert_int_equal(config.limits.max_per_address, 2);
	assert_int_equal(config.limits.connects_per_s, 3);
	assert_int_equal(config.limits.max_message_bytes, 1024);
	assert_int_equal(config.limits.max_queue_bytes, 16384);
	assert_int_equal(config.limits.request_ms, 2000);
	assert_int_equal(config.limits.message_ms, 3000);
	assert_int_equal(config.limits.ping_ms, 5000);
	assert_int_equal(config.limits.drop_ms, 10000);
	assert_int_equal(config.messages_per_minute, 7);
	assert_int_equal(config.conversations_per_minute, 8);
}

static void serve_config__takes_a_secret__without_its_line_end(void **state)
{
	(void)state;
	write_file("a.secret", "0123456789 0123456789 0123\r\n", 0600);
	assert_good("{\"website\": {\"identity\": {\"file\": \"a.secret\"}}}");
	assert_text(config.identity[0].bytes, "0123456789 0123456789 0123");
	write_file("a.secret", "0123456789 0123456789 01\n\n", 0600);
	assert_good("{\"website\": {\"identity\": {\"file\": \"a.secret\"}}}");
	assert_text(config.identity[0].bytes, "0123456789 0123456789 01\n");
}

static void serve_config__takes_a_secret__of_24_bytes_and_not_of_23(void **state)
{
	(void)state;
	write_file("a.secret", "012345678901234567890123\n", 0600);
	assert_good("{\"desk\": {\"token\": {\"file\": \"a.secret\"}}}");
	write_file("a.secret", "01234567890123456789012\n", 0600);
	assert_false(read_config("{\"desk\": {\"token\": {\"file\": \"a.secret\"}}}"));
	assert_non_null(strstr(out.p, "only 23 bytes long"));
	assert_int_equal(config.desk_token.bytes.n, 0);
}

static void serve_config__looks_in_the_credentials__when_systemd_gives_them(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("sub"), 0700), 0);
	write_file("a.secret", "not this one, not this one\n", 0600);
	write_file("sub/a.secret", "this-one-this-one-this-one\n", 0440); /* as systemd does */
	setenv("CREDENTIALS_DIRECTORY", in_folder("sub"), 1);
	assert_good("{\"desk\": {\"token\": {\"file\": \"a.secret\"}}}");
	assert_text(config.desk_token.bytes, "this-one-this-one-this-one");
	assert_false(read_config("{\"desk\": {\"token\": {\"file\": \"b.secret\"}}}"));
}

static void serve_config_open__starts__from_the_folder_of_the_file(void **state)
{
	struct diags diags;

	(void)state;
	write_file("a.secret", "this-one-this-one-this-one\n", 0600);
	write_file("c.json", "{\"desk\": {\"token\": {\"file\": \"a.secret\"}}}", 0644);
	diags_init(&diags, arena);
	assert_true(serve_config_open(in_folder("c.json"), arena, &config, &diags));
	assert_text(config.desk_token.bytes, "this-one-this-one-this-one");
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(in_folder(name), &st), 0);
	return st.st_mode & 07777;
}

static void serve_config_demo__makes_its_secrets__once(void **state)
{
	struct serve_config again;
	mode_t mask = umask(0);

	(void)state;
	assert_true(serve_config_demo(folder, arena, &config, &out));
	umask(mask);
	assert_true(config.demo);
	assert_text(config.address, "127.0.0.1");
	assert_int_equal(config.desk_token.bytes.n, 43);
	assert_int_equal(config.identity[0].bytes.n, 43);
	assert_false(str_eq(config.desk_token.bytes, config.identity[0].bytes));
	assert_int_equal(mode_of("desk.token"), 0600);
	assert_int_equal(mode_of("identity.secret"), 0600);
	assert_true(serve_config_demo(folder, arena, &again, &out));
	assert_true(str_eq(again.desk_token.bytes, config.desk_token.bytes));
	assert_true(str_eq(again.identity[0].bytes, config.identity[0].bytes));
	assert_int_equal(out.n, 0);
}

static void serve_config_demo__says_why__when_it_cannot(void **state)
{
	(void)state;
	assert_false(serve_config_demo(in_folder("none"), arena, &config, &out));
	assert_non_null(strstr(out.p, "cannot make '"));
	buf_clear(&out);
	write_file("desk.token", "short\n", 0600);
	assert_false(serve_config_demo(folder, arena, &config, &out));
	assert_non_null(strstr(out.p, "desk.token': only 5 bytes long"));
	buf_clear(&out);
	write_file("desk.token", "long-enough-long-enough-long-enough\n", 0640);
	assert_false(serve_config_demo(folder, arena, &config, &out));
	assert_non_null(strstr(out.p, "chmod 600"));
	assert_null(strstr(out.p, "long-enough"));
}

/* Each child makes the file or finds it; all must have the same, and nothing else may be left. */
static void secret_keep__gives_all_the_same__when_many_make_it_at_once(void **state)
{
	enum { n_children = 16 };
	char seen[n_children][64];
	int ends[2], status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < n_children; i++)
		if (fork() == 0) {
			struct secret secret;
			char line[64] = {0};

			if (!secret_keep(in_folder("a.secret"), arena, &secret, &out))
				_exit(1);
			memcpy(line, secret.bytes.p, secret.bytes.n);
			_exit(write(ends[1], line, sizeof(line)) != sizeof(line));
		}
	for (int i = 0; i < n_children; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
		assert_int_equal(read(ends[0], seen[i], sizeof(seen[i])), sizeof(seen[i]));
		assert_string_equal(seen[i], seen[0]);
	}
	close(ends[0]);
	close(ends[1]);
	/* tear_down() fails if another file is left in the folder. */
}

static void opening_read__refuses__what_is_no_stretch_of_one_day(void **state)
{
	static const char *const bad[] = {"", "09:00", "09:00-", "9:00-18:00", "09:00-09:00",
		"18:00-09:00", "09:00-24:01", "09:60-10:00", "25:00-26:00", "09:00 18:00",
		"09:00-18:00 ", "-9:00-18:00", "Closed"};
	struct opening hours;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (opening_read(str_of(bad[i]), &hours))
			fail_msg("'%s' was taken", bad[i]);
	assert_true(opening_read(S("23:59-24:00"), &hours));
	assert_int_equal(hours.to - hours.from, 1);
	assert_true(opening_read(S("closed"), &hours));
	assert_int_equal(hours.from, hours.to);
}

static void origin_fault__is_none__for_what_browsers_send(void **state)
{
	static const char *const good[] = {"https://shop.example", "http://localhost",
		"http://localhost:8080", "https://a-b.c_d.example:8443", "http://127.0.0.1:1",
		"https://[2001:db8::1]", "https://[2001:db8::1]:444",
		"https://xn--bcher-kva.example", "http://shop.example:443"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (origin_fault(str_of(good[i])))
			fail_msg("'%s': %s", good[i], origin_fault(str_of(good[i])));
}

static void origin_fault__names_it__for_what_no_browser_sends(void **state)
{
	static const char *const bad[] = {"", "null", "https:/shop.example", "//shop.example",
		"https://shop.example?x", "https://shop.example#x", "https://shop.example:0",
		"https://shop.example:08", "https://shop.example:65536", "https://shop.example:+1",
		"https://[::1", "https://::1", "https://[::g]", "https://shop.example.",
		"https://.", "https://shop example", "https://shop.example\n",
		"http://shop.example:80", "https://[::1]x", "https://[::1]:"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!origin_fault(str_of(bad[i])))
			fail_msg("'%s' was taken", bad[i]);
	assert_non_null(origin_fault((struct str){"https://a\0b", 11}));
}

static void hook_url_fault__is_none__for_https_and_for_this_machine(void **state)
{
	static const char *const good[] = {"https://shop.example", "https://shop.example/a?b=c",
		"https://shop.example:8443/", "http://localhost/x", "http://127.1.2.3:80/x",
		"http://[::1]:8080/x", "https://shop.example?x=1"};
	static const char *const bad[] = {"", "http://shop.example/", "http://127.0.0.1.example/",
		"http://localhost.example/", "ftp://shop.example/", "https:///x", "https://a b/",
		"https://shop.example/a b", "https://shop.example/\xC3\xA9",
		"https://x@shop.example/", "https://shop.example/#x", "https://shop.example:99999/",
		"file:///etc/passwd", "http://127.0.0.1@shop.example/"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (hook_url_fault(str_of(good[i])))
			fail_msg("'%s': %s", good[i], hook_url_fault(str_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!hook_url_fault(str_of(bad[i])))
			fail_msg("'%s' was taken", bad[i]);
}

static void serve_config_help__names__every_section(void **state)
{
	(void)state;
	serve_config_help(&out);
	assert_non_null(strstr(out.p, "  listen.port: a whole number, 1 to 65535 (8080)\n"));
	assert_non_null(strstr(out.p, "  directline.secret: a secret, needed\n"));
	assert_non_null(strstr(out.p, "  log: "));
	assert_non_null(
		strstr(out.p, "  limits.drop: a duration, 10 seconds to 1 hour (\"1m\")\n"));
}

/* The tables at the end of CONFIG.md; with TENSTEP_ACCEPT set they are written anew. */
static void config_page__ends__with_the_tables(void **state)
{
	static const char path[] = SOURCE_DIR "/bot/app/CONFIG.md";
	struct str page = golden_read(arena, path);
	long from = str_find(page, S("### At the top\n"));
	struct buf whole;

	(void)state;
	buf_init(&whole, golden_max_bytes);
	buf_add(&whole, str_sub(page, 0, from < 0 ? page.n : (size_t)from));
	serve_config_reference(&whole);
	while (whole.n && whole.p[whole.n - 1] == '\n')
		whole.n--;
	buf_addc(&whole, '\n');
	assert_true(golden_is(arena, path, buf_str(&whole)));
	buf_release(&whole);
}

/* The example of the page is right, but for the files that are not here. */
static void config_page__shows_an_example__that_is_right(void **state)
{
	struct str page = golden_read(arena, SOURCE_DIR "/bot/app/CONFIG.md");
	long from = str_find(page, S("```json\n"));
	struct str example = str_sub(page, (size_t)from + strlen("```json\n"), page.n);

	(void)state;
	assert_true(from > 0);
	example.n = (size_t)str_find(example, S("```"));
	assert_true(serve_config_demo(folder, arena, &config, &out)); /* makes the two files */
	assert_good(arena_cstr(arena, example));
	assert_int_equal(config.n_origins, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(serve_config__has_its_defaults__when_the_file_says_nothing),
		T(serve_config__takes_every_value__that_is_right),
		T(serve_config__takes_a_secret__without_its_line_end),
		T(serve_config__takes_a_secret__of_24_bytes_and_not_of_23),
		T(serve_config__looks_in_the_credentials__when_systemd_gives_them),
		T(serve_config_open__starts__from_the_folder_of_the_file),
		T(serve_config_demo__makes_its_secrets__once),
		T(serve_config_demo__says_why__when_it_cannot),
		T(secret_keep__gives_all_the_same__when_many_make_it_at_once),
		T(opening_read__refuses__what_is_no_stretch_of_one_day),
		T(origin_fault__is_none__for_what_browsers_send),
		T(origin_fault__names_it__for_what_no_browser_sends),
		T(hook_url_fault__is_none__for_https_and_for_this_machine),
		T(serve_config_help__names__every_section),
		T(config_page__ends__with_the_tables),
		T(config_page__shows_an_example__that_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Where the HTTP client goes at all: addresses, proxies, certificates. */
#include "tests/contract/http_home.h"

static void private_addresses__are_refused__before_connecting(void **state)
{
	static const char *const url[] = {
		"https://127.0.0.1/",
		"https://[::1]/",
		"https://[::ffff:127.0.0.1]/",
		"https://0.0.0.0/",
		"https://[::]/",
		"https://10.1.2.3/",
		"https://169.254.169.254/",
		"https://192.168.0.1/",
		"https://[fe80::1]/",
		"https://[fd00::1]/",
		"https://[::ffff:10.0.0.1]/",
		"https://[64:ff9b::a9fe:a9fe]/",
		"https://[2002:7f00:1::]/",
		"https://224.0.0.1/",
		"https://0x7f.1/",
		"https://2130706433/",
		"https://localhost/",
	};
	struct home *home = *state;

	http_client_free(home->client);
	make_client(home, &(struct http_client_setup){.allow_plain = true});
	for (size_t i = 0; i < sizeof(url) / sizeof(url[0]); i++) {
		run(home, &(struct http_call){.method = S("POST"), .url = str_of(url[i])});
		assert_int_equal(home->outcome, HTTP_NOT_SENT);
		assert_string_equal(home->error, "refused: this address is not allowed");
	}
}

static void plain_http__is_for_loopback__only(void **state)
{
	struct home *home = *state;

	http_client_free(home->client);
	make_client(
		home, &(struct http_client_setup){.allow_loopback = true, .allow_private = true});
	run(home, &(struct http_call){.method = S("GET"), .url = S("http://10.1.2.3/")});
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	assert_string_equal(home->error, "refused: this address is not allowed");
	run(home, &(struct http_call){.method = S("GET"), .url = S("HTTP://203.0.113.9/")});
	assert_string_equal(home->error, "refused: this address is not allowed");
	ask(home, "GET", "/ok");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
}

static void proxies_of_the_environment__are_not_used(void **state)
{
	struct home *home = *state;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	ask(home, "GET", "/ok");
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
}

static void run_openssl(const char *const *argv)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		(void)!freopen("/dev/null", "w", stdout);
		(void)!freopen("/dev/null", "w", stderr);
		execvp("openssl", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static pid_t start_tls(const char *folder, int port)
{
	char accepted[20], key[100], certificate[100];
	pid_t child;

	snprintf(accepted, sizeof(accepted), "127.0.0.1:%d", port);
	snprintf(key, sizeof(key), "%s/key.pem", folder);
	snprintf(certificate, sizeof(certificate), "%s/cert.pem", folder);
	run_openssl((const char *const[]){"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
		"subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate, NULL});
	child = fork();
	if (child == 0) {
		(void)!freopen("/dev/null", "r", stdin);
		(void)!freopen("/dev/null", "w", stdout);
		(void)!freopen("/dev/null", "w", stderr);
		execlp("openssl", "openssl", "s_server", "-accept", accepted, "-www", "-key", key,
			"-cert", certificate, (char *)NULL);
		_exit(127);
	}
	return child;
}

static void wait_for_port(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port)};

	for (;;) {
		int s = socket(AF_INET, SOCK_STREAM, 0);
		bool up = connect(s, (struct sockaddr *)&address, sizeof(address)) == 0;

		close(s);
		if (up)
			return;
		usleep(20000);
	}
}

static void certificate__that_nobody_vouches_for__is_not_sent(void **state)
{
	struct home *home = *state;
	char folder[] = "/tmp/tenstep-tls-XXXXXX", url[60], file[100];
	pid_t server;
	int port;

	assert_non_null(mkdtemp(folder));
	close(listen_anywhere(&port));
	server = start_tls(folder, port);
	wait_for_port(port);
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/", port);
	run(home, &(struct http_call){.method = S("POST"), .url = str_of(url), .body = S("x")});
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	snprintf(file, sizeof(file), "%s/cert.pem", folder);
	http_client_free(home->client);
	make_client(home, &(struct http_client_setup){.allow_loopback = true, .ca_file = file});
	run(home, &(struct http_call){.method = S("GET"), .url = str_of(url)});
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 200);
	/* Vouched for, but for another host. */
	snprintf(url, sizeof(url), "https://127.0.0.2:%d/", port);
	run(home, &(struct http_call){.method = S("GET"), .url = str_of(url)});
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	/* No TLS there at all. */
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/no_http", home->port);
	run(home, &(struct http_call){.method = S("GET"), .url = str_of(url), .total_ms = 500});
	assert_int_not_equal(home->outcome, HTTP_ANSWERED);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	unlink(file);
	snprintf(file, sizeof(file), "%s/key.pem", folder);
	unlink(file);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(private_addresses__are_refused__before_connecting),
		TEST(plain_http__is_for_loopback__only),
		TEST(proxies_of_the_environment__are_not_used),
		TEST(certificate__that_nobody_vouches_for__is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

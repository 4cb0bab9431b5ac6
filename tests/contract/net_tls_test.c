/* The listener with TLS: certificates made here, a client of libcrypto's sister library's command
 * line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/contract/net_client.h"

static char folder[] = "/tmp/net_tls_XXXXXX", certificate[64], key[64], trusted[64];
static struct net_child server;
static struct buf answer;

static int run(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int make_certificate(const char *name)
{
	char command[600];

	snprintf(command, sizeof(command),
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
		"-subj /CN=%s -addext subjectAltName=DNS:%s -keyout %s -out %s 2>/dev/null && cp "
		"%s %s",
		name, name, key, certificate, certificate, trusted);
	return run(command);
}

static int start(void **state)
{
	struct listener_setup setup = {.certificate = certificate, .key = key};

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(certificate, sizeof(certificate), "%s/cert.pem", folder);
	snprintf(key, sizeof(key), "%s/key.pem", folder);
	snprintf(trusted, sizeof(trusted), "%s/trusted.pem", folder);
	buf_init(&answer, 1 << 20);
	if (make_certificate("first.example"))
		return -1;
	server = net_start(&setup);
	return server.port ? 0 : -1;
}

static int finish(void **state)
{
	char command[100];

	(void)state;
	buf_release(&answer);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	run(command);
	return net_finish(server) ? 0 : -1;
}

/* What `openssl s_client` prints when it sends @request (printf's notation). */
static void ask(const char *request, const char *options)
{
	char command[900], bytes[4096];
	size_t n;
	FILE *pipe_of;

	snprintf(command, sizeof(command),
		"printf '%s' | timeout 20 openssl s_client -connect 127.0.0.1:%d "
		"-CAfile %s "
		"-ign_eof %s 2>&1",
		request, server.port, trusted, options);
	buf_clear(&answer);
	pipe_of = popen(command, "r");
	assert_non_null(pipe_of);
	while ((n = fread(bytes, 1, sizeof(bytes), pipe_of)) > 0)
		buf_add(&answer, (struct str){bytes, n});
	pclose(pipe_of);
}

static bool has(const char *text)
{
	return str_find(buf_str(&answer), str_of(text)) >= 0;
}

#define HEAD "GET /head HTTP/1.1\\r\\nHost: first.example\\r\\n\\r\\n"

static void request__over_tls(void **state)
{
	(void)state;
	ask(HEAD, "-servername first.example -verify_hostname first.example");
	assert_true(has("Verify return code: 0 (ok)"));
	assert_true(has("HTTP/1.1 200 OK"));
	assert_true(has("tls=1"));
	ask("GET /big?static HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n", "");
	assert_true(answer.n > BIG);
}

/* HTTP/2 is not spoken, however it is asked for. */
static void alpn__is_http_1_1_only(void **state)
{
	(void)state;
	ask(HEAD, "-alpn h2,http/1.1");
	assert_true(has("ALPN protocol: http/1.1"));
	assert_true(has("tls=1"));
	ask("PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n", "-alpn h2");
	assert_false(has("ALPN protocol: h2"));
}

static void old_protocols__are_refused(void **state)
{
	(void)state;
	ask(HEAD, "-tls1_1 -cipher ALL:@SECLEVEL=0");
	assert_false(has("HTTP/1.1 200"));
}

static void websocket__over_tls(void **state)
{
	(void)state;
	ask("GET /chat HTTP/1.1\\r\\nHost: t\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
	    "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n"
	    "\\201\\205\\000\\000\\000\\000hello\\201\\203\\000\\000\\000\\000bye",
		"");
	assert_true(has("101 Switching Protocols"));
	assert_true(has("\x81\x05hello\x81\x0Alast words"));
}

static void renew__takes_a_new_certificate_and_keeps_the_old_when_it_is_wrong(void **state)
{
	char command[400];

	(void)state;
	assert_int_equal(make_certificate("second.example"), 0);
	ask(HEAD, "");
	assert_false(has("Verify return code: 0 (ok)")); /* the old one, not yet renewed */
	ask("GET /renew HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n", "");
	assert_true(has("renewed"));
	ask(HEAD, "-verify_hostname second.example");
	assert_true(has("Verify return code: 0 (ok)"));
	assert_true(has("tls=1"));

	snprintf(command, sizeof(command), "echo broken >%s", certificate);
	assert_int_equal(run(command), 0);
	ask("GET /renew HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n", "");
	assert_true(has("cannot use certificate"));
	snprintf(command, sizeof(command), "rm %s", certificate);
	assert_int_equal(run(command), 0);
	ask("GET /renew HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n", "");
	assert_true(has("cannot read"));
	snprintf(command, sizeof(command), /* a key of another certificate */
		"cp %s %s; openssl ecparam -genkey -name prime256v1 -noout -out %s", trusted,
		certificate, key);
	assert_int_equal(run(command), 0);
	ask("GET /renew HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n", "");
	assert_true(has("cannot use certificate"));
	ask(HEAD, "-verify_hostname second.example");
	assert_true(has("Verify return code: 0 (ok)"));
	assert_true(has("tls=1"));
}

static void plain_bytes__on_the_tls_port_do_no_harm(void **state)
{
	int fd = net_connect(server.port);

	(void)state;
	net_puts(fd, "GET / HTTP/1.1\r\nHost: t\r\n\r\n");
	assert_true(net_is_closed(fd));
	close(fd);
	ask(HEAD, "");
	assert_true(has("tls=1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request__over_tls),
		cmocka_unit_test(alpn__is_http_1_1_only),
		cmocka_unit_test(old_protocols__are_refused),
		cmocka_unit_test(websocket__over_tls),
		cmocka_unit_test(plain_bytes__on_the_tls_port_do_no_harm),
		cmocka_unit_test(renew__takes_a_new_certificate_and_keeps_the_old_when_it_is_wrong),
	};

	return cmocka_run_group_tests(tests, start, finish);
}

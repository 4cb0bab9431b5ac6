/* The webhook that tells another program who waits. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "bot/base/digest.h"
#include "tests/unit/desk/desk_person.h"

/* What the receiver got; shared with its process. */
struct post_office {
	atomic_uint n;
	atomic_uint status[16]; /* of the n-th answer; 0: 200 */
	char request[16][6000];
	int port;
	pid_t process;
};

static bool read_request(int from, char *text, size_t size)
{
	size_t n = 0, wanted = 0;

	memset(text, 0, size);
	while (n < size - 1 && (!wanted || n < wanted)) {
		ssize_t got = recv(from, text + n, size - 1 - n, 0);
		const char *end, *length;

		if (got <= 0)
			return false;
		n += (size_t)got;
		end = strstr(text, "\r\n\r\n");
		length = strstr(text, "Content-Length: ");
		if (end && length)
			wanted = (size_t)(end + 4 - text) + strtoul(length + 16, NULL, 10);
	}
	return true;
}

static void receive_posts(int listening, struct post_office *office)
{
	static char text[6000];

	for (;;) {
		int to = accept(listening, NULL, NULL);
		unsigned status = office->n < 16 ? office->status[office->n] : 0;

		if (to < 0)
			_exit(0);
		if (read_request(to, text, sizeof(text)) && office->n < 16) {
			char line[100];

			memcpy(office->request[office->n], text, sizeof(text));
			office->n++;
			if (status != 1) {
				snprintf(line, sizeof(line),
					"HTTP/1.1 %u X\r\nContent-Length: 0\r\n%s\r\n",
					status ? status : 200,
					status == 429 ? "Retry-After: 3\r\n" : "");
				(void)!send(to, line, strlen(line), MSG_NOSIGNAL);
			}
		}
		close(to);
	}
}

static struct post_office *open_office(struct world *w)
{
	struct post_office *office = mmap(
		NULL, sizeof(*office), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(address);
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	pid_t process;

	assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listening, 8), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &n), 0);
	office->port = ntohs(address.sin_port);
	process = fork();
	if (process == 0) {
		alarm(longest_test_s);
		receive_posts(listening, office);
	}
	office->process = process; /* the memory is shared: the child must not write this */
	close(listening);
	w->config.webhook_url = arena_printf(w->arena, "http://127.0.0.1:%d/hook", office->port);
	w->config.webhook_secret.bytes = S("a secret of at least 24 bytes");
	restart(w);
	return office;
}

static void close_office(struct post_office *office)
{
	kill(office->process, SIGKILL);
	waitpid(office->process, NULL, 0);
	munmap(office, sizeof(*office));
}

static void until_posts(struct world *w, struct post_office *office, unsigned n)
{
	while (office->n < n)
		turn(w, 10);
	while (http_client_under_way(w->client))
		turn(w, 5);
	turn(w, 5);
}

static void header_of(const char *request, const char *name, char *value, size_t size)
{
	const char *at = strstr(request, name);

	assert_non_null(at);
	at += strlen(name) + 2;
	snprintf(value, size, "%.*s", (int)strcspn(at, "\r"), at);
}

/* "Nobody is told that a chat waits." */
static void webhook__tells__that_somebody_waits(void **state)
{
	struct world *w = *state;
	struct post_office *office = open_office(w);
	char id[100], timestamp[30], signature[100];
	struct digest digest;
	struct buf whole, wanted;
	struct buyer a;
	const char *body;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	until_posts(w, office, 1);
	assert_int_equal(strncmp(office->request[0], "POST /hook HTTP/1.1\r\n", 21), 0);
	header_of(office->request[0], "webhook-id", id, sizeof(id));
	header_of(office->request[0], "webhook-timestamp", timestamp, sizeof(timestamp));
	header_of(office->request[0], "webhook-signature", signature, sizeof(signature));
	body = strstr(office->request[0], "\r\n\r\n") + 4;
	assert_non_null(strstr(body, "\"type\":\"handoff.created\""));
	assert_non_null(strstr(body, "\"last_said\":\"I want to talk to a person\""));
	buf_init(&whole, 20000);
	buf_init(&wanted, 200);
	buf_addf(&whole, "%s.%s.%s", id, timestamp, body);
	digest = digest_hmac(w->config.webhook_secret.bytes, buf_str(&whole));
	buf_adds(&wanted, "v1,");
	base64_encode((struct str){(const char *)digest.byte, 32}, &wanted);
	assert_string_equal(signature, wanted.p);
	buf_release(&whole);
	buf_release(&wanted);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"sends\":[]");
	restart(w); /* what arrived is not sent again */
	turn(w, 100);
	assert_int_equal(office->n, 1);
	assert_true(
		metrics_value(w->metrics, "tenstep_webhook_sends_total", "delivered", NULL) == 1);
	close_office(office);
}

static void webhook__tries_again__until_it_arrives(void **state)
{
	struct world *w = *state;
	struct post_office *office = open_office(w);
	char first[100], second[100];
	struct buyer a;

	office->status[0] = 500;
	office->status[1] = 1; /* hangs up without a word */
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	until_posts(w, office, 1);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"error\":\"answered 500\"");
	restart(w); /* it is not forgotten */
	until_posts(w, office, 2);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"tries\":2");
	header_of(office->request[0], "webhook-id", first, sizeof(first));
	header_of(office->request[1], "webhook-id", second, sizeof(second));
	assert_string_equal(first, second);
	close_office(office);
}

static void webhook__waits__as_long_as_it_is_told(void **state)
{
	struct world *w = *state;
	struct post_office *office = open_office(w);
	struct buyer a;
	int64_t now;

	office->status[0] = 429;
	meet(w, &a, "widget:a");
	now = loop_now_ms(w->loop);
	ask_for_person(&a);
	until_posts(w, office, 1);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"tries\":1");
	until_posts(w, office, 2);
	assert_true(loop_now_ms(w->loop) - now >= 3000);
	close_office(office);
}

/* The clock was days ahead when it was put off. */
static void webhook__is_told_now__what_was_put_off_for_days(void **state)
{
	struct world *w = *state;
	struct post_office *office = open_office(w);
	struct buyer a;

	office->status[0] = 500;
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	until_posts(w, office, 1);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"tries\":1");
	assert_int_equal(store_begin(w->store), STORE_OK);
	store_mark_send(w->store, 1, 1, loop_now_ms(w->loop) + (int64_t)3 * 24 * 3600 * 1000, 0, 0,
		S("answered 500"));
	assert_int_equal(store_commit(w->store), STORE_OK);
	restart(w);
	until_posts(w, office, 2);
	close_office(office);
}

static void webhook__keeps_dead_letters__and_sends_them_again(void **state)
{
	struct world *w = *state;
	struct post_office *office = open_office(w);
	struct buyer a;

	office->status[0] = 410;
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	until_posts(w, office, 1);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"state\":\"dead\"");
	assert_true(metrics_value(w->metrics, "tenstep_webhook_sends_total", "dead", NULL) == 1);
	restart(w);
	turn(w, 50);
	assert_int_equal(office->n, 1);
	expect(call(w, "POST", "/desk/sends/1/again", ""), 200, "{}");
	until_posts(w, office, 2);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"sends\":[]");
	close_office(office);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(webhook__tells__that_somebody_waits),
		TEST(webhook__tries_again__until_it_arrives),
		TEST(webhook__waits__as_long_as_it_is_told),
		TEST(webhook__is_told_now__what_was_put_off_for_days),
		TEST(webhook__keeps_dead_letters__and_sends_them_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The HTTP client against a server that does whatever servers should not. */
#include "tests/contract/http_home.h"

static void answer__is_given__with_status_body_and_type(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/ok");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 200);
	assert_string_equal(home->body, "hello");
	assert_string_equal(home->type, "text/plain");
	assert_int_equal(home->retry_after_ms, -1);
	assert_string_equal(home->error, "");
	ask(home, "DELETE", "/no_content");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 204);
}

static void request__has_on_the_wire__what_was_meant(void **state)
{
	struct home *home = *state;
	const struct str header[] = {
		S("X-One: 1"), S("X-Empty:"), S("Content-Type: application/json")};
	char url[100], wanted[400];
	struct http_call call = to(home, "POST", "/ok", url);

	call.headers = header;
	call.n_headers = 3;
	run(home, &call);
	snprintf(wanted, sizeof(wanted),
		"POST /ok HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: test/1\r\nAccept: */*\r\n"
		"X-One: 1\r\nX-Empty:\r\nContent-Type: application/json\r\nContent-Length: "
		"7\r\n\r\n"
		"{\"a\":1}",
		home->port);
	assert_string_equal(home->seen->last, wanted);
}

static void long_body__is_sent__without_expecting_anything(void **state)
{
	struct home *home = *state;
	static char body[3000];
	char url[100];
	struct http_call call = to(home, "POST", "/ok", url);

	memset(body, 'b', sizeof(body));
	call.body = (struct str){body, sizeof(body)};
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_null(strstr(home->seen->last, "Expect"));
	assert_null(strstr(home->seen->last, "Content-Type"));
	assert_non_null(strstr(home->seen->last, "Content-Length: 3000"));
}

static void swallowed_post__is_unknown_and_sent__once(void **state)
{
	struct home *home = *state;

	ask(home, "POST", "/swallow");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	assert_int_equal(home->seen->requests, 1);
}

/* libcurl would send the POST again over a new connection: the first one was a reused one. */
static void post_after_a_kept_connection__is_sent__once(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/stays");
	assert_int_equal(home->seen->requests, 1);
	ask(home, "POST", "/swallow");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	assert_int_equal(home->seen->requests, 2);
	ask(home, "POST", "/stays");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	ask(home, "DELETE", "/swallow");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	assert_int_equal(home->seen->requests, 4);
	assert_int_equal(home->seen->connections, 4);
}

static void reads__use_a_connection__again(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/stays");
	ask(home, "GET", "/ok"); /* dies on the kept connection; a read may be repeated */
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->seen->requests, 3);
	assert_int_equal(home->seen->connections, 2);
}

static void post_that_reads__uses_a_connection__again(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "POST", "/ok", url);

	call.reads = true;
	ask(home, "GET", "/stays");
	run(home, &call); /* dies on the kept connection, and may be repeated */
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->seen->requests, 3);
	assert_int_equal(home->seen->connections, 2);
	call.changes = true; /* whoever says both means this */
	run(home, &call);
	assert_int_equal(home->seen->connections, 3);
}

static void slow_answer__is_unknown__after_the_deadline(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "GET", "/hang", url);

	call.total_ms = 200;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	call = to(home, "GET", "/drip", url);
	call.total_ms = 400;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
}

static void answer_without_end__is_unknown(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/endless");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	assert_string_equal(home->error, "the answer is too long");
	ask(home, "GET", "/huge");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	ask(home, "GET", "/long_head");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
}

static void answer__may_fill_the_ceiling__exactly(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "GET", "/ok", url);

	call.max_answer_bytes = 5;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	call.max_answer_bytes = 4;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
}

static void redirect__is_not_followed(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/redirect");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 302);
	assert_int_equal(home->seen->requests, 1);
}

static void broken_answers__are_unknown(void **state)
{
	static const char *const path[] = {"/truncated", "/reset", "/no_http"};
	struct home *home = *state;

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		ask(home, "POST", path[i]);
		assert_int_equal(home->outcome, HTTP_UNKNOWN);
		assert_int_equal(home->seen->requests, i + 1);
		assert_int_not_equal(home->error[0], 0);
	}
}

static void packed_body__is_left_alone(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/gzip");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->body_bytes, 4);
	assert_memory_equal(home->body, "\x1f\x8b\x08z", 4);
	assert_null(strstr(home->seen->last, "Accept-Encoding"));
}

static void retry_after__is_read__as_seconds_and_as_date(void **state)
{
	struct home *home = *state;

	ask(home, "POST", "/busy");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 429);
	assert_int_equal(home->retry_after_ms, 7000);
	ask(home, "POST", "/busy_until");
	assert_int_equal(home->status, 503);
	assert_in_range(home->retry_after_ms, 1000, 100000);
}

static void date__is_read__when_there_is_one(void **state)
{
	struct home *home = *state;

	ask(home, "POST", "/dated");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->date_ms, 784111777000);
	ask(home, "POST", "/dated_badly");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->date_ms, 0);
	ask(home, "POST", "/busy_until");
	assert_int_equal(home->date_ms, 0);
}

static void closed_port__is_not_sent(void **state)
{
	struct home *home = *state;
	int port;
	char url[100];
	struct http_call call = to(home, "POST", "/", url);

	close(listen_anywhere(&port));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
	call.url = str_of(url);
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
}

static void unknown_name__is_not_sent(void **state)
{
	struct home *home = *state;

	run(home, &(struct http_call){.method = S("POST"), .url = S("https://nobody.invalid/")});
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
}

static void faulty_call__is_refused__and_told_later(void **state)
{
	static const struct {
		const char *method, *url, *header;
	} faulty[] = {
		{"GET", "http://127.0.0.1:%d/ok", "X-Order: 1\r\nX-Evil: 2"},
		{"GET", "http://127.0.0.1:%d/ok", "X-Order: 1\n"},
		{"GET", "http://127.0.0.1:%d/ok", "X-Order: \x7f"},
		{"GET", "http://127.0.0.1:%d/ok", "X-Order"},
		{"GET", "http://127.0.0.1:%d/ok", "X Order: 1"},
		{"GET", "http://127.0.0.1:%d/ok", ": 1"},
		{"GET", "http://127.0.0.1:%d/ok", ""},
		{"GET", "http://127.0.0.1:%d/o k", NULL},
		{"GET", "http://127.0.0.1:%d/ok\r\nX-Evil: 2", NULL},
		{"GET", "http://me:secret@127.0.0.1:%d/ok", NULL},
		{"GET", "http://[127.0.0.1:%d/ok", NULL},
		{"GET", "127.0.0.1:%d/ok", NULL},
		{"GET", "file:///etc/hostname?%d", NULL},
		{"GET", "gopher://127.0.0.1:%d/x", NULL},
		{"GET", "", NULL},
		{"GET X", "http://127.0.0.1:%d/ok", NULL},
		{"", "http://127.0.0.1:%d/ok", NULL},
	};
	struct home *home = *state;

	for (size_t i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
		struct str header = str_of(faulty[i].header);
		char url[100];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(url, sizeof(url), faulty[i].url, home->port);
#pragma GCC diagnostic pop
		run(home, &(struct http_call){.method = str_of(faulty[i].method),
				  .url = str_of(url),
				  .headers = &header,
				  .n_headers = faulty[i].header != NULL});
		assert_int_equal(home->outcome, HTTP_NOT_SENT);
		assert_int_not_equal(home->error[0], 0);
	}
	assert_int_equal(home->seen->connections, 0);
}

static void header__with_a_nul__is_refused(void **state)
{
	struct home *home = *state;
	struct str header = S("X-A: 1\0002");
	char url[100];
	struct http_call call = to(home, "GET", "/ok", url);

	call.headers = &header;
	call.n_headers = 1;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	call = to(home, "GET", "/ok", url);
	call.url = S("http://127.0.0.1/\0x");
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
}

/* --- several, and the end --- */

static void calls__run_side_by_side__each_told_once(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "POST", "/ok", url);

	home->done = 0;
	home->wanted = 40;
	for (int i = 0; i < 40; i++)
		begin(home, &call);
	assert_int_equal(http_client_under_way(home->client), 40);
	loop_run(home->loop);
	assert_int_equal(home->done, 40);
	assert_int_equal(home->seen->requests, 40);
}

/* Asks again from inside its own done. */
static void ask_again(void *self, const struct http_result *result)
{
	struct home *home = self;
	char url[100];
	struct http_call call = to(home, "GET", "/ok", url);

	assert_int_equal(result->outcome, HTTP_ANSWERED);
	http_client_call(home->client, &call, done, home);
}

static void done__may_call(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "GET", "/ok", url);

	home->wanted = 1;
	http_client_call(home->client, &call, ask_again, home);
	loop_run(home->loop);
	assert_int_equal(home->seen->requests, 2);
}

static void stop(void *self)
{
	loop_stop(self);
}

static void wait_for_request(void *self)
{
	struct home *home = self;

	if (home->seen->requests)
		loop_stop(home->loop);
}

static void free__tells__what_is_under_way(void **state)
{
	struct home *home = *state;
	struct loop_timer timer = {0};
	char url[100];
	struct http_call call = to(home, "POST", "/hang", url);

	begin(home, &call);
	loop_before_sleep(home->loop, wait_for_request, home);
	while (!home->seen->requests) {
		loop_timer_start(home->loop, &timer, 5, stop, home->loop);
		loop_run(home->loop);
	}
	http_client_free(home->client);
	assert_int_equal(home->done, 1);
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	make_client(home, &(struct http_client_setup){.allow_loopback = true});
	begin(home, &call);
	http_client_free(home->client);
	assert_int_equal(home->done, 2);
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	make_client(home, &(struct http_client_setup){.allow_loopback = true});
}

static void forgotten_call__goes_on__and_tells_nobody(void **state)
{
	struct home *home = *state;
	struct loop_timer timer = {0};
	char url[100];
	struct http_call call = to(home, "POST", "/ok", url);

	begin(home, &call);
	http_client_forget(home->client, home);
	while (http_client_under_way(home->client)) {
		loop_timer_start(home->loop, &timer, 5, stop, home->loop);
		loop_run(home->loop);
	}
	assert_int_equal(home->seen->requests, 1);
	assert_int_equal(home->done, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(answer__is_given__with_status_body_and_type),
		TEST(request__has_on_the_wire__what_was_meant),
		TEST(long_body__is_sent__without_expecting_anything),
		TEST(swallowed_post__is_unknown_and_sent__once),
		TEST(post_after_a_kept_connection__is_sent__once),
		TEST(reads__use_a_connection__again),
		TEST(post_that_reads__uses_a_connection__again),
		TEST(slow_answer__is_unknown__after_the_deadline),
		TEST(answer_without_end__is_unknown),
		TEST(answer__may_fill_the_ceiling__exactly),
		TEST(redirect__is_not_followed),
		TEST(broken_answers__are_unknown),
		TEST(packed_body__is_left_alone),
		TEST(retry_after__is_read__as_seconds_and_as_date),
		TEST(date__is_read__when_there_is_one),
		TEST(closed_port__is_not_sent),
		TEST(unknown_name__is_not_sent),
		TEST(faulty_call__is_refused__and_told_later),
		TEST(header__with_a_nul__is_refused),
		TEST(calls__run_side_by_side__each_told_once),
		TEST(done__may_call),
		TEST(free__tells__what_is_under_way),
		TEST(forgotten_call__goes_on__and_tells_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

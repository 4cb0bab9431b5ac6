/* `tenstep shop` in a process of its own, and our client to it with a seller's consent. */
#ifndef TENSTEP_TESTS_CONTRACT_SANDBOX_PLATFORM_H
#define TENSTEP_TESTS_CONTRACT_SANDBOX_PLATFORM_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bot/counter/shop_server.h"
#include "bot/shop/shop_client.h"
#include "tests/unit/value_of.h"

struct platform {
	char folder[64], url[64], secret[64], code[128], tokens[100];
	pid_t server;
	int begin[2]; /* a byte in it begins the misbehaviour */
	uint64_t seed;

	struct loop *loop;
	struct log *log;
	struct http_client *client;
	struct shop_account account;
	struct shop_grant *grant;
	struct shop_link *link;
	struct order_api *api;
	struct arena *arena;
	const char *buyer; /* of the demo shop: "buyer-open" */
	const char *key;
	unsigned number;

	enum order_outcome outcome;
	const struct value *value;
	bool good;
	/* of many calls at once: how each was answered last */
	enum order_outcome *told;
	size_t n_told;
};

/* The last ones for a machine that has much else to do. */
static const int64_t platform_look_ms[] = {20, 50, 100, 200, 500, 1000, 2000};

/* --- the shop --- */

/* From when the consent is given. */
struct misbehave {
	struct loop_io io;
	struct shop_server *server;
	const struct mischief_rule *rule;
	size_t n;
};

static inline void platform_misbehave(void *self, int descriptor, unsigned ready)
{
	struct misbehave *m = self;

	(void)descriptor;
	(void)ready;
	loop_io_stop(m->server->loop, &m->io);
	for (size_t i = 0; i < m->n; i++)
		if (!mischiefs_add(m->server->mischiefs, &m->rule[i]))
			_exit(1);
}

static inline void platform_serve(
	struct platform *p, const char *fixture, const struct mischief_rule *rule, size_t n, int to)
{
	static struct shop_server server;
	static struct misbehave misbehave;

	server.options = OPTIONS_DEFAULT;
	server.options.data = p->folder;
	server.fixture = fixture;
	server.quiet = true;
	server.seed = p->seed;
	if (!shop_server_open(&server))
		_exit(1);
	snprintf(p->url, sizeof(p->url), "%.*s", STR(server.address));
	snprintf(p->secret, sizeof(p->secret), "%.*s", STR(server.app_secret.bytes));
	snprintf(p->code, sizeof(p->code), "%.*s",
		STR(wire_new_code(server.wire, loop_now_ms(server.loop), server.arena)));
	if (write(to, p, sizeof(*p)) != sizeof(*p))
		_exit(1);
	close(to);
	misbehave = (struct misbehave){{{0}}, &server, rule, n};
	loop_io_start(
		server.loop, &misbehave.io, p->begin[0], LOOP_READ, platform_misbehave, &misbehave);
	shop_server_run(&server);
	shop_server_close(&server);
	_exit(0);
}

static inline void platform_start(
	struct platform *p, const char *fixture, const struct mischief_rule *rule, size_t n)
{
	int ends[2];
	struct platform told;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipe(p->begin), 0);
	fflush(NULL);
	p->server = fork();
	assert_true(p->server >= 0);
	if (p->server == 0) {
		close(ends[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody is left behind */
		platform_serve(p, fixture, rule, n, ends[1]);
	}
	close(ends[1]);
	for (size_t got = 0; got < sizeof(told);) {
		ssize_t more = read(ends[0], (char *)&told + got, sizeof(told) - got);

		assert_true(more > 0);
		got += (size_t)more;
	}
	close(ends[0]);
	memcpy(p->url, told.url, sizeof(p->url));
	memcpy(p->secret, told.secret, sizeof(p->secret));
	memcpy(p->code, told.code, sizeof(p->code));
}

/* --- our side --- */

static inline void platform_heard(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value)
{
	struct platform *p = self;

	(void)who;
	(void)key;
	if (number && number <= p->n_told)
		p->told[number - 1] = outcome;
	p->outcome = outcome;
	p->value = value_copy(p->arena, value ? value : &value_none);
	loop_stop(p->loop);
}

static inline void platform_consented(void *self, bool good, const char *why)
{
	struct platform *p = self;

	if (!good)
		print_message("%s\n", why);
	p->good = good;
	loop_stop(p->loop);
}

/* @n: of the rules by which the shop misbehaves; then nothing is waited for long. */
static inline void platform_open_client(struct platform *p, size_t n)
{
	struct http_client_setup http = {
		.loop = p->loop, .user_agent = "test/1", .allow_loopback = true};
	struct shop_grant_setup grant = {
		.loop = p->loop, .log = p->log, .account = &p->account, .path = p->tokens};
	struct shop_link_setup link = {.loop = p->loop,
		.log = p->log,
		.account = &p->account,
		.backoff_ms = 20,
		.total_ms = n ? 600 : 3000};
	struct shop_client_setup client = {.loop = p->loop,
		.log = p->log,
		.account = &p->account,
		.look_ms = platform_look_ms,
		.n_looks = sizeof(platform_look_ms) / sizeof(*platform_look_ms),
		.early_ms = 60 * 1000};

	grant.client = link.client = p->client = http_client_new(&http);
	link.grant = client.grant = p->grant = shop_grant_new(&grant);
	client.link = p->link = shop_link_new(&link);
	p->api = shop_client_new(&client);
	p->api->answered = platform_heard;
	p->api->answered_self = p;
}

/* A new shop with that fixture, which misbehaves by @rule. */
static inline struct platform *platform_open(
	const char *fixture, const struct mischief_rule *rule, size_t n, uint64_t seed)
{
	struct platform *p = calloc(1, sizeof(*p));

	p->seed = seed;
	signal(SIGPIPE, SIG_IGN);
	strcpy(p->folder, "/tmp/tenstep-platform-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->tokens, sizeof(p->tokens), "%s/tokens", p->folder);
	platform_start(p, fixture, rule, n);
	p->account = (struct shop_account){.app_key = S("68xu9ks5p4i8j"),
		.app_secret = {str_of(p->secret)},
		.api_url = str_of(p->url),
		.token_url = str_of(p->url),
		.about = {.name = S("Juniper & Finch"), .policy_cancel = S("Ask us.")},
		.policy = {.cancel = true, .approve = true, .create_return = true},
		.requests_per_s = 1000};
	p->buyer = "buyer-open";
	p->key = "";
	p->arena = arena_new(64 << 20);
	p->loop = loop_new();
	p->log = log_new(stderr, getenv("TENSTEP_LOG") ? LOG_DEBUG : LOG_ERROR);
	platform_open_client(p, n);
	shop_grant_exchange(p->grant, str_of(p->code), platform_consented, p);
	loop_run(p->loop);
	assert_true(p->good);
	assert_int_equal(write(p->begin[1], "!", 1), 1);
	return p;
}

static inline void platform_close(struct platform *p)
{
	char command[1000];

	p->api->free(p->api);
	shop_link_free(p->link);
	shop_grant_free(p->grant);
	http_client_free(p->client);
	log_free(p->log);
	loop_free(p->loop);
	kill(p->server, SIGKILL);
	waitpid(p->server, NULL, 0);
	if (getenv("TENSTEP_LEDGER")) { /* whoever checks it from outside: tests/shop/requests.mjs
					 */
		snprintf(command, sizeof(command), "cat '%s'/shop/ledger.jsonl >>'%s'", p->folder,
			getenv("TENSTEP_LEDGER"));
		assert_int_equal(system(command), 0);
	}
	snprintf(command, sizeof(command), "rm -rf '%s'", p->folder);
	assert_int_equal(system(command), 0);
	close(p->begin[0]);
	close(p->begin[1]);
	arena_free(p->arena);
	free(p);
}

static inline const struct value *platform_json(struct platform *p, const char *text)
{
	return value_of(p->arena, text);
}

/* "A-1001" in @args stands for the platform's id of that order. */
static inline const struct value *platform_args(struct platform *p, const char *args)
{
	struct buf out;
	const struct value *value;
	const char *at = args, *next;

	buf_init(&out, 4096);
	while ((next = strstr(at, "A-"))) {
		buf_add(&out, (struct str){at, (size_t)(next - at)});
		buf_add(&out, wire_order_id(p->arena, (struct str){next, 6}));
		at = next + 6;
	}
	buf_adds(&out, at);
	value = platform_json(p, arena_cstr(p->arena, buf_str(&out)));
	buf_release(&out);
	return value;
}

/* Does not wait. */
static inline enum order_outcome platform_begin(
	struct platform *p, const char *operation, const struct value *args)
{
	struct order_request request = {.operation = str_of(operation),
		.buyer = *p->buyer ? wire_user_id(p->arena, str_of(p->buyer)) : S(""),
		.who = S("chat-1"),
		.args = args,
		.key = str_of(p->key),
		.number = ++p->number};
	struct order_answer answer;

	p->outcome = p->api->call(p->api, &request, p->arena, &answer);
	p->value = answer.value;
	return p->outcome;
}

static inline enum order_outcome platform_call(
	struct platform *p, const char *operation, const struct value *args)
{
	if (platform_begin(p, operation, args) == ORDER_LATER)
		loop_run(p->loop);
	return p->outcome;
}

static inline enum order_outcome platform_ask(
	struct platform *p, const char *operation, const char *args)
{
	return platform_call(p, operation, platform_args(p, args));
}

static inline void platform_show(struct platform *p)
{
	struct buf out;

	buf_init(&out, 1 << 16);
	value_show(p->value, &out);
	print_message("%d %.*s\n", (int)p->outcome, STR(buf_str(&out)));
	buf_release(&out);
}

static inline void platform_expect(struct platform *p, const char *field, const char *wanted)
{
	struct str got = value_get_text(p->value, field);

	if (!str_is(got, wanted)) {
		platform_show(p);
		fail_msg("%s: expected '%s', got '%.*s'", field, wanted, STR(got));
	}
}

#endif

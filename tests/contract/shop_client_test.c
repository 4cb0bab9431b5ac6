/* The shop's client over real HTTP, against a platform that misbehaves. */
#include "tests/contract/evil_shop.h"

#include <sys/stat.h>

#include "bot/common/shop_file.h"
#include "bot/shop/shop_client.h"
#include "tests/unit/value_of.h"

enum { longest_test_s = 120, n_changes_played = 60, at_once = 20 };

/* The last ones for a machine that has much else to do. */
static const int64_t look_ms[] = {10, 20, 40, 80, 160, 320, 1000, 2000};

struct heard {
	unsigned n; /* answers to one call */
	enum order_outcome outcome, first;
	char state[32], why[32], id[40];
	size_t count;
};

struct home {
	struct evil_shop shop;
	char folder[64], path[100];
	struct loop *loop;
	struct http_client *client;
	struct log *log;
	FILE *log_file; /* NULL: stderr */
	struct shop_account account;
	struct shop_grant *grant;
	struct shop_link *link;
	struct order_api *api;
	struct arena *arena;
	struct heard heard[evil_orders];
	unsigned n_heard, wanted;
	bool inside;
	int64_t early_ms;
	struct loop_timer moment;
	char url[64];
};

/* --- a home --- */

#define SHOP(id, cipher)                                                                           \
	"{\"id\":\"" id "\",\"name\":\"J\",\"region\":\"US\",\"cipher\":\"" cipher "\"}"
#define ONE_SHOP SHOP("749500", "GCP_demo")
#define TWO_SHOPS SHOP("749499", "GCP_other") "," ONE_SHOP

static void write_tokens(struct home *home, int64_t until, const char *shops)
{
	char text[1000];
	struct buf error;

	snprintf(text, sizeof(text),
		"{\"access_token\":\"access-1\",\"access_token_until\":%lld,\"refresh_token\":"
		"\"refresh-1\",\"refresh_token_until\":4102444800,\"seller\":\"J\",\"region\":"
		"\"US\",\"shops\":[%s]}",
		(long long)until, shops);
	buf_init(&error, 1000);
	assert_true(shop_file_write(home->path, str_of(text), &error));
	buf_release(&error);
}

static void hear(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value)
{
	struct home *home = self;
	struct heard *heard = &home->heard[number];

	(void)who;
	(void)key;
	assert_false(home->inside);
	if (!heard->n++)
		heard->first = outcome;
	heard->outcome = outcome;
	heard->count = value_count(value);
	snprintf(heard->state, sizeof(heard->state), "%.*s", STR(value_get_text(value, "state")));
	snprintf(heard->why, sizeof(heard->why), "%.*s", STR(value_get_text(value, "why")));
	snprintf(heard->id, sizeof(heard->id), "%.*s", STR(value_get_text(value, "id")));
	home->n_heard++;
	if (home->n_heard == home->wanted)
		loop_stop(home->loop);
}

static void open_client(struct home *home)
{
	struct http_client_setup http = {
		.loop = home->loop, .user_agent = "test/1", .allow_loopback = true};
	struct shop_grant_setup grant = {
		.loop = home->loop, .account = &home->account, .path = home->path};
	struct shop_link_setup link = {
		.loop = home->loop, .account = &home->account, .backoff_ms = 10, .total_ms = 400};
	struct shop_client_setup client = {.loop = home->loop,
		.account = &home->account,
		.look_ms = look_ms,
		.n_looks = sizeof(look_ms) / sizeof(*look_ms),
		.read_ms = 5000,
		.early_ms = home->early_ms};

	home->log = home->log_file
			    ? log_new(home->log_file, LOG_DEBUG)
			    : log_new(stderr, getenv("TENSTEP_LOG") ? LOG_DEBUG : LOG_ERROR + 1);
	grant.log = link.log = client.log = home->log;
	grant.client = link.client = home->client = http_client_new(&http);
	link.grant = client.grant = home->grant = shop_grant_new(&grant);
	client.link = home->link = shop_link_new(&link);
	home->api = shop_client_new(&client);
	home->api->answered = hear;
	home->api->answered_self = home;
}

static void close_client(struct home *home)
{
	home->api->free(home->api);
	shop_link_free(home->link);
	shop_grant_free(home->grant);
	http_client_free(home->client);
	log_free(home->log);
}

static int set_up(void **state)
{
	struct home *home = calloc(1, sizeof(*home));

	alarm(longest_test_s);
	signal(SIGPIPE, SIG_IGN);
	evil_start(&home->shop);
	strcpy(home->folder, "/tmp/tenstep-shop-XXXXXX");
	assert_non_null(mkdtemp(home->folder));
	snprintf(home->path, sizeof(home->path), "%s/tokens", home->folder);
	snprintf(home->url, sizeof(home->url), "http://127.0.0.1:%d", home->shop.port);
	write_tokens(home, 4102444800, ONE_SHOP);
	home->account = (struct shop_account){.app_key = S(EVIL_KEY),
		.app_secret = {S(EVIL_SECRET)},
		.api_url = str_of(home->url),
		.token_url = str_of(home->url),
		.policy = {.cancel = true, .approve = true, .create_return = true},
		.requests_per_s = 1000};
	home->arena = arena_new(64 << 20);
	home->loop = loop_new();
	home->early_ms = 60 * 1000;
	open_client(home);
	*state = home;
	return 0;
}

static int tear_down(void **state)
{
	struct home *home = *state;

	close_client(home);
	loop_free(home->loop);
	evil_stop(&home->shop);
	unlink(home->path);
	rmdir(home->folder);
	arena_free(home->arena);
	free(home);
	return 0;
}

/* --- calling --- */

static const struct value *order_args(struct home *home, unsigned order, const char *more)
{
	char text[300];

	snprintf(text, sizeof(text), "{\"order\":\"5764000000000%05u\"%s}", order, more);
	return value_of(home->arena, text);
}

static enum order_outcome call(
	struct home *home, const char *operation, unsigned order, const char *more, bool again)
{
	struct order_request request = {.operation = str_of(operation),
		.buyer = S(EVIL_BUYER),
		.who = S("chat"),
		.args = order_args(home, order, more),
		.key = arena_printf(home->arena, "%s %u", operation, order),
		.number = order,
		.again = again,
		.since = loop_now_ms(home->loop) / 1000};
	struct order_answer answer;
	enum order_outcome outcome;

	home->inside = true;
	outcome = home->api->call(home->api, &request, home->arena, &answer);
	home->inside = false;
	return outcome;
}

/* Until @n more answers have come. */
static void wait_for(struct home *home, unsigned n)
{
	home->wanted = home->n_heard + n;
	loop_run(home->loop);
}

static void stop(void *self)
{
	loop_stop(((struct home *)self)->loop);
}

static void wait_for_a_moment(struct home *home)
{
	loop_timer_start(home->loop, &home->moment, 5, stop, home);
	loop_run(home->loop);
}

static struct heard *ask(struct home *home, const char *operation, unsigned order, const char *more)
{
	memset(&home->heard[order], 0, sizeof(home->heard[order]));
	assert_int_equal(call(home, operation, order, more, false), ORDER_LATER);
	wait_for(home, 1);
	return &home->heard[order];
}

#define CANCEL "orders.cancel"
#define REASON ",\"reason\":\"other\""
#define CREATE "returns.create"
#define ITEMS                                                                                      \
	",\"items\":[\"5765\"],\"reason\":"                                                        \
	"\"ecom_order_delivered_refund_and_return_reason_damaged\""

/* --- reads --- */

static void read__is_tried_again__whatever_gets_lost(void **state)
{
	struct home *home = *state;

	for (int act = ACT_NORMAL; act < n_acts; act++) {
		home->shop.book->next_read = act;
		assert_int_equal(ask(home, "orders.get", 2, "")->outcome, ORDER_OK);
		assert_int_equal(home->heard[2].n, 1);
	}
	assert_int_equal(home->shop.book->bad_signs, 0);
}

static void read__fails__when_the_platform_is_down(void **state)
{
	struct home *home = *state;

	home->shop.book->read_percent = 100;
	home->shop.book->chance = 7;
	home->shop.book->next_read = ACT_500;
	kill(home->shop.server, SIGKILL); /* nobody accepts any more */
	assert_int_equal(ask(home, "orders.get", 2, "")->outcome, ORDER_FAILED);
}

/* --- changes --- */

static void cancel__is_done_once__whatever_gets_lost(void **state)
{
	struct home *home = *state;

	for (int act = ACT_NORMAL; act < n_acts; act++) {
		unsigned order = 2 + 2 * (unsigned)act;
		struct heard *heard;

		home->shop.book->next_change = act;
		heard = ask(home, CANCEL, order, REASON);
		if (heard->outcome != ORDER_OK)
			fail_msg("act %d: outcome %d", act, (int)heard->outcome);
		assert_string_equal(heard->state, "done");
		assert_int_equal(home->shop.book->cancelled[order], 1);
	}
	assert_int_equal(home->shop.book->bad_signs, 0);
}

static void return__is_made_once__whatever_gets_lost(void **state)
{
	struct home *home = *state;

	for (int act = ACT_NORMAL; act < n_acts; act++) {
		unsigned order = 1 + 2 * (unsigned)act;
		struct heard *heard;

		home->shop.book->next_change = act;
		heard = ask(home, CREATE, order, ITEMS);
		if (heard->outcome != ORDER_OK)
			fail_msg("act %d: outcome %d", act, (int)heard->outcome);
		assert_string_equal(heard->state, "send_it");
		assert_int_equal(home->shop.book->returned[order], 1);
	}
}

/* --- everything at once --- */

struct tally {
	unsigned n, n_done, n_unknown, n_faults;
};

static void play_round(struct home *home)
{
	for (unsigned first = 0; first < n_changes_played; first += at_once) {
		for (unsigned i = first; i < first + at_once; i++)
			assert_int_equal(call(home, i % 2 ? CREATE : CANCEL, i,
						 i % 2 ? ITEMS : REASON, false),
				ORDER_LATER);
		while (shop_client_under_way(home->api))
			wait_for(home, 1);
	}
	usleep(2 * evil_late_ms * 1000); /* what lingers has arrived */
}

static void count_round(struct home *home, struct tally *tally)
{
	struct evil_book *book = home->shop.book;

	for (unsigned i = 0; i < n_changes_played; i++) {
		unsigned applied = i % 2 ? book->returned[i] : book->cancelled[i];
		enum order_outcome told = home->heard[i].outcome;

		assert_true(applied <= 1);
		if (told == ORDER_OK)
			assert_int_equal(applied, 1);
		if ((told == ORDER_REFUSED || told == ORDER_FAILED) && applied)
			fail_msg("call %u was told as %d, '%s', and is done", i, (int)told,
				home->heard[i].why);
		tally->n_unknown += told == ORDER_UNKNOWN;
		tally->n_done += told == ORDER_OK;
	}
	tally->n += n_changes_played;
	for (int act = 1; act < n_acts; act++)
		tally->n_faults += atomic_exchange(&book->acts[act], 0);
}

static void begin_round(struct home *home)
{
	struct evil_book *book = home->shop.book;

	for (unsigned i = 0; i < n_changes_played; i++) {
		book->cancelled[i] = book->returned[i] = 0;
		book->return_key[i] = 0;
	}
	memset(home->heard, 0, sizeof(home->heard));
	arena_reset(home->arena);
}

/* What a buyer is told last agrees with the platform's book, and nothing is done twice.  As many
 * calls as TENSTEP_CALLS says, for a campaign. */
static void changes__agree_with_the_book__under_all_misbehaviour_at_once(void **state)
{
	struct home *home = *state;
	const char *wanted = getenv("TENSTEP_CALLS");
	unsigned n = wanted ? (unsigned)atoi(wanted) : n_changes_played;
	struct tally tally = {0};

	if (wanted)
		alarm(0);
	home->shop.book->change_percent = 60;
	home->shop.book->read_percent = 15;
	while (tally.n < n) {
		begin_round(home);
		play_round(home);
		count_round(home, &tally);
	}
	if (wanted)
		print_message("%u calls, %u faults: %u done, %u not known, 0 twice, 0 lies\n",
			tally.n, tally.n_faults, tally.n_done, tally.n_unknown);
	assert_true(tally.n_faults > tally.n / 2); /* a quiet run proves nothing */
	assert_true(tally.n_unknown * 50 <= tally.n + 200);
	assert_int_equal(home->shop.book->bad_signs, 0);
}

static void call__that_comes_again__asks_first(void **state)
{
	struct home *home = *state;

	home->shop.book->cancelled[4] = 1;
	assert_int_equal(call(home, CANCEL, 4, REASON, true), ORDER_LATER);
	wait_for(home, 1);
	assert_int_equal(home->heard[4].outcome, ORDER_OK);
	assert_int_equal(home->shop.book->changes, 0);
}

static void call__under_a_key_that_is_under_way__joins(void **state)
{
	struct home *home = *state;

	assert_int_equal(call(home, CANCEL, 6, REASON, false), ORDER_LATER);
	assert_int_equal(call(home, CANCEL, 6, REASON, true), ORDER_LATER);
	assert_int_equal(shop_client_under_way(home->api), 1);
	wait_for(home, 2);
	assert_int_equal(home->heard[6].n, 2);
	assert_int_equal(home->shop.book->changes, 1);
}

static void unknown__is_told_early_and_then_what_is_known(void **state)
{
	struct home *home = *state;
	struct evil_book *book = home->shop.book;

	close_client(home);
	home->early_ms = 500;
	open_client(home);
	book->next_change = ACT_DO_SWALLOW;
	assert_int_equal(call(home, CANCEL, 8, REASON, false), ORDER_LATER);
	while (!book->cancelled[8])
		wait_for_a_moment(home);
	book->read_percent = 100;
	while (!home->heard[8].n)
		wait_for_a_moment(home);
	assert_int_equal(home->heard[8].outcome, ORDER_UNKNOWN);
	book->read_percent = 0;
	while (shop_client_under_way(home->api))
		wait_for_a_moment(home);
	assert_int_equal(home->heard[8].n, 2);
	assert_int_equal(home->heard[8].outcome, ORDER_OK);
}

/* --- tokens --- */

static void token__is_renewed_and_kept__when_it_has_expired(void **state)
{
	struct home *home = *state;
	struct buf text, error;
	struct stat st;

	home->shop.book->token = 5; /* ours is old */
	assert_int_equal(ask(home, "orders.get", 2, "")->outcome, ORDER_OK);
	assert_int_equal(home->shop.book->refreshes, 1);
	buf_init(&text, 10000);
	buf_init(&error, 1000);
	assert_true(shop_file_read(home->path, &text, &error));
	assert_true(str_find(buf_str(&text), S("access-6")) >= 0);
	assert_true(str_find(buf_str(&text), S("refresh-6")) >= 0);
	assert_int_equal(stat(home->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_release(&text);
	buf_release(&error);
}

static void token__is_renewed_once__for_all_who_wait(void **state)
{
	struct home *home = *state;

	home->shop.book->token = 5;
	for (unsigned i = 0; i < at_once; i++)
		assert_int_equal(call(home, "orders.get", 2 * i, "", false), ORDER_LATER);
	wait_for(home, at_once);
	for (unsigned i = 0; i < at_once; i++)
		assert_int_equal(home->heard[2 * i].outcome, ORDER_OK);
	assert_int_equal(home->shop.book->refreshes, 1);
}

static void token__is_renewed_before_it_ends(void **state)
{
	struct home *home = *state;

	close_client(home);
	write_tokens(home, loop_now_ms(home->loop) / 1000 + 3600, ONE_SHOP);
	open_client(home);
	while (!home->shop.book->refreshes)
		wait_for_a_moment(home);
	assert_int_equal(home->shop.book->changes + home->shop.book->reads, 0);
}

static void consent__that_has_ended__makes_calls_fail_at_once(void **state)
{
	struct home *home = *state;

	home->shop.book->token = 5;
	home->shop.book->refresh_refused = true;
	assert_int_equal(ask(home, CANCEL, 2, REASON)->outcome, ORDER_FAILED);
	assert_null(shop_grant_now(home->grant));
	assert_int_equal(ask(home, CANCEL, 4, REASON)->outcome, ORDER_FAILED);
	assert_int_equal(home->shop.book->refreshes, 1);
}

static void told(void *self, bool good, const char *why)
{
	struct home *home = self;

	home->n_heard += good;
	if (!good)
		assert_non_null(strstr(why, "Invalid auth code"));
	loop_stop(home->loop);
}

static void code__is_traded_for_tokens_and_shops(void **state)
{
	struct home *home = *state;

	unlink(home->path);
	close_client(home);
	open_client(home);
	assert_null(shop_grant_now(home->grant));
	assert_int_equal(ask(home, "orders.get", 2, "")->outcome, ORDER_FAILED);
	shop_grant_exchange(home->grant, S("bad code"), told, home);
	loop_run(home->loop);
	assert_null(shop_grant_now(home->grant));
	shop_grant_exchange(home->grant, S("good code"), told, home);
	loop_run(home->loop);
	assert_non_null(shop_grant_now(home->grant));
	assert_true(str_is(shop_grant_now(home->grant)->shop[0].cipher, "GCP_demo"));
	assert_int_equal(ask(home, "orders.get", 2, "")->outcome, ORDER_OK);
}

static void file__that_others_may_read__is_refused(void **state)
{
	struct home *home = *state;

	close_client(home);
	assert_int_equal(chmod(home->path, 0644), 0);
	open_client(home);
	assert_null(shop_grant_now(home->grant));
}

/* --- what is written down --- */

static void log__holds_no_secret_and_no_number_of_an_order(void **state)
{
	static const char *const never[] = {"5764000000000", "access-", "refresh-", EVIL_SECRET,
		"sign=", EVIL_BUYER, "Smith", "good code"};
	struct home *home = *state;
	static char text[1 << 20];
	size_t n;

	close_client(home);
	home->log_file = tmpfile();
	open_client(home);
	home->shop.book->token = 5;
	for (int act = ACT_NORMAL; act < n_acts; act++) {
		home->shop.book->next_change = home->shop.book->next_read = act;
		ask(home, CANCEL, 2 + 2 * (unsigned)act, REASON);
	}
	ask(home, "orders.track", 2, "");
	ask(home, "buyers.verify", 2, ",\"fact\":\"Smith\"");
	shop_grant_exchange(home->grant, S("good code"), told, home);
	loop_run(home->loop);
	close_client(home);
	rewind(home->log_file);
	n = fread(text, 1, sizeof(text) - 1, home->log_file);
	assert_true(n > 10000);
	assert_non_null(strstr(text, "/orders/{id}/"));
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (strstr(text, never[i]))
			fail_msg("the log holds '%s'", never[i]);
	fclose(home->log_file);
	home->log_file = NULL;
	open_client(home);
}

/* --- several shops --- */

static void order__is_found__in_whichever_shop_has_it(void **state)
{
	struct home *home = *state;

	close_client(home);
	write_tokens(home, 4102444800, TWO_SHOPS);
	open_client(home);
	assert_int_equal(ask(home, "orders.get", 2, "")->outcome, ORDER_OK);
	assert_int_equal(ask(home, CANCEL, 2, REASON)->outcome, ORDER_OK);
	assert_int_equal(home->shop.book->cancelled[2], 1);
	assert_int_equal(home->shop.book->changes, 1);
	assert_int_equal(ask(home, "orders.list", 4, "")->outcome, ORDER_OK);
	assert_int_equal(home->heard[4].count, 1);
	assert_int_equal(
		ask(home, "buyers.verify", 2, ",\"fact\":\"nobody\"")->outcome, ORDER_REFUSED);
}

static void order__that_no_shop_has__is_not_found(void **state)
{
	struct home *home = *state;

	close_client(home);
	write_tokens(home, 4102444800, SHOP("1", "GCP_other") "," SHOP("2", "GCP_other"));
	open_client(home);
	assert_int_equal(ask(home, CANCEL, 2, REASON)->outcome, ORDER_REFUSED);
	assert_string_equal(home->heard[2].why, "not_found");
	assert_int_equal(home->shop.book->reads, 2);
	assert_int_equal(home->shop.book->changes, 0);
}

/* --- guessing --- */

static void verify__stops__after_five_misses(void **state)
{
	struct home *home = *state;

	for (int i = 0; i < 5; i++) {
		assert_int_equal(ask(home, "buyers.verify", 2, ",\"fact\":\"Smith\"")->outcome,
			ORDER_REFUSED);
		assert_string_equal(home->heard[2].why, "no_match");
	}
	assert_int_equal(
		call(home, "buyers.verify", 4, ",\"fact\":\"Smith\"", false), ORDER_REFUSED);
	assert_int_equal(call(home, "orders.get", 4, "", false), ORDER_LATER);
	wait_for(home, 1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(read__is_tried_again__whatever_gets_lost),
		T(read__fails__when_the_platform_is_down),
		T(cancel__is_done_once__whatever_gets_lost),
		T(return__is_made_once__whatever_gets_lost),
		T(changes__agree_with_the_book__under_all_misbehaviour_at_once),
		T(call__that_comes_again__asks_first),
		T(call__under_a_key_that_is_under_way__joins),
		T(unknown__is_told_early_and_then_what_is_known),
		T(token__is_renewed_and_kept__when_it_has_expired),
		T(token__is_renewed_once__for_all_who_wait),
		T(token__is_renewed_before_it_ends),
		T(consent__that_has_ended__makes_calls_fail_at_once),
		T(code__is_traded_for_tokens_and_shops),
		T(file__that_others_may_read__is_refused),
		T(log__holds_no_secret_and_no_number_of_an_order),
		T(order__is_found__in_whichever_shop_has_it),
		T(order__that_no_shop_has__is_not_found),
		T(verify__stops__after_five_misses),
	};

	if (getenv("CMOCKA_TEST_FILTER"))
		cmocka_set_test_filter(getenv("CMOCKA_TEST_FILTER"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}

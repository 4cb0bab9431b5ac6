/* The buyer chat of a shop, with a platform that the test plays: who writes is known before what
 * they wrote is heard, and what no webhook brought is read. */
#include "tests/unit/desk/desk_world.h"

#include "adapters/store/store_chats.h"
#include "adapters/store/store_driver.h"
#include "adapters/store/store_peers.h"
#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/base/digest.h"
#include "bot/shop/shop_chat.h"

enum { max_said = 100, max_asked = 20 };

struct asked {
	char url[300];
	shop_chat_heard *heard;
	void *whose;
};

struct platform {
	struct world *w;
	struct shop_chat *chat;
	struct channels *channels;
	struct channel_seat seat;
	struct str value[TIKTOK_CHAT_VALUES];
	struct asked asked[max_asked];
	size_t n_asked, n_lists, n_finds, n_reads;
	struct said {
		const char *talk, *role, *text;
		int64_t at;
		bool hidden; /* not in the list yet */
	} said[max_said];
	size_t n_said;
	bool down;     /* nothing is answered well */
	bool nameless; /* no participants */
	bool silent;   /* t1 may not be written to */
	struct arena *arena;
	unsigned n_answers, status;
	bool stored;
};

/* --- the platform --- */

static void ask(void *self, const struct channel_call *call, shop_chat_heard *heard, void *whose)
{
	struct platform *p = self;
	struct asked *asked = &p->asked[p->n_asked++];

	assert_in_range(p->n_asked, 1, max_asked);
	put(asked->url, sizeof asked->url, call->url);
	asked->heard = heard;
	asked->whose = whose;
}

static void forget(void *self, const void *whose)
{
	struct platform *p = self;

	for (size_t i = 0; i < p->n_asked; i++)
		if (p->asked[i].whose == whose)
			p->asked[i].heard = NULL;
}

static void write_message(struct platform *p, struct buf *out, size_t i)
{
	const struct said *s = &p->said[i];

	buf_addf(out,
		"{\"id\":\"m%zu\",\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"%s\\\"}\","
		"\"create_time\":%lld,\"sender\":{\"role\":\"%s\"}}",
		i, s->text, (long long)s->at, s->role);
}

static size_t next_of(const struct platform *p, const char *talk, size_t from)
{
	while (from > 0 && (p->said[from - 1].hidden || strcmp(p->said[from - 1].talk, talk) != 0))
		from--;
	return from;
}

/* Pages of two messages, so that paging is tried. */
static void write_messages(struct platform *p, struct buf *out, const char *talk, size_t from)
{
	size_t n = 0;

	buf_adds(out, "{\"messages\":[");
	for (from = next_of(p, talk, from); from > 0 && n < 2;
		from = next_of(p, talk, from - 1), n++) {
		buf_adds(out, n ? "," : "");
		write_message(p, out, from - 1);
	}
	buf_addf(out, "],\"next_page_token\":\"%s\"}",
		from ? arena_printf(p->arena, "%zu", from).p : "");
}

static void write_conversation(struct platform *p, struct buf *out, const char *talk)
{
	size_t last = next_of(p, talk, p->n_said);

	buf_addf(out, "{\"id\":\"%s\",\"can_send_message\":%s,\"participants\":[", talk,
		p->silent && strcmp(talk, "t1") == 0 ? "false" : "true");
	if (!p->nameless)
		buf_addf(out, "{\"role\":\"BUYER\",\"user_id\":\"%s\",\"nickname\":\"Ann\"}",
			strcmp(talk, "t1") == 0 ? "buyer-open" : "buyer-transit");
	buf_adds(out, "]");
	if (last) {
		buf_adds(out, ",\"latest_message\":");
		write_message(p, out, last - 1);
	}
	buf_adds(out, "}");
}

static void write_list(struct platform *p, struct buf *out)
{
	static const char *const talk[] = {"t1", "t2"};
	bool first = true;

	buf_adds(out, "{\"conversations\":[");
	for (int i = 0; i < 2; i++)
		if (next_of(p, talk[i], p->n_said)) {
			buf_adds(out, first ? "" : ",");
			write_conversation(p, out, talk[i]);
			first = false;
		}
	buf_adds(out, "],\"next_page_token\":\"\"}");
}

static void write_answer(struct platform *p, struct buf *out, const char *url)
{
	const char *talk = strstr(url, "/t2") ? "t2" : "t1", *token = strstr(url, "page_token=");

	if (strstr(url, "/messages?")) {
		p->n_reads++;
		write_messages(p, out, talk, token ? (size_t)atoi(token + 11) : p->n_said);
	} else if (strstr(url, "/202601/")) {
		p->n_finds++;
		buf_adds(out, "{\"conversation\":");
		write_conversation(p, out, talk);
		buf_adds(out, "}");
	} else {
		p->n_lists++;
		write_list(p, out);
	}
}

static void answer_one(struct platform *p)
{
	struct asked asked = p->asked[0];
	struct json_doc *doc;
	struct source source;
	struct buf out;

	memmove(&p->asked[0], &p->asked[1], --p->n_asked * sizeof asked);
	if (!asked.heard)
		return;
	if (p->down) {
		asked.heard(asked.whose, NULL, "down");
		return;
	}
	buf_init(&out, 1 << 20);
	write_answer(p, &out, asked.url);
	source = (struct source){"answer", buf_str(&out)};
	doc = json_parse(&source, 0, NULL, NULL);
	assert_non_null(doc);
	asked.heard(asked.whose, value_from_json(p->arena, json_root(doc)), "");
	json_doc_free(doc);
	buf_release(&out);
}

static void pass(struct platform *p, int64_t ms)
{
	for (int64_t t = 0; t < ms; t += 10) {
		turn(p->w, 10);
		while (p->n_asked)
			answer_one(p);
	}
}

/* --- the world --- */

static struct str vouch(void *self, const struct channel_seat *seat, struct str peer,
	struct str *name, struct arena *arena)
{
	(void)seat;
	return shop_chat_vouch(((struct platform *)self)->chat, peer, name, arena);
}

static enum outbox_leave leave(void *self, const struct channel_seat *seat, struct str peer)
{
	(void)seat;
	return shop_chat_leave(((struct platform *)self)->chat, peer);
}

static void open_chat(struct platform *p)
{
	struct world *w = p->w;

	w->client = http_client_new(
		&(struct http_client_setup){.loop = w->loop, .allow_loopback = true});
	p->channels =
		channels_new(&(struct channels_setup){.outbox = {.loop = w->loop,
							      .store = w->store,
							      .client = w->client,
							      .seat = &p->seat,
							      .n_seats = 1,
							      .secret = S("a secret of messages"),
							      .leave = leave,
							      .authorise_self = p,
							      .metrics = w->metrics},
			.messages_per_minute = 1000,
			.vouch = vouch,
			.self = p});
	p->chat = shop_chat_new(&(struct shop_chat_setup){.loop = w->loop,
		.store = w->store,
		.seat = &p->seat,
		.pull_every_ms = 300,
		.metrics = w->metrics,
		.ask = ask,
		.forget = forget,
		.self = p});
	w->dispatcher = dispatcher_new(&(struct dispatcher_setup){.loop = w->loop,
		.store = w->store,
		.shop = w->shop,
		.model = w->model,
		.language = S("en"),
		.seed = 1,
		.metrics = w->metrics,
		.courier = channels_courier(p->channels)});
	channels_start(p->channels, w->dispatcher);
	shop_chat_start(p->chat, p->channels, w->dispatcher);
	w->desk = NULL;
}

static void close_chat(struct platform *p)
{
	struct world *w = p->w;

	shop_chat_free(p->chat);
	channels_free(p->channels);
	dispatcher_free(w->dispatcher);
	http_client_free(w->client);
	p->n_asked = 0;
}

static void renew_loop(struct world *w)
{
	w->shop->free(w->shop);
	loop_free(w->loop);
	w->loop = loop_new();
	w->shop = shop_with_hours(w->sandbox, &w->config, w->loop);
}

static void open_platform(struct platform *p, struct world *w)
{
	*p = (struct platform){.w = w, .arena = arena_new(16 << 20)};
	p->value[TIKTOK_CHAT_KEY] = S("k");
	p->value[TIKTOK_CHAT_SECRET] = S("secret");
	p->value[TIKTOK_CHAT_API] = S("http://127.0.0.1:1");
	p->seat = (struct channel_seat){&tiktok_chat, {S("chat"), p->value}};
	close_desk(w);
	renew_loop(w);
	open_chat(p);
	pass(p, 30);
}

static void restart_chat(struct platform *p)
{
	close_chat(p);
	renew_loop(p->w);
	open_chat(p);
}

static void close_platform(struct platform *p)
{
	struct world *w = p->w;

	close_chat(p);
	arena_free(p->arena);
	renew_loop(w);
	open_desk(w);
}

/* --- what happens --- */

static size_t write_there(struct platform *p, const char *talk, const char *role, const char *text)
{
	p->said[p->n_said] = (struct said){talk, role, text, loop_now_ms(p->w->loop) / 1000, false};
	return p->n_said++;
}

static struct str header(const void *inside, const char *name)
{
	return strcmp(name, "authorization") == 0 ? str_of(inside) : S("");
}

static void answered(void *self, bool stored, const struct channel_taken *taken)
{
	struct platform *p = self;

	p->n_answers++;
	p->stored = stored;
	p->status = taken->status;
}

static bool post_webhook(struct platform *p, size_t i)
{
	const struct said *s = &p->said[i];
	struct str body = arena_printf(p->arena,
		"{\"type\":14,\"data\":{\"message_id\":\"m%zu\",\"conversation_id\":\"%s\","
		"\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"%s\\\"}\",\"create_time\":"
		"%lld,\"is_visible\":true,\"sender\":{\"role\":\"%s\"}}}",
		i, s->talk, s->text, (long long)s->at, s->role);
	struct channel_request request = {.method = S("POST"), .body = body, .header = header};
	unsigned before = p->n_answers;
	char hex[65];

	digest_hex(digest_hmac(S("secret"), arena_printf(p->arena, "k%.*s", STR(body))), hex);
	request.inside = hex;
	shop_chat_give(p->chat, &request, answered, p);
	for (int t = 0; t < 100 && p->n_answers == before; t++)
		turn(p->w, 5);
	assert_int_equal(p->n_answers, before + 1);
	assert_int_equal(p->status, 200);
	return p->stored;
}

static void webhook(struct platform *p, size_t i)
{
	assert_true(post_webhook(p, i));
}

struct transcript {
	char text[8000];
};

static void add_post(void *self, const struct post *post)
{
	struct transcript *t = self;
	size_t used = strlen(t->text);

	snprintf(t->text + used, sizeof t->text - used, "%s: %.*s|", post_who_name[post->who],
		STR(value_get_text(post->body, "text")));
}

static const char *transcript(struct platform *p, const char *name)
{
	static struct transcript t;

	t.text[0] = '\0';
	dispatcher_posts(p->w->dispatcher, str_of(name), 0, 1000, add_post, &t);
	return t.text;
}

static size_t count_in(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		n++;
	return n;
}

/* --- the cases --- */

static void webhook__of_a_stranger__is_heard_once_the_buyer_is_known(void **state)
{
	struct platform p;
	const char *text;

	open_platform(&p, *state);
	webhook(&p, write_there(&p, "t1", "BUYER", "pls cacel my order"));
	assert_int_equal(dispatcher_standing(p.w->dispatcher, S("chat:t1")).last, 0);
	pass(&p, 200);
	assert_true(str_is(dispatcher_standing(p.w->dispatcher, S("chat:t1")).buyer, "buyer-open"));
	text = transcript(&p, "chat:t1");
	assert_int_equal(count_in(text, "buyer: pls cacel my order"), 1);
	assert_null(strstr(text, "First I check that it is your order"));
	assert_int_equal(p.n_finds, 1);
	close_platform(&p);
}

static void webhook__of_a_known_buyer__is_heard_at_once(void **state)
{
	struct platform p;

	open_platform(&p, *state);
	webhook(&p, write_there(&p, "t1", "BUYER", "hello"));
	pass(&p, 200);
	p.down = true;
	webhook(&p, write_there(&p, "t1", "BUYER", "where is my order"));
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: where is my order"), 1);
	webhook(&p, 1);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: where is my order"), 1);
	assert_int_equal(p.n_finds, 1);
	close_platform(&p);
}

static void lost_webhooks__are_made_up_for__in_order_and_once(void **state)
{
	static const char *const text[] = {
		"first words", "second words", "third words", "fourth words", "fifth words"};
	struct platform p;
	const char *all, *at;

	open_platform(&p, *state);
	for (int i = 0; i < 5; i++)
		write_there(&p, i == 2 ? "t2" : "t1", "BUYER", text[i]);
	write_there(&p, "t1", "SYSTEM", "somebody joined");
	pass(&p, 1500);
	all = transcript(&p, "chat:t1");
	for (int i = 0; i < 5; i++)
		assert_int_equal(count_in(all, text[i]), i != 2);
	at = all;
	for (int i = 0; i < 5; i++)
		if (i != 2) {
			assert_non_null(strstr(at, text[i]));
			at = strstr(at, text[i]);
		}
	assert_int_equal(count_in(transcript(&p, "chat:t2"), "third words"), 1);
	assert_null(strstr(all, "somebody joined"));
	for (size_t i = 0; i < 5; i++)
		webhook(&p, i);
	pass(&p, 1500);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: "), 4);
	close_platform(&p);
}

static void outage__of_ours__is_made_up_for__at_the_start(void **state)
{
	struct platform p;

	open_platform(&p, *state);
	webhook(&p, write_there(&p, "t1", "BUYER", "hello"));
	pass(&p, 200);
	write_there(&p, "t1", "BUYER", "are you there");
	write_there(&p, "t2", "BUYER", "and for me");
	restart_chat(&p);
	pass(&p, 500);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: "), 2);
	assert_int_equal(count_in(transcript(&p, "chat:t2"), "and for me"), 1);
	close_platform(&p);
}

static enum store_status refuse_cursor(
	struct store *store, struct str name, struct arena *arena, struct str *value)
{
	(void)store, (void)name, (void)arena;
	*value = (struct str){0};
	return STORE_BROKEN;
}

static enum store_status refuse_chat(
	struct store *store, struct str conversation, struct arena *arena, struct store_chat *row)
{
	(void)store, (void)conversation, (void)arena, (void)row;
	return STORE_BROKEN;
}

/* What is not told is no new conversation: a row of that would be written over the one there is. */
static void disk__that_refuses_a_row__does_not_lose_it(void **state)
{
	const struct store_driver *good;
	struct store_driver bad;
	struct store_chat row;
	struct platform p;

	open_platform(&p, *state);
	webhook(&p, write_there(&p, "t1", "BUYER", "hello"));
	pass(&p, 200);
	assert_int_equal(p.n_finds, 1);
	write_there(&p, "t1", "BUYER", "are you there");
	good = p.w->store->driver;
	bad = *good;
	bad.chat = refuse_chat;
	p.w->store->driver = &bad;
	pass(&p, 1500);
	assert_false(post_webhook(&p, 1));
	p.w->store->driver = good;
	assert_int_equal(store_chat(p.w->store, S("chat:t1"), p.arena, &row), STORE_OK);
	assert_true(str_is(row.buyer, "buyer-open") && str_is(row.last, "m0"));
	assert_true(post_webhook(&p, 1));
	pass(&p, 3500);
	assert_int_equal(p.n_finds, 1);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: "), 2);
	close_platform(&p);
}

/* Else it would be taken for the first start, and what was written meanwhile for old. */
static void outage__after_which_the_disk_refuses__is_made_up_for_later(void **state)
{
	struct platform p;
	const struct store_driver *good;
	struct store_driver bad;

	open_platform(&p, *state);
	webhook(&p, write_there(&p, "t1", "BUYER", "hello"));
	pass(&p, 200);
	close_chat(&p);
	write_there(&p, "t1", "BUYER", "are you there");
	usleep(1100 * 1000); /* a second later, as the clock of messages has it */
	good = p.w->store->driver;
	bad = *good;
	bad.cursor = refuse_cursor;
	p.w->store->driver = &bad;
	renew_loop(p.w);
	open_chat(&p);
	pass(&p, 500);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: "), 1);
	p.w->store->driver = good;
	pass(&p, 4000);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: "), 2);
	close_platform(&p);
}

static void what_was_written_before_the_first_start__is_not_answered(void **state)
{
	struct platform p;

	open_platform(&p, *state);
	p.said[p.n_said++] = (struct said){
		"t1", "BUYER", "weeks ago", loop_now_ms(p.w->loop) / 1000 - 86400, false};
	pass(&p, 700);
	assert_string_equal(transcript(&p, "chat:t1"), "");
	webhook(&p, write_there(&p, "t1", "BUYER", "today"));
	pass(&p, 300);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: "), 1);
	close_platform(&p);
}

static void announced__and_not_there_yet__is_waited_for(void **state)
{
	struct platform p;
	struct store_chat row;
	size_t i;

	open_platform(&p, *state);
	i = write_there(&p, "t1", "BUYER", "late to the list");
	p.said[i].hidden = true;
	webhook(&p, i);
	pass(&p, 200);
	assert_int_equal(store_chat(p.w->store, S("chat:t1"), p.arena, &row), STORE_OK);
	assert_true(row.read_ms > 0 && str_is(row.awaited, "m0"));
	p.said[i].hidden = false;
	pass(&p, 2500);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "late to the list"), 1);
	assert_int_equal(store_chat(p.w->store, S("chat:t1"), p.arena, &row), STORE_OK);
	assert_true(!row.read_ms && !row.awaited.n);
	close_platform(&p);
}

static void platform__that_is_down__is_asked_again(void **state)
{
	struct platform p;

	open_platform(&p, *state);
	p.down = true;
	webhook(&p, write_there(&p, "t1", "BUYER", "anybody"));
	pass(&p, 300);
	assert_string_equal(transcript(&p, "chat:t1"), "");
	restart_chat(&p);
	p.down = false;
	pass(&p, 2500);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: anybody"), 1);
	close_platform(&p);
}

static void nobody_vouches__and_the_buyer_is_heard_all_the_same(void **state)
{
	struct platform p;

	open_platform(&p, *state);
	p.nameless = true;
	webhook(&p, write_there(&p, "t1", "BUYER", "pls cacel my order"));
	pass(&p, 300);
	assert_int_equal(count_in(transcript(&p, "chat:t1"), "buyer: "), 1);
	assert_non_null(strstr(transcript(&p, "chat:t1"), "order number"));
	close_platform(&p);
}

/* A chat without buttons: what stands there as a number is chosen by it. */
static void number__presses_what_was_numbered(void **state)
{
	struct platform p;

	open_platform(&p, *state);
	webhook(&p, write_there(&p, "t1", "BUYER", "pls cacel my order"));
	pass(&p, 1500);
	webhook(&p, write_there(&p, "t1", "BUYER", "1."));
	pass(&p, 1500);
	assert_non_null(strstr(transcript(&p, "chat:t1"), "buyer: A-1001 · "));
	webhook(&p, write_there(&p, "t1", "BUYER", "1"));
	pass(&p, 1500);
	webhook(&p, write_there(&p, "t1", "BUYER", " 1) "));
	pass(&p, 2500);
	assert_non_null(strstr(transcript(&p, "chat:t1"), "buyer: Yes|"));
	assert_non_null(strstr(transcript(&p, "chat:t1"), "Order A-1001 is cancelled"));
	webhook(&p, write_there(&p, "t1", "BUYER", "99"));
	pass(&p, 500);
	assert_non_null(strstr(transcript(&p, "chat:t1"), "buyer: 99|"));
	close_platform(&p);
}

/* --- where nobody may write --- */

static void see_letter(void *self, const struct store_dead_letter *letter)
{
	size_t *n = self;

	assert_true(str_is(letter->why, "the platform lets nobody write in this conversation now"));
	++*n;
}

static size_t count_letters(struct platform *p)
{
	size_t n = 0;

	assert_int_equal(store_dead_letters(p->w->store, S(""), see_letter, &n), STORE_OK);
	return n;
}

static void see_delivery_card(void *self, const struct store_card *card)
{
	size_t *n = self;

	*n += str_is(card->queue, "delivery") && str_is(card->conversation, "chat:t1");
}

static size_t count_cards(struct platform *p)
{
	size_t n = 0;

	assert_int_equal(store_cards(p->w->store, false, see_delivery_card, &n), STORE_OK);
	return n;
}

/* Nothing listens at the platform's address: whatever leaves is tried again. */
static double count_tries(const struct platform *p)
{
	return metrics_value(p->w->metrics, "tenstep_channel_sends_total", "chat", "again");
}

static void see_posts(void *self, const struct post *post)
{
	*(size_t *)self += post->who != POST_BUYER;
}

static size_t count_posts(struct platform *p)
{
	size_t n = 0;

	dispatcher_posts(p->w->dispatcher, S("chat:t1"), 0, 1000, see_posts, &n);
	return n;
}

static void silent_conversation__is_not_written_to__and_a_person_is_told_once(void **state)
{
	struct platform p;

	open_platform(&p, *state);
	p.silent = true;
	write_there(&p, "t1", "BUYER", "hello"); /* found in the list, which tells */
	pass(&p, 2000);
	assert_true(count_posts(&p) > 0);
	webhook(&p, write_there(&p, "t1", "BUYER", "anybody there?"));
	pass(&p, 3000);
	assert_int_equal(count_letters(&p), count_posts(&p));
	assert_int_equal(count_cards(&p), 1);
	assert_int_equal(count_tries(&p), 0);
	close_platform(&p);
}

static void silent_conversation__is_written_to_again__when_the_platform_lets_us(void **state)
{
	struct platform p;
	size_t letters;

	open_platform(&p, *state);
	p.silent = true;
	write_there(&p, "t1", "BUYER", "hello");
	pass(&p, 2000);
	letters = count_letters(&p);
	assert_true(letters > 0);
	restart_chat(&p); /* it is written down */
	webhook(&p, write_there(&p, "t1", "BUYER", "hello again"));
	pass(&p, 3000);
	assert_true(count_letters(&p) > letters);
	assert_int_equal(count_tries(&p), 0);
	letters = count_letters(&p);
	pass(&p, 2500); /* what was just answered is believed for a moment */
	p.silent = false;
	webhook(&p, write_there(&p, "t1", "BUYER", "and now?"));
	pass(&p, 3000);
	assert_int_equal(count_letters(&p), letters);
	assert_true(count_tries(&p) > 0);
	close_platform(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(webhook__of_a_stranger__is_heard_once_the_buyer_is_known),
		TEST(webhook__of_a_known_buyer__is_heard_at_once),
		TEST(lost_webhooks__are_made_up_for__in_order_and_once),
		TEST(outage__of_ours__is_made_up_for__at_the_start),
		TEST(outage__after_which_the_disk_refuses__is_made_up_for_later),
		TEST(disk__that_refuses_a_row__does_not_lose_it),
		TEST(what_was_written_before_the_first_start__is_not_answered),
		TEST(announced__and_not_there_yet__is_waited_for),
		TEST(platform__that_is_down__is_asked_again),
		TEST(number__presses_what_was_numbered),
		TEST(nobody_vouches__and_the_buyer_is_heard_all_the_same),
		TEST(silent_conversation__is_not_written_to__and_a_person_is_told_once),
		TEST(silent_conversation__is_written_to_again__when_the_platform_lets_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Asks a running demo shop to do something. */
#include "bot/counter/shop_hand.h"

#include <stdlib.h>
#include <string.h>

#include "bot/base/date.h"
#include "bot/common/inbox_client.h"
#include "bot/common/secret.h"

enum { max_address_bytes = 200, max_text_bytes = 8000 };

const char shop_hand_help[] =
	"Actions, for a shop that runs:\n"
	"  orders [BUYER]       who has which orders, and what they could do next\n"
	"  step ORDER STEP      pay, ship, deliver, approve, refuse, pay_out …\n"
	"  order BUYER SKU...   a new order, unpaid\n"
	"  say BUYER TEXT...    a chat message of the buyer's\n"
	"  silence BUYER        the shop may not write to them any more\n"
	"  unsilence BUYER      it may again\n"
	"  clock DURATION       moves the shop's clock on: 2h, 3d\n"
	"  misbehave RULE       OPERATION:ACT[:COUNT[:MS]], as with --misbehave\n"
	"  behave               forgets all misbehaviour\n"
	"  code                 a new authorisation code\n";

struct hand {
	struct inbox_client client;
	struct arena *arena;
	char **word;
	size_t n;
	struct json *body;
};

/* --- what came of it --- */

static int complain(const struct inbox_answer *answer)
{
	struct str why = json_text(json_get(answer->root, "error"));

	if (!answer->answered)
		fprintf(stderr, "tenstep: the shop does not answer: %.*s\n", STR(answer->error));
	else
		fprintf(stderr, "tenstep: %.*s\n",
			STR(why.n ? why : S("the shop's answer cannot be read")));
	return EXIT_CANNOT;
}

static void show_steps(const struct json *order)
{
	for (const struct json *step = json_first(json_get(order, "steps")); step;
		step = json_next(step))
		printf(" %.*s", STR(json_text(step)));
}

static void show_state(const struct json *order, const char *what)
{
	struct str state = json_text(json_get(order, what));

	if (state.n)
		printf(", %s %.*s", what, STR(state));
}

static void show_order(const struct json *order)
{
	printf("%-8.*s %-20.*s %8.*s USD  %-14.*s %.*s", STR(json_text(json_get(order, "number"))),
		STR(json_text(json_get(order, "status"))), STR(json_text(json_get(order, "total"))),
		STR(json_text(json_get(order, "buyer"))), STR(json_text(json_get(order, "items"))));
	show_state(order, "cancellation");
	show_state(order, "return");
	show_state(order, "refund");
	if (json_first(json_get(order, "steps"))) {
		printf("\n         may:");
		show_steps(order);
	}
	printf("\n");
}

static void show_orders(struct hand *hand, const struct json *root)
{
	struct str buyer = hand->n > 1 ? str_of(hand->word[1]) : (struct str){0};

	for (const struct json *o = json_first(json_get(root, "orders")); o; o = json_next(o))
		if (!buyer.n || str_eq(json_text(json_get(o, "buyer")), buyer))
			show_order(o);
}

static void show_time(struct hand *hand, const struct json *root)
{
	int64_t now = 0;
	struct date d;

	(void)hand;
	if (!json_int(json_get(root, "now"), &now))
		return;
	d = date_of(now);
	printf("the shop's time is %04lld-%02u-%02u %02u:%02u UTC\n", (long long)d.year, d.month,
		d.day, d.hour, d.minute);
}

static void show_number(struct hand *hand, const struct json *root)
{
	(void)hand;
	printf("%.*s, %.*s to the platform\n", STR(json_text(json_get(root, "number"))),
		STR(json_text(json_get(root, "order_id"))));
}

static void show_code(struct hand *hand, const struct json *root)
{
	(void)hand;
	printf("%.*s\n", STR(json_text(json_get(root, "auth_code"))));
}

/* --- what is asked --- */

/* The words from @from on, as one text. */
static struct str rest_of(struct hand *hand, size_t from)
{
	struct buf text;
	struct str copy;

	buf_init(&text, max_text_bytes);
	for (size_t i = from; i < hand->n; i++) {
		if (i > from)
			buf_addc(&text, ' ');
		buf_adds(&text, hand->word[i]);
	}
	copy = arena_str(hand->arena, buf_str(&text));
	buf_release(&text);
	return copy;
}

static void ask_step(struct hand *hand)
{
	json_put_text(hand->body, "order", str_of(hand->word[1]));
	json_put_text(hand->body, "step", str_of(hand->word[2]));
}

static void ask_order(struct hand *hand)
{
	json_put_text(hand->body, "buyer", str_of(hand->word[1]));
	json_put_text(hand->body, "goods", rest_of(hand, 2));
}

static void ask_say(struct hand *hand)
{
	json_put_text(hand->body, "buyer", str_of(hand->word[1]));
	json_put_text(hand->body, "text", rest_of(hand, 2));
}

static void ask_silence(struct hand *hand)
{
	json_put_text(hand->body, "buyer", str_of(hand->word[1]));
	json_put_bool(hand->body, "on", strcmp(hand->word[0], "silence") == 0);
}

static void ask_clock(struct hand *hand)
{
	json_put_text(hand->body, "advance", str_of(hand->word[1]));
}

static void put_number(struct hand *hand, const char *key, struct str digits)
{
	int64_t number;

	if (str_int(digits, &number))
		json_put_int(hand->body, key, number);
}

static void ask_misbehave(struct hand *hand)
{
	struct str rest = str_of(hand->word[1]);

	json_put_text(hand->body, "operation", str_cut(&rest, ':'));
	json_put_text(hand->body, "act", str_cut(&rest, ':'));
	put_number(hand, "count", str_cut(&rest, ':'));
	put_number(hand, "ms", rest);
}

static void ask_behave(struct hand *hand)
{
	json_put_bool(hand->body, "clear", true);
}

static const struct action {
	const char *name, *path;
	size_t least; /* words, its name counted */
	void (*ask)(struct hand *hand);
	void (*show)(struct hand *hand, const struct json *root);
} action[] = {
	{"orders", "/shop/admin/state", 1, NULL, show_orders},
	{"step", "/shop/admin/step", 3, ask_step, NULL},
	{"order", "/shop/admin/order", 3, ask_order, show_number},
	{"say", "/shop/admin/say", 3, ask_say, NULL},
	{"silence", "/shop/admin/silence", 2, ask_silence, NULL},
	{"unsilence", "/shop/admin/silence", 2, ask_silence, NULL},
	{"clock", "/shop/admin/clock", 2, ask_clock, show_time},
	{"misbehave", "/shop/admin/misbehave", 2, ask_misbehave, NULL},
	{"behave", "/shop/admin/misbehave", 1, ask_behave, NULL},
	{"code", "/shop/admin/code", 1, NULL, show_code},
};

static const struct action *find_action(const char *name)
{
	for (size_t i = 0; i < sizeof action / sizeof *action; i++)
		if (strcmp(action[i].name, name) == 0)
			return &action[i];
	return NULL;
}

/* --- where the shop is --- */

static bool find_shop(struct hand *hand, const struct options *options)
{
	char *data = options_data_folder(options);
	char address[max_address_bytes];
	struct secret token;
	struct buf error;
	FILE *file;
	bool good;

	if (!data)
		return false;
	buf_init(&error, 600);
	file = fopen(arena_printf(hand->arena, "%s/shop/address", data).p, "re");
	good = file && fgets(address, sizeof address, file);
	if (file)
		fclose(file);
	if (!good)
		fprintf(stderr, "tenstep: no shop has run on '%s'; 'tenstep shop' starts one\n",
			data);
	else if (!secret_from_file(arena_printf(hand->arena, "%s/shop/admin.token", data).p,
			 hand->arena, &token, &error)) {
		good = false;
		fprintf(stderr, "tenstep: %.*s\n", STR(buf_str(&error)));
	}
	buf_release(&error);
	free(data);
	if (!good)
		return false;
	inbox_client_open(&hand->client, arena_cstr(hand->arena, str_trim(str_of(address))), NULL);
	hand->client.token = token.bytes;
	return true;
}

static int ask(struct hand *hand, const struct action *a)
{
	struct inbox_answer answer;
	int status = EXIT_GOOD;

	hand->body = json_new_object();
	if (a->ask)
		a->ask(hand);
	answer = inbox_client_ask(&hand->client, a->path, hand->body);
	json_free(hand->body);
	if (!answer.answered || answer.status != 200 || !answer.root)
		status = complain(&answer);
	else if (a->show)
		a->show(hand, answer.root);
	inbox_answer_release(&answer);
	return status;
}

int shop_hand(const struct options *options, char **word, size_t n)
{
	const struct action *a = find_action(word[0]);
	struct hand hand = {.word = word, .n = n};
	int status = EXIT_CANNOT;

	if (!a || n < a->least) {
		fprintf(stderr, "tenstep: %s '%s'\n%s",
			a ? "more words are needed after" : "there is no action", word[0],
			shop_hand_help);
		return EXIT_CANNOT;
	}
	hand.arena = arena_new(1 << 20);
	if (find_shop(&hand, options)) {
		status = ask(&hand, a);
		inbox_client_close(&hand.client);
	}
	arena_free(hand.arena);
	return status;
}

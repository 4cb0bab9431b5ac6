/* The proof: flows in which the deed is guarded on every path pass; take one guard away, and they do not. */
#include "tests/unit/flows/flows.h"

/* Small numbers that are the same in every run. */
struct dice {
	uint64_t state;
};

static unsigned roll(struct dice *dice, unsigned sides)
{
	dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(dice->state >> 33) % sides;
}

enum { max_before = 12, max_after = 6 };

/* who -> before0 … -> sure -> after0 … -> do_it, with shortcuts that stay on their side of `sure`. */
struct shape {
	unsigned n_before, n_after;
	int bypass_from, bypass_to;     /* before[from] goes to after[to]; -1: nobody does */
	bool without_account;           /* whoever fails the account step goes on all the same */
	int ask_after;                  /* after[i] is a question; -1: none */
	int change_after;               /* after[i] puts something into the slot that was shown */
	bool show_nothing;
};

static void add_name(struct buf *out, const char *side, unsigned i, unsigned n, const char *next)
{
	if (i < n)
		buf_addf(out, "%s%u", side, i);
	else
		buf_adds(out, next);
}

static void add_step(struct buf *out, struct dice *dice, const char *side, unsigned i, unsigned n, const char *next)
{
	buf_addf(out, "\"%s%u\": ", side, i);
	switch (roll(dice, 4)) {
	case 0:
		buf_adds(out, "{\"say\": \"a\", \"then\": \"");
		break;
	case 1:
		buf_adds(out, "{\"set\": {\"other\": \"message\"}, \"then\": \"");
		break;
	case 2:
		buf_adds(out, "{\"note\": \"here\", \"with\": {\"other\": \"other\"}, \"then\": \"");
		break;
	default:
		buf_adds(out, "{\"if\": [{\"when\": \"message is set\", \"then\": \"");
		add_name(out, side, i + 1 + roll(dice, n - i), n, next);
		buf_adds(out, "\"}], \"else\": \"");
	}
	add_name(out, side, i + 1, n, next);
	buf_adds(out, "\"},\n");
}

static void add_after(struct buf *out, struct dice *dice, const struct shape *shape, unsigned i)
{
	bool asks = (int)i == shape->ask_after;

	if (!asks && (int)i != shape->change_after) {
		add_step(out, dice, "after", i, shape->n_after, "do_it");
		return;
	}
	buf_addf(out, "\"after%u\": {%s, \"then\": \"", i, asks ? "\"ask\": \"And?\", \"into\": \"other\""
		: "\"set\": {\"order\": \"recent_order\"}");
	add_name(out, "after", i + 1, shape->n_after, "do_it");
	buf_adds(out, "\"},\n");
}

static void write_flow(struct buf *out, struct dice *dice, const struct shape *shape)
{
	buf_adds(out, "{\"flow\": \"cancel\", \"title\": \"Cancel\", \"starts_on\": [\"cancel_order\"], \"first\": \"who\",\n"
		"\"slots\": {\"order\": {\"is\": \"order\", \"ask_at\": \"pick\"}, \"other\": {\"is\": \"any\"}},\n\"steps\": {\n"
		"\"who\": {\"run\": \"account\", \"then\": \"pick\", \"on\": {\"failed\": \"");
	buf_adds(out, shape->without_account ? "pick" : "end");
	buf_adds(out, "\"}},\n\"pick\": {\"ask\": \"Which?\", \"into\": \"order\", \"then\": \"before0\"},\n");
	for (unsigned i = 0; i < shape->n_before; i++)
		if ((int)i == shape->bypass_from) {
			buf_addf(out, "\"before%u\": {\"if\": [{\"when\": \"message is set\", \"then\": \"", i);
			add_name(out, "after", (unsigned)shape->bypass_to, shape->n_after, "do_it");
			buf_adds(out, "\"}], \"else\": \"");
			add_name(out, "before", i + 1, shape->n_before, "sure");
			buf_adds(out, "\"},\n");
		} else {
			add_step(out, dice, "before", i, shape->n_before, "sure");
		}
	buf_addf(out, "\"sure\": {\"confirm\": \"Sure?\", \"shows\": [%s], \"then\": \"",
		shape->show_nothing ? "\"other\"" : "\"order\"");
	add_name(out, "after", 0, shape->n_after, "do_it");
	buf_adds(out, "\", \"on\": {\"no\": \"end\"}},\n");
	for (unsigned i = 0; i < shape->n_after; i++)
		add_after(out, dice, shape, i);
	buf_adds(out, "\"do_it\": {\"call\": \"orders.cancel\", \"send\": {\"order\": \"order\", \"reason\": \"\\\"late\\\"\"},"
		" \"only_once\": \"{order.number}\", \"then\": \"end\","
		" \"on\": {\"refused\": \"end\", \"failed\": \"end\", \"unknown\": \"end\"}}\n}}");
}

static struct shape some_shape(struct dice *dice)
{
	return (struct shape){
		.n_before = 1 + roll(dice, max_before - 1), .n_after = roll(dice, max_after),
		.bypass_from = -1, .bypass_to = -1, .ask_after = -1, .change_after = -1,
	};
}

/* How often @code is found in a flow of that shape; -1: other findings of the proof. */
static int proof_finds(const struct shape *shape, struct dice *dice, const char *code)
{
	struct flows f = {0};
	struct buf flow;
	int n;

	buf_init(&flow, 100000);
	write_flow(&flow, dice, shape);
	flows_add(&f, ACCOUNT);
	flows_add(&f, flow.p);
	flows_check(&f);
	if (!f.set) {
		flows_print(&f);
		fail_msg("not even read:\n%s", flow.p);
	}
	n = flows_found(&f, "F06") == flows_found(&f, code) ? (int)flows_found(&f, code) : -1;
	if (n < 0)
		flows_print(&f);
	flows_free(&f);
	buf_release(&flow);
	return n;
}

enum { n_tries = 150 };

static void proof__holds__when_every_path_is_guarded(void **state)
{
	struct dice dice = {1};

	(void)state;
	for (int i = 0; i < n_tries; i++) {
		struct shape shape = some_shape(&dice);

		assert_int_equal(proof_finds(&shape, &dice, "F06"), 0);
	}
}

static void proof__fails__when_one_path_goes_round_the_confirmation(void **state)
{
	struct dice dice = {2};

	(void)state;
	for (int i = 0; i < n_tries; i++) {
		struct shape shape = some_shape(&dice);

		shape.bypass_from = (int)roll(&dice, shape.n_before);
		shape.bypass_to = (int)roll(&dice, shape.n_after + 1);
		assert_int_equal(proof_finds(&shape, &dice, "F061"), 1);
	}
}

static void proof__fails__when_one_path_goes_round_the_account_step(void **state)
{
	struct dice dice = {3};

	(void)state;
	for (int i = 0; i < n_tries; i++) {
		struct shape shape = some_shape(&dice);

		shape.without_account = true;
		assert_int_equal(proof_finds(&shape, &dice, "F060"), 1);
	}
}

static void proof__fails__when_something_is_asked_after_the_yes(void **state)
{
	struct dice dice = {4};

	(void)state;
	for (int i = 0; i < n_tries; i++) {
		struct shape shape = some_shape(&dice);

		shape.n_after += 1;
		shape.ask_after = 0;
		assert_int_equal(proof_finds(&shape, &dice, "F061"), 1);
	}
}

static void proof__fails__when_what_was_shown_is_changed_after_the_yes(void **state)
{
	struct dice dice = {5};

	(void)state;
	for (int i = 0; i < n_tries; i++) {
		struct shape shape = some_shape(&dice);

		shape.n_after += 1;
		shape.change_after = 0;
		assert_int_equal(proof_finds(&shape, &dice, "F062"), 1);
	}
}

static void proof__fails__when_what_is_sent_was_not_shown(void **state)
{
	struct dice dice = {6};

	(void)state;
	for (int i = 0; i < n_tries; i++) {
		struct shape shape = some_shape(&dice);

		shape.show_nothing = true;
		assert_int_equal(proof_finds(&shape, &dice, "F062"), 1);
	}
}

/* Between flows. */

#define DEED \
	"\"sure\": {\"confirm\": \"Sure?\", \"shows\": [\"order\"], \"then\": \"do_it\", \"on\": {\"no\": \"end\"}}," \
	"\"do_it\": {\"call\": \"orders.cancel\", \"send\": {\"order\": \"order\", \"reason\": \"'late'\"}," \
	" \"only_once\": \"{order.number}\", \"then\": \"end\"," \
	" \"on\": {\"refused\": \"end\", \"failed\": \"end\", \"unknown\": \"end\"}}"
#define SLOTS "\"slots\": {\"order\": {\"is\": \"order\", \"lent\": true}},"
#define DEED_FLOW "{\"flow\": \"deed\", \"title\": \"Deed\", \"first\": \"sure\", " SLOTS " \"steps\": {" DEED "}}"
#define START "{\"flow\": \"start\", \"title\": \"Start\", \"starts_on\": [\"cancel_order\"], \"first\": \"a\", "
#define WHO "\"run\": \"account\", \"then\": \"b\", \"on\": {\"failed\": \"end\"}}"

static size_t found_in(const char *one, const char *two, const char *code)
{
	struct flows f = {0};
	size_t n;

	flows_add(&f, ACCOUNT);
	flows_add(&f, one);
	if (two)
		flows_add(&f, two);
	flows_check(&f);
	if (!f.set) {
		flows_print(&f);
		fail_msg("not even read: %s", one);
	}
	n = flows_found(&f, code);
	flows_free(&f);
	return n;
}

static void proof__follows_the_buyer__into_other_flows(void **state)
{
	(void)state;
	assert_int_equal(found_in(START "\"steps\": {\"a\": {" WHO ", \"b\": {\"go\": \"deed\"}}}", DEED_FLOW, "F06"), 0);
	assert_int_equal(found_in(START "\"steps\": {\"a\": {\"go\": \"deed\"}}}", DEED_FLOW, "F060"), 1);
	assert_int_equal(found_in(START "\"steps\": {\"a\": {" WHO ", \"b\": {\"run\": \"deed\", \"then\": \"end\"}}}",
		DEED_FLOW, "F06"), 0);
	assert_int_equal(found_in(START "\"steps\": {\"a\": {" WHO ", \"b\": {\"say\": \"x\", \"offer\": {\"Do\": \"-> deed\"},"
		" \"then\": \"end\"}}}", DEED_FLOW, "F06"), 0);
	assert_int_equal(found_in(START "\"steps\": {\"a\": {\"say\": \"x\", \"offer\": {\"Do\": \"-> deed\"}, \"then\": \"b\"},"
		" \"b\": {\"run\": \"account\", \"then\": \"end\", \"on\": {\"failed\": \"end\"}}}}", DEED_FLOW, "F060"), 1);
}

static void proof__wants_all_ways_in__guarded(void **state)
{
	(void)state;
	assert_int_equal(found_in(START "\"steps\": {\"a\": {" WHO ", \"b\": {\"go\": \"deed\"}}}",
		"{\"flow\": \"deed\", \"title\": \"Deed\", \"starts_on\": [\"return_item\"], \"first\": \"sure\", " SLOTS
		" \"steps\": {" DEED "}}", "F060"), 1);
	assert_int_equal(found_in(START "\"steps\": {\"a\": {" WHO ", \"b\": {\"watch\": {\"event\": \"order.updated\","
		" \"of\": \"message\", \"starts\": \"deed\"}, \"then\": \"c\"}, \"c\": {\"go\": \"deed\"}}}", DEED_FLOW, "F060"), 1);
}

static void proof__takes_a_condition__on_the_buyer(void **state)
{
	(void)state;
	assert_int_equal(found_in(START SLOTS "\"steps\": {\"a\": {\"if\": [{\"when\": \"buyer is set and order is set\","
		" \"then\": \"sure\"}], \"else\": \"end\"}, " DEED "}}", NULL, "F06"), 0);
	assert_int_equal(found_in(START SLOTS "\"steps\": {\"a\": {\"if\": [{\"when\": \"me is not set\","
		" \"then\": \"end\"}], \"else\": \"sure\"}, " DEED "}}", NULL, "F06"), 0);
	assert_int_equal(found_in(START SLOTS "\"steps\": {\"a\": {\"if\": [{\"when\": \"buyer is not set\", \"then\": \"end\"},"
		" {\"when\": \"order is set\", \"then\": \"sure\"}], \"else\": \"end\"}, " DEED "}}", NULL, "F06"), 0);
	assert_int_equal(found_in(START SLOTS "\"steps\": {\"a\": {\"if\": [{\"when\": \"buyer is set or order is set\","
		" \"then\": \"sure\"}], \"else\": \"end\"}, " DEED "}}", NULL, "F060"), 1);
	assert_int_equal(found_in(START SLOTS "\"steps\": {\"a\": {\"if\": [{\"when\": \"buyer is set\","
		" \"then\": \"end\"}], \"else\": \"sure\"}, " DEED "}}", NULL, "F060"), 1);
}

static void proof__does_not_lend_a_yes__to_another_flow(void **state)
{
	static const char deed_alone[] =
		"{\"flow\": \"deed\", \"title\": \"Deed\", \"first\": \"do_it\", " SLOTS " \"steps\": {"
		"\"do_it\": {\"call\": \"orders.cancel\", \"send\": {\"order\": \"order\", \"reason\": \"'late'\"},"
		" \"only_once\": \"{order.number}\", \"then\": \"end\","
		" \"on\": {\"refused\": \"end\", \"failed\": \"end\", \"unknown\": \"end\"}}}}";

	(void)state;
	assert_int_equal(found_in(START SLOTS "\"steps\": {\"a\": {" WHO ", \"b\": {\"confirm\": \"Sure?\","
		" \"shows\": [\"order\"], \"then\": \"c\", \"on\": {\"no\": \"end\"}}, \"c\": {\"run\": \"deed\","
		" \"with\": {\"order\": \"order\"}, \"then\": \"end\"}}}", deed_alone, "F061"), 1);
	assert_int_equal(found_in(START SLOTS "\"steps\": {\"a\": {" WHO ", \"b\": {\"confirm\": \"Sure?\","
		" \"shows\": [\"order\"], \"then\": {\"then\": \"-> deed\", \"with\": {\"order\": \"order\"}},"
		" \"on\": {\"no\": \"end\"}}}}", deed_alone, "F061"), 1);
}

/* "account" that also ends as done without having looked is worth nothing. */
static void proof__sees_through__a_subflow_that_lets_through(void **state)
{
	static const char lenient[] =
		"{\"flow\": \"lenient\", \"title\": \"Lenient\", \"first\": \"a\", \"steps\": {"
		"\"a\": {\"if\": [{\"when\": \"message is set\", \"then\": \"end\"}], \"else\": \"b\"},"
		"\"b\": {\"run\": \"account\", \"then\": \"end\", \"on\": {\"failed\": \"c\"}}, \"c\": {\"end\": \"failed\"}}}";
	static const char strict[] =
		"{\"flow\": \"lenient\", \"title\": \"Strict\", \"first\": \"a\", \"steps\": {"
		"\"a\": {\"say\": \"Hello\", \"then\": \"b\"},"
		"\"b\": {\"run\": \"account\", \"then\": \"end\", \"on\": {\"failed\": \"c\"}}, \"c\": {\"end\": \"failed\"}}}";
	static const char start[] = START SLOTS "\"steps\": {\"a\": {\"run\": \"lenient\", \"then\": \"sure\","
		" \"on\": {\"failed\": \"end\"}}, " DEED "}}";

	(void)state;
	assert_int_equal(found_in(start, lenient, "F060"), 1);
	assert_int_equal(found_in(start, strict, "F06"), 0);
}

/* What forgets the buyer has to be made good before the deed, in a subflow or elsewhere too. */
static void proof__ends__where_the_buyer_is_forgotten(void **state)
{
	static const char bye[] =
		"{\"flow\": \"bye\", \"title\": \"Bye\", \"first\": \"a\", \"steps\": {"
		"\"a\": {\"set\": {\"buyer\": \"none\"}, \"then\": \"end\"}}}";
	static const char bye_and_back[] =
		"{\"flow\": \"bye\", \"title\": \"Bye\", \"first\": \"a\", \"steps\": {"
		"\"a\": {\"if\": [{\"when\": \"message is set\", \"set\": {\"buyer\": \"none\"}, "
		"\"then\": \"b\"}], \"else\": \"b\"},"
		"\"b\": {\"run\": \"account\", \"then\": \"end\", \"on\": {\"failed\": \"c\"}}, "
		"\"c\": {\"end\": \"failed\"}}}";
	static const char runs[] =
		START SLOTS "\"steps\": {\"a\": {" WHO ","
			    " \"b\": {\"run\": \"bye\", \"then\": \"sure\"}, " DEED "}}";

	(void)state;
	assert_int_equal(found_in(START SLOTS "\"steps\": {\"a\": {" WHO ","
					      " \"b\": {\"say\": \"Bye\", \"set\": {\"buyer\": "
					      "\"none\"}, \"then\": \"sure\"}, " DEED "}}",
				 NULL, "F060"),
		1);
	assert_int_equal(
		found_in(START SLOTS "\"steps\": {\"a\": {" WHO ","
				     " \"b\": {\"if\": [{\"when\": \"message is set\", \"set\": "
				     "{\"buyer\": \"none\"}, \"then\": \"sure\"}],"
				     " \"else\": \"end\"}, " DEED "}}",
			NULL, "F060"),
		1);
	assert_int_equal(found_in(runs, bye, "F060"), 1);
	assert_int_equal(found_in(runs, bye_and_back, "F06"), 0);
}

int main(void)
{
	static const struct CMUnitTest test[] = {
		cmocka_unit_test(proof__holds__when_every_path_is_guarded),
		cmocka_unit_test(proof__fails__when_one_path_goes_round_the_confirmation),
		cmocka_unit_test(proof__fails__when_one_path_goes_round_the_account_step),
		cmocka_unit_test(proof__fails__when_something_is_asked_after_the_yes),
		cmocka_unit_test(proof__fails__when_what_was_shown_is_changed_after_the_yes),
		cmocka_unit_test(proof__fails__when_what_is_sent_was_not_shown),
		cmocka_unit_test(proof__follows_the_buyer__into_other_flows),
		cmocka_unit_test(proof__wants_all_ways_in__guarded),
		cmocka_unit_test(proof__takes_a_condition__on_the_buyer),
		cmocka_unit_test(proof__does_not_lend_a_yes__to_another_flow),
		cmocka_unit_test(proof__sees_through__a_subflow_that_lets_through),
		cmocka_unit_test(proof__ends__where_the_buyer_is_forgotten),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}

/* The rules of a turn, one test a rule, on a small content. */
#include "tests/unit/engine/talk.h"

#define ENDING "\"on\":{\"failed\":\"bad\",\"refused\":\"bad\",\"unknown\":\"unsure\",\"slow\":\"moment\"}"

static const char *const cancel_flow =
	"{\"flow\":\"cancel_order\",\"version\":1,\"title\":\"Cancel an order\",\"about\":\"a\",\"starts_on\":[\"cancel_order\"],"
	"\"first\":\"find\",\"slots\":{\"orders\":{\"is\":\"list\"},\"order\":{\"is\":\"order\",\"ask_at\":\"pick\"},"
	"\"rule\":{\"is\":\"any\"},\"reason\":{\"is\":\"choice\",\"ask_at\":\"why\"}},"
	"\"steps\":{"
	"\"find\":{\"call\":\"orders.list\",\"save\":\"orders\",\"then\":\"pick\",\"on\":{\"failed\":\"bad\"}},"
	"\"pick\":{\"choose\":\"Which order?\",\"from\":\"orders\",\"show\":\"{number} {first_item}\",\"into\":\"order\",\"then\":\"check\","
	"  \"on\":{\"no_match\":[\"Tap one.\",\"-> person\"],\"no_reply 15m\":\"park\"}},"
	"\"check\":{\"call\":\"orders.can_cancel\",\"send\":{\"order\":\"order\"},\"save\":\"rule\",\"then\":\"why\",\"on\":{\"failed\":\"bad\",\"refused\":\"bad\"}},"
	"\"why\":{\"choose\":\"Why?\",\"why\":\"The seller asks.\",\"from\":\"reasons\",\"into\":\"reason\",\"then\":\"sure\"},"
	"\"sure\":{\"confirm\":\"Cancel {order.number}?\",\"shows\":[\"order\",\"reason\"],\"then\":\"do_it\",\"on\":{\"no\":\"kept\"}},"
	"\"do_it\":{\"call\":\"orders.cancel\",\"send\":{\"order\":\"order\",\"reason\":\"reason\"},\"only_once\":\"cancel {order.number}\","
	"  \"point_of_no_return\":true,\"within\":\"20s\",\"then\":\"done\"," ENDING "},"
	"\"done\":{\"say\":\"Cancelled {order.number}.\",\"watch\":{\"event\":\"refund.updated\",\"of\":\"order.number\",\"starts\":\"news\"},"
	"  \"offer\":{\"Send it back\":{\"then\":\"-> return_item\",\"with\":{\"order\":\"order\"}},\"Show it\":\"kept\"},\"then\":\"end\"},"
	"\"kept\":{\"say\":\"{order.number} is kept.\",\"then\":\"end\"},"
	"\"moment\":{\"say\":\"One moment.\",\"then\":\"wait_on\"},"
	"\"unsure\":{\"say\":\"I do not know.\",\"then\":\"end\"},"
	"\"bad\":{\"say\":\"That did not work.\",\"then\":\"end\"},"
	"\"park\":{\"say\":\"No hurry.\",\"then\":\"pause\"}}}";

static const char *const others[] = {
	"{\"list\":\"reasons\",\"choices\":[{\"id\":\"late\",\"label\":\"Too late\"},{\"id\":\"price\",\"label\":\"Found it cheaper\"}]}",
	"{\"flow\":\"return_item\",\"version\":1,\"title\":\"Send it back\",\"about\":\"a\",\"starts_on\":[\"return_item\"],\"first\":\"ask\","
	"\"slots\":{\"order\":{\"is\":\"order\",\"lent\":true,\"optional\":true},\"note\":{\"is\":\"text\"}},"
	"\"steps\":{\"ask\":{\"ask\":\"What is wrong with {order.number}?\",\"into\":\"note\",\"then\":\"ok\"},"
	"\"ok\":{\"say\":\"Noted: {note}\",\"then\":\"end\"}}}",
	"{\"flow\":\"policy_refund\",\"kind\":\"info\",\"version\":1,\"title\":\"Refunds\",\"about\":\"a\",\"starts_on\":[\"policy_refund\"],"
	"\"first\":\"tell\",\"steps\":{\"tell\":{\"say\":\"The bank decides.\",\"then\":\"end\"}}}",
	"{\"flow\":\"person\",\"version\":1,\"title\":\"A person\",\"about\":\"a\",\"starts_on\":[\"contact_support\"],\"first\":\"hand\","
	"\"steps\":{\"hand\":{\"handoff\":\"orders\",\"summary\":\"help\",\"then\":\"said\"},\"said\":{\"say\":\"A person will write.\",\"then\":\"end\"}}}",
	"{\"flow\":\"news\",\"kind\":\"info\",\"version\":1,\"title\":\"News\",\"about\":\"a\",\"first\":\"tell\","
	"\"slots\":{\"notice\":{\"is\":\"any\",\"lent\":true}},"
	"\"steps\":{\"tell\":{\"say\":\"The refund is {notice.state}.\",\"then\":\"end\"}}}",
	"{\"flow\":\"anytime/stop\",\"kind\":\"anytime\",\"version\":1,\"title\":\"Stop\",\"about\":\"a\",\"starts_on\":[\"stop\"],\"first\":\"a\","
	"\"steps\":{\"a\":{\"say\":\"Stopped.\",\"then\":\"b\"},\"b\":{\"end\":\"stopped\"}}}",
	"{\"flow\":\"anytime/back\",\"kind\":\"anytime\",\"version\":1,\"title\":\"Back\",\"about\":\"a\",\"starts_on\":[\"back\"],\"first\":\"b\","
	"\"steps\":{\"b\":{\"end\":\"back\"}}}",
	"{\"flow\":\"anytime/start_over\",\"kind\":\"anytime\",\"version\":1,\"title\":\"Anew\",\"about\":\"a\",\"starts_on\":[\"start_over\"],\"first\":\"b\","
	"\"steps\":{\"b\":{\"end\":\"restart\"}}}",
	"{\"flow\":\"anytime/why\",\"kind\":\"anytime\",\"version\":1,\"title\":\"Why\",\"about\":\"a\",\"starts_on\":[\"why\"],\"first\":\"a\","
	"\"steps\":{\"a\":{\"say\":\"Because: {current.why}\",\"then\":\"end\"}}}",
	"{\"flow\":\"repair/once\",\"kind\":\"repair\",\"version\":1,\"title\":\"Once\",\"about\":\"a\",\"first\":\"a\",\"slots\":{\"what\":{\"is\":\"any\",\"lent\":true}},"
	"\"steps\":{\"a\":{\"say\":\"That is done already.\",\"then\":\"end\"}}}",
	"{\"flow\":\"repair/no_match\",\"kind\":\"repair\",\"version\":1,\"title\":\"No\",\"about\":\"a\",\"first\":\"a\",\"slots\":{\"misses\":{\"is\":\"number\",\"lent\":true}},"
	"\"steps\":{\"a\":{\"say\":\"Miss {misses}.\",\"then\":\"end\"}}}",
	"{\"flow\":\"repair/ask_first\",\"kind\":\"repair\",\"version\":1,\"title\":\"First\",\"about\":\"a\",\"first\":\"a\","
	"\"slots\":{\"wanted\":{\"is\":\"any\",\"lent\":true},\"current\":{\"is\":\"any\",\"lent\":true}},"
	"\"steps\":{\"a\":{\"confirm\":\"Leave {current.label} for {wanted.label}?\",\"then\":\"y\",\"on\":{\"no\":\"n\"}},"
	"\"y\":{\"end\":\"switch\"},\"n\":{\"end\":\"stay\"}}}",
	"{\"flow\":\"repair/second_wish\",\"kind\":\"repair\",\"version\":1,\"title\":\"Second\",\"about\":\"a\",\"first\":\"a\","
	"\"slots\":{\"wanted\":{\"is\":\"any\",\"lent\":true}},"
	"\"steps\":{\"a\":{\"confirm\":\"Now {wanted.label}?\",\"then\":\"y\",\"on\":{\"no\":\"n\"}},"
	"\"y\":{\"end\":\"yes\"},\"n\":{\"end\":\"no\"}}}",
	"{\"flow\":\"repair/not_verified\",\"kind\":\"repair\",\"version\":1,\"title\":\"Who\",\"about\":\"a\",\"first\":\"a\","
	"\"steps\":{\"a\":{\"say\":\"I do not know who you are.\",\"then\":\"end\"}}}",
	"{\"flow\":\"repair/limit\",\"kind\":\"repair\",\"version\":1,\"title\":\"Limit\",\"about\":\"a\",\"first\":\"a\","
	"\"steps\":{\"a\":{\"say\":\"I ran in a circle.\",\"then\":\"end\"}}}",
	"{\"flow\":\"repair/changed_while_you_waited\",\"kind\":\"repair\",\"version\":1,\"title\":\"Changed\",\"about\":\"a\",\"first\":\"a\","
	"\"slots\":{\"title\":{\"is\":\"text\",\"lent\":true}},\"steps\":{\"a\":{\"say\":\"{title} was changed.\",\"then\":\"end\"}}}",
	"{\"flow\":\"session/hello\",\"kind\":\"repair\",\"version\":1,\"title\":\"Hello\",\"about\":\"a\",\"first\":\"a\","
	"\"steps\":{\"a\":{\"say\":\"Hello.\",\"then\":\"end\"}}}",
	"{\"flow\":\"loop\",\"version\":1,\"title\":\"Loop\",\"about\":\"a\",\"first\":\"a\",\"slots\":{\"n\":{\"is\":\"number\"}},"
	"\"steps\":{\"a\":{\"set\":{\"n\":\"1\"},\"then\":\"b\"},\"b\":{\"set\":{\"n\":\"2\"},\"then\":\"a\"}}}",
};
enum { n_others = sizeof(others) / sizeof(others[0]) };

static const char *const two_orders =
	"[{\"number\":\"A-1001\",\"first_item\":\"Blue dress\"},{\"number\":\"A-1002\",\"first_item\":\"Running shoes\"}]";

static struct talk begin_with(const char *flow)
{
	const char *flows[n_others + 1];

	flows[0] = flow;
	memcpy(flows + 1, others, sizeof(others));
	return talk_begin(flows, n_others + 1);
}

static struct talk begin(void)
{
	struct talk t = begin_with(cancel_flow);

	talk_buyer(&t, "buyer-1");
	return t;
}

/* Up to "Cancel A-1001?". */
static struct talk at_confirmation(void)
{
	struct talk t = begin();

	talk_say(&t, "cancel my order");
	talk_answer(&t, OUTCOME_OK, two_orders);
	assert_said(&t, "cancel_order/pick: Which order?");
	talk_say(&t, "the blue dress");
	talk_answer(&t, OUTCOME_OK, "{\"answer\":\"yes\"}");
	assert_said(&t, "cancel_order/why: Why?");
	talk_say(&t, "too late");
	assert_said(&t, "cancel_order/sure: Cancel A-1001?");
	return t;
}

/* A person puts the conversation right at the call: what cannot be undone still wants its yes. */
static void step__sends_nothing_dangerous__without_a_clear_yes(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_event(&t,
		(struct event){.kind = EVENT_AGENT, .action = AGENT_CLAIMED, .name = S("Mai")});
	talk_event(&t, (struct event){.kind = EVENT_AGENT,
			       .action = AGENT_HANDED_BACK,
			       .reference = S("cancel_order/do_it")});
	assert_null(talk_find(&t, EFFECT_CALL));
	assert_true(str_is(t.turn.trace.fault, "'orders.cancel' needs the buyer's clear yes"));
	talk_end(&t);
}

static void settle(struct talk *t, const char *decision, const char *outcome)
{
	struct value_builder b = value_build(t->content);

	value_put_text(&b, "order", S("A-1001"));
	value_put_text(&b, "outcome", str_of(outcome));
	talk_event(t, (struct event){.kind = EVENT_NOTICE,
			      .name = S("call.settled"),
			      .text = str_of(decision),
			      .value = value_record(&b)});
}

static void settled__done__is_not_decided_again(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "yes");
	talk_answer(&t, OUTCOME_UNKNOWN, "{}");
	assert_int_equal(t.session->n_spent, 1);
	assert_int_equal(t.session->spent[0].state, SPENT_UNKNOWN);
	settle(&t, "cancel A-1001", "done");
	assert_int_equal(t.session->spent[0].state, SPENT_OK);
	talk_end(&t);
}

static void settled__not_done__may_be_decided_again(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "yes");
	talk_answer(&t, OUTCOME_UNKNOWN, "{}");
	settle(&t, "cancel A-1001", "refused");
	assert_int_equal(t.session->n_spent, 0);
	talk_end(&t);
}

static void settled__says_nothing__while_a_person_has_the_conversation(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_event(&t,
		(struct event){.kind = EVENT_AGENT, .action = AGENT_CLAIMED, .name = S("Mai")});
	settle(&t, "cancel A-1001", "done");
	assert_said(&t, "");
	talk_end(&t);
}

static void step__cancels__after_a_clear_yes(void **state)
{
	struct talk t = at_confirmation();
	const struct effect *call;

	(void)state;
	talk_say(&t, "yes");
	call = talk_find(&t, EFFECT_CALL);
	assert_non_null(call);
	assert_string_equal(call->call.op->name, "orders.cancel");
	assert_true(str_is(value_get_text(call->call.args, "order"), "A-1001"));
	assert_true(str_is(value_get_text(call->call.args, "reason"), "late"));
	assert_true(str_is(call->call.key, "cancel A-1001"));
	assert_true(str_is(call->call.buyer, "buyer-1"));
	talk_answer(&t, OUTCOME_OK, "{}");
	assert_said(&t, "cancel_order/done: Cancelled A-1001.");
	assert_non_null(talk_find(&t, EFFECT_WATCH));
	assert_non_null(talk_find(&t, EFFECT_ENDED));
	assert_int_equal(t.session->n_frames, 0);
	talk_end(&t);
}

static const char *const survey_flow =
	"{\"flow\":\"survey\",\"version\":1,\"title\":\"Survey\",\"about\":\"a\",\"starts_on\":[\"cancel_order\"],\"first\":\"good\","
	"\"slots\":{\"good\":{\"is\":\"yes_no\",\"ask_at\":\"good\"},\"stars\":{\"is\":\"rating\",\"ask_at\":\"stars\"}},"
	"\"steps\":{\"good\":{\"ask\":\"Was it good?\",\"into\":\"good\",\"then\":\"stars\",\"skip\":\"stars\",\"offer\":{\"Later\":\"end\"}},"
	"\"stars\":{\"ask\":\"How many stars?\",\"into\":\"stars\",\"then\":\"told\"},"
	"\"told\":{\"if\":[{\"when\":\"good is true\",\"then\":\"yes_\"},{\"when\":\"good is false\",\"then\":\"no_\"}],\"else\":\"none_\"},"
	"\"yes_\":{\"say\":\"Yes, {stars}.\",\"then\":\"end\"},\"no_\":{\"say\":\"No, {stars}.\",\"then\":\"end\"},"
	"\"none_\":{\"say\":\"Skipped, {stars}.\",\"then\":\"end\"}}}";

static void assert_buttons(const struct talk *t, const char *wanted)
{
	const struct effect *said = talk_find(t, EFFECT_SAY);
	struct buf labels;

	assert_non_null(said);
	buf_init(&labels, 1000);
	for (size_t i = 0; i < said->say.n_choices; i++)
		buf_addf(&labels, "%s%.*s", i ? " | " : "", STR(said->say.choice[i].label));
	if (!str_is(buf_str(&labels), wanted))
		fail_msg("not the buttons '%s' but '%.*s'", wanted, STR(buf_str(&labels)));
	buf_release(&labels);
}

/* A typed question whose answers are few has buttons for them. */
static void ask__for_yes_or_no_and_stars__has_buttons(void **state)
{
	static const struct {
		const char *good, *stars, *told;
		bool press;
	} row[] = {
		{"yes", "5", "survey/yes_: Yes, 5.", true},
		{"no", "1", "survey/no_: No, 1.", true},
		{"skip", "3", "survey/none_: Skipped, 3.", true},
		{"yes, it was", "four stars", "survey/yes_: Yes, 4.", false},
		{"nope", "2", "survey/no_: No, 2.", false},
		{"No", "5", "survey/no_: No, 5.", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct talk t = begin_with(survey_flow);

		talk_say(&t, "cancel my order");
		assert_buttons(&t, "Yes | No | Skip | Later");
		(row[i].press ? talk_press : talk_say)(&t, row[i].good);
		assert_said(&t, "survey/stars: How many stars?");
		assert_buttons(&t, "1 | 2 | 3 | 4 | 5");
		(row[i].press ? talk_press : talk_say)(&t, row[i].stars);
		assert_said(&t, row[i].told);
		talk_end(&t);
	}
}

static void step__takes_the_order_from_the_opening__when_it_names_one(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_say(&t, "cancel my order of running shoes");
	talk_answer(&t, OUTCOME_OK, two_orders);
	talk_answer(&t, OUTCOME_OK, "{\"answer\":\"yes\"}");
	assert_said(&t, "cancel_order/why: Why?");
	assert_true(str_is(value_get_text(session_slot(t.session, S("order")), "number"), "A-1002"));
	talk_end(&t);
}

static void step__keeps_the_order__after_no(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "no");
	assert_said(&t, "cancel_order/kept: A-1001 is kept.");
	assert_null(talk_find(&t, EFFECT_CALL));
	talk_end(&t);
}

static void step__does_not_act__on_yes_but(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "yes but not today");
	assert_null(talk_find(&t, EFFECT_CALL));
	assert_true(t.session->n_frames > 0);
	talk_end(&t);
}

static void step__answers_and_asks_again__when_a_question_comes_between(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "how long does a refund take?");
	assert_said(&t, "policy_refund/tell: The bank decides.\ncancel_order/sure: Cancel A-1001?");
	assert_true(str_is(t.turn.trace.digression, "policy_refund"));
	talk_end(&t);
}

static void step__corrects_the_order__and_keeps_the_reason(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "no, the other one");
	assert_true(str_is(t.turn.trace.corrected, "order"));
	assert_true(str_is(t.turn.trace.corrected_from, "A-1001"));
	assert_non_null(talk_find(&t, EFFECT_CALL));            /* the rule is asked for the other order */
	talk_answer(&t, OUTCOME_OK, "{\"answer\":\"yes\"}");
	assert_said(&t, "cancel_order/sure: Cancel A-1002?");
	assert_true(str_is(value_get_text(session_slot(t.session, S("reason")), "id"), "late"));
	talk_end(&t);
}

static void step__says_that_it_is_done__when_decided_twice(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "yes");
	talk_answer(&t, OUTCOME_OK, "{}");
	talk_say(&t, "cancel my order");
	talk_answer(&t, OUTCOME_OK, two_orders);
	talk_say(&t, "1");
	talk_answer(&t, OUTCOME_OK, "{\"answer\":\"yes\"}");
	talk_say(&t, "2");
	talk_say(&t, "yes");
	assert_null(talk_find(&t, EFFECT_CALL));
	assert_said(&t, "repair/once/a: That is done already.");
	talk_end(&t);
}

static void step__may_decide_again__after_a_refusal(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "yes");
	talk_answer(&t, OUTCOME_REFUSED, "{\"why\":\"shipped\"}");
	assert_said(&t, "cancel_order/bad: That did not work.");
	assert_int_equal(t.session->n_spent, 0);
	talk_end(&t);
}

static void step__tells_the_truth__when_the_outcome_is_unknown(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "yes");
	talk_answer(&t, OUTCOME_UNKNOWN, NULL);
	assert_said(&t, "cancel_order/unsure: I do not know.");
	assert_int_equal(t.session->spent[0].state, SPENT_UNKNOWN);
	talk_end(&t);
}

static void step__says_one_moment_once__then_gives_up_at_the_deadline(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "yes");
	talk_later(&t, 3000);
	assert_said(&t, "cancel_order/moment: One moment.");
	talk_say(&t, "yes");                    /* an impatient second yes */
	assert_null(talk_find(&t, EFFECT_CALL));
	talk_later(&t, 20000);
	assert_said(&t, "cancel_order/unsure: I do not know.");
	talk_event(&t, (struct event){.kind = EVENT_ANSWER, .call = t.session->calls,
		.outcome = OUTCOME_OK});
	assert_true(t.turn.ignored);            /* too late to be heard */
	talk_end(&t);
}

static void step__ignores__the_same_message_twice(void **state)
{
	struct talk t = at_confirmation();
	struct event yes = {.kind = EVENT_TEXT, .text = S("yes"), .id = S("m-7")};

	(void)state;
	talk_event(&t, yes);
	assert_non_null(talk_find(&t, EFFECT_CALL));
	talk_event(&t, yes);
	assert_true(t.turn.ignored);
	assert_int_equal(t.turn.n_effects, 0);
	talk_end(&t);
}

static void step__calls_nothing__for_nobody(void **state)
{
	struct talk t = begin_with(cancel_flow);

	(void)state;
	talk_say(&t, "cancel my order");
	assert_null(talk_find(&t, EFFECT_CALL));
	assert_said(&t, "repair/not_verified/a: I do not know who you are.");
	talk_end(&t);
}

static void step__forgets_a_typed_proof__after_half_an_hour(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_say(&t, "how long does a refund take?");
	t.session->buyer_by_channel = false;
	t.now_ms += 31 * 60 * 1000;
	talk_say(&t, "cancel my order");
	assert_said(&t, "repair/not_verified/a: I do not know who you are.");
	talk_end(&t);
}

static void step__stops__at_any_question(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "stop");
	assert_said(&t, "anytime/stop/a: Stopped.");
	assert_int_equal(t.session->n_frames, 0);
	talk_end(&t);
}

static void step__goes_back_one_question__and_forgets_its_answer(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "go back");
	assert_said(&t, "cancel_order/why: Why?");
	assert_false(value_is_set(session_slot(t.session, S("reason"))));
	talk_say(&t, "go back");
	assert_said(&t, "cancel_order/pick: Which order?");
	talk_end(&t);
}

static void step__starts_over__without_what_was_said(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "start over");
	talk_answer(&t, OUTCOME_OK, two_orders);
	assert_said(&t, "cancel_order/pick: Which order?");
	assert_false(value_is_set(session_slot(t.session, S("reason"))));
	talk_end(&t);
}

static void step__says_why__in_the_steps_own_words(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_say(&t, "cancel my order");
	talk_answer(&t, OUTCOME_OK, two_orders);
	talk_say(&t, "2");
	talk_answer(&t, OUTCOME_OK, "{\"answer\":\"yes\"}");
	talk_say(&t, "why");
	assert_said(&t, "anytime/why/a: Because: The seller asks.\ncancel_order/why: Why?");
	talk_end(&t);
}

static void step__asks_first__before_another_task(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "send the parcel back");
	assert_said(&t, "repair/ask_first/a: Leave Cancel an order for Send it back?");
	talk_say(&t, "no");
	assert_said(&t, "cancel_order/sure: Cancel A-1001?");
	talk_say(&t, "yes");
	talk_answer(&t, OUTCOME_OK, "{}");
	assert_said(&t, "cancel_order/done: Cancelled A-1001.\n"
		"repair/second_wish/a: Now Send something back?");
	talk_say(&t, "yes");
	assert_said(&t, "return_item/ask: What is wrong with ?");
	talk_end(&t);
}

static void step__counts_misses__and_leads_to_a_person(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_say(&t, "cancel my order");
	talk_answer(&t, OUTCOME_OK, two_orders);
	talk_say(&t, "zebra crossing");
	assert_said(&t, "cancel_order/pick: Tap one.");
	talk_say(&t, "zebra crossing");
	assert_non_null(talk_find(&t, EFFECT_HANDOFF));
	assert_int_equal(t.session->owner, OWNER_QUEUE);
	talk_end(&t);
}

static void step__pauses__and_goes_on_at_the_question(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_say(&t, "cancel my order");
	talk_answer(&t, OUTCOME_OK, two_orders);
	talk_later(&t, 15 * 60 * 1000);
	assert_said(&t, "cancel_order/park: No hurry.");
	assert_int_equal(t.session->n_frames, 0);
	talk_later(&t, 3600 * 1000);
	assert_true(t.turn.ignored);
	talk_say(&t, "the second one");
	assert_true(str_is(value_get_text(session_slot(t.session, S("order")), "number"), "A-1002"));
	talk_end(&t);
}

static void step__remembers_buttons__when_the_flow_is_over(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "yes");
	talk_answer(&t, OUTCOME_OK, "{}");
	talk_say(&t, "send it back");
	assert_said(&t, "return_item/ask: What is wrong with A-1001?");
	talk_end(&t);
	t = at_confirmation();
	talk_say(&t, "yes");
	talk_answer(&t, OUTCOME_OK, "{}");
	talk_press(&t, "kept");
	assert_said(&t, "cancel_order/kept: A-1001 is kept.");
	talk_end(&t);
}

static void step__tells_news__and_asks_the_open_question_again(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "yes");
	talk_answer(&t, OUTCOME_OK, "{}");
	talk_say(&t, "send it back");
	talk_event(&t, (struct event){.kind = EVENT_NOTICE, .name = S("refund.updated"),
		.value = talk_json(&t, "{\"order\":\"A-1001\",\"state\":\"paid\"}")});
	assert_said(&t, "news/tell: The refund is paid.\nreturn_item/ask: What is wrong with A-1001?");
	talk_event(&t, (struct event){.kind = EVENT_NOTICE, .name = S("refund.updated"),
		.value = talk_json(&t, "{\"order\":\"A-9999\",\"state\":\"paid\"}")});
	assert_true(t.turn.ignored);
	talk_end(&t);
}

static void step__is_silent__while_a_person_owns_it(void **state)
{
	struct talk t = at_confirmation();

	(void)state;
	talk_say(&t, "person please");
	assert_non_null(talk_find(&t, EFFECT_HANDOFF));
	talk_event(&t, (struct event){.kind = EVENT_AGENT, .action = AGENT_CLAIMED});
	talk_say(&t, "hello?");
	assert_int_equal(t.turn.n_effects, 0);
	talk_press(&t, "yes");
	assert_int_equal(t.turn.n_effects, 0);
	talk_event(&t, (struct event){.kind = EVENT_AGENT, .action = AGENT_SAID, .text = S("Jo here.")});
	assert_said(&t, "/: Jo here.");
	talk_event(&t, (struct event){.kind = EVENT_AGENT, .action = AGENT_HANDED_BACK});
	assert_int_equal(t.session->owner, OWNER_BOT);
	talk_end(&t);
}

static void step__names_the_loop__that_never_waits(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_event(&t, (struct event){.kind = EVENT_AGENT, .action = AGENT_HANDED_BACK, .reference = S("loop/a")});
	assert_said(&t, "repair/limit/a: I ran in a circle.");
	assert_true(str_find(t.turn.trace.fault, S("'loop/")) > 0);
	talk_end(&t);
}

static char *with(const char *text, const char *what, const char *by)
{
	const char *at = strstr(text, what);
	char *changed = malloc(strlen(text) + strlen(by) + 1);

	assert_non_null(at);
	assert_non_null(changed);
	sprintf(changed, "%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
	return changed;
}

static void publish(struct talk *t, const char *flow)
{
	const char *flows[n_others + 1];
	struct model *old = t->model;

	flows[0] = flow;
	memcpy(flows + 1, others, sizeof(others));
	t->model = talk_model(t->content, flows, n_others + 1, old);
	model_unref(old);
}

static void step__stays_on_its_version__until_moved(void **state)
{
	struct talk t = at_confirmation();
	char *newer = with(cancel_flow, "\"version\":1", "\"version\":2"), *moved;

	(void)state;
	publish(&t, newer);
	talk_say(&t, "how long does a refund take?");
	assert_int_equal(t.session->frame[0].version, 1);
	moved = with(newer, "\"version\":2", "\"version\":3,\"moves\":{\"1\":{\"sure\":\"why\"}}");
	publish(&t, moved);
	talk_say(&t, "price");
	assert_int_equal(t.session->frame[0].version, 3);
	talk_end(&t);
	free(newer);
	free(moved);
}

static void step__says_that_it_was_changed__when_the_step_is_gone(void **state)
{
	struct talk t = at_confirmation();
	char *renamed, *twice;

	(void)state;
	renamed = with(cancel_flow, "\"sure\":{\"confirm\"", "\"certain\":{\"confirm\"");
	twice = with(renamed, "\"into\":\"reason\",\"then\":\"sure\"", "\"into\":\"reason\",\"then\":\"certain\"");
	publish(&t, twice);
	talk_say(&t, "yes");
	assert_said(&t, "repair/changed_while_you_waited/a: Cancel an order was changed.");
	assert_null(talk_find(&t, EFFECT_CALL));
	talk_end(&t);
	free(renamed);
	free(twice);
}

static void session__is_refused__when_cut_anywhere(void **state)
{
	struct talk t = at_confirmation();
	struct arena *arena = arena_new(1 << 20);
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 1 << 20);
	session_encode(t.session, &bytes);
	for (size_t n = 0; n < bytes.n; n++) {
		assert_null(session_decode(arena, (struct str){bytes.p, n}));
		arena_reset(arena);
	}
	assert_non_null(session_decode(arena, buf_str(&bytes)));
	buf_addc(&bytes, 0);
	assert_null(session_decode(arena, buf_str(&bytes)));
	buf_release(&bytes);
	arena_free(arena);
	talk_end(&t);
}

/* As the version before wrote it: with the ids of messages, not their hashes. */
static void session__is_read__as_the_version_before_wrote_it(void **state)
{
	struct talk t = at_confirmation();
	struct arena *arena = arena_new(1 << 20);
	struct session *session;
	struct buf now, before, again;
	struct str ids;
	size_t at;

	(void)state;
	buf_init(&now, 1 << 20);
	buf_init(&before, 1 << 20);
	buf_init(&again, 1 << 20);
	recent_ids_add(&t.session->seen, S("chat:1"), t.side[t.on ^ 1]);
	recent_ids_add(&t.session->seen, S("chat:2"), t.side[t.on ^ 1]);
	session_encode(t.session, &now);
	ids = t.session->seen.bytes;
	at = (size_t)str_find(buf_str(&now), ids);
	buf_adds(&before, "\2");
	buf_add(&before, str_sub(buf_str(&now), 1, at - 1));
	buf_adds(&before, "\6chat:1\6chat:2");
	buf_add(&before, str_sub(buf_str(&now), at + ids.n, now.n));

	session = session_decode(arena, buf_str(&before));
	assert_non_null(session);
	assert_true(recent_ids_have(&session->seen, S("chat:1")));
	assert_true(recent_ids_have(&session->seen, S("chat:2")));
	session_encode(session, &again);
	assert_true(str_eq(buf_str(&again), buf_str(&now)));
	for (size_t n = 0; n < before.n; n++)
		assert_null(session_decode(arena, (struct str){before.p, n}));
	before.p[0] = 1;
	assert_null(session_decode(arena, buf_str(&before)));
	before.p[0] = 4;
	assert_null(session_decode(arena, buf_str(&before)));
	buf_release(&again);
	buf_release(&before);
	buf_release(&now);
	arena_free(arena);
	talk_end(&t);
}

static void step__leaves_the_old_session_alone(void **state)
{
	struct talk t = at_confirmation();
	struct arena *arena = arena_new(1 << 20);
	struct event yes = {.kind = EVENT_TEXT, .text = S("yes"), .now_ms = t.now_ms};
	struct buf before, after;

	(void)state;
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	session_encode(t.session, &before);
	step(t.model, t.session, &yes, arena);
	step(t.model, t.session, &yes, arena);
	session_encode(t.session, &after);
	assert_true(str_eq(buf_str(&before), buf_str(&after)));
	buf_release(&before);
	buf_release(&after);
	arena_free(arena);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(step__cancels__after_a_clear_yes),
		cmocka_unit_test(step__sends_nothing_dangerous__without_a_clear_yes),
		cmocka_unit_test(settled__done__is_not_decided_again),
		cmocka_unit_test(settled__not_done__may_be_decided_again),
		cmocka_unit_test(settled__says_nothing__while_a_person_has_the_conversation),
		cmocka_unit_test(step__takes_the_order_from_the_opening__when_it_names_one),
		cmocka_unit_test(ask__for_yes_or_no_and_stars__has_buttons),
		cmocka_unit_test(step__keeps_the_order__after_no),
		cmocka_unit_test(step__does_not_act__on_yes_but),
		cmocka_unit_test(step__answers_and_asks_again__when_a_question_comes_between),
		cmocka_unit_test(step__corrects_the_order__and_keeps_the_reason),
		cmocka_unit_test(step__says_that_it_is_done__when_decided_twice),
		cmocka_unit_test(step__may_decide_again__after_a_refusal),
		cmocka_unit_test(step__tells_the_truth__when_the_outcome_is_unknown),
		cmocka_unit_test(step__says_one_moment_once__then_gives_up_at_the_deadline),
		cmocka_unit_test(step__ignores__the_same_message_twice),
		cmocka_unit_test(session__is_read__as_the_version_before_wrote_it),
		cmocka_unit_test(step__calls_nothing__for_nobody),
		cmocka_unit_test(step__forgets_a_typed_proof__after_half_an_hour),
		cmocka_unit_test(step__stops__at_any_question),
		cmocka_unit_test(step__goes_back_one_question__and_forgets_its_answer),
		cmocka_unit_test(step__starts_over__without_what_was_said),
		cmocka_unit_test(step__says_why__in_the_steps_own_words),
		cmocka_unit_test(step__asks_first__before_another_task),
		cmocka_unit_test(step__counts_misses__and_leads_to_a_person),
		cmocka_unit_test(step__pauses__and_goes_on_at_the_question),
		cmocka_unit_test(step__remembers_buttons__when_the_flow_is_over),
		cmocka_unit_test(step__tells_news__and_asks_the_open_question_again),
		cmocka_unit_test(step__is_silent__while_a_person_owns_it),
		cmocka_unit_test(step__names_the_loop__that_never_waits),
		cmocka_unit_test(step__stays_on_its_version__until_moved),
		cmocka_unit_test(step__says_that_it_was_changed__when_the_step_is_gone),
		cmocka_unit_test(session__is_refused__when_cut_anywhere),
		cmocka_unit_test(step__leaves_the_old_session_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

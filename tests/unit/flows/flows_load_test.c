/* What a flow file says is what the flow has. */
#include "tests/unit/flows/flows.h"

#include "flows/expr.h"
#include "flows/flow_edge.h"
#include "flows/operation.h"
#include "flows/template.h"

static const char every_word[] =
	"// a comment\n"
	"{\"flow\": \"all/words\", \"kind\": \"info\", \"version\": 3, \"title\": \"All\", \"about\": \"Each word once.\",\n"
	" \"starts_on\": [\"cancel_order\", \"not return_item\"], \"first\": \"hello\",\n"
	" \"while_open\": {\"questions\": \"refuse\", \"other_tasks\": \"switch\"},\n"
	" \"moves\": {\"1\": \"restart\", \"2\": {\"old\": \"pick\"}},\n"
	" \"slots\": {\"order\": {\"is\": \"order\", \"ask_at\": \"pick\", \"must\": [\"order.cod is false\"]},\n"
	"            \"why\": {\"is\": \"choice\", \"from\": \"reasons\", \"optional\": true},\n"
	"            \"note\": {\"is\": \"text\", \"private\": true}, \"about\": {\"lent\": true}},\n"
	" \"steps\": {\n"
	"  \"hello\": {\"say\": [\"One.\", \"Two.\"], \"card\": \"recent_order\", \"offer\": {\"B\": \"-> all/words\", \"A\": \"pick\"},\n"
	"             \"set\": {\"note\": \"message\"}, \"note\": \"met\", \"note_with\": {\"n\": 1}, \"then\": \"pick\"},\n"
	"  \"pick\": {\"choose\": \"Which?\", \"from\": \"orders\", \"show\": \"{number}\", \"into\": \"order\", \"many\": true,\n"
	"            \"again\": \"Which one?\", \"why\": \"Because.\", \"skip\": \"sure\", \"then\": \"sure\",\n"
	"            \"on\": {\"no_match\": [\"Please.\", {\"say\": \"Well.\", \"save\": \"note\"}, \"-> all/words\"],\n"
	"                   \"no_reply 1h30m\": \"pause\", \"help\": {\"then\": \"-> all/words\", \"with\": {\"about\": \"note\"}},\n"
	"                   \"not cancel_order\": \"back\"}},\n"
	"  \"sure\": {\"confirm\": \"Sure?\", \"shows\": [\"order\", \"why\"], \"then\": \"call\", \"on\": {\"no\": \"end\"}},\n"
	"  \"call\": {\"call\": \"orders.list\", \"send\": {\"status\": \"'open'\"}, \"save\": \"orders\", \"within\": \"8s\",\n"
	"            \"only_once\": \"x {order}\", \"point_of_no_return\": true, \"then\": \"which\",\n"
	"            \"on\": {\"failed\": \"end\", \"slow\": {\"say\": \"Wait.\"}}},\n"
	"  \"which\": {\"if\": [{\"when\": \"why is set\", \"set\": {\"note\": \"none\"}, \"then\": \"sub\"}], \"else\": \"ask\"},\n"
	"  \"ask\": {\"ask\": \"Why?\", \"into\": \"why\", \"then\": \"sub\"},\n"
	"  \"sub\": {\"run\": \"account\", \"gives\": {\"note\": \"number\"}, \"then\": \"person\", \"on\": {\"failed\": \"end\"}},\n"
	"  \"person\": {\"handoff\": \"orders\", \"summary\": \"{about}\", \"then\": \"wait\", \"on\": {\"nobody\": \"end\"}},\n"
	"  \"wait\": {\"wait\": \"15m\", \"then\": \"event\"},\n"
	"  \"event\": {\"wait\": \"refund.updated\", \"then\": \"watch\"},\n"
	"  \"watch\": {\"watch\": {\"event\": \"refund.updated\", \"of\": \"order\", \"starts\": \"all/words\"}, \"then\": \"stop\"},\n"
	"  \"stop\": {\"watch\": {\"stop\": \"all\"}, \"then\": \"mile\"},\n"
	"  \"mile\": {\"note\": \"mile\", \"with\": {\"a\": \"order\"}, \"then\": \"put\"},\n"
	"  \"put\": {\"set\": {\"note\": \"'x'\", \"why\": \"none\"}, \"then\": \"go\"},\n"
	"  \"go\": {\"go\": \"all/words\", \"with\": {\"about\": \"note\"}},\n"
	"  \"over\": {\"end\": \"restart\"},\n"
	" }}";

static const char reasons[] =
	"{\"list\": \"reasons\", \"choices\": [{\"id\": \"late\", \"label\": \"Late\", \"words\": [\"delay\"]}]}";

static int set_up(void **state)
{
	struct flows *f = calloc(1, sizeof(*f));

	flows_add(f, ACCOUNT);
	flows_add(f, reasons);
	flows_add(f, every_word);
	flows_load(f);
	if (!f->set) {
		flows_print(f);
		fail();
	}
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	flows_free(*state);
	free(*state);
	return 0;
}

static const struct flow *the_flow(void **state)
{
	const struct flows *f = *state;

	return flow_set_find(f->set, S("all/words"));
}

static const struct step *the_step(void **state, const char *name)
{
	const struct step *step = flow_step(the_flow(state), str_of(name));

	assert_non_null(step);
	return step;
}

#define assert_str(str, wanted) assert_true(str_is((str), (wanted)))

static void flow_load__reads__the_heading(void **state)
{
	const struct flow *flow = the_flow(state);

	assert_int_equal(flow->kind, FLOW_INFO);
	assert_int_equal(flow->version, 3);
	assert_str(flow->title, "All");
	assert_str(flow->about, "Each word once.");
	assert_int_equal(flow->n_starts_on, 2);
	assert_str(flow->step[flow->first].name, "hello");
	assert_int_equal(flow->questions, OPEN_REFUSE);
	assert_int_equal(flow->other_tasks, OPEN_SWITCH);
	assert_int_equal(flow->n_restart, 1);
	assert_int_equal(flow->restart[0], 1);
	assert_int_equal(flow->n_moves, 1);
	assert_int_equal(flow->move[0].version, 2);
	assert_str(flow->move[0].from, "old");
	assert_str(flow->move[0].to, "pick");
}

static void flow_load__reads__slots(void **state)
{
	const struct flow *flow = the_flow(state);
	const struct slot *order = flow_slot(flow, S("order")), *why = flow_slot(flow, S("why"));

	assert_int_equal(flow->n_slots, 5);
	assert_int_equal(order->is, SLOT_ORDER);
	assert_str(order->ask_at, "pick");
	assert_int_equal(order->n_must, 1);
	assert_str(why->from, "reasons");
	assert_true(why->optional && !why->private && !why->lent);
	assert_true(flow_slot(flow, S("note"))->private);
	assert_true(flow_slot(flow, S("about"))->lent);
	assert_int_equal(flow_slot(flow, S("about"))->is, SLOT_ANY);
}

static void flow_load__makes_a_slot__of_what_a_call_saves(void **state)
{
	assert_int_equal(flow_slot(the_flow(state), S("orders"))->is, SLOT_ANY);
}

static void flow_load__reads__say(void **state)
{
	const struct step *step = the_step(state, "hello");

	assert_int_equal(step->verb, VERB_SAY);
	assert_int_equal(step->n_text, 2);
	assert_str(template_text(step->text[1]), "Two.");
	assert_str(expr_text(step->card), "recent_order");
	assert_int_equal(step->n_offers, 2);
	assert_str(template_text(step->offer[0].label), "B");
	assert_int_equal(step->offer[0].target.kind, TARGET_FLOW);
	assert_int_equal(step->offer[1].target.kind, TARGET_STEP);
	assert_int_equal(step->offer[1].target.step, 1);
	assert_str(step->set[0].name, "note");
	assert_str(step->note, "met");
	assert_str(expr_text(step->note_with[0].expr), "1");
}

static void flow_load__reads__choose(void **state)
{
	const struct step *step = the_step(state, "pick");

	assert_int_equal(step->verb, VERB_CHOOSE);
	assert_str(step->into, "order");
	assert_true(step->many);
	assert_str(expr_text(step->from), "orders");
	assert_str(template_text(step->show), "{number}");
	assert_str(template_text(step->again), "Which one?");
	assert_str(template_text(step->why), "Because.");
	assert_int_equal(step->skip.kind, TARGET_STEP);
	assert_int_equal(step->n_on, 4);
}

static void flow_load__reads__reactions(void **state)
{
	const struct step *step = the_step(state, "pick");
	const struct on *no_match = step_on(step, ON_NO_MATCH, S("no_match"));
	const struct on *help = step_on(step, ON_INTENT, S("help"));

	assert_int_equal(no_match->n_items, 3);
	assert_str(template_text(no_match->item[0].say), "Please.");
	assert_int_equal(no_match->item[0].target.kind, TARGET_NONE);
	assert_str(no_match->item[1].save, "note");
	assert_int_equal(no_match->item[2].target.kind, TARGET_FLOW);
	assert_int_equal(step->on[1].kind, ON_NO_REPLY);
	assert_int_equal(step->on[1].after_ms, 90 * 60 * 1000);
	assert_int_equal(step->on[1].item[0].target.kind, TARGET_PAUSE);
	assert_str(help->item[0].target.with[0].name, "about");
	assert_int_equal(step_on(step, ON_NOT_INTENT, S("cancel_order"))->item[0].target.kind, TARGET_BACK);
	assert_null(step_on(step, ON_INTENT, S("cancel_order")));
}

static void flow_load__reads__call(void **state)
{
	const struct step *step = the_step(state, "call");

	assert_ptr_equal(step->op, operation_find(S("orders.list")));
	assert_str(step->send[0].name, "status");
	assert_str(step->save, "orders");
	assert_int_equal(step->within_ms, 8000);
	assert_non_null(step->only_once);
	assert_true(step->point_of_no_return);
	assert_int_equal(step_on(step, ON_OUTCOME, S("slow"))->item[0].target.kind, TARGET_NONE);
}

static void flow_load__reads__the_other_verbs(void **state)
{
	assert_int_equal(the_step(state, "sure")->n_shows, 2);
	assert_str(the_step(state, "which")->branch[0].set[0].name, "note");
	assert_int_equal(the_step(state, "which")->otherwise.kind, TARGET_STEP);
	assert_str(the_step(state, "ask")->into, "why");
	assert_str(the_step(state, "sub")->flow, "account");
	assert_str(the_step(state, "sub")->gives[0].name, "note");
	assert_str(the_step(state, "person")->queue, "orders");
	assert_int_equal(the_step(state, "wait")->wait_ms, 15 * 60 * 1000);
	assert_str(the_step(state, "event")->wait_event, "refund.updated");
	assert_str(the_step(state, "watch")->watch->starts, "all/words");
	assert_true(the_step(state, "stop")->watch->stop);
	assert_null(the_step(state, "stop")->watch->of);
	assert_str(the_step(state, "mile")->note_with[0].name, "a");
	assert_int_equal(the_step(state, "put")->n_set, 2);
	assert_str(the_step(state, "go")->with[0].name, "about");
	assert_str(the_step(state, "over")->outcome, "restart");
}

static void step_edges__lists__every_way_out(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	struct edges edges = step_edges(the_step(state, "pick"), arena);

	assert_int_equal(edges.n, 6);
	assert_int_equal(edges.edge[0].kind, EDGE_THEN);
	assert_int_equal(edges.edge[1].kind, EDGE_SKIP);
	assert_int_equal(edges.edge[2].target.kind, TARGET_FLOW);
	assert_int_equal(step_edges(the_step(state, "which"), arena).n, 2);
	assert_int_equal(step_edges(the_step(state, "go"), arena).edge[0].kind, EDGE_GO);
	assert_int_equal(step_edges(the_step(state, "over"), arena).n, 0);
	arena_free(arena);
}

static void flow_set__finds__flows_lists_and_starts(void **state)
{
	const struct flows *f = *state;

	assert_int_equal(flow_set_count(f->set), 2);
	assert_str(flow_set_at(f->set, 0)->name, "account");
	assert_null(flow_set_at(f->set, 2));
	assert_null(flow_set_find(f->set, S("nobody")));
	assert_ptr_equal(flow_set_started_by(f->set, S("cancel_order"), false), the_flow(state));
	assert_ptr_equal(flow_set_started_by(f->set, S("return_item"), true), the_flow(state));
	assert_null(flow_set_started_by(f->set, S("return_item"), false));
	assert_null(flow_set_list(f->set, S("nothing")));
	assert_str(value_get_text(value_at(flow_set_list(f->set, S("reasons")), 0), "label"), "Late");
}

static void flow_set_load__takes__nothing_at_all(void **state)
{
	struct flows f = {0};

	(void)state;
	flows_check(&f);
	assert_non_null(f.set);
	assert_int_equal(flow_set_count(f.set), 0);
	assert_null(flow_set_find(f.set, S("account")));
	assert_null(flow_set_started_by(f.set, S("yes"), false));
	flows_free(&f);
}

static void flow_set_load__tells_all_faults__of_all_files(void **state)
{
	struct flows f = {0};

	(void)state;
	flows_add(&f, "{\"flow\": 3}");
	flows_add(&f, "{\"flow\": \"a\", \"steps\": {\"x\": {}, \"y\": {\"say\": 1, \"thn\": 2}}}");
	flows_add(&f, "not json");
	flows_add(&f, "[]");
	flows_load(&f);
	assert_null(f.set);
	assert_int_equal(flows_found(&f, "J0"), 1);
	assert_int_equal(flows_found(&f, "F001"), 1);
	assert_int_equal(flows_found(&f, "F002"), 1);
	assert_int_equal(flows_found(&f, "F005"), 1);
	assert_true(flows_found(&f, "F003") >= 2);
	assert_true(flows_found(&f, "F004") >= 4);
	flows_free(&f);
}

int main(void)
{
	static const struct CMUnitTest test[] = {
		cmocka_unit_test_setup_teardown(flow_load__reads__the_heading, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flow_load__reads__slots, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flow_load__makes_a_slot__of_what_a_call_saves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flow_load__reads__say, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flow_load__reads__choose, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flow_load__reads__reactions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flow_load__reads__call, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flow_load__reads__the_other_verbs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(step_edges__lists__every_way_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flow_set__finds__flows_lists_and_starts, set_up, tear_down),
		cmocka_unit_test(flow_set_load__takes__nothing_at_all),
		cmocka_unit_test(flow_set_load__tells_all_faults__of_all_files),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}

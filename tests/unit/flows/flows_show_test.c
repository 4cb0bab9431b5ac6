/* Pictures and the read-out. */
#include "tests/unit/flows/flows.h"

#include "bot/common/embedded.h"
#include "flows/flow_graph.h"
#include "flows/flow_opening.h"
#include "flows/flow_read.h"

static const char small[] =
	"{\"flow\": \"small\", \"version\": 2, \"title\": \"A small one\", \"about\": \"It shows how it looks.\","
	" \"starts_on\": [\"cancel_order\"], \"first\": \"who\","
	" \"slots\": {\"name\": {\"is\": \"text\", \"ask_at\": \"ask\", \"optional\": true}}, \"steps\": {\n"
	"\"who\": {\"run\": \"account\", \"then\": \"ask\", \"on\": {\"failed\": \"bye\"}},\n"
	"\"ask\": {\"ask\": \"What is your \\\"name\\\"?\", \"into\": \"name\", \"then\": \"look\", \"skip\": \"bye\",\n"
	"  \"on\": {\"no_match\": [\"Please.\", \"-> account\"], \"no_reply 15m\": \"pause\"}},\n"
	"\"look\": {\"if\": [{\"when\": \"name is \\\"Ann\\\"\", \"then\": \"hello\"}], \"else\": \"back\"},\n"
	"\"hello\": {\"say\": \"Hello {name|capital}, {{you}}.\", \"offer\": {\"Again\": \"ask\"}, \"then\": \"end\"},\n"
	"\"bye\": {\"say\": \"Bye.\", \"then\": \"end\"}\n}}";

static struct flows small_set(void)
{
	struct flows f = {0};

	flows_add(&f, ACCOUNT);
	flows_add(&f, small);
	flows_load(&f);
	assert_non_null(f.set);
	return f;
}

static void assert_text(struct buf *out, const char *wanted)
{
	assert_string_equal(out->p, wanted);
	buf_release(out);
}

static void flow_graph__draws_dot__stable_and_escaped(void **state)
{
	struct flows f = small_set();
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	flow_graph(flow_set_find(f.set, S("small")), GRAPH_DOT, &out);
	assert_text(&out,
		"digraph \"small\" {\n"
		"\tnode [fontname=\"sans-serif\"];\n"
		"\tedge [fontname=\"sans-serif\", fontsize=10];\n"
		"\t\"step who\" [label=\"who\\naccount\", shape=box, peripheries=2];\n"
		"\t\"step ask\" [label=\"ask\\nWhat is your \\\"name\\\"?\", shape=parallelogram];\n"
		"\t\"step look\" [label=\"look\", shape=diamond];\n"
		"\t\"step hello\" [label=\"hello\\nHello {name|capital}, {{you}}.\", shape=box, style=rounded];\n"
		"\t\"step bye\" [label=\"bye\\nBye.\", shape=box, style=rounded];\n"
		"\t\"start small\" [label=\"A small one\", shape=plaintext];\n"
		"\t\"start small\" -> \"step who\" [label=\"\"];\n"
		"\t\"intent cancel_order\" [label=\"cancel_order\", shape=plaintext];\n"
		"\t\"intent cancel_order\" -> \"start small\" [label=\"\", style=dotted];\n"
		"\t\"step who\" -> \"step ask\" [label=\"\"];\n"
		"\t\"step who\" -> \"step bye\" [label=\"failed\", style=dotted];\n"
		"\t\"step ask\" -> \"step look\" [label=\"\"];\n"
		"\t\"step ask\" -> \"step bye\" [label=\"skip\"];\n"
		"\t\"flow account\" [label=\"account\", shape=cds];\n"
		"\t\"step ask\" -> \"flow account\" [label=\"no_match (2)\", style=dotted];\n"
		"\t\"place pause\" [label=\"pause\", shape=circle];\n"
		"\t\"step ask\" -> \"place pause\" [label=\"no_reply 15m\", style=dotted];\n"
		"\t\"step look\" -> \"step hello\" [label=\"name is \\\"Ann\\\"\"];\n"
		"\t\"place back\" [label=\"back\", shape=circle];\n"
		"\t\"step look\" -> \"place back\" [label=\"else\"];\n"
		"\t\"place end\" [label=\"end\", shape=circle];\n"
		"\t\"step hello\" -> \"place end\" [label=\"\"];\n"
		"\t\"step hello\" -> \"step ask\" [label=\"Again\", style=dashed];\n"
		"\t\"step bye\" -> \"place end\" [label=\"\"];\n"
		"}\n");
	flows_free(&f);
}

static void flow_graph__draws_mermaid__stable_and_escaped(void **state)
{
	struct flows f = small_set();
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	flow_graph(flow_set_find(f.set, S("small")), GRAPH_MERMAID, &out);
	assert_text(&out,
		"flowchart TD\n"
		"    step_who[[\"who<br/>account\"]]\n"
		"    step_ask[/\"ask<br/>What is your #34;name#34;?\"/]\n"
		"    step_look{\"look\"}\n"
		"    step_hello(\"hello<br/>Hello {name|capital}, {{you}}.\")\n"
		"    step_bye(\"bye<br/>Bye.\")\n"
		"    start_small([\"A small one\"])\n"
		"    start_small --> step_who\n"
		"    intent_cancel_order([\"cancel_order\"])\n"
		"    intent_cancel_order -.-> start_small\n"
		"    step_who --> step_ask\n"
		"    step_who -.-> |\"failed\"| step_bye\n"
		"    step_ask --> step_look\n"
		"    step_ask --> |\"skip\"| step_bye\n"
		"    flow_account>\"account\"]\n"
		"    step_ask -.-> |\"no_match (2)\"| flow_account\n"
		"    place_pause((\"pause\"))\n"
		"    step_ask -.-> |\"no_reply 15m\"| place_pause\n"
		"    step_look --> |\"name is #34;Ann#34;\"| step_hello\n"
		"    place_back((\"back\"))\n"
		"    step_look --> |\"else\"| place_back\n"
		"    place_end((\"end\"))\n"
		"    step_hello --> place_end\n"
		"    step_hello -.-> |\"Again\"| step_ask\n"
		"    step_bye --> place_end\n");
	flows_free(&f);
}

static void flow_set_graph__draws__a_map(void **state)
{
	struct flows f = small_set();
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	flow_set_graph(f.set, GRAPH_MERMAID, &out);
	assert_text(&out,
		"flowchart TD\n"
		"    flow_account[\"account<br/>Account\"]\n"
		"    flow_small[\"small<br/>A small one\"]\n"
		"    intent_cancel_order([\"cancel_order\"])\n"
		"    intent_cancel_order -.-> flow_small\n"
		"    flow_small --> |\"runs\"| flow_account\n"
		"    flow_small --> flow_account\n");
	flows_free(&f);
}

static void flow_read__reads__like_a_page(void **state)
{
	struct flows f = small_set();
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	flow_read(f.set, flow_set_find(f.set, S("small")), &out);
	assert_text(&out,
		"# A small one\n\n"
		"`small`, version 2. It shows how it looks. Starts when the buyer means `cancel_order`.\n\n"
		"It remembers:\n\n"
		"- *name* (text), asked at *ask*, need not be there\n\n"
		"1. **who.** We go through *Account* and come back. Then on to **2** (*ask*).\n"
		"   - It ends as *failed*: “Bye.”, and this is done.\n"
		"2. **ask.** We ask: “What is your \"name\"?” The answer is kept as *name*. Then on to **3** (*look*)."
		" \"Skip\": “Bye.”, and this is done.\n"
		"   - Not understood: “Please.”; again: over to *Account*.\n"
		"   - No reply for 15 minutes: we pause until the buyer writes again.\n"
		"3. **look.** It depends:\n"
		"   - If `name is \"Ann\"`: on to **4** (*hello*).\n"
		"   - Otherwise: back to the question before.\n"
		"4. **hello.** We say: “Hello [name], {you}.” Then this is done.\n"
		"   - Button “Again”: on to **2** (*ask*).\n\n"
		"While this is open, other questions are answered and this one is asked again, and before another wish"
		" takes its place we ask.\n");
	flows_free(&f);
}

/* The shipped flows. */

static struct flow_set *shipped(struct source *source, struct diags *diags)
{
	size_t n = 0;

	for (unsigned i = 0; i < n_embedded; i++)
		if (str_starts(str_of(embedded[i].name), S("flows/")))
			source[n++] = (struct source){embedded[i].name,
				{embedded[i].begin, (size_t)(embedded[i].end - embedded[i].begin)}};
	return flow_set_load(source, n, diags);
}

/* Every node that an edge names is drawn, and no line is broken. */
static void assert_whole(struct buf *dot)
{
	struct str rest = buf_str(dot);

	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		long arrow = str_find(line, S("\" -> \"")), label = str_find(line, S(" [label="));
		struct arena *arena;
		struct str node;

		if (arrow < 0 || label < arrow)
			continue;
		arena = arena_new(1 << 16);
		node = str_sub(line, (size_t)arrow + 5, (size_t)(label - arrow) - 5);
		node = arena_printf(arena, "\t%.*s [label=", STR(node));
		if (str_find(buf_str(dot), node) < 0)
			fail_msg("not drawn: %.*s", STR(node));
		arena_free(arena);
	}
}

static void shipped_flows__can_be__drawn_and_read_out(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct source *source = calloc(n_embedded, sizeof(*source));
	struct flow_set *set;
	struct diags diags;
	struct buf out;

	(void)state;
	diags_init(&diags, arena);
	set = shipped(source, &diags);
	assert_non_null(set);
	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < flow_set_count(set); i++) {
		const struct flow *flow = flow_set_at(set, i);

		buf_clear(&out);
		flow_graph(flow, GRAPH_DOT, &out);
		assert_whole(&out);
		flow_graph(flow, GRAPH_MERMAID, &out);
		buf_clear(&out);
		flow_read(set, flow, &out);
		assert_true(str_find(buf_str(&out), flow->title) > 0);
		assert_false(out.over);
		assert_true(str_find(buf_str(&out), S("the question stays open")) < 0);
	}
	buf_clear(&out);
	flow_set_graph(set, GRAPH_DOT, &out);
	assert_whole(&out);
	buf_release(&out);
	flow_set_free(set);
	free(source);
	arena_free(arena);
}

/* What session/hello of these steps says first. */
static void assert_opening(const char *steps, const char *wanted)
{
	struct flows f = {0};
	struct arena *arena = arena_new(100000);
	char text[2000];

	snprintf(text, sizeof(text),
		"{\"flow\": \"session/hello\", \"title\": \"Hello\", \"first\": \"a\", "
		"\"slots\": {\"x\": {\"is\": \"number\"}}, \"steps\": {%s}}",
		steps);
	flows_add(&f, text);
	flows_load(&f);
	assert_non_null(f.set);
	if (!str_is(flow_set_opening(f.set, arena), wanted))
		fail_msg("%s: not '%s' but '%.*s'", steps, wanted,
			STR(flow_set_opening(f.set, arena)));
	arena_free(arena);
	flows_free(&f);
}

static void flow_opening__is_what_a_stranger_hears(void **state)
{
	(void)state;
	assert_opening("\"a\": {\"say\": [\"Hello!\", \"And more.\"], \"then\": \"end\"}", "Hello!");
	assert_opening("\"a\": {\"if\": [{\"when\": \"buyer.name is set\", \"then\": \"b\"}], \"else\": "
		       "\"c\"}, \"b\": {\"say\": \"Hello {buyer.name}!\", \"then\": \"end\"}, \"c\": "
		       "{\"set\": {\"x\": 1}, \"then\": \"d\"}, \"d\": {\"note\": \"met\", \"then\": \"e\"}, "
		       "\"e\": {\"say\": \"Hello stranger{buyer.name}!\", \"then\": \"end\"}",
		"Hello stranger!");
	assert_opening("\"a\": {\"call\": \"shop.info\", \"save\": \"x\", \"then\": \"b\", \"on\": {\"failed\": "
		       "\"end\"}}, \"b\": {\"say\": \"Hello!\", \"then\": \"end\"}",
		"");
	assert_opening("\"a\": {\"set\": {\"x\": 1}, \"then\": \"a\"}", "");
	assert_opening("\"a\": {\"end\": \"done\"}", "");
}

static void flow_opening__is_empty__without_a_hello(void **state)
{
	struct flows f = small_set();
	struct arena *arena = arena_new(100000);

	(void)state;
	assert_int_equal(flow_set_opening(f.set, arena).n, 0);
	arena_free(arena);
	flows_free(&f);
}

int main(void)
{
	static const struct CMUnitTest test[] = {
		cmocka_unit_test(flow_opening__is_what_a_stranger_hears),
		cmocka_unit_test(flow_opening__is_empty__without_a_hello),
		cmocka_unit_test(flow_graph__draws_dot__stable_and_escaped),
		cmocka_unit_test(flow_graph__draws_mermaid__stable_and_escaped),
		cmocka_unit_test(flow_set_graph__draws__a_map),
		cmocka_unit_test(flow_read__reads__like_a_page),
		cmocka_unit_test(shipped_flows__can_be__drawn_and_read_out),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}

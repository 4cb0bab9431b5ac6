/* Conditions: what they come to, and what is known of them before they are evaluated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows/expr.h"

static const char world_json[] =
	"{\"order\": {\"number\": \"576\", \"total\": {\"amount\": \"29.90\", \"currency\": \"USD\"},"
	"  \"can\": [\"cancel\", \"return\"], \"cod\": false, \"created\": 1000},"
	" \"same_order\": {\"number\": \"576\", \"status\": \"UNPAID\"},"
	" \"other_order\": {\"number\": \"577\"},"
	" \"reason\": {\"id\": \"late\", \"label\": \"It takes too long\"},"
	" \"items\": [{\"id\": \"1\", \"title\": \"Dress\", \"may\": true},"
	"            {\"id\": \"2\", \"title\": \"Hat\", \"may\": false},"
	"            {\"id\": \"3\", \"title\": \"Sock\", \"may\": true}],"
	" \"cheap\": {\"amount\": \"5\", \"currency\": \"USD\"},"
	" \"euros\": {\"amount\": \"5.00\", \"currency\": \"EUR\"},"
	" \"name\": \"Ann\", \"empty\": [], \"three\": 3, \"big\": 9000000000000000, \"yes\": true, \"no\": false}";

struct world {
	struct arena *arena;
	struct source source;
	struct json_doc *doc;
	const struct value *value;
};

static const struct value *look_up(const void *self, struct str name)
{
	const struct world *w = self;

	return value_get_str(w->value, name);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->arena = arena_new(1 << 20);
	w->source = (struct source){"world", str_of(world_json)};
	w->doc = json_parse(&w->source, JSON_BIG_AS_TEXT, NULL, NULL);
	assert_non_null(w->doc);
	w->value = value_from_json(w->arena, json_root(w->doc));
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	json_doc_free(w->doc);
	arena_free(w->arena);
	free(w);
	return 0;
}

static const struct expr *parsed(struct world *w, const char *text)
{
	struct source *source = arena_new_of(w->arena, struct source);
	const struct expr *expr;
	struct diags diags;

	*source = (struct source){"expression", str_of(text)};
	diags_init(&diags, w->arena);
	expr = expr_parse(w->arena, source->text, source, 0, &diags);
	if (!expr)
		fail_msg("%s: %.*s", text, STR(diags.item[0].message));
	assert_int_equal(diags.n, 0);
	return expr;
}

static void assert_comes_to(struct world *w, const char *text, const char *shown)
{
	struct buf out;

	buf_init(&out, 10000);
	value_show(expr_eval(parsed(w, text), (struct scope){look_up, w}, w->arena), &out);
	if (!str_is(buf_str(&out), shown))
		fail_msg("%s: expected %s, not %.*s", text, shown, STR(buf_str(&out)));
	buf_release(&out);
}

static void assert_all(struct world *w, const char *const (*pair)[2])
{
	for (; (*pair)[0]; pair++)
		assert_comes_to(w, (*pair)[0], (*pair)[1]);
}

static void expr_eval__reads_values__by_name_field_and_position(void **state)
{
	static const char *const pair[][2] = {
		{"name", "\"Ann\""}, {"order.number", "\"576\""}, {"order.total.currency", "\"USD\""},
		{"items[2].title", "\"Hat\""}, {"items[three].id", "\"3\""}, {"\"a b\"", "\"a b\""}, {"'it'", "\"it\""},
		{"12", "12"}, {"true", "true"}, {"(name)", "\"Ann\""}, {"[1, \"a\", name]", "[1,\"a\",\"Ann\"]"}, {0},
	};

	assert_all(*state, pair);
}

static void expr_eval__gives_none__for_what_is_not_there(void **state)
{
	static const char *const pair[][2] = {
		{"nobody", "null"}, {"order.nothing", "null"}, {"name.first", "null"}, {"items[4]", "null"},
		{"items[three - 3]", "null"}, {"name[1]", "null"}, {"first(empty)", "null"}, {"last(empty)", "null"},
		{"first(name)", "null"}, {"name + 1", "null"}, {"days(name)", "null"}, {"only(name, \"a\", 1)", "null"},
		{"join(name, \"a\")", "null"}, {"text(nobody)", "null"}, {"name < 3", "null"},
		{"big + days(100000000000000000)", "null"}, {"cheap < euros", "null"}, {0},
	};

	assert_all(*state, pair);
}

static void expr_eval__binds__as_the_header_says(void **state)
{
	static const char *const pair[][2] = {
		{"true or false and false", "true"}, {"(true or false) and false", "false"},
		{"not name is set", "false"}, {"not nobody is set and true", "true"}, {"three = 1 + 2", "true"},
		{"three - 1 - 1 = 1", "true"}, {"1 + 1 < 3 and 3 <= 3", "true"}, {"4 > 3 or nobody", "true"},
		{"not not yes", "true"}, {0},
	};

	assert_all(*state, pair);
}

static void expr_eval__compares__by_what_identifies(void **state)
{
	static const char *const pair[][2] = {
		{"order is same_order", "true"}, {"order is other_order", "false"}, {"order is not other_order", "true"},
		{"order is \"576\"", "true"}, {"order = 576", "true"}, {"reason is \"late\"", "true"},
		{"order in [other_order, same_order]", "true"}, {"name is 'ann'", "false"}, {"nobody is none", "true"},
		{"nobody is name", "false"}, {"order.total > cheap", "true"}, {"order.total = cheap", "false"},
		{"order.cod is false", "true"}, {"name != \"Bob\"", "true"}, {"euros is cheap", "false"}, {0},
	};

	assert_all(*state, pair);
}

static void expr_eval__calls__each_function(void **state)
{
	static const char *const pair[][2] = {
		{"count(items)", "3"}, {"count(empty)", "0"}, {"count(nobody)", "0"}, {"first(items).id", "\"1\""},
		{"last(items).id", "\"3\""}, {"count(only(items, \"may\", true))", "2"},
		{"join(items, \"title\")", "\"Dress, Hat, Sock\""}, {"text(order)", "\"576\""},
		{"text(cheap)", "\"$5.00\""}, {"lower(\"ABC\")", "\"abc\""}, {"has(order.can, \"cancel\")", "true"},
		{"has(order.can, \"track\")", "false"}, {"has(items, \"2\")", "true"}, {"minutes(2)", "120"},
		{"hours(1)", "3600"}, {"days(1)", "86400"}, {"order.created + days(1)", "87400"},
		{"money(\"5 USD\") = cheap", "true"}, {"cheap < money('5.01 USD')", "true"},
		{"money('5.00 EUR') > cheap", "null"}, {"money(name)", "null"}, {0},
	};

	assert_all(*state, pair);
}

static void expr_true__takes_what_is_set__unless_it_is_false(void **state)
{
	struct world *w = *state;
	struct scope scope = {look_up, w};

	assert_true(expr_true(parsed(w, "yes"), scope, w->arena));
	assert_true(expr_true(parsed(w, "name"), scope, w->arena));
	assert_true(expr_true(parsed(w, "order is set"), scope, w->arena));
	assert_false(expr_true(parsed(w, "no"), scope, w->arena));
	assert_false(expr_true(parsed(w, "nobody"), scope, w->arena));
	assert_false(expr_true(parsed(w, "name < 3"), scope, w->arena));
}

static void expr_proves_set__sees_through__and_or_not(void **state)
{
	static const struct {
		const char *text;
		bool when_true, when_false;
	} claim[] = {
		{"buyer is set", true, false},
		{"buyer is not set", false, true},
		{"not buyer is set", false, true},
		{"buyer is set and name is set", true, false},
		{"buyer is set or name is set", false, false},
		{"buyer is not set or name is set", false, true},
		{"buyer is set and name is set or buyer is set", true, false},
		{"buyer", true, false},
		{"buyer.id is set", false, false},
		{"name is set", false, false},
		{"buyer is \"x\"", false, false},
	};

	for (size_t i = 0; i < sizeof(claim) / sizeof(*claim); i++) {
		const struct expr *expr = parsed(*state, claim[i].text);

		if (expr_proves_set(expr, S("buyer"), true) != claim[i].when_true
			|| expr_proves_set(expr, S("buyer"), false) != claim[i].when_false)
			fail_msg("%s", claim[i].text);
	}
}

static void note_name(void *self, struct str name, struct str field)
{
	buf_addf(self, "%.*s.%.*s ", STR(name), STR(field));
}

static void expr_names__tells_each_name__with_its_first_field(void **state)
{
	struct buf out;

	buf_init(&out, 1000);
	expr_names(parsed(*state, "order.total.amount is set and count(only(items, \"id\", name)) > three"),
		note_name, &out);
	assert_string_equal(out.p, "order.total items. name. three. ");
	buf_release(&out);
}

/* Findings themselves are in tests/diagnostics/flows; here is that nothing wrong gets through. */
static void expr_parse__refuses__what_is_no_expression(void **state)
{
	static const char *const bad[] = {
		"", " ", "is", "a b", "a is is", "a.", "a[", "a[1", "(a", "a)", "[a", "a,", "\"a", "1a", "a = = b", "not",
		"a and", "or a", "a < b < c", "count()", "count(a", "a[0]", "\xc3\xa4", "set", "a is not", "in", "a..b", "@",
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct source source = {"bad", str_of(bad[i])};
		struct diags diags;

		diags_init(&diags, w->arena);
		if (expr_parse(w->arena, source.text, &source, 0, &diags))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(diags.n, 1);
	}
}

static void expr_parse__bounds__length_and_depth(void **state)
{
	struct world *w = *state;
	char text[5000];
	struct source source = {"long", {text, 0}};
	struct diags diags;

	diags_init(&diags, w->arena);
	memset(text, '(', sizeof(text));
	source.text.n = 1900;
	assert_null(expr_parse(w->arena, source.text, &source, 0, &diags));
	assert_string_equal(diags.item[0].code, "F108");
	source.text.n = sizeof(text);
	assert_null(expr_parse(w->arena, source.text, &source, 0, &diags));
	assert_string_equal(diags.item[1].code, "F108");
	for (size_t i = 0; i + 4 <= 1900; i += 4)
		memcpy(text + i, "not ", 4);
	source.text.n = 1900;
	assert_null(expr_parse(w->arena, source.text, &source, 0, &diags));
	assert_string_equal(diags.item[2].code, "F108");
}

/* "\"" in JSON is two bytes and means one: the caret still stands under the name. */
static void expr_parse__finds_the_place__behind_escapes(void **state)
{
	static const char json[] = "\"a is \\\"\\u00e9\\\" and cont(b)\"";
	struct world *w = *state;
	struct source source = {"escaped", str_of(json)};
	struct json_doc *doc = json_parse(&source, 0, NULL, NULL);
	struct diags diags;

	diags_init(&diags, w->arena);
	assert_null(expr_parse(w->arena, json_text(json_root(doc)), &source, 1, &diags));
	assert_int_equal(diags.item[0].offset, strstr(json, "cont") - json);
	assert_int_equal(diags.item[0].length, 4);
	json_doc_free(doc);
}

int main(void)
{
	static const struct CMUnitTest test[] = {
		cmocka_unit_test_setup_teardown(expr_eval__reads_values__by_name_field_and_position, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_eval__gives_none__for_what_is_not_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_eval__binds__as_the_header_says, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_eval__compares__by_what_identifies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_eval__calls__each_function, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_true__takes_what_is_set__unless_it_is_false, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_proves_set__sees_through__and_or_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_names__tells_each_name__with_its_first_field, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_parse__refuses__what_is_no_expression, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_parse__bounds__length_and_depth, set_up, tear_down),
		cmocka_unit_test_setup_teardown(expr_parse__finds_the_place__behind_escapes, set_up, tear_down),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}

/* Texts with holes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "flows/template.h"

static const char world_json[] =
	"{\"order\": {\"number\": \"576\", \"title\": \"x\", \"total\": {\"amount\": \"29.9\", \"currency\": \"USD\"}},"
	" \"reason\": {\"id\": \"late\", \"label\": \"It takes too long\"}, \"item\": {\"title\": \"Dress\"},"
	" \"items\": [{\"title\": \"Dress\"}, {\"title\": \"Hat\"}, {\"title\": \"Sock\"}], \"one\": [\"a\"],"
	" \"two\": [\"a\", \"b\"], \"at\": 1741773600, \"days\": 3, \"day\": 1, \"name\": \"ann\", \"yes\": true,"
	" \"long\": \"sixty characters are allowed and not one more, so this text is cut off\"}";

static const struct value *look_up(const void *self, struct str name)
{
	return value_get_str(self, name);
}

static void assert_reads(const char *text, const char *wanted)
{
	struct arena *arena = arena_new(1 << 20);
	struct source world = {"world", str_of(world_json)}, source = {"text", str_of(text)};
	struct json_doc *doc = json_parse(&world, 0, NULL, NULL);
	const struct template *template;
	struct diags diags;
	struct buf out;

	diags_init(&diags, arena);
	template = template_parse(arena, source.text, &source, 0, &diags);
	if (!template)
		fail_msg("%s: %.*s", text, STR(diags.item[0].message));
	assert_true(str_eq(template_text(template), source.text));
	buf_init(&out, 1000);
	template_render(template, (struct scope){look_up, value_from_json(arena, json_root(doc))}, arena, &out);
	if (!str_is(buf_str(&out), wanted))
		fail_msg("%s: expected '%s', not '%.*s'", text, wanted, STR(buf_str(&out)));
	buf_release(&out);
	json_doc_free(doc);
	arena_free(arena);
}

static void template__prints_a_value__by_its_type(void **state)
{
	(void)state;
	assert_reads("", "");
	assert_reads("no holes", "no holes");
	assert_reads("{name}", "ann");
	assert_reads("a{name}b{days}c", "aannb3c");
	assert_reads("{nobody}.", ".");
	assert_reads("{yes}", "yes");
	assert_reads("{order}", "576");
	assert_reads("{reason}", "It takes too long");
	assert_reads("{item}", "Dress");
	assert_reads("{items}", "Dress, Hat, Sock");
	assert_reads("{order.total}", "$29.90");
	assert_reads("{join(items, \"title\")}", "Dress, Hat, Sock");
}

static void template__keeps_braces__that_are_doubled(void **state)
{
	(void)state;
	assert_reads("{{name}}", "{name}");
	assert_reads("{{{name}}}", "{ann}");
	assert_reads("{name is \"}\"}", "no");
	assert_reads("{name is \"a|b\"|lower}", "no");
}

static void template__filters__each(void **state)
{
	(void)state;
	assert_reads("{order.total|money}", "$29.90");
	assert_reads("{at|date}", "12 March 2025");
	assert_reads("{at|time}", "10:00 UTC");
	assert_reads("{at|when}", "12 March, 10:00 UTC");
	assert_reads("{days|days}, {day|days}", "3 days, 1 day");
	assert_reads("{days} {days|plural:item:items}", "3 items");
	assert_reads("{day|plural:item:items}", "item");
	assert_reads("{count(items)} {items|plural:item:items}", "3 items");
	assert_reads("{items|list}", "Dress, Hat and Sock");
	assert_reads("{two|list}; {one|list}", "a and b; a");
	assert_reads("{reason|label}", "It takes too long");
	assert_reads("{reason|lower}", "it takes too long");
	assert_reads("{name|capital}", "Ann");
	assert_reads("{reason | label | lower | capital}", "It takes too long");
	assert_reads("{long|short}", "sixty characters are allowed and not one more, so this text…");
	assert_reads("{nobody|days}{nobody|date}", "");
	assert_reads("{name|date} {name|days} {name|list}", "ann ann ann");
}

static void note_name(void *self, struct str name, struct str field)
{
	buf_addf(self, "%.*s.%.*s ", STR(name), STR(field));
}

static void template_names__tells_each_name__of_each_hole(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct source source = {"text", S("{a.b|money} and {c} or {count(d)}")};
	struct diags diags;
	struct buf out;

	(void)state;
	diags_init(&diags, arena);
	buf_init(&out, 1000);
	template_names(template_parse(arena, source.text, &source, 0, &diags), note_name, &out);
	assert_string_equal(out.p, "a.b c. d. ");
	buf_release(&out);
	arena_free(arena);
}

static void template_parse__refuses__what_is_no_text_with_holes(void **state)
{
	static const char *const bad[] = {
		"{", "}", "a}b", "{}", "{ }", "{a", "{a|}", "{a|nope}", "{a|plural}", "{a|plural:x:y:z}", "{a|money:x}", "{a b}",
		"{a|lower|lower|lower|lower|lower}",
	};
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct source source = {"bad", str_of(bad[i])};
		struct diags diags;

		diags_init(&diags, arena);
		if (template_parse(arena, source.text, &source, 0, &diags))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(diags.n, 1);
	}
	arena_free(arena);
}

static void value_print__stops__at_deep_nesting(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	const struct value *v = value_text(arena, S("deep"));
	struct buf out;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct value_builder b = value_build(arena);

		value_push(&b, v);
		v = value_list(&b);
	}
	buf_init(&out, 1000);
	value_print(v, &out);
	assert_int_equal(out.n, 0);
	buf_release(&out);
	arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest test[] = {
		cmocka_unit_test(template__prints_a_value__by_its_type),
		cmocka_unit_test(template__keeps_braces__that_are_doubled),
		cmocka_unit_test(template__filters__each),
		cmocka_unit_test(template_names__tells_each_name__of_each_hole),
		cmocka_unit_test(template_parse__refuses__what_is_no_text_with_holes),
		cmocka_unit_test(value_print__stops__at_deep_nesting),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}

/* The schemas for editors know what the program knows. */
#include "tests/unit/flows/flows.h"

#include "flows/operation.h"

enum { max_text = 1 << 18 };

struct schema {
	struct source source;
	struct json_doc *doc;
};

/* Into @text, which has room for max_text bytes. */
static struct str file_read(const char *path, char *text)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, max_text, f);
	assert_true(n < max_text);
	fclose(f);
	return (struct str){text, n};
}

static struct schema schema_read(const char *path)
{
	static char text[max_text];

	return (struct schema){{path, file_read(path, text)}, NULL};
}

static const struct json *step_member(const struct schema *schema, const char *name)
{
	const struct json *step = json_get(json_get(json_root(schema->doc), "$defs"), "step");

	return json_get(json_get(step, "properties"), name);
}

static bool has_word(const struct json *list, const char *word)
{
	for (list = json_first(list); list; list = json_next(list))
		if (str_is(json_text(list), word))
			return true;
	return false;
}

static void schema__knows__verbs_operations_and_slot_types(void **state)
{
	struct schema schema = schema_read(SOURCE_DIR "/flows/schema.json");
	const struct json *slot;

	(void)state;
	schema.doc = json_parse(&schema.source, 0, NULL, NULL);
	assert_non_null(schema.doc);
	for (int i = 0; i < N_VERBS; i++)
		assert_non_null(step_member(&schema, verb_name[i]));
	for (unsigned i = 0; i < n_operations; i++)
		if (!has_word(json_get(step_member(&schema, "call"), "enum"), operation[i].name))
			fail_msg("the schema does not know '%s'", operation[i].name);
	assert_int_equal(json_count(json_get(step_member(&schema, "call"), "enum")), n_operations);
	slot = json_get(json_get(json_get(json_root(schema.doc), "$defs"), "slot"), "properties");
	for (int i = 0; i < N_SLOT_TYPES; i++)
		assert_true(has_word(json_get(json_get(slot, "is"), "enum"), slot_type_name[i]));
	json_doc_free(schema.doc);
}

/* Whether the loader knows a key of steps, for one verb or another: it does not say F002 then. */
static bool loader_knows(struct str key)
{
	struct flows f = {0};
	char flow[300];
	bool known;

	snprintf(flow, sizeof(flow), "{\"flow\": \"a\", \"title\": \"A\", \"first\": \"x\", \"steps\": {\"x\":"
		" {\"end\": \"done\", \"%.*s\": 0}}}", STR(key));
	flows_add(&f, flow);
	flows_load(&f);
	assert_null(f.set);
	known = !flows_found(&f, "F002");
	flows_free(&f);
	return known;
}

static void schema__has_only_keys__that_the_loader_knows(void **state)
{
	struct schema schema = schema_read(SOURCE_DIR "/flows/schema.json");
	const struct json *key;

	(void)state;
	schema.doc = json_parse(&schema.source, 0, NULL, NULL);
	assert_non_null(schema.doc);
	assert_false(loader_knows(S("whatever")));
	key = json_get(json_get(json_get(json_root(schema.doc), "$defs"), "step"), "properties");
	for (key = json_first(key); key; key = json_next(key))
		if (!str_is(json_key(key), "end") && !loader_knows(json_key(key)))
			fail_msg("the loader does not know '%.*s'", STR(json_key(key)));
	json_doc_free(schema.doc);
}

static void schema__has_every_key__of_the_loaders_table(void **state)
{
	static char text[max_text];
	struct schema schema = schema_read(SOURCE_DIR "/flows/schema.json");
	struct str table = file_read(SOURCE_DIR "/flows/load_step.c", text);
	size_t n = 0;

	(void)state;
	schema.doc = json_parse(&schema.source, 0, NULL, NULL);
	assert_non_null(schema.doc);
	table = str_sub(table, (size_t)str_find(table, S("step_key[] = {")), table.n);
	table = str_sub(table, 0, (size_t)str_find(table, S("\n};")));
	for (; str_find(table, S("\n\t{\"")) >= 0; n++) {
		char key[64];

		table = str_sub(table, (size_t)str_find(table, S("\n\t{\"")) + 4, table.n);
		snprintf(key, sizeof(key), "%.*s", (int)str_find(table, S("\"")), table.p);
		if (!step_member(&schema, key))
			fail_msg("the schema does not know '%s'", key);
	}
	assert_true(n > 30);
	json_doc_free(schema.doc);
}

static void list_schema__is__well_formed(void **state)
{
	struct schema schema = schema_read(SOURCE_DIR "/flows/list_schema.json");

	(void)state;
	schema.doc = json_parse(&schema.source, 0, NULL, NULL);
	assert_non_null(schema.doc);
	assert_non_null(json_get(json_get(json_root(schema.doc), "properties"), "choices"));
	json_doc_free(schema.doc);
}

int main(void)
{
	static const struct CMUnitTest test[] = {
		cmocka_unit_test(schema__knows__verbs_operations_and_slot_types),
		cmocka_unit_test(schema__has_only_keys__that_the_loader_knows),
		cmocka_unit_test(schema__has_every_key__of_the_loaders_table),
		cmocka_unit_test(list_schema__is__well_formed),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}

/* Rasa's REST channel: what is read, refused and written, and that buttons come back as presses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/rasa/rasa.h"
#include "tests/unit/value_of.h"

static struct arena *arena;
static struct buf out;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	buf_init(&out, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&out);
	arena_free(arena);
	return 0;
}

#define assert_str(s, text) assert_true(str_is((s), (text)))

static void assert_bad(const char *body, const char *expected)
{
	struct rasa_message message;

	buf_clear(&out);
	assert_false(rasa_read(str_of(body), arena, &message, &out));
	assert_string_equal(out.p, expected);
}

static struct rasa_message taken(const char *body)
{
	struct rasa_message message;

	if (!rasa_read(str_of(body), arena, &message, &out))
		fail_msg("%s: %.*s", body, STR(buf_str(&out)));
	return message;
}

static void rasa_read__takes_a_message(void **state)
{
	struct rasa_message m = taken("{\"sender\":\"u 1\",\"message\":\" where is it \","
				      "\"input_channel\":\"rest\",\"metadata\":{\"message_id\":"
				      "\"m-1\",\"language\":\"de\",\"x\":[1]}}");

	(void)state;
	assert_str(m.sender, "u 1");
	assert_str(m.text, "where is it");
	assert_str(m.id, "m-1");
	assert_str(m.language, "de");
	assert_int_equal(m.choice.n, 0);
}

static void rasa_read__has_defaults(void **state)
{
	struct rasa_message m =
		taken("{\"message\":\"hi\",\"metadata\":{\"locale\":\"pt-BR\",\"message_id\":7}}");

	(void)state;
	assert_str(m.sender, "default");
	assert_str(m.language, "pt-BR");
	assert_int_equal(m.id.n, 0);
}

static void rasa_read__knows_a_press(void **state)
{
	struct rasa_message m =
		taken("{\"message\":\"/choose{\\\"choice\\\":\\\"yes \\u00e9\\\"}\"}");

	(void)state;
	assert_str(m.choice, "yes \xC3\xA9");
	assert_int_equal(m.text.n, 0);
}

static void rasa_read__takes_as_text__what_is_no_press(void **state)
{
	static const char *const text[] = {"/choose", "/choose{}", "/choose{\\\"choice\\\":1}",
		"/choose{\\\"choice\\\":\\\"a\\\"}x", "/restart",
		"/choose {\\\"choice\\\":\\\"a\\\"}"};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		struct str body = arena_printf(arena, "{\"message\":\"%s\"}", text[i]);
		struct rasa_message m = taken(body.p);

		assert_int_equal(m.choice.n, 0);
		assert_true(m.text.n > 0);
	}
}

static void rasa_read__refuses(void **state)
{
	char *huge = malloc(5000);

	(void)state;
	assert_bad("", "the body is not JSON");
	assert_bad("{\"message\":\"a\",\"message\":\"b\"}", "the body is not JSON");
	assert_bad("[]", "'message' must be a text");
	assert_bad("{\"sender\":\"a\"}", "'message' must be a text");
	assert_bad("{\"message\":5}", "'message' must be a text");
	assert_bad("{\"message\":\" \"}", "'message' is empty");
	assert_bad(
		"{\"sender\":\"\",\"message\":\"a\"}", "'sender' must be a text of 1 to 128 bytes");
	assert_bad("{\"sender\":5,\"message\":\"a\"}", "'sender' must be a text of 1 to 128 bytes");
	assert_bad("{\"sender\":\"a\\nb\",\"message\":\"a\"}",
		"'sender' must be a text of 1 to 128 bytes");
	assert_non_null(huge);
	memset(huge, 'a', 4999);
	memcpy(huge, "{\"message\":\"", 12);
	memcpy(huge + 4500, "\"}", 3);
	assert_bad(huge, "'message' is over 4,000 bytes");
	free(huge);
}

static struct post post_of(enum post_who who, const char *body)
{
	return (struct post){.n = 1, .who = who, .body = value_of(arena, body)};
}

static void rasa_write__leaves_out_the_buyer__and_splits_texts(void **state)
{
	struct post post[] = {
		post_of(POST_BUYER, "{\"text\":\"hi\"}"),
		post_of(POST_BOT, "{\"text\":\"One.\\n\\n\\nTwo\\nlines.\",\"choices\":[{\"id\":"
				  "\"a\\\"b\",\"label\":\"A\"}]}"),
		post_of(POST_PERSON, "{\"text\":\"Hello\"}"),
		post_of(POST_NOTE, "{}"),
		post_of(POST_BOT,
			"{\"card\":{\"number\":\"1002\",\"n\":2,\"x\":null,\"l\":[true]}}"),
	};

	(void)state;
	rasa_write(&out, S("u"), post, 5);
	assert_string_equal(out.p,
		"[{\"recipient_id\":\"u\",\"text\":\"One.\"},"
		"{\"recipient_id\":\"u\",\"text\":\"Two\\nlines.\",\"buttons\":[{\"title\":\"A\","
		"\"payload\":\"/choose{\\\"choice\\\":\\\"a\\\\\\\"b\\\"}\"}]},"
		"{\"recipient_id\":\"u\",\"text\":\"Hello\"},"
		"{\"recipient_id\":\"u\",\"custom\":{\"number\":\"1002\",\"n\":2,\"x\":null,\"l\":"
		"[true]}}]");
}

static void rasa_write__writes_an_empty_array__when_nothing_is_said(void **state)
{
	(void)state;
	rasa_write(&out, S("u"), NULL, 0);
	assert_string_equal(out.p, "[]");
}

static void rasa_write_line__writes_a_line_each(void **state)
{
	struct post post = post_of(POST_BOT, "{\"text\":\"One.\\n\\nTwo.\"}");

	(void)state;
	rasa_write_line(&out, S("u"), &post);
	rasa_write_line(&out, S("u"), &post);
	assert_string_equal(out.p, "{\"recipient_id\":\"u\",\"text\":\"One.\"}\n{\"recipient_id\":"
				   "\"u\",\"text\":\"Two.\"}\n"
				   "{\"recipient_id\":\"u\",\"text\":\"One.\"}\n{\"recipient_id\":"
				   "\"u\",\"text\":\"Two.\"}\n");
}

/* Whatever the id of a choice is, its payload presses it. */
static void rasa__payloads_come_back__as_the_choice(void **state)
{
	static const char *const id[] = {
		"yes", "1002", "a b", "\"}", "\\\\", "/choose{", "\xE2\x82\xAC"};

	(void)state;
	for (size_t i = 0; i < sizeof(id) / sizeof(*id); i++) {
		struct value_builder b = value_build(arena), list = value_build(arena),
				     body = value_build(arena);
		struct source source = {"answer", {0}};
		struct post post = {.n = 1, .who = POST_BOT};
		struct json_doc *doc;
		struct rasa_message m;
		struct buf reply;

		value_put_text(&b, "id", str_of(id[i]));
		value_push(&list, value_record(&b));
		value_put(&body, "choices", value_list(&list));
		post.body = value_record(&body);
		buf_clear(&out);
		rasa_write(&out, S("u"), &post, 1);
		source.text = buf_str(&out);
		doc = json_parse(&source, 0, NULL, NULL);
		assert_non_null(doc);
		buf_init(&reply, 4096);
		buf_adds(&reply, "{\"message\":");
		json_write_text(json_text(json_get(
					json_first(json_get(json_first(json_root(doc)), "buttons")),
					"payload")),
			&reply);
		buf_adds(&reply, "}");
		m = taken(reply.p);
		assert_str(m.choice, id[i]);
		buf_release(&reply);
		json_doc_free(doc);
	}
}

static void rasa_error__says_why(void **state)
{
	(void)state;
	rasa_error(&out, S("'x'"));
	assert_string_equal(out.p, "{\"status\":\"failure\",\"reason\":\"'x'\"}");
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(rasa_read__takes_a_message),
		test(rasa_read__has_defaults),
		test(rasa_read__knows_a_press),
		test(rasa_read__takes_as_text__what_is_no_press),
		test(rasa_read__refuses),
		test(rasa_write__leaves_out_the_buyer__and_splits_texts),
		test(rasa_write__writes_an_empty_array__when_nothing_is_said),
		test(rasa_write_line__writes_a_line_each),
		test(rasa__payloads_come_back__as_the_choice),
		test(rasa_error__says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

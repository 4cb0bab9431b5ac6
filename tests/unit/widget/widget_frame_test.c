/* The widget's frames: what is read, what is refused and how, and the bytes that are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/widget/widget_frame.h"
#include "tests/unit/value_of.h"

struct read {
	struct arena *arena;
	struct frame_in frame;
	struct frame_refusal refusal;
	struct buf error;
	bool ok;
};

static struct read frame_of(const char *text)
{
	struct read r = {.arena = arena_new(1 << 20)};

	buf_init(&r.error, 1000);
	r.ok = frame_read(str_of(text), r.arena, &r.frame, &r.refusal, &r.error);
	return r;
}

static void done(struct read *r)
{
	buf_release(&r->error);
	arena_free(r->arena);
}

#define assert_str(s, text) assert_true(str_is((s), (text)))

static void assert_bad(const char *text, const char *error)
{
	struct read r = frame_of(text);

	assert_false(r.ok);
	assert_null(r.refusal.code);
	assert_string_equal(buf_str(&r.error).p, error);
	done(&r);
}

static void assert_refused(const char *text, const char *id, const char *code)
{
	struct read r = frame_of(text);

	assert_false(r.ok);
	assert_str(r.refusal.id, id);
	assert_string_equal(r.refusal.code, code);
	assert_true(r.error.n > 0);
	done(&r);
}

static void frame_read__takes_hello__with_everything(void **state)
{
	struct read r = frame_of("{\"t\":\"hello\",\"v\":1,\"token\":\"tok\",\"after\":12,"
				 "\"lang\":\"pt-BR\",\"identity\":\"a.b.c\",\"page\":\"/cart\"}");

	(void)state;
	assert_true(r.ok);
	assert_int_equal(r.frame.kind, FRAME_HELLO);
	assert_str(r.frame.token, "tok");
	assert_true(r.frame.has_after);
	assert_int_equal(r.frame.after, 12);
	assert_str(r.frame.lang, "pt-BR");
	assert_str(r.frame.identity, "a.b.c");
	assert_str(r.frame.page, "/cart");
	done(&r);
}

static void frame_read__takes_hello__with_nothing(void **state)
{
	struct read r = frame_of("{\"t\":\"hello\",\"v\":1}");

	(void)state;
	assert_true(r.ok);
	assert_false(r.frame.has_after);
	assert_int_equal(r.frame.token.n, 0);
	done(&r);
}

static void frame_read__cuts_the_page__between_characters(void **state)
{
	char text[600] = "{\"t\":\"hello\",\"v\":1,\"page\":\"/";
	struct read r;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		strcat(text, "\xC3\xBC");
	strcat(text, "\"}");
	r = frame_of(text);
	assert_true(r.ok);
	assert_int_equal(r.frame.page.n, 199);
	done(&r);
}

static void frame_read__refuses_a_hello__that_is_not_understood(void **state)
{
	(void)state;
	assert_bad("{\"t\":\"hello\"}", "no number: 'v'");
	assert_bad("{\"t\":\"hello\",\"v\":2}", "unknown version 2");
	assert_bad("{\"t\":\"hello\",\"v\":1,\"token\":7}", "not a text: 'token'");
	assert_bad("{\"t\":\"hello\",\"v\":1,\"lang\":\"../en\"}", "not a language: 'lang'");
	assert_bad("{\"t\":\"hello\",\"v\":1,\"after\":-1}",
		"no number, or none that is possible: 'after'");
	assert_bad("{\"t\":\"hello\",\"v\":1,\"after\":4294967296}",
		"no number, or none that is possible: 'after'");
	assert_bad("{\"t\":\"hello\",\"v\":1,\"after\":1.5}",
		"no number, or none that is possible: 'after'");
	assert_bad("{\"t\":\"hello\",\"v\":1,\"token\":"
		   "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
		"too long: 'token'");
}

static void frame_read__takes_a_message(void **state)
{
	struct read r = frame_of("{\"t\":\"say\",\"id\":\"a_B-9:12\",\"text\":\"where\\nis it\"}");

	(void)state;
	assert_true(r.ok);
	assert_int_equal(r.frame.kind, FRAME_SAY);
	assert_str(r.frame.id, "a_B-9:12");
	assert_str(r.frame.text, "where\nis it");
	done(&r);
}

static char *say_of(size_t n)
{
	char *text = calloc(1, n + 100);

	assert_non_null(text);
	strcpy(text, "{\"t\":\"say\",\"id\":\"s:1\",\"text\":\"");
	memset(text + strlen(text), 'a', n);
	strcat(text, "\"}");
	return text;
}

static void frame_read__takes_4000_bytes__and_not_one_more(void **state)
{
	char *most = say_of(4000), *more = say_of(4001), *much = say_of(17000);
	struct read r = frame_of(most);

	(void)state;
	assert_true(r.ok);
	done(&r);
	assert_refused(more, "s:1", "too_long");
	r = frame_of(much);
	assert_false(r.ok);
	assert_null(r.refusal.code);
	done(&r);
	free(most);
	free(more);
	free(much);
}

static void frame_read__refuses_by_id__what_will_never_be_taken(void **state)
{
	(void)state;
	assert_refused("{\"t\":\"say\",\"id\":\"s:1\",\"text\":\"\"}", "s:1", "empty");
	assert_refused("{\"t\":\"say\",\"id\":\"s:1\",\"text\":\" \\n\\t\\u00a0\\u200b\\u0001\"}",
		"s:1", "empty");
	assert_refused("{\"t\":\"press\",\"id\":\"s:2\",\"post\":3}", "s:2", "bad_choice");
	assert_refused(
		"{\"t\":\"press\",\"id\":\"s:2\",\"post\":3,\"choice\":\"\"}", "s:2", "bad_choice");
	assert_refused("{\"t\":\"file\",\"id\":\"s:3\"}", "s:3", "bad_file");
	assert_refused("{\"t\":\"file\",\"id\":\"s:3\",\"file\":\"../x\"}", "s:3", "bad_file");
}

static void frame_read__refuses_a_message__without_a_good_id(void **state)
{
	(void)state;
	assert_bad("{\"t\":\"say\",\"text\":\"x\"}", "not an id: 'id'");
	assert_bad("{\"t\":\"say\",\"id\":\"\",\"text\":\"x\"}", "not an id: 'id'");
	assert_bad("{\"t\":\"say\",\"id\":\"a b\",\"text\":\"x\"}", "not an id: 'id'");
	assert_bad("{\"t\":\"say\",\"id\":\"a\\u00e9\",\"text\":\"x\"}", "not an id: 'id'");
	assert_bad("{\"t\":\"say\",\"id\":5,\"text\":\"x\"}", "not a text: 'id'");
	assert_bad("{\"t\":\"say\",\"id\":"
		   "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
		"too long: 'id'");
	assert_bad("{\"t\":\"say\",\"id\":\"s:1\",\"text\":5}", "not a text: 'text'");
}

static void frame_read__takes_the_small_frames(void **state)
{
	struct read r =
		frame_of("{\"t\":\"press\",\"id\":\"s:2\",\"post\":12,\"choice\":\"yes please\"}");

	(void)state;
	assert_true(r.ok);
	assert_int_equal(r.frame.kind, FRAME_PRESS);
	assert_int_equal(r.frame.n, 12);
	assert_str(r.frame.choice, "yes please");
	done(&r);
	r = frame_of("{\"t\":\"file\",\"id\":\"s:3\",\"file\":\"Ab_-9.jpg\"}");
	assert_true(r.ok);
	assert_str(r.frame.file, "Ab_-9.jpg");
	done(&r);
	r = frame_of("{\"t\":\"older\",\"before\":51}");
	assert_true(r.ok);
	assert_int_equal(r.frame.n, 51);
	done(&r);
	r = frame_of("{\"t\":\"read\",\"n\":4294967295}");
	assert_true(r.ok);
	assert_int_equal(r.frame.n, UINT32_MAX);
	done(&r);
	r = frame_of("{\"t\":\"identity\",\"identity\":\"a.b.c\"}");
	assert_true(r.ok);
	assert_int_equal(r.frame.kind, FRAME_IDENTITY);
	done(&r);
	r = frame_of("{\"t\":\"typing\"}");
	assert_true(r.ok && r.frame.kind == FRAME_TYPING);
	done(&r);
	r = frame_of("{\"t\":\"forget\"}");
	assert_true(r.ok && r.frame.kind == FRAME_FORGET);
	done(&r);
	r = frame_of("{\"t\":\"ping\",\"unknown\":[1]}");
	assert_true(r.ok && r.frame.kind == FRAME_PING);
	done(&r);
}

static void frame_read__refuses__what_is_no_frame(void **state)
{
	(void)state;
	assert_bad("[]", "a frame is one object");
	assert_bad("{}", "unknown frame kind ''");
	assert_bad("{\"t\":\"hello\",\"v\":1,\"page\":[]}", "not a text: 'page'");
	assert_bad("{\"t\":\"press\",\"id\":\"s:1\",\"choice\":\"a\"}",
		"no number, or none that is possible: 'post'");
	assert_bad("{\"t\":\"file\",\"file\":\"a\"}", "not an id: 'id'");
	assert_bad("{\"t\":\"identity\",\"identity\":7}", "not a text: 'identity'");
	assert_bad("{\"t\":\"sya\"}", "unknown frame kind 'sya'");
	assert_bad("{\"t\":\"identity\"}", "not a text: 'identity'");
	assert_bad("{\"t\":\"older\"}", "no number, or none that is possible: 'before'");
}

static void frame_read__refuses__what_is_not_strict_json(void **state)
{
	static const char *const bad[] = {"", "x", "{\"t\":\"ping\"}x", "{\"t\":\"ping\",}",
		"{\"t\":\"ping\",\"t\":\"say\"}", "{\"t\":\"ping\",\"a\":[[[[1]]]]}",
		"{\"t\":\"\xFF\"}", "{\"t\":\"a\\u0000b\"}", "{'t':'ping'}"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct read r = frame_of(bad[i]);

		if (r.ok)
			fail_msg("taken: %s", bad[i]);
		assert_true(str_starts(buf_str(&r.error), S("not JSON")));
		done(&r);
	}
}

/* --- writing --- */

static void file_url(void *self, struct str file, struct buf *out)
{
	(void)self;
	buf_addf(out, "/chat/file/%.*s?k=KEY", STR(file));
}

static const struct str origin[] = {S("https://img.shop.example")};
static const struct frame_view view = {origin, 1, file_url, NULL, NULL};

static void assert_post(struct post post, const char *body, const char *expected)
{
	struct arena *arena = arena_new(1 << 20);
	struct buf out;

	buf_init(&out, 1 << 20);
	post.body = value_of(arena, body);
	frame_post(&out, &post, &view);
	assert_string_equal(buf_str(&out).p, expected);
	buf_release(&out);
	arena_free(arena);
}

static void frame_post__writes_what_the_bot_says(void **state)
{
	(void)state;
	assert_post((struct post){.n = 12, .at_ms = 1732406400000, .who = POST_BOT},
		"{\"text\":\"Cancel it?\",\"question\":true,\"again\":true,\"choices\":["
		"{\"id\":\"yes\",\"label\":\"Yes, "
		"\\\"cancel\\\"\"},{\"id\":\"no\",\"label\":\"No\"}]}",
		"{\"t\":\"post\",\"n\":12,\"at\":1732406400000,\"who\":\"bot\",\"body\":[{\"p\":["
		"\"Cancel it?\"]}],\"choices\":[{\"id\":\"yes\",\"label\":\"Yes, \\\"cancel\\\"\"},"
		"{\"id\":\"no\",\"label\":\"No\"}],\"question\":true}");
}

static void frame_post__writes_the_buyer(void **state)
{
	(void)state;
	assert_post((struct post){.n = 3, .at_ms = 5, .who = POST_BUYER, .mid = S("s:1")},
		"{\"text\":\"- <b>hi\\n- x\",\"choice\":\"a\"}",
		"{\"t\":\"post\",\"n\":3,\"at\":5,\"who\":\"buyer\",\"id\":\"s:1\",\"body\":["
		"{\"p\":[\"- <b>hi\",{\"br\":1},\"- x\"]}]}");
}

static void frame_post__writes_a_file__with_its_address(void **state)
{
	(void)state;
	assert_post((struct post){.n = 4, .at_ms = 5, .who = POST_BUYER, .mid = S("s:2")},
		"{\"text\":\"\",\"file\":{\"id\":\"F\",\"name\":\"b\\\"x.jpg\",\"type\":"
		"\"image/jpeg\",\"bytes\":123}}",
		"{\"t\":\"post\",\"n\":4,\"at\":5,\"who\":\"buyer\",\"id\":\"s:2\",\"file\":{"
		"\"id\":\"F\",\"name\":\"b\\\"x.jpg\",\"type\":\"image/jpeg\",\"bytes\":123,"
		"\"url\":\"/chat/file/F?k=KEY\"}}");
}

static void frame_post__writes_persons_and_notes(void **state)
{
	(void)state;
	assert_post((struct post){.n = 1,
			    .at_ms = 5,
			    .who = POST_PERSON,
			    .name = S("Mai"),
			    .mid = S("desk:1:a")},
		"{\"text\":\"Hello\"}",
		"{\"t\":\"post\",\"n\":1,\"at\":5,\"who\":\"person\",\"name\":\"Mai\",\"body\":["
		"{\"p\":[\"Hello\"]}]}");
	assert_post((struct post){.n = 2, .at_ms = 5, .who = POST_NOTE},
		"{\"note\":\"joined\",\"text\":\"Mai is here\"}",
		"{\"t\":\"post\",\"n\":2,\"at\":5,\"who\":\"note\",\"body\":[{\"p\":["
		"\"Mai is here\"]}],\"note\":\"joined\"}");
}

static void frame_post__writes_a_card(void **state)
{
	(void)state;
	assert_post((struct post){.n = 1, .who = POST_BOT},
		"{\"text\":\"So:\",\"card\":{\"number\":\"1\",\"status\":\"X\"}}",
		"{\"t\":\"post\",\"n\":1,\"at\":0,\"who\":\"bot\",\"body\":[{\"p\":[\"So:\"]}],"
		"\"card\":{\"card\":\"order\",\"number\":\"1\",\"status\":\"X\"}}");
}

static void frame_post__survives_a_body__of_the_wrong_types(void **state)
{
	(void)state;
	assert_post((struct post){.n = 1, .who = POST_BOT},
		"{\"text\":5,\"choices\":\"x\",\"card\":[],\"file\":7,\"question\":\"y\"}",
		"{\"t\":\"post\",\"n\":1,\"at\":0,\"who\":\"bot\"}");
	assert_post((struct post){.n = 1, .who = POST_BOT}, "null",
		"{\"t\":\"post\",\"n\":1,\"at\":0,\"who\":\"bot\"}");
}

static void frames__say_what_the_protocol_says(void **state)
{
	struct post post = {.n = 1, .who = POST_NOTE};
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	frame_welcome(&out,
		&(struct frame_welcome){
			.token = S("T"), .last = 1, .owner = S("bot"), .post = &post, .n_posts = 1},
		&view);
	buf_addc(&out, '\n');
	frame_older(&out, NULL, 0, true, &view);
	frame_ack(&out, S("s:1"), 7);
	frame_refused(&out, S("s:1"), "too_fast", "wait \"a bit\"", 1500);
	frame_refused(&out, S("s:1"), "empty", "e", 0);
	frame_typing(&out, "bot");
	frame_owner(&out, S("queue"), S(""), S("A person will come."));
	frame_error(&out, "bad_frame", "no\x01");
	frame_simple(&out, "pong");
	frame_welcome(&out, &(struct frame_welcome){.owner = S("bot"), .sealed = true}, &view);
	assert_string_equal(out.p,
		"{\"t\":\"welcome\",\"token\":\"T\",\"last\":1,\"known\":false,\"owner\":\"bot\","
		"\"posts\":[{\"n\":1,\"at\":0,\"who\":\"note\"}],\"older\":false}\n"
		"{\"t\":\"older\",\"posts\":[],\"older\":true}"
		"{\"t\":\"ack\",\"id\":\"s:1\",\"n\":7}"
		"{\"t\":\"refused\",\"id\":\"s:1\",\"code\":\"too_fast\",\"text\":"
		"\"wait \\\"a bit\\\"\",\"wait\":1500}"
		"{\"t\":\"refused\",\"id\":\"s:1\",\"code\":\"empty\",\"text\":\"e\"}"
		"{\"t\":\"typing\",\"who\":\"bot\"}"
		"{\"t\":\"owner\",\"owner\":\"queue\",\"person\":\"\",\"text\":"
		"\"A person will come.\"}"
		"{\"t\":\"error\",\"code\":\"bad_frame\",\"text\":\"no\\u0001\"}"
		"{\"t\":\"pong\"}"
		"{\"t\":\"welcome\",\"last\":0,\"known\":false,\"owner\":\"bot\",\"posts\":[],"
		"\"older\":false,\"sealed\":true}");
	buf_release(&out);
}

static void frame_post__stops_at_the_ceiling__and_says_so(void **state)
{
	struct post post = {.n = 1, .who = POST_NOTE};
	struct buf out;

	(void)state;
	buf_init(&out, 10);
	frame_post(&out, &post, &view);
	assert_true(out.over);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_read__takes_hello__with_everything),
		cmocka_unit_test(frame_read__takes_hello__with_nothing),
		cmocka_unit_test(frame_read__cuts_the_page__between_characters),
		cmocka_unit_test(frame_read__refuses_a_hello__that_is_not_understood),
		cmocka_unit_test(frame_read__takes_a_message),
		cmocka_unit_test(frame_read__takes_4000_bytes__and_not_one_more),
		cmocka_unit_test(frame_read__refuses_by_id__what_will_never_be_taken),
		cmocka_unit_test(frame_read__refuses_a_message__without_a_good_id),
		cmocka_unit_test(frame_read__takes_the_small_frames),
		cmocka_unit_test(frame_read__refuses__what_is_no_frame),
		cmocka_unit_test(frame_read__refuses__what_is_not_strict_json),
		cmocka_unit_test(frame_post__writes_what_the_bot_says),
		cmocka_unit_test(frame_post__writes_the_buyer),
		cmocka_unit_test(frame_post__writes_a_file__with_its_address),
		cmocka_unit_test(frame_post__writes_persons_and_notes),
		cmocka_unit_test(frame_post__writes_a_card),
		cmocka_unit_test(frame_post__survives_a_body__of_the_wrong_types),
		cmocka_unit_test(frames__say_what_the_protocol_says),
		cmocka_unit_test(frame_post__stops_at_the_ceiling__and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

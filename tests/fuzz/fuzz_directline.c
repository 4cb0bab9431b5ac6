/* Direct Line: any bytes as activity, start, token, watermark and path; what is taken is written
 * back as strict JSON. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/directline/directline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str secret[] = {S("a secret of the shop, long enough")};

static void check_written(const struct buf *out)
{
	struct source source = {"activities", buf_str(out)};
	struct json_limits limits = {16 << 20, 10 << 20, 32};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, &limits, NULL);

	assert(!out->over && doc);
	json_doc_free(doc);
	for (size_t i = 0; i < out->n; i++)
		assert((unsigned char)out->p[i] >= 0x20 && out->p[i] != 0x7F);
}

static void write_back(
	const struct directline_activity *activity, struct str input, struct arena *arena)
{
	struct directline_view view = {
		.conversation = S("C"), .user = activity->from, .bot_name = activity->name};
	struct source source = {"card", input};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);
	struct value_builder choice = value_build(arena), list = value_build(arena),
			     body = value_build(arena);
	struct post post[4];
	struct buf out;

	value_put_text(&choice, "id", activity->choice);
	value_put_text(&choice, "label", activity->text);
	value_push(&list, value_record(&choice));
	value_put_text(&body, "text", activity->text);
	value_put(&body, "choices", value_list(&list));
	if (doc)
		value_put(&body, "card", value_from_json(arena, json_root(doc)));
	for (unsigned i = 0; i < 4; i++)
		post[i] = (struct post){.n = activity->post / 2 + i,
			.at_ms = 1732406400000,
			.who = (enum post_who)i,
			.name = activity->name,
			.mid = activity->id,
			.body = value_record(&body)};
	buf_init(&out, 16 << 20);
	directline_activities(&out, post, 4, 0, &view);
	check_written(&out);
	buf_release(&out);
	json_doc_free(doc);
}

static void check_activity(struct str input, struct arena *arena)
{
	struct directline_activity activity;
	struct buf error;

	buf_init(&error, 1000);
	if (directline_activity_read(input, arena, &activity, &error)) {
		assert(!error.n && activity.n_attachments <= directline_max_attachments);
		assert((activity.kind == DIRECTLINE_PRESS) == (activity.choice.n > 0));
		assert((activity.kind == DIRECTLINE_FILE) == (activity.n_attachments > 0));
		assert(activity.kind != DIRECTLINE_TEXT || activity.text.n);
		assert(activity.text.n <= directline_max_text_bytes);
		write_back(&activity, input, arena);
	} else {
		assert(error.n);
	}
	buf_release(&error);
}

static void check_start(struct str input, bool trusted, struct arena *arena)
{
	struct directline_start start;
	struct buf error;

	buf_init(&error, 1000);
	if (directline_start_read(input, trusted, arena, &start, &error))
		assert(!start.user.n || trusted == str_starts(start.user, S("dl_")));
	else
		assert(error.n);
	buf_release(&error);
}

/* A token of ours says what went in, whatever that was. */
static void check_token(struct str input, struct arena *arena)
{
	struct directline_token made = {DIRECTLINE_CHAT, S("C"), str_sub(input, 0, 64), S(""), 5};
	struct directline_token token;
	struct buf out;

	assert(directline_token_read(input, DIRECTLINE_CHAT, secret, 1, 0, arena, &token) !=
		TOKEN_GOOD);
	buf_init(&out, 1 << 20);
	directline_token_make(&made, secret[0], &out);
	assert(directline_token_read(buf_str(&out), DIRECTLINE_CHAT, secret, 1, 4, arena, &token) ==
		TOKEN_GOOD);
	assert(str_is(token.conversation, "C"));
	buf_release(&out);
}

static void check_route(struct str input, struct arena *arena)
{
	struct str path = arena_printf(arena, "/v3/directline/%.*s", STR(input));
	struct directline_route route = directline_route(S("GET"), path);
	uint32_t after;

	assert(route.conversation.n <= 64);
	if (directline_watermark(input, &after) && input.n && !str_is(input, "-"))
		assert(input.n <= 10);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = {(const char *)data, size};
	struct arena *arena = arena_new(32 << 20);

	check_activity(input, arena);
	check_start(input, true, arena);
	check_start(input, false, arena);
	check_token(input, arena);
	check_route(input, arena);
	arena_free(arena);
	return 0;
}

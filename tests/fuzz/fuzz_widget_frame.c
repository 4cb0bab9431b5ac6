/* A frame of any bytes: what is taken keeps the promises of widget_frame.h, and what is written
 * back from it is strict JSON without a control byte. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/widget/widget_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_written(const struct buf *out)
{
	struct source source = {"frame", buf_str(out)};
	struct json_limits limits = {16 << 20, 10 << 20, 32};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, &limits, NULL);

	assert(!out->over && doc);
	json_doc_free(doc);
	for (size_t i = 0; i < out->n; i++)
		assert((unsigned char)out->p[i] >= 0x20 && out->p[i] != 0x7F);
}

static void write_back(const struct frame_in *frame, struct arena *arena)
{
	const struct str origin[] = {S("https://img.example")};
	const struct frame_view view = {origin, 1, NULL, NULL};
	struct value_builder b = value_build(arena);
	struct post post = {.n = frame->n, .at_ms = 5, .mid = frame->id, .name = frame->choice};
	struct buf out;

	value_put_text(&b, "text", frame->text);
	post.body = value_record(&b);
	buf_init(&out, 4 << 20);
	for (post.who = POST_BUYER; post.who <= POST_NOTE; post.who++) {
		buf_clear(&out);
		frame_post(&out, &post, &view);
		check_written(&out);
	}
	buf_clear(&out);
	frame_owner(&out, frame->lang, frame->token, frame->page);
	check_written(&out);
	buf_release(&out);
}

static void check_taken(const struct frame_in *frame)
{
	bool has_id =
		frame->kind == FRAME_SAY || frame->kind == FRAME_PRESS || frame->kind == FRAME_FILE;

	assert(has_id == (frame->id.n > 0) && frame->id.n <= 64);
	assert((frame->kind == FRAME_SAY) == (frame->text.n > 0) && frame->text.n <= 4000);
	assert((frame->kind == FRAME_PRESS) == (frame->choice.n > 0));
	assert((frame->kind == FRAME_FILE) == (frame->file.n > 0));
	assert(frame->page.n <= 200 && frame->token.n <= 128 && frame->identity.n <= 2048);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4 << 20);
	struct frame_refusal refusal;
	struct frame_in frame;
	struct buf error;

	buf_init(&error, 1000);
	if (frame_read((struct str){(const char *)data, size}, arena, &frame, &refusal, &error)) {
		check_taken(&frame);
		write_back(&frame, arena);
		assert(!error.n);
	} else {
		assert(error.n && (!refusal.code || refusal.id.n));
		buf_clear(&error);
	}
	buf_release(&error);
	arena_free(arena);
	return 0;
}

/* Rasa's REST channel: any body; what is taken is written back as strict JSON, and a button made of
 * it is read as a press of the same choice. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/rasa/rasa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_doc *parsed(struct source *source, const struct buf *out)
{
	struct json_limits limits = {16 << 20, 1 << 20, 32};
	struct json_doc *doc;

	*source = (struct source){"answer", buf_str(out)};
	doc = json_parse(source, JSON_BIG_AS_TEXT, &limits, NULL);
	assert(!out->over && doc);
	for (size_t i = 0; i < out->n; i++)
		assert((unsigned char)out->p[i] >= 0x20 && out->p[i] != 0x7F);
	return doc;
}

static const struct json *last(const struct json *array)
{
	const struct json *node = json_first(array);

	while (node && json_next(node))
		node = json_next(node);
	return node;
}

static void press(struct str payload, struct str choice, struct arena *arena)
{
	struct rasa_message message;
	struct buf body;

	buf_init(&body, 1 << 20);
	buf_adds(&body, "{\"message\":");
	json_write_text(payload, &body);
	buf_adds(&body, "}");
	assert(rasa_read(buf_str(&body), arena, &message, &body));
	assert(str_eq(message.choice, choice));
	buf_release(&body);
}

static void write_back(const struct rasa_message *message, struct arena *arena)
{
	struct str id = message->choice.n ? message->choice : str_sub(message->text, 0, 0);
	struct value_builder choice = value_build(arena), list = value_build(arena),
			     body = value_build(arena);
	struct post post = {.n = 1, .who = POST_BOT};
	struct source source;
	struct json_doc *doc;
	struct buf out;

	value_put_text(&choice, "id", id);
	value_put_text(&choice, "label", message->text);
	value_push(&list, value_record(&choice));
	value_put_text(&body, "text", message->text);
	value_put(&body, "choices", value_list(&list));
	post.body = value_record(&body);
	buf_init(&out, 8 << 20);
	rasa_write(&out, message->sender, &post, 1);
	doc = parsed(&source, &out);
	if (id.n)
		press(json_text(json_get(
			      json_first(json_get(last(json_root(doc)), "buttons")), "payload")),
			id, arena);
	json_doc_free(doc);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(8 << 20);
	struct rasa_message message;
	struct buf error;

	buf_init(&error, 1000);
	if (rasa_read((struct str){(const char *)data, size}, arena, &message, &error)) {
		assert(!error.n && message.sender.n && message.sender.n <= rasa_max_sender_bytes);
		assert((message.text.n > 0) != (message.choice.n > 0));
		write_back(&message, arena);
	} else {
		assert(error.n);
	}
	buf_release(&error);
	arena_free(arena);
	return 0;
}

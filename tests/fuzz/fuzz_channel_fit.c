/* Posts cut to fit: the first bytes are the limits, the rest is the text with its choices a line
 * each behind the first NUL.  No message is over its limit, none ends inside a sign that people see
 * as one unless that sign alone is too long, and no letter of the text is lost. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/channel/channel_fit.h"
#include "adapters/channel/channel_text.h"
#include "bot/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { limit_bytes = 5, least_units = 24 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Without blanks: where a message ends they are dropped. */
static struct str letters(struct arena *arena, struct str text)
{
	char *out = arena_cstr(arena, text);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (!is_blank(text.p[i]))
			out[n++] = text.p[i];
	return (struct str){out, n};
}

static const struct value *choices_of(struct arena *arena, struct str lines)
{
	struct value_builder list = value_build(arena);

	while (lines.n && list.n < 30) {
		struct value_builder one = value_build(arena);

		value_put_text(&one, "id", S("x"));
		value_put_text(&one, "label", str_cut(&lines, '\n'));
		value_push(&list, value_record(&one));
	}
	return value_list(&list);
}

static void check_message(
	const struct channel_limits *limits, const struct post *message, size_t index, size_t n)
{
	const struct value *choices = value_get(message->body, "choices");
	struct str text = value_get_text(message->body, "text");
	size_t n_choices = value_count(choices);

	assert(channel_fits(text, n_choices ? limits->question_text : limits->text));
	assert(!n_choices || index + 1 == n);
	assert(n_choices <= limits->buttons || n_choices <= limits->list_rows);
	for (size_t i = 0; i < n_choices; i++) {
		struct channel_handle handle;
		const struct value *choice = value_at(choices, i);

		assert(channel_fits(value_get_text(choice, "label"),
			n_choices > limits->buttons ? limits->row_label : limits->label));
		assert(channel_handle_read(value_get_text(choice, "id"), &handle));
		assert(handle.post == message->n && handle.choice == i);
	}
}

static void fit(const struct channel_limits *limits, struct str text, const struct value *choices,
	struct arena *arena)
{
	struct value_builder body = value_build(arena);
	struct post post = {.n = 7, .who = POST_BOT};
	const struct post *message;
	struct buf again;
	size_t n;

	value_put_text(&body, "text", text);
	value_put(&body, "choices", choices);
	post.body = value_record(&body);
	n = channel_fit(limits, &post, arena, &message);
	buf_init(&again, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		check_message(limits, &message[i], i, n);
		buf_add(&again, value_get_text(message[i].body, "text"));
	}
	if (n < 40) /* what is longer than that is cut */
		assert(str_starts(letters(arena, buf_str(&again)), letters(arena, text)));
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(32 << 20);
	struct channel_limits limits = {.buttons = 3};
	struct str text, choices = {0};

	if (size >= limit_bytes && size < 4096) {
		enum channel_unit unit = (enum channel_unit)(data[0] % 4);

		limits.text = (struct channel_limit){least_units + data[1], unit};
		limits.question_text =
			(struct channel_limit){least_units + data[2] % (data[1] + 1), unit};
		limits.label = limits.row_label = (struct channel_limit){4 + data[3] % 40, unit};
		limits.list_rows = data[4] % 12;
		text = text_repaired(
			arena, (struct str){(const char *)data + limit_bytes, size - limit_bytes});
		choices = text;
		text = str_cut(&choices, '\0');
		fit(&limits, text, choices_of(arena, choices), arena);
	}
	arena_free(arena);
	return 0;
}

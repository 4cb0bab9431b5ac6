/* The conversations of tests/chats, each through every platform: what the buyer writes and presses
 * goes in as the platform's bytes, what is said comes out as the platform's requests and is read
 * back; the rest of the test is as it always was.  All platforms sit on the wire of one play: what
 * comes through one of them has to be what comes through all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <glob.h>

#include "adapters/channel/channel_fit.h"
#include "bot/base/text.h"
#include "bot/chats/chat_run.h"
#include "tests/contract/channel_samples.h"

enum { max_choices_seen = 1000, least_plays = 700 };

/* A choice that the buyer can see. */
struct seen_choice {
	struct channel_handle handle;
	struct str id;
	bool button; /* else it stands in the text under a number */
};

struct wire {
	struct sample sample;
	struct arena *arena; /* of a play */
	struct seen_choice offer[max_choices_seen];
	size_t n_offers;
	unsigned n_said;
	size_t n_texts, n_presses, n_numbers, n_shown;
};

struct wires {
	struct wire wire[n_channel_samples];
};

static void begin(void *self)
{
	struct wires *wires = self;

	for (size_t i = 0; i < n_channel_samples; i++) {
		arena_reset(wires->wire[i].arena);
		wires->wire[i].n_offers = wires->wire[i].n_said = 0;
	}
}

static bool fail_with(
	struct wire *wire, struct arena *arena, struct str *why, const char *what, struct str about)
{
	*why = arena_printf(arena, "%s: %s: '%.*s'", wire->sample.codec->name, what, STR(about));
	return false;
}

/* --- in --- */

/* One event comes of it, or NULL. */
static const struct channel_event *bring(struct wire *wire, enum sample_kind kind, struct str text)
{
	struct sample_said said = {
		.peer = str_of(wire->sample.peer),
		.id = arena_printf(wire->arena, "%u", ++wire->n_said),
		.text = text,
		.label = text,
		.payload = text,
	};
	struct channel_taken taken = sample_give(
		&wire->sample, sample_body(&wire->sample, kind, &said, wire->arena), wire->arena);

	return taken.status == 200 && taken.n_events == 1 ? taken.event : NULL;
}

static bool carry_text(struct wire *wire, struct event *event, struct arena *arena, struct str *why)
{
	const struct channel_event *came;

	/* What no JSON holds, and empty messages, come on no platform. */
	if (text_valid_up_to(event->text) < event->text.n || !str_trim(event->text).n)
		return true;
	came = bring(wire, SAMPLE_TEXT, event->text);
	if (!came || came->kind != CHANNEL_TEXT)
		return fail_with(wire, arena, why, "a text did not come", event->text);
	if (!str_eq(came->text, event->text))
		return fail_with(wire, arena, why, "came as another text", came->text);
	event->text = arena_str(arena, came->text);
	wire->n_texts++;
	return true;
}

static const struct seen_choice *offer_of(const struct wire *wire, struct str id)
{
	for (size_t i = wire->n_offers; i-- > 0;)
		if (str_eq(wire->offer[i].id, id))
			return &wire->offer[i];
	return NULL;
}

static bool carry_press(
	struct wire *wire, struct event *event, struct arena *arena, struct str *why)
{
	const struct seen_choice *offer = offer_of(wire, event->text), *pressed = NULL;
	const struct channel_event *came;
	struct channel_handle handle;

	if (!offer)
		return true; /* a test of buttons that never were */
	if (!offer->button) {
		wire->n_numbers++;
		return true;
	}
	came = bring(wire, SAMPLE_PRESS, channel_handle_write(wire->arena, offer->handle));
	if (!came || came->kind != CHANNEL_PRESS || !channel_handle_read(came->text, &handle))
		return fail_with(wire, arena, why, "a press did not come", event->text);
	for (size_t i = 0; i < wire->n_offers; i++)
		if (wire->offer[i].handle.post == handle.post &&
			wire->offer[i].handle.choice == handle.choice)
			pressed = &wire->offer[i];
	if (!pressed || !str_eq(pressed->id, event->text))
		return fail_with(wire, arena, why, "another button came", event->text);
	wire->n_presses++;
	return true;
}

static bool carry_one(struct wire *self, struct event *event, struct arena *arena, struct str *why)
{
	switch (event->kind) {
	case EVENT_TEXT:
		return carry_text(self, event, arena, why);
	case EVENT_PRESS:
		return carry_press(self, event, arena, why);
	case EVENT_ATTACHMENT:
		if (bring(self, SAMPLE_ATTACHMENT, S("")))
			return true;
		return fail_with(self, arena, why, "an attachment did not come", event->text);
	default:
		return true;
	}
}

static bool carry(void *self, struct event *event, struct arena *arena, struct str *why)
{
	struct wires *wires = self;

	for (size_t i = 0; i < n_channel_samples; i++)
		if (!carry_one(&wires->wire[i], event, arena, why))
			return false;
	return true;
}

/* --- out --- */

static void remember(struct wire *wire, const struct post *post, bool button)
{
	const struct value *choices = value_get(post->body, "choices");

	for (size_t i = 0; i < value_count(choices) && wire->n_offers < max_choices_seen; i++)
		wire->offer[wire->n_offers++] = (struct seen_choice){
			.handle = {post->n, (unsigned)i},
			.id = arena_str(wire->arena, value_get_text(value_at(choices, i), "id")),
			.button = button,
		};
}

static bool show_message(struct wire *wire, const struct post *message, size_t *n_buttons)
{
	struct channel_account account = sample_account(&wire->sample);
	struct channel_peer peer = sample_peer(&wire->sample);
	const struct channel_call *calls = NULL;
	struct sample_shown shown;
	size_t n = wire->sample.codec->encode(&account, &peer, message, wire->arena, &calls), i = 0;

	while (i + 1 < n && calls[i].optional)
		i++;
	if (!n || !sample_read(&wire->sample, &calls[i], wire->arena, &shown))
		return false;
	*n_buttons += shown.n;
	wire->n_shown++;
	return str_starts(shown.text, value_get_text(message->body, "text"));
}

static bool show_one(
	struct wire *wire, const struct post *post, struct arena *arena, struct str *why)
{
	const struct post *message;
	size_t n_buttons = 0, n_choices = value_count(value_get(post->body, "choices"));
	size_t n = channel_fit(&wire->sample.codec->limits, post, wire->arena, &message);

	if (post->who != POST_BUYER && !n &&
		(n_choices || str_trim(value_get_text(post->body, "text")).n))
		return fail_with(
			wire, arena, why, "nothing is shown", value_get_text(post->body, "text"));
	for (size_t i = 0; i < n; i++)
		if (!show_message(wire, &message[i], &n_buttons))
			return fail_with(wire, arena, why, "is not shown as it was said",
				value_get_text(message[i].body, "text"));
	if (n_buttons && n_buttons != n_choices)
		return fail_with(
			wire, arena, why, "has other buttons", value_get_text(post->body, "text"));
	remember(wire, post, n_buttons > 0);
	return true;
}

static bool show(void *self, const struct post *post, struct arena *arena, struct str *why)
{
	struct wires *wires = self;

	for (size_t i = 0; i < n_channel_samples; i++)
		if (!show_one(&wires->wire[i], post, arena, why))
			return false;
	return true;
}

/* --- all of them --- */

static struct arena *arena;
static struct content *content;
static struct chat_stage stage;

static int open_stage(void **state)
{
	struct diags diags;

	(void)state;
	arena = arena_new(256 << 20);
	diags_init(&diags, arena);
	content = content_open(SOURCE_DIR, "en", NULL, &diags);
	stage.model = content ? content_model(content, &diags, NULL) : NULL;
	stage.content = content;
	stage.shops = chat_shops_new();
	return stage.model ? 0 : -1;
}

static int close_stage(void **state)
{
	(void)state;
	chat_shops_free(stage.shops);
	model_unref(stage.model);
	content_free(content);
	arena_free(arena);
	return 0;
}

static const struct chat_file *read_chats(const char *path)
{
	struct source *source = arena_new_of(arena, struct source);
	FILE *file = fopen(path, "rb");
	char *text = arena_alloc(arena, 1 << 20);
	const struct chat_file *chats;
	struct diags diags;
	size_t n;

	assert_non_null(file);
	n = fread(text, 1, 1 << 20, file);
	fclose(file);
	*source = (struct source){arena_cstr(arena, str_of(path)), {text, n}};
	diags_init(&diags, arena);
	chats = chat_file_read(source, arena, &diags);
	assert_int_equal(diags.n_errors, 0);
	return chats;
}

static size_t play_file(const struct chat_file *file, size_t *n_wrong)
{
	size_t n = 0;

	for (size_t t = 0; t < file->n_tests; t++)
		for (size_t row = 0; row < chat_plays(&stage, &file->test[t]); row++, n++) {
			struct arena *own = arena_new(64 << 20);
			struct chat_play play = chat_play(&stage, file, &file->test[t], row, own);

			if (play.failures.n && ++*n_wrong <= 20)
				print_error("%.*s: %.*s\n", STR(play.name),
					STR(play.failures.item[0].got));
			arena_free(own);
		}
	return n;
}

static struct wires *wires_new(void)
{
	struct wires *wires = calloc(1, sizeof(*wires));

	assert_non_null(wires);
	for (size_t i = 0; i < n_channel_samples; i++) {
		wires->wire[i].sample = sample_number(i);
		wires->wire[i].arena = arena_new(64 << 20);
	}
	return wires;
}

static void check_wire(const struct wire *wire, size_t n_plays)
{
	print_message("%s: %zu texts, %zu presses, %zu by number, %zu shown\n",
		wire->sample.codec->name, wire->n_texts, wire->n_presses, wire->n_numbers,
		wire->n_shown);
	assert_true(wire->n_texts > n_plays && wire->n_shown > n_plays);
	assert_true(wire->n_presses > 100 || !wire->sample.body[SAMPLE_PRESS]);
}

static void a_conversation__is_the_same__on_every_platform(void **state)
{
	struct wires *wires = wires_new();
	struct chat_wire between = {begin, carry, show, wires};
	size_t n_wrong = 0, n = 0;
	glob_t found;

	(void)state;
	assert_int_equal(glob(SOURCE_DIR "/tests/chats/*.chat", 0, NULL, &found), 0);
	stage.wire = &between;
	for (size_t k = 0; k < found.gl_pathc; k++)
		n += play_file(read_chats(found.gl_pathv[k]), &n_wrong);
	globfree(&found);
	assert_int_equal(n_wrong, 0);
	assert_true(n >= least_plays);
	for (size_t i = 0; i < n_channel_samples; i++) {
		check_wire(&wires->wire[i], n);
		arena_free(wires->wire[i].arena);
	}
	free(wires);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation__is_the_same__on_every_platform),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}

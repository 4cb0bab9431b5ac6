/* A post taken apart where pictures are, and what the outbox makes of the pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/channels/outbox_next.h"
#include "bot/channels/post_pieces.h"

static struct arena *arena;
static struct store *store;
static struct buf error;

static const struct str origin[] = {S("https://img.example")};
static const struct frame_view view = {.image_origin = origin, .n_image_origins = 1};

/* The platform: a picture is one request that says where it is, words are one that says them. */
static size_t encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *into, const struct channel_call **calls)
{
	struct channel_call *call = arena_array(into, struct channel_call, 2);
	const struct value *picture = value_get(post->body, "picture");

	(void)account;
	call[0] = (struct channel_call){.url = S("manners"), .optional = true};
	call[1] = (struct channel_call){.url = value_is_set(picture)
						       ? value_get_text(picture, "url")
						       : value_get_text(post->body, "text"),
		.body = peer->key};
	*calls = call;
	return 2;
}

static const struct channel platform = {.name = "test",
	.limits = {.text = {100, CHANNEL_BYTES}, .pictures = true},
	.encode = encode};
static const struct channel_seat seat = {&platform, {{"a", 1}, NULL}};
static struct store_peer peer;

static enum outbox_picture outcome;
static char looked_at[200];

static enum outbox_picture look(void *self, const struct channel_seat *at, struct str conversation,
	const struct value *picture, struct arena *into, const struct value **there,
	struct str *why)
{
	struct value_builder b = value_build(into);
	struct str address = value_get_text(picture, "address");
	struct str id = value_get_text(value_get(picture, "file"), "id");

	(void)self, (void)at;
	assert_true(str_is(conversation, "a:1"));
	snprintf(looked_at, sizeof looked_at, "%.*s%.*s", STR(address), STR(id));
	value_put_text(&b, "url", arena_printf(into, "there: %s", looked_at));
	*there = value_record(&b);
	*why = S("nobody wants it");
	return outcome;
}

static struct outbox_setup setup;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(4 << 20);
	buf_init(&error, 1000);
	peer = (struct store_peer){.conversation = S("a:1"), .account = S("a"), .peer = S("1")};
	outcome = OUTBOX_PICTURE;
	if (store_open(NULL, &store, &error) != STORE_OK)
		return -1;
	setup = (struct outbox_setup){.store = store,
		.secret = S("secret"),
		.picture = look,
		.image_origin = origin,
		.n_image_origins = 1};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	buf_release(&error);
	arena_free(arena);
	return 0;
}

/* --- the pieces --- */

static struct post post_of(enum post_who who, const char *text, const char *file, bool choices)
{
	struct value_builder body = value_build(arena), picture = value_build(arena),
			     list = value_build(arena), one = value_build(arena);
	struct post post = {.who = who, .n = 1, .at_ms = 1};

	value_put_text(&body, "text", str_of(text));
	if (choices) {
		value_put_text(&one, "id", S("yes"));
		value_put_text(&one, "label", S("Yes"));
		value_push(&list, value_record(&one));
		value_put(&body, "choices", value_list(&list));
	}
	if (file) {
		value_put_text(&picture, "id", str_of(file));
		value_put_text(&picture, "name", S("label.png"));
		value_put(&body, "file", value_record(&picture));
	}
	post.body = value_record(&body);
	return post;
}

/* "words|<picture>|words*": the star is where the choices are. */
static const char *pieces_of(enum post_who who, const char *text, const char *file, bool choices)
{
	static char shown[500];
	struct post post = post_of(who, text, file, choices);
	struct post_piece *piece;
	size_t n = post_pieces(&post, &view, arena, &piece), used = 0;

	shown[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		struct str words = value_get_text(piece[i].post.body, "text");
		struct str address = value_get_text(piece[i].picture, "address");
		struct str id = value_get_text(value_get(piece[i].picture, "file"), "id");

		assert_int_equal(piece[i].post.n, 1);
		used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%.*s%s%.*s%.*s%s%s",
			i ? "|" : "", STR(words), piece[i].picture ? "<" : "", STR(address),
			STR(id), piece[i].picture ? ">" : "",
			value_count(value_get(piece[i].post.body, "choices")) ? "*" : "");
	}
	return shown;
}

#define PICTURE "https://img.example/size.png"

static void pieces__of_words__are_the_post_itself(void **state)
{
	(void)state;
	assert_string_equal(pieces_of(POST_BOT, "Hello\n\nyou", NULL, true), "Hello\n\nyou*");
	assert_string_equal(pieces_of(POST_BOT, "", NULL, true), "*");
	assert_string_equal(
		pieces_of(POST_BOT, "see " PICTURE " there", NULL, false), "see " PICTURE " there");
	assert_string_equal(pieces_of(POST_BOT, "https://elsewhere.example/size.png", NULL, false),
		"https://elsewhere.example/size.png");
	assert_string_equal(pieces_of(POST_BUYER, PICTURE, "f1", false), PICTURE);
}

static void pieces__are_cut_where_a_line_is_a_picture(void **state)
{
	(void)state;
	assert_string_equal(pieces_of(POST_BOT, "Here:\n" PICTURE "\nWhich one?", NULL, true),
		"Here:|<" PICTURE ">|Which one?*");
	assert_string_equal(pieces_of(POST_BOT, PICTURE, NULL, false), "<" PICTURE ">");
	assert_string_equal(pieces_of(POST_BOT, PICTURE, NULL, true), "<" PICTURE ">|*");
	assert_string_equal(pieces_of(POST_BOT, "a\n\n" PICTURE "\n" PICTURE "\n", NULL, false),
		"a|<" PICTURE ">|<" PICTURE ">");
}

static void pieces__of_a_person__have_the_picture_behind_the_words(void **state)
{
	(void)state;
	assert_string_equal(pieces_of(POST_PERSON, "This one", "f1", false), "This one|<f1>");
	assert_string_equal(pieces_of(POST_PERSON, "", "f1", false), "<f1>");
}

static void words__name_the_file__where_no_picture_can_be(void **state)
{
	struct post with = post_of(POST_PERSON, "This one", "f1", false);
	struct post without = post_of(POST_PERSON, "", "f1", false);
	struct post buyers = post_of(POST_BUYER, "", "f1", false);

	(void)state;
	assert_true(str_is(value_get_text(post_in_words(&with, arena)->body, "text"),
		"This one\n[label.png]"));
	assert_true(str_is(
		value_get_text(post_in_words(&without, arena)->body, "text"), "[label.png]"));
	assert_ptr_equal(post_in_words(&buyers, arena), &buyers);
}

/* --- the requests --- */

static void say(struct post post)
{
	assert_int_equal(store_last_post(store, S("a:1"), &post.n), STORE_OK);
	post.n++;
	post.at_ms = post.n;
	assert_int_equal(store_begin(store), STORE_OK);
	store_add_post(store, S("a:1"), &post);
	assert_int_equal(store_commit(store), STORE_OK);
}

static struct outbox_next next(void)
{
	looked_at[0] = '\0';
	return outbox_next(&setup, &seat, &peer, 1000, arena);
}

static void is_next(const char *url, bool last)
{
	struct outbox_next n = next();

	assert_int_equal(n.kind, OUTBOX_POST);
	assert_string_equal(arena_cstr(arena, n.call.url), url);
	assert_int_equal(n.last, last);
	assert_int_equal(n.n_manners, 1);
}

static void picture__is_looked_for__when_its_turn_has_come(void **state)
{
	(void)state;
	say(post_of(POST_BOT, "Here:\n" PICTURE "\nWhich one?", NULL, false));
	is_next("Here:", false);
	assert_string_equal(looked_at, "");
	peer.part = 1;
	is_next("there: " PICTURE, false);
	assert_string_equal(looked_at, PICTURE);
	peer.part = 2;
	is_next("Which one?", true);
	assert_string_equal(looked_at, "");
}

static void picture__that_is_not_there_yet__is_waited_for(void **state)
{
	(void)state;
	say(post_of(POST_PERSON, "This one", "f1", false));
	outcome = OUTBOX_PICTURE_ASKED;
	is_next("This one", false);
	peer.part = 1;
	assert_int_equal(next().kind, OUTBOX_LATER);
	assert_int_equal(next().post, 1);
	assert_int_equal(peer.part, 1);
	outcome = OUTBOX_PICTURE;
	is_next("there: f1", true);
}

static void picture__that_cannot_be_shown__is_its_address_or_never(void **state)
{
	struct outbox_next n;

	(void)state;
	outcome = OUTBOX_PICTURE_NOT;
	say(post_of(POST_BOT, PICTURE, NULL, false));
	is_next(PICTURE, true);
	peer.shown = 1;
	say(post_of(POST_PERSON, "", "f1", false));
	n = next();
	assert_int_equal(n.kind, OUTBOX_NEVER);
	assert_int_equal(n.post, 2);
	assert_true(str_is(n.why, "nobody wants it"));
}

static void keys__of_pieces__stay_what_they_are(void **state)
{
	struct str before, after;

	(void)state;
	say(post_of(POST_BOT, "Here:\n" PICTURE "\nWhich one?", NULL, false));
	peer.part = 2;
	before = next().call.body;
	outcome = OUTBOX_PICTURE_ASKED;
	after = next().call.body;
	assert_int_equal(before.n, 32);
	assert_true(str_eq(before, after));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(pieces__of_words__are_the_post_itself),
		T(pieces__are_cut_where_a_line_is_a_picture),
		T(pieces__of_a_person__have_the_picture_behind_the_words),
		T(words__name_the_file__where_no_picture_can_be),
		T(picture__is_looked_for__when_its_turn_has_come),
		T(picture__that_is_not_there_yet__is_waited_for),
		T(picture__that_cannot_be_shown__is_its_address_or_never),
		T(keys__of_pieces__stay_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

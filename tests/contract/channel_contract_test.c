/* What every platform's codec keeps to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "adapters/channel/channel_fit.h"
#include "adapters/channel/channel_text.h"
#include "bot/base/text.h"
#include "tests/contract/channel_samples.h"
#include "tests/unit/in_arena.h"

enum { usual_forgeries = 5000 }; /* TENSTEP_FORGERIES: another number */

#define assert_str(got, wanted)                                                                    \
	do {                                                                                       \
		struct str got_ = (got), wanted_ = (wanted);                                       \
		if (!str_eq(got_, wanted_))                                                        \
			fail_msg("%s: got '%.*s', not '%.*s'", name, STR(got_), STR(wanted_));     \
	} while (0)
#define check(what)                                                                                \
	do {                                                                                       \
		if (!(what))                                                                       \
			fail_msg("%s: %s", name, #what);                                           \
	} while (0)

#define FOR_SAMPLES(sample, name)                                                                  \
	for (size_t i_ = 0; i_ < n_channel_samples; i_++)                                          \
		for (struct sample sample = sample_number(i_), *once_ = &sample; once_;            \
			once_ = NULL)                                                              \
			for (const char *name = sample.codec->name; name; name = NULL)

static struct sample_said usual(const struct sample *sample)
{
	return (struct sample_said){
		.peer = str_of(sample->peer),
		.id = S("4711"),
		.text = S("Đơn hàng \"của\" tôi \\ ở đâu?\n😀 a/b {}"),
		.label = S("Yes"),
		.payload = S("12.0"),
	};
}

static struct channel_taken give(
	const struct sample *sample, enum sample_kind kind, struct sample_said said)
{
	return sample_give(sample, sample_body(sample, kind, &said, arena), arena);
}

static void every_codec__has__a_sample(void **state)
{
	(void)state;
	for (size_t k = 0; k < n_channel_table; k++) {
		bool any = false;

		for (size_t i = 0; i < n_channel_samples; i++)
			any = any || strcmp(channel_sample[i].name, channel_table[k]->name) == 0;
		if (!any)
			fail_msg("%s has no sample", channel_table[k]->name);
	}
	FOR_SAMPLES(sample, name)
	{
		check(sample.codec->take && sample.codec->encode && sample.codec->judge);
		check(sample.codec->limits.text.most > 0);
		check(sample.codec->about && *sample.codec->about);
		check(sample.body[SAMPLE_TEXT] && sample.body[SAMPLE_UNKNOWN]);
	}
}

static void a_text__arrives__byte_for_byte(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct sample_said said = usual(&sample);
		struct channel_taken taken = give(&sample, SAMPLE_TEXT, said);

		check(taken.status == 200 && taken.n_events == 1);
		check(taken.event->kind == CHANNEL_TEXT);
		assert_str(taken.event->text, said.text);
		assert_str(taken.event->peer, said.peer);
		check(taken.event->id.n && taken.event->id.n <= 200);
	}
}

static void a_press__carries__our_handle(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct channel_taken taken;

		if (!sample.body[SAMPLE_PRESS]) {
			check(!sample.codec->limits.buttons);
			continue;
		}
		taken = give(&sample, SAMPLE_PRESS, usual(&sample));
		check(taken.status == 200 && taken.n_events == 1);
		check(taken.event->kind == CHANNEL_PRESS);
		assert_str(taken.event->text, S("12.0"));
		assert_str(taken.event->peer, str_of(sample.peer));
		check(taken.event->id.n);
	}
}

static void an_attachment__is_told__with_its_kind(void **state)
{
	static const char *const kind[] = {"image", "voice", "video", "file", "place", "sticker"};

	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct channel_taken taken = give(&sample, SAMPLE_ATTACHMENT, usual(&sample));
		bool known = false;

		check(taken.status == 200 && taken.n_events == 1);
		check(taken.event->kind == CHANNEL_ATTACHMENT);
		for (size_t i = 0; i < sizeof(kind) / sizeof(*kind); i++)
			known = known || str_is(taken.event->file.kind, kind[i]);
		check(known);
	}
}

static void an_edit__is_no__second_message(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct sample_said said = usual(&sample);
		struct channel_taken first, edited;

		if (!sample.body[SAMPLE_EDIT])
			continue;
		first = give(&sample, SAMPLE_TEXT, said);
		said.text = S("something else");
		edited = give(&sample, SAMPLE_EDIT, said);
		check(edited.status == 200 && edited.n_events == 1);
		check(edited.event->kind == CHANNEL_EDITED);
		check(!str_eq(edited.event->id, first.event->id));
	}
}

static void whoever_leaves__is_told(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct channel_taken taken;

		if (!sample.body[SAMPLE_CLOSED])
			continue;
		taken = give(&sample, SAMPLE_CLOSED, usual(&sample));
		check(taken.n_events == 1 && taken.event->kind == CHANNEL_CLOSED);
	}
}

static void what_the_buyer_did_not_say__is_passed_over(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	for (int kind = SAMPLE_RECEIPT; kind < n_sample_kinds; kind++) {
		struct channel_taken taken;

		if (!sample.body[kind])
			continue;
		taken = give(&sample, (enum sample_kind)kind, usual(&sample));
		check(taken.status == 200 && !taken.n_events);
		check(taken.why != NULL || kind == SAMPLE_UNKNOWN);
	}
}

static void the_same_message__has_the_same_id__and_another_another(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct sample_said said = usual(&sample);
		struct str id = give(&sample, SAMPLE_TEXT, said).event->id;

		assert_str(give(&sample, SAMPLE_TEXT, said).event->id, id);
		said.id = S("4712");
		check(!str_eq(give(&sample, SAMPLE_TEXT, said).event->id, id));
	}
}

static void a_huge_text__is_taken_or_left__but_never_more(void **state)
{
	static char huge[900 << 10];

	(void)state;
	memset(huge, 'x', sizeof(huge));
	FOR_SAMPLES(sample, name)
	{
		struct sample_said said = usual(&sample);
		struct channel_taken taken;

		said.text = (struct str){huge, sizeof(huge)};
		taken = give(&sample, SAMPLE_TEXT, said);
		check(taken.status == 200 || taken.status == 400 || taken.status == 413);
		check(taken.n_events <= 1);
		if (taken.n_events)
			check(taken.event->text.n <= sizeof(huge));
	}
}

/* Each head of a body, signed as it is. */
static void a_truncated_body__says_nothing(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct sample_said said = usual(&sample);
		struct str body = sample_body(&sample, SAMPLE_TEXT, &said, arena);

		for (size_t n = 0; n < body.n; n++) {
			struct channel_taken taken =
				sample_give(&sample, str_sub(body, 0, n), arena);

			check(!taken.n_events);
			/* 401: what it is signed with stands in the body. */
			check(taken.status == 200 || taken.status == 400 || taken.status == 401);
		}
	}
}

static void broken_utf8__is_not_believed(void **state)
{
	static const char *const broken[] = {
		"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"};

	(void)state;
	FOR_SAMPLES(sample, name)
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct sample_said said = usual(&sample);
		struct str body;
		struct channel_taken taken;
		char *bytes;
		long at;

		said.text = S("BROKEN");
		body = sample_body(&sample, SAMPLE_TEXT, &said, arena);
		at = str_find(body, S("BROKEN"));
		check(at > 0);
		bytes = arena_cstr(arena, body);
		memcpy(bytes + at, broken[i], strlen(broken[i]));
		taken = sample_give(&sample, (struct str){bytes, body.n}, arena);
		check(taken.status == 200 || taken.status == 400 || taken.status == 401);
		check(!taken.n_events);
	}
}

/* A number beyond 2^53 in a field that nobody knows; and as an id its digits stay. */
static void a_big_number__stays__what_it_is(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct sample_said said = usual(&sample);
		struct str body = sample_body(&sample, SAMPLE_TEXT, &said, arena), more;
		struct channel_taken taken;
		long at;

		more = arena_printf(
			arena, "{\"new\":5741311803571721087,%.*s", STR(str_sub(body, 1, body.n)));
		taken = sample_give(&sample, more, arena);
		check(taken.status == 200 && taken.n_events == 1);
		said.id = S("5741311803571721087");
		taken = give(&sample, SAMPLE_TEXT, said);
		check(taken.n_events == 1);
		at = str_find(taken.event->id, S("5741311803571721087"));
		check(at >= 0 || sample.id_in_header);
	}
}

/* --- forgeries --- */

static uint64_t chance = 88172645463325252u;

static uint64_t next_chance(void)
{
	chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
	return chance;
}

/* One bit, one byte, the length: something is different afterwards. */
static struct str altered(struct str bytes, struct arena *scratch)
{
	char *copy = arena_cstr(scratch, bytes);
	uint64_t random = next_chance();
	size_t at = (size_t)(random >> 16) % bytes.n;

	switch (random % 4) {
	case 0:
		return (struct str){copy, at};
	case 1:
		return arena_printf(scratch, "%.*s%c", STR(bytes), (char)(random >> 40 & 127));
	case 2:
		copy[at] = (char)(copy[at] ^ 1 << (random >> 40) % 8);
		return (struct str){copy, bytes.n};
	default:
		copy[at] = (char)(copy[at] + 1 + (random >> 40) % 255);
		return (struct str){copy, bytes.n};
	}
}

static void a_forgery__is_never_believed(void **state)
{
	const char *wanted = getenv("TENSTEP_FORGERIES");
	size_t n = wanted ? (size_t)strtoull(wanted, NULL, 10) : usual_forgeries;

	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct sample_said said = usual(&sample);
		struct str body = sample_body(&sample, SAMPLE_TEXT, &said, arena);
		struct str proof = sample.header(
			&sample, body, (int64_t)sample_now_s * 1000, arena, sample.proof);
		struct arena *scratch = arena_new(4 << 20);

		check(sample_take(&sample, body, body, proof, arena).n_events == 1);
		for (size_t i = 0; i < n; i++) {
			bool alters_body = !sample.open_body && next_chance() % 2;
			struct str forged_body = alters_body ? altered(body, scratch) : body;
			struct str forged_proof = alters_body ? proof : altered(proof, scratch);
			bool forged = alters_body || !str_eq_nocase(forged_proof, proof);
			struct channel_taken taken =
				sample_take(&sample, forged_body, body, forged_proof, scratch);

			/* Hexadecimal digits of either case may mean the same.  An empty body may
			 * be a platform that tries the address; and where a time behind the body is
			 * signed without a mark between (Zalo), its first digit may move over: the
			 * body is no JSON then. */
			check(!forged || !taken.n_events);
			check(!forged || taken.status == 401 || taken.status == 403 ||
				str_is(str_of(taken.why), "not json") || !forged_body.n);
			arena_reset(scratch);
		}
		check(sample_take(&sample, body, body, S(""), arena).status == 401);
		check(sample_take(&sample, body, body, proof, arena).n_events == 1);
		arena_free(scratch);
	}
}

/* Whoever set no secret is not open to all. */
static void an_account_without_a_secret__believes_nobody(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct sample_said said = usual(&sample);
		struct str body = sample_body(&sample, SAMPLE_TEXT, &said, arena);

		memset(sample.value, 0, sizeof(sample.value));
		check(sample_give(&sample, body, arena).status != 200 ||
			!sample_give(&sample, body, arena).n_events);
	}
}

/* --- out --- */

static const struct post *post_of(struct str text, size_t n_choices, size_t label_bytes)
{
	struct post *post = arena_new_of(arena, struct post);
	struct value_builder body = value_build(arena), list = value_build(arena);

	value_put_text(&body, "text", text);
	for (size_t i = 0; i < n_choices; i++) {
		struct value_builder one = value_build(arena);
		struct str label = arena_printf(
			arena, "%zu ệ👨‍👩‍👧‍👦 \"choice\" with a long name", i);

		value_put_text(&one, "id", arena_printf(arena, "choice-%zu", i));
		value_put_text(&one, "label", text_clip(label, label_bytes));
		value_push(&list, value_record(&one));
	}
	if (n_choices)
		value_put(&body, "choices", value_list(&list));
	*post = (struct post){.n = 4294967295u, .who = POST_BOT, .body = value_record(&body)};
	return post;
}

static void check_message(const struct sample *sample, const struct post *message)
{
	const char *name = sample->codec->name;
	const struct channel_limits *limits = &sample->codec->limits;
	struct channel_account account = sample_account(sample);
	struct channel_peer peer = sample_peer(sample);
	const struct value *choices = value_get(message->body, "choices");
	size_t n_choices = value_count(choices);
	bool rows = n_choices > limits->buttons;
	struct channel_limit label = rows ? limits->row_label : limits->label;
	const struct channel_call *calls = NULL;
	struct sample_shown shown;
	size_t shows = 0; /* the first call that is not only for manners */
	size_t n = sample->codec->encode(&account, &peer, message, arena, &calls);

	check(n >= 1);
	while (shows + 1 < n && calls[shows].optional)
		shows++;
	check(!calls[shows].optional);
	check(sample_read(sample, &calls[shows], arena, &shown));
	/* Where buttons are not seen everywhere, they are written below as well. */
	check(str_starts(shown.text, value_get_text(message->body, "text")) ||
		!value_get_text(message->body, "text").n);
	check(channel_fits(shown.text, limits->text));
	check(n_choices <= (rows ? limits->list_rows : limits->buttons));
	check(shown.n == n_choices);
	for (size_t i = 0; i < shown.n; i++) {
		struct channel_handle handle;

		check(channel_fits(shown.button[i].label, label));
		check(channel_fits(shown.button[i].payload, limits->payload));
		check(channel_handle_read(shown.button[i].payload, &handle));
		check(handle.post == message->n && handle.choice == i);
	}
	for (size_t i = 0; i < n; i++) {
		check(str_starts(calls[i].url, S("https://")) || str_starts(calls[i].url, S("/")));
		for (size_t k = 0; k < calls[i].url.n; k++)
			check(calls[i].url.p[k] > ' ' && calls[i].url.p[k] < 0x7F);
	}
}

static void a_post__is_shown__within_every_limit(void **state)
{
	static const size_t n_choices[] = {0, 1, 2, 3, 4, 5, 10, 11, 13, 14, 26, 99};
	static char letters[3 * 6000 + 1];

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(letters); i += 3)
		memcpy(letters + i, i % 50 == 0 ? "ok " : "ệ", 3);
	FOR_SAMPLES(sample, name)
	for (size_t c = 0; c < sizeof(n_choices) / sizeof(*n_choices); c++)
		for (size_t n = 3; n < sizeof(letters); n *= 6) {
			const struct post *post =
				post_of(text_clip(str_of(letters), n), n_choices[c], 5 + 9 * c);
			const struct post *message;
			size_t n_messages =
				channel_fit(&sample.codec->limits, post, arena, &message);

			check(n_messages >= 1);
			for (size_t i = 0; i < n_messages; i++)
				check_message(&sample, &message[i]);
			arena_reset(arena);
		}
}

static void an_answer__is_judged(void **state)
{
	static const struct {
		unsigned status;
		const char *body;
		unsigned allowed; /* bits of enum channel_verdict */
	} row[] = {
		{429, "{}", 1 << CHANNEL_AGAIN},
		{429, "", 1 << CHANNEL_AGAIN},
		{401, "{}", 1 << CHANNEL_LOST},
		{400, "{}", 1 << CHANNEL_NEVER},
		{500, "{}", 1 << CHANNEL_UNCLEAR | 1 << CHANNEL_AGAIN},
		{502, "<html>", 1 << CHANNEL_UNCLEAR | 1 << CHANNEL_AGAIN},
		{504, "", 1 << CHANNEL_UNCLEAR},
	};

	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct channel_account account = sample_account(&sample);
		struct channel_answer answer = {
			200, str_of(sample.accepted), S("application/json"), -1};

		check(sample.codec->judge(&account, &answer, arena).verdict == CHANNEL_SENT);
		for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
			struct channel_judgement judgement;

			answer.status = row[i].status;
			answer.body = str_of(row[i].body);
			judgement = sample.codec->judge(&account, &answer, arena);
			if (!(row[i].allowed >> judgement.verdict & 1))
				fail_msg("%s: %u is judged %d", name, row[i].status,
					judgement.verdict);
			check(judgement.why.n && str_find(judgement.why, S("\n")) < 0);
		}
		answer.status = 429;
		answer.retry_after_ms = 7000;
		check(sample.codec->judge(&account, &answer, arena).wait_ms == 7000);
	}
}

static void a_secret__is_in_no_reason(void **state)
{
	(void)state;
	FOR_SAMPLES(sample, name)
	{
		struct channel_account account = sample_account(&sample);

		for (size_t i = 0; i < sample.codec->n_settings; i++) {
			struct str secret = sample.value[i];
			struct channel_answer answer = {400, {0}, S("application/json"), -1};
			struct channel_judgement judgement;

			if (sample.codec->setting[i].kind != CHANNEL_SETTING_SECRET || secret.n < 8)
				continue;
			answer.body = arena_printf(arena,
				"{\"ok\":false,\"description\":\"bad %.*s\",\"message\":\"bad "
				"%.*s\","
				"\"error\":{\"message\":\"bad %.*s\",\"code\":100}}",
				STR(secret), STR(secret), STR(secret));
			judgement = sample.codec->judge(&account, &answer, arena);
			if (str_is(str_of(sample.codec->setting[i].name), "token"))
				check(str_find(judgement.why, secret) < 0);
		}
	}
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(every_codec__has__a_sample),
		T(a_text__arrives__byte_for_byte),
		T(a_press__carries__our_handle),
		T(an_attachment__is_told__with_its_kind),
		T(an_edit__is_no__second_message),
		T(whoever_leaves__is_told),
		T(what_the_buyer_did_not_say__is_passed_over),
		T(the_same_message__has_the_same_id__and_another_another),
		T(a_huge_text__is_taken_or_left__but_never_more),
		T(a_truncated_body__says_nothing),
		T(broken_utf8__is_not_believed),
		T(a_big_number__stays__what_it_is),
		T(a_forgery__is_never_believed),
		T(an_account_without_a_secret__believes_nobody),
		T(a_post__is_shown__within_every_limit),
		T(an_answer__is_judged),
		T(a_secret__is_in_no_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

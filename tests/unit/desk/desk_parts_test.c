/* The desk's parts that need no server: hours, gate, bodies, places, signatures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/date.h"
#include "bot/base/digest.h"
#include "bot/common/content.h"
#include "bot/desk/desk_gate.h"
#include "bot/desk/desk_hours.h"
#include "bot/desk/desk_json.h"
#include "bot/desk/desk_place.h"
#include "bot/desk/desk_webhook.h"
#include "flows/operation.h"

/* --- hours --- */

static int64_t at(const char *utc)
{
	int64_t unix_seconds = 0;

	assert_true(date_parse(str_of(utc), &unix_seconds));
	return unix_seconds;
}

static struct serve_config week(const char *zone, int from_hour, int to_hour, const char *closed)
{
	static const char *const day[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	struct serve_config config = {.timezone = str_of(zone), .has_hours = true};

	for (int i = 0; i < 7; i++)
		if (!strstr(closed, day[i])) {
			config.hours[i].from = from_hour * 60;
			config.hours[i].to = to_hour * 60;
		}
	return config;
}

static void check_hours(
	const struct serve_config *config, const char *utc, bool open, const char *opens_at)
{
	int64_t next = -1;

	if (desk_open(config, at(utc), &next) != open)
		fail_msg("%s: should be %s", utc, open ? "open" : "closed");
	if (next != (opens_at ? at(opens_at) : 0))
		fail_msg("%s: opens at %lld, not %lld", utc, (long long)next,
			(long long)(opens_at ? at(opens_at) : 0));
}

static void desk_open__is_always__without_hours(void **state)
{
	struct serve_config config = {.has_hours = false};

	(void)state;
	check_hours(&config, "2026-01-01 03:00", true, NULL);
}

static void desk_open__opens_and_closes__on_the_minute(void **state)
{
	struct serve_config config = week("", 9, 18, "");

	(void)state;
	check_hours(&config, "2026-03-04 08:59", false, "2026-03-04 09:00");
	check_hours(&config, "2026-03-04 09:00", true, NULL);
	check_hours(&config, "2026-03-04 17:59", true, NULL);
	check_hours(&config, "2026-03-04 18:00", false, "2026-03-05 09:00");
	config.hours[2].from = 9 * 60 + 7; /* Wednesday */
	check_hours(&config, "2026-03-04 09:06", false, "2026-03-04 09:07");
	check_hours(&config, "2026-03-03 23:00", false, "2026-03-04 09:07");
}

static void desk_open__passes_over__closed_days(void **state)
{
	struct serve_config config = week("", 9, 18, "sat sun");

	(void)state;
	check_hours(&config, "2026-03-06 18:00", false, "2026-03-09 09:00"); /* Friday evening */
	check_hours(&config, "2026-03-07 12:00", false, "2026-03-09 09:00");
	check_hours(&config, "2026-03-08 23:59", false, "2026-03-09 09:00");
	config = week("", 9, 18, "tue wed thu fri sat sun");
	check_hours(&config, "2026-03-09 18:00", false, "2026-03-16 09:00"); /* a week later */
}

static void desk_open__never_opens__when_all_days_are_closed(void **state)
{
	struct serve_config config = week("", 9, 18, "mon tue wed thu fri sat sun");

	(void)state;
	check_hours(&config, "2026-03-06 12:00", false, NULL);
}

static void desk_open__holds_on__until_midnight(void **state)
{
	struct serve_config config = week("", 0, 24, "");

	(void)state;
	check_hours(&config, "2026-03-06 23:59", true, NULL);
	check_hours(&config, "2026-03-07 00:00", true, NULL);
	config = week("", 20, 24, "sat");
	check_hours(&config, "2026-03-06 23:59", true, NULL);
	check_hours(&config, "2026-03-07 00:00", false, "2026-03-08 20:00");
}

static void check_quiet(const char *zone, const char *span, const char *utc, const char *ends_at)
{
	struct serve_config config = {.timezone = str_of(zone)};
	int64_t ends = -1;

	assert_true(opening_read_span(str_of(span), &config.quiet));
	if (desk_quiet(&config, at(utc), &ends) != (ends_at != NULL))
		fail_msg("%s at %s: should be %s", span, utc, ends_at ? "quiet" : "not quiet");
	if (ends != (ends_at ? at(ends_at) : 0))
		fail_msg("%s at %s: ends at %lld", span, utc, (long long)ends);
}

static void desk_quiet__is_never__without_a_span(void **state)
{
	struct serve_config config = {.port = 0};
	int64_t ends = -1;

	(void)state;
	assert_false(desk_quiet(&config, at("2026-03-04 03:00"), &ends));
	assert_int_equal(ends, 0);
}

static void desk_quiet__goes_past_midnight(void **state)
{
	(void)state;
	check_quiet("", "22:00-08:00", "2026-03-04 21:59", NULL);
	check_quiet("", "22:00-08:00", "2026-03-04 22:00", "2026-03-05 08:00");
	check_quiet("", "22:00-08:00", "2026-03-05 07:59", "2026-03-05 08:00");
	check_quiet("", "22:00-08:00", "2026-03-05 08:00", NULL);
	check_quiet("", "13:00-14:30", "2026-03-05 13:10", "2026-03-05 14:30");
	check_quiet("", "13:00-14:30", "2026-03-05 03:10", NULL);
	check_quiet("", "20:00-24:00", "2026-03-05 23:59", "2026-03-06 00:00");
}

/* The night of 28 March 2026 has an hour less in Berlin, that of 24 October one more. */
static void desk_quiet__follows__summer_time(void **state)
{
	(void)state;
	check_quiet("Europe/Berlin", "22:00-08:00", "2026-03-28 21:00", "2026-03-29 06:00");
	check_quiet("Europe/Berlin", "22:00-08:00", "2026-10-24 20:00", "2026-10-25 07:00");
	check_quiet("Asia/Kolkata", "22:00-08:00", "2026-03-28 16:30", "2026-03-29 02:30");
}

static void opening_read_span__refuses(void **state)
{
	static const char *const text[] = {"", "22:00", "22:00-22:00", "00:00-24:00", "24:00-08:00",
		"22:00-08:60", "22:00-8:00", "22.00-08:00"};
	struct opening span;

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		assert_false(opening_read_span(str_of(text[i]), &span));
}

static void desk_open__follows__summer_time(void **state)
{
	struct serve_config config = week("Europe/Berlin", 9, 18, "");

	(void)state;
	check_hours(&config, "2026-01-15 08:00", true, NULL);
	check_hours(&config, "2026-01-15 07:59", false, "2026-01-15 08:00");
	check_hours(&config, "2026-07-15 07:00", true, NULL);
	check_hours(&config, "2026-07-15 16:00", false, "2026-07-16 07:00");
	/* The night of the change: clocks go forward on 29 March, back on 25 October. */
	check_hours(&config, "2026-03-28 20:00", false, "2026-03-29 07:00");
	check_hours(&config, "2026-10-24 20:00", false, "2026-10-25 08:00");
	/* An opening at a time that does not exist that night: the desk opens when it has passed.
	 */
	config.hours[6].from = 2 * 60 + 30;
	check_hours(&config, "2026-03-29 00:30", false, "2026-03-29 01:00");
	/* And at a time that comes twice: the first. */
	check_hours(&config, "2026-10-24 23:00", false, "2026-10-25 00:30");
}

static void desk_open__knows__zones_of_odd_minutes(void **state)
{
	struct serve_config config = week("Asia/Kathmandu", 9, 18, "");

	(void)state;
	check_hours(&config, "2026-03-04 03:14", false, "2026-03-04 03:15"); /* UTC+5:45 */
	check_hours(&config, "2026-03-04 03:15", true, NULL);
	config = week("Pacific/Auckland", 9, 18, "sat sun");
	check_hours(&config, "2026-01-11 20:00", true, NULL); /* Monday there */
	check_hours(&config, "2026-01-16 05:00", false, "2026-01-18 20:00");
}

static void desk_when__says__the_day(void **state)
{
	struct serve_config config = week("Europe/Berlin", 9, 18, "");
	static const struct {
		const char *now, *then, *text;
	} known[] = {
		{"2026-01-15 04:00", "2026-01-15 08:00", "today at 09:00"},
		{"2026-01-15 20:00", "2026-01-16 08:00", "tomorrow at 09:00"},
		{"2026-01-16 20:00", "2026-01-19 08:00", "Monday at 09:00"},
		{"2026-12-31 20:00", "2027-01-01 08:00", "tomorrow at 09:00"},
		{"2026-01-15 22:30", "2026-01-15 23:30", "tomorrow at 00:30"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct buf out;

		buf_init(&out, 100);
		desk_when(&config, at(known[i].now), at(known[i].then), &out);
		assert_string_equal(out.p, known[i].text);
		buf_release(&out);
	}
}

/* --- the gate --- */

static enum gate_answer try(
	struct desk_gate *gate, const char *given, const char *from, int64_t now)
{
	return desk_gate_check(gate, S("right-token"), str_of(given), str_of(from), now);
}

static void desk_gate__opens__to_the_token_only(void **state)
{
	static const char *const wrong[] = {"", "Bearer", "Bearer ", "Bearer right", "right-token",
		"Basic right-token", "Bearer right-token1", "Bearer right-toke"};
	struct desk_gate gate = {0};

	(void)state;
	assert_int_equal(try(&gate, "Bearer right-token", "a", 0), GATE_OPEN);
	assert_int_equal(try(&gate, "bearer  right-token ", "a", 0), GATE_OPEN);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
			try(&gate, wrong[i], "b", (int64_t)i * gate_window_ms), GATE_WRONG);
	assert_int_equal(desk_gate_check(&gate, S(""), S("Bearer "), S("c"), 0), GATE_WRONG);
}

static void desk_gate__closes_for_a_minute__after_five_wrong_ones(void **state)
{
	struct desk_gate gate = {0};

	(void)state;
	for (int i = 0; i < gate_tries; i++)
		assert_int_equal(try(&gate, "Bearer x", "a", 1000 + i), GATE_WRONG);
	assert_int_equal(try(&gate, "Bearer x", "a", 2000), GATE_LOCKED);
	assert_int_equal(try(&gate, "Bearer right-token", "a", 2000), GATE_LOCKED);
	assert_int_equal(try(&gate, "Bearer right-token", "b", 2000), GATE_OPEN);
	assert_int_equal(
		try(&gate, "Bearer right-token", "a", 1000 + gate_window_ms - 1), GATE_LOCKED);
	assert_int_equal(try(&gate, "Bearer right-token", "a", 1000 + gate_window_ms), GATE_OPEN);
	assert_int_equal(try(&gate, "Bearer x", "a", 1000 + gate_window_ms), GATE_WRONG);
}

/* What any page can make a browser send must not lock out the person at it. */
static void desk_gate__counts_no_guess__without_a_token(void **state)
{
	struct desk_gate gate = {0};

	(void)state;
	for (int i = 0; i < 10 * gate_tries; i++)
		assert_int_equal(try(&gate, "", "a", 1000), GATE_WRONG);
	assert_int_equal(try(&gate, "Bearer right-token", "a", 1000), GATE_OPEN);
}

static void desk_gate__forgets_the_oldest__when_all_places_are_taken(void **state)
{
	struct desk_gate gate = {0};
	char from[20];

	(void)state;
	for (int i = 0; i < gate_places + 1; i++) {
		snprintf(from, sizeof(from), "10.0.%d.%d", i / 256, i % 256);
		for (int n = 0; n < gate_tries; n++)
			assert_int_equal(try(&gate, "Bearer x", from, i), GATE_WRONG);
	}
	assert_int_equal(try(&gate, "Bearer x", "10.0.0.1", 500), GATE_LOCKED);
	assert_int_equal(try(&gate, "Bearer x", "10.0.1.0", 500), GATE_LOCKED);
	assert_int_equal(try(&gate, "Bearer x", "10.0.0.0", 500), GATE_WRONG);
}

/* --- bodies --- */

static enum desk_reading read_as(
	const char *text, unsigned needed, unsigned allowed, struct desk_body *body, char why[200])
{
	struct arena *arena = arena_new(1 << 16);
	struct str said = {0};
	enum desk_reading reading =
		desk_body_read(str_of(text), needed, allowed, arena, body, &said);

	snprintf(why, 200, "%.*s", STR(said));
	if (reading == DESK_READ && body->text.n)
		snprintf(why, 200, "%.*s", STR(body->text));
	arena_free(arena);
	return reading;
}

static void desk_body__is_read__strictly(void **state)
{
	static const struct {
		const char *text;
		enum desk_reading reading;
		const char *why;
	} known[] = {
		{"{\"person\":\"Mai\",\"version\":3}", DESK_READ, NULL},
		{"", DESK_NO_JSON, "the body is one JSON object"},
		{"[]", DESK_NO_JSON, "the body is one JSON object"},
		{"{\"person\":\"Mai\",\"version\":3}x", DESK_NO_JSON,
			"the body is one JSON object"},
		{"{\"person\":\"Mai\",\"person\":\"Eve\",\"version\":3}", DESK_NO_JSON,
			"the body is one JSON object"},
		{"{\"person\":\"M\\u0000\",\"version\":3}", DESK_NO_JSON,
			"the body is one JSON object"},
		{"{\"person\":\"Mai\"}", DESK_BAD_FIELD, "'version' is missing"},
		{"{\"version\":1}", DESK_BAD_FIELD, "'person' is missing"},
		{"{\"person\":\"Mai\",\"version\":\"3\"}", DESK_BAD_FIELD,
			"'version' is a whole number above 0"},
		{"{\"person\":\"Mai\",\"version\":0}", DESK_BAD_FIELD,
			"'version' is a whole number above 0"},
		{"{\"person\":\"Mai\",\"version\":1.5}", DESK_BAD_FIELD,
			"'version' is a whole number above 0"},
		{"{\"person\":\" \",\"version\":1}", DESK_BAD_FIELD,
			"'person' is a text of 1 to 60 bytes"},
		{"{\"person\":null,\"version\":1}", DESK_BAD_FIELD,
			"'person' is a text of 1 to 60 bytes"},
		{"{\"person\":\"M\\ni\",\"version\":1}", DESK_BAD_FIELD,
			"'person' has control characters"},
		{"{\"person\":\"Mai\",\"version\":1,\"text\":\"x\"}", DESK_BAD_FIELD,
			"'text' is no field of this request"},
		{"{\"person\":\"Mai\",\"version\":1,\"admin\":true}", DESK_BAD_FIELD,
			"'admin' is no field of this request"},
	};
	struct desk_body body;
	char why[200];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		enum desk_reading reading =
			read_as(known[i].text, DESK_PERSON | DESK_VERSION, 0, &body, why);

		if (reading != known[i].reading)
			fail_msg("%s: %d %s", known[i].text, (int)reading, why);
		if (known[i].why)
			assert_string_equal(why, known[i].why);
	}
	assert_int_equal(
		read_as("{\"text\":\" two\\nlines \"}", DESK_TEXT, 0, &body, why), DESK_READ);
	assert_string_equal(why, "two\nlines");
	assert_int_equal(read_as("{}", 0, DESK_TO, &body, why), DESK_READ);
}

static void desk_body__is_refused__when_too_long(void **state)
{
	static char text[20000];
	struct desk_body body;
	char why[200];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "{\"text\":\"", 9);
	strcpy(text + 9 + desk_text_bytes, "\"}");
	assert_int_equal(read_as(text, DESK_TEXT, 0, &body, why), DESK_READ);
	text[9 + desk_text_bytes] = 'x';
	strcpy(text + 9 + desk_text_bytes + 1, "\"}");
	assert_int_equal(read_as(text, DESK_TEXT, 0, &body, why), DESK_BAD_FIELD);
	memset(text + 9, 'x', 17000);
	strcpy(text + 9 + 17000, "\"}");
	assert_int_equal(read_as(text, DESK_TEXT, 0, &body, why), DESK_NO_JSON);
}

/* --- where to --- */

struct places {
	struct arena *arena;
	struct content *content;
	struct flow_set *flows;
};

static int load_places(void **state)
{
	static struct places places;
	struct diags diags;

	places.arena = arena_new(1 << 20);
	diags_init(&diags, places.arena);
	places.content = content_open(SOURCE_DIR, "en", NULL, &diags);
	places.flows = content_load_flows(places.content, &diags);
	assert_non_null(places.flows);
	*state = &places;
	return 0;
}

static int free_places(void **state)
{
	struct places *places = *state;

	flow_set_free(places->flows);
	content_free(places->content);
	arena_free(places->arena);
	return 0;
}

static bool may_go(struct places *places, const char *place, struct desk_place_fault *fault)
{
	return desk_place_check(places->flows, str_of(place), places->arena, fault);
}

static void desk_place__takes__flows_and_their_questions(void **state)
{
	struct desk_place_fault fault;

	assert_true(may_go(*state, "cancel_order", &fault));
	assert_true(may_go(*state, "orders", &fault));
	assert_true(may_go(*state, "person/closed", &fault));
	assert_true(may_go(*state, "person/what", &fault)); /* its first step */
}

static void desk_place__names_the_nearest__of_what_is_not_there(void **state)
{
	struct desk_place_fault fault;

	assert_false(may_go(*state, "cancel_ordr", &fault));
	assert_string_equal(fault.message.p, "there is no flow 'cancel_ordr' to go on with");
	assert_string_equal(fault.nearest[0].p, "cancel_order");
	assert_false(may_go(*state, "person/closd", &fault));
	assert_string_equal(fault.message.p, "'person' has no question 'closd'");
	assert_string_equal(fault.nearest[0].p, "person/closed");
	assert_false(may_go(*state, "", &fault));
	assert_false(may_go(*state, "/", &fault));
	assert_false(may_go(*state, "person/", &fault));
	assert_false(may_go(*state, "repair/error", &fault)); /* the engine's own */
	assert_false(may_go(*state, "session/hello/x", &fault));
}

static bool writes(const struct step *step)
{
	return step->verb == VERB_CALL && step->op->dangerous;
}

/* Whatever a person names, nothing dangerous is done that the buyer did not confirm. */
static void desk_place__refuses__every_dangerous_call(void **state)
{
	struct places *places = *state;
	struct desk_place_fault fault;
	size_t n = 0;

	for (size_t i = 0; i < flow_set_count(places->flows); i++) {
		const struct flow *flow = flow_set_at(places->flows, i);

		for (size_t k = 0; k < flow->n_steps; k++) {
			char place[200];

			if (!writes(&flow->step[k]))
				continue;
			n++;
			snprintf(place, sizeof(place), "%.*s/%.*s", STR(flow->name),
				STR(flow->step[k].name));
			assert_false(may_go(places, place, &fault));
		}
	}
	assert_true(n >= 2);
}

/* A question after the confirmation and before the call. */
static void desk_place__refuses__a_question_behind_the_confirmation(void **state)
{
	static const char text[] =
		"{\"flow\":\"f\",\"version\":1,\"title\":\"F\",\"first\":\"sure\","
		"\"slots\":{\"note\":{\"is\":\"text\"},\"order\":{\"is\":\"order\",\"lent\":true}},"
		"\"steps\":{\"sure\":{\"confirm\":\"Sure?\",\"then\":\"why\",\"on\":{\"no\":"
		"\"end\"}},"
		"\"why\":{\"ask\":\"Why?\",\"into\":\"note\",\"then\":\"do_it\"},"
		"\"do_it\":{\"call\":\"orders.cancel\",\"send\":{\"order\":\"order\",\"reason\":"
		"\"note\"},"
		"\"only_once\":\"x\",\"then\":\"end\",\"on\":{\"refused\":\"end\",\"failed\":"
		"\"end\","
		"\"unknown\":\"end\"}}}}";
	struct source source = {"f.json", {text, sizeof(text) - 1}};
	struct arena *arena = arena_new(1 << 20);
	struct desk_place_fault fault;
	struct flow_set *flows;
	struct diags diags;

	(void)state;
	diags_init(&diags, arena);
	flows = flow_set_load(&source, 1, &diags);
	assert_non_null(flows);
	assert_true(desk_place_check(flows, S("f/sure"), arena, &fault));
	assert_false(desk_place_check(flows, S("f/why"), arena, &fault));
	assert_non_null(strstr(fault.message.p, "not asked about"));
	assert_string_equal(fault.nearest[0].p, "f");
	flow_set_free(flows);
	arena_free(arena);
}

/* --- the webhook --- */

/* The example of the specification's own libraries. */
static void webhook_sign__makes__the_published_signature(void **state)
{
	struct buf key, signature;

	(void)state;
	buf_init(&key, 100);
	buf_init(&signature, 100);
	assert_true(base64_decode(S("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &key));
	webhook_sign(buf_str(&key), S("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
		S("{\"test\": 2432232314}"), &signature);
	assert_string_equal(signature.p, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	buf_release(&key);
	buf_release(&signature);
}

static void webhook_next_try__waits_longer__and_gives_up_after_a_day(void **state)
{
	static const int64_t wait_s[] = {2, 10, 60, 600, 3600, 3600, 3600};
	const int64_t day = 24 * 3600 * 1000;

	(void)state;
	for (int64_t tries = 1; tries <= 7; tries++)
		assert_int_equal(
			webhook_next_try(1000, tries, -1, 5000), 5000 + wait_s[tries - 1] * 1000);
	assert_int_equal(webhook_next_try(1000, 1, 30000, 5000), 35000);
	assert_int_equal(webhook_next_try(1000, 3, 30000, 5000), 65000);
	assert_int_equal(webhook_next_try(0, 9, -1, day - 3600 * 1000), day);
	assert_int_equal(webhook_next_try(0, 9, -1, day - 3600 * 1000 + 1), 0);
	assert_int_equal(webhook_next_try(0, 1, 2 * day, 5000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(desk_open__is_always__without_hours),
		cmocka_unit_test(desk_open__opens_and_closes__on_the_minute),
		cmocka_unit_test(desk_open__passes_over__closed_days),
		cmocka_unit_test(desk_open__never_opens__when_all_days_are_closed),
		cmocka_unit_test(desk_open__holds_on__until_midnight),
		cmocka_unit_test(desk_open__follows__summer_time),
		cmocka_unit_test(desk_quiet__is_never__without_a_span),
		cmocka_unit_test(desk_quiet__goes_past_midnight),
		cmocka_unit_test(desk_quiet__follows__summer_time),
		cmocka_unit_test(opening_read_span__refuses),
		cmocka_unit_test(desk_open__knows__zones_of_odd_minutes),
		cmocka_unit_test(desk_when__says__the_day),
		cmocka_unit_test(desk_gate__opens__to_the_token_only),
		cmocka_unit_test(desk_gate__closes_for_a_minute__after_five_wrong_ones),
		cmocka_unit_test(desk_gate__counts_no_guess__without_a_token),
		cmocka_unit_test(desk_gate__forgets_the_oldest__when_all_places_are_taken),
		cmocka_unit_test(desk_body__is_read__strictly),
		cmocka_unit_test(desk_body__is_refused__when_too_long),
		cmocka_unit_test(desk_place__takes__flows_and_their_questions),
		cmocka_unit_test(desk_place__names_the_nearest__of_what_is_not_there),
		cmocka_unit_test(desk_place__refuses__every_dangerous_call),
		cmocka_unit_test(desk_place__refuses__a_question_behind_the_confirmation),
		cmocka_unit_test(webhook_sign__makes__the_published_signature),
		cmocka_unit_test(webhook_next_try__waits_longer__and_gives_up_after_a_day),
	};

	return cmocka_run_group_tests(tests, load_places, free_places);
}

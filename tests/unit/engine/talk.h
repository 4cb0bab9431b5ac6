/* A conversation with a small content written in the test: said and answered by hand. */
#ifndef TENSTEP_TESTS_TALK_H
#define TENSTEP_TESTS_TALK_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bot/engine/step.h"
#include "flows/operation.h"

struct talk {
	struct arena *content, *side[2];
	unsigned on;
	struct model *model;
	struct session *session;
	struct turn turn;
	int64_t now_ms;
};

static const char *const talk_intents =
	"["
	"{\"intent\":\"cancel_order\",\"about\":\"stop an order\",\"label\":\"Cancel an order\",\"kind\":\"task\","
	" \"phrases\":[\"cancel ... order\",\"cancel it\"]},"
	"{\"intent\":\"return_item\",\"about\":\"send it back\",\"label\":\"Send something back\",\"kind\":\"task\","
	" \"phrases\":[\"send ... back\",\"return ... parcel\"]},"
	"{\"intent\":\"policy_refund\",\"about\":\"how long a refund takes\",\"kind\":\"info\","
	" \"phrases\":[\"how long .. refund\"]},"
	"{\"intent\":\"stop\",\"about\":\"leave it\",\"kind\":\"safety\",\"phrases\":[\"= stop =\"]},"
	"{\"intent\":\"back\",\"about\":\"one back\",\"kind\":\"info\",\"phrases\":[\"= go back =\"]},"
	"{\"intent\":\"start_over\",\"about\":\"anew\",\"kind\":\"info\",\"phrases\":[\"= start over =\"]},"
	"{\"intent\":\"why\",\"about\":\"why\",\"kind\":\"info\",\"phrases\":[\"= why =\"]},"
	"{\"intent\":\"goodbye\",\"about\":\"leave\",\"kind\":\"smalltalk\",\"phrases\":[\"= bye =\"]},"
	"{\"intent\":\"contact_support\",\"about\":\"a person\",\"kind\":\"safety\",\"phrases\":[\"= person please =\",\"talk .. person\"]},"
	"]";

static inline struct str talk_file(struct arena *arena, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text;
	long n;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	assert_true(n > 0);
	rewind(f);
	text = arena_alloc(arena, (size_t)n + 1);
	assert_int_equal(fread(text, 1, (size_t)n, f), n);
	fclose(f);
	return (struct str){text, (size_t)n};
}

static inline void talk_findings(const struct diags *diags)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	diags_print(diags, &out, false, 0);
	if (diags->n_errors)
		fail_msg("%s", out.p);
	buf_release(&out);
}

static inline struct model *talk_model(struct arena *arena, const char *const *flow, size_t n,
	struct model *before)
{
	struct source *sources = arena_array(arena, struct source, n + 2);
	struct intent_set *intents;
	struct flow_set *flows;
	struct diags diags;

	diags_init(&diags, arena);
	sources[0] = (struct source){"language.json",
		talk_file(arena, SOURCE_DIR "/intents/packs/en/language.json")};
	sources[1] = (struct source){"intents.json", str_of(talk_intents)};
	intents = intent_set_load(sources, 2, (struct str){"", 0}, true, &diags);
	talk_findings(&diags);
	assert_non_null(intents);
	sources = arena_array(arena, struct source, n);
	for (size_t i = 0; i < n; i++)
		sources[i] = (struct source){arena_printf(arena, "flow%zu.json", i).p, str_of(flow[i])};
	flows = flow_set_load(sources, n, &diags);
	talk_findings(&diags);
	assert_non_null(flows);
	return model_new(intents, flows, digest_of(S("test")), before);
}

static inline struct talk talk_begin(const char *const *flow, size_t n)
{
	struct talk t = {
		.content = arena_new(16 << 20),
		.side = {arena_new(4 << 20), arena_new(4 << 20)},
		.now_ms = 1740823200000,
	};

	t.model = talk_model(t.content, flow, n, NULL);
	t.session = session_new(t.side[0], S("t"), S("test"), S("en"));
	t.on = 1;
	return t;
}

static inline void talk_end(struct talk *t)
{
	model_unref(t->model);
	arena_free(t->content);
	arena_free(t->side[0]);
	arena_free(t->side[1]);
}

/* Every turn also goes through the session's bytes, so each test tests the codec too. */
static inline const struct turn *talk_event(struct talk *t, struct event event)
{
	struct buf bytes;

	arena_reset(t->side[t->on]);
	if (!event.now_ms)
		event.now_ms = t->now_ms += 1000;
	t->now_ms = event.now_ms;
	t->turn = step(t->model, t->session, &event, t->side[t->on]);
	buf_init(&bytes, 1 << 20);
	session_encode(t->turn.session, &bytes);
	t->session = session_decode(t->side[t->on], buf_str(&bytes));
	buf_release(&bytes);
	assert_non_null(t->session);
	t->on ^= 1;
	return &t->turn;
}

static inline const struct turn *talk_say(struct talk *t, const char *text)
{
	return talk_event(t, (struct event){.kind = EVENT_TEXT, .text = str_of(text)});
}

static inline const struct turn *talk_press(struct talk *t, const char *id)
{
	return talk_event(t, (struct event){.kind = EVENT_PRESS, .text = str_of(id)});
}

static inline const struct turn *talk_later(struct talk *t, int64_t ms)
{
	return talk_event(t, (struct event){.kind = EVENT_TICK, .now_ms = t->now_ms + ms});
}

static inline const struct turn *talk_buyer(struct talk *t, const char *id)
{
	return talk_event(t, (struct event){.kind = EVENT_BUYER, .name = str_of(id)});
}

static inline const struct effect *talk_find(const struct talk *t, enum effect_kind kind)
{
	for (size_t i = 0; i < t->turn.n_effects; i++)
		if (t->turn.effect[i].kind == kind)
			return &t->turn.effect[i];
	return NULL;
}

static inline const struct value *talk_json(struct talk *t, const char *json)
{
	struct source source = {"answer", str_of(json)};
	struct diags diags;
	struct json_doc *doc;
	const struct value *v;

	diags_init(&diags, t->content);
	doc = json_parse(&source, 0, NULL, &diags);
	assert_non_null(doc);
	v = value_from_json(t->content, json_root(doc));
	json_doc_free(doc);
	return v;
}

static inline const struct turn *talk_answer(struct talk *t, enum outcome outcome, const char *json)
{
	return talk_event(t, (struct event){.kind = EVENT_ANSWER, .call = t->session->calls,
		.outcome = outcome, .value = json ? talk_json(t, json) : NULL});
}

/* All that was said in the turn, "flow/step: text" a line. */
static inline const char *talk_said(const struct talk *t)
{
	struct buf out;
	const char *text;

	buf_init(&out, 1 << 16);
	for (size_t i = 0; i < t->turn.n_effects; i++) {
		const struct effect *e = &t->turn.effect[i];

		if (e->kind == EFFECT_SAY)
			buf_addf(&out, "%s%.*s/%.*s: %.*s", out.n ? "\n" : "", STR(e->flow), STR(e->step),
				STR(e->say.text));
	}
	text = arena_cstr(t->content, buf_str(&out));
	buf_release(&out);
	return text;
}

#define assert_said(t, text) assert_string_equal(talk_said(t), (text))

#endif

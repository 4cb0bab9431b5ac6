/* A person at the desk, and what it answers. */
#ifndef TENSTEP_TESTS_DESK_PERSON_H
#define TENSTEP_TESTS_DESK_PERSON_H

#include "tests/unit/desk/desk_world.h"

struct answer {
	unsigned times, status;
	char text[20000];
};

static inline void take_answer(void *self, unsigned status, struct str json)
{
	struct answer *answer = self;

	answer->times++;
	answer->status = status;
	put(answer->text, sizeof(answer->text), json);
}

static inline void begin(struct world *w, const char *method, const char *path, const char *body,
	struct answer *answer)
{
	struct str query = str_of(path), only = str_cut(&query, '?');

	memset(answer, 0, sizeof(*answer));
	desk_ask(w->desk,
		&(struct desk_question){.method = str_of(method),
			.path = only,
			.query = query,
			.authorization = S("Bearer desk-token"),
			.address = S("127.0.0.1"),
			.body = str_of(body)},
		take_answer, answer);
}

static inline struct answer *call(
	struct world *w, const char *method, const char *path, const char *body)
{
	static struct answer answer;

	begin(w, method, path, body, &answer);
	while (!answer.times)
		turn(w, 2);
	assert_int_equal(answer.times, 1);
	return &answer;
}

static inline void expect(const struct answer *answer, unsigned status, const char *part)
{
	if (answer->status != status || !strstr(answer->text, part))
		fail_msg("not %u with %s: %u %s", status, part, answer->status, answer->text);
}

static inline struct answer *claim(struct world *w, int card, int version, const char *person)
{
	char path[60], body[100];

	snprintf(path, sizeof(path), "/desk/cards/%d/claim", card);
	snprintf(body, sizeof(body), "{\"person\":\"%s\",\"version\":%d}", person, version);
	return call(w, "POST", path, body);
}

static inline struct answer *say(struct world *w, const char *id, const char *text)
{
	char body[300];

	snprintf(
		body, sizeof(body), "{\"person\":\"Mai\",\"id\":\"%s\",\"text\":\"%s\"}", id, text);
	return call(w, "POST", "/desk/cards/1/reply", body);
}

#endif

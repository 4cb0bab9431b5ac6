/* What comes to the desk and what its terminal shows: bodies of requests are read or refused, what
 * was read is within its limits, and no text steers a terminal. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/text.h"
#include "bot/desk/desk_gate.h"
#include "bot/desk/desk_json.h"
#include "bot/desk/inbox_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct str text, size_t max)
{
	assert(text.n <= max && text_valid_up_to(text) == text.n);
	assert(!text.n || !memchr(text.p, 0, text.n));
}

static void read_body(struct str bytes)
{
	static const struct {
		unsigned needed, allowed;
	} request[] = {
		{DESK_PERSON | DESK_VERSION, 0},
		{DESK_PERSON | DESK_TEXT | DESK_ID, 0},
		{DESK_PERSON, DESK_TO | DESK_TEXT},
	};
	struct arena *arena = arena_new(1 << 20);

	for (size_t i = 0; i < sizeof(request) / sizeof(request[0]); i++) {
		struct desk_body body;
		struct str why;

		if (desk_body_read(bytes, request[i].needed, request[i].allowed, arena, &body,
			    &why) == DESK_READ) {
			assert(body.person.n && body.version >= 0);
			check_text(body.person, desk_person_bytes);
			check_text(body.id, desk_id_bytes);
			check_text(body.to, desk_place_bytes);
			check_text(body.text, desk_text_bytes);
		} else {
			assert(why.n > 0);
		}
	}
	arena_free(arena);
}

static void clean(struct str text)
{
	struct buf out;

	buf_init(&out, text.n * 10 + 16);
	inbox_clean(text, &out);
	assert(!out.over && text_valid_up_to(buf_str(&out)) == out.n);
	for (size_t i = 0; i < out.n; i++)
		assert((unsigned char)out.p[i] >= ' ' || out.p[i] == '\n');
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	struct desk_gate *gate = calloc(1, sizeof(*gate));

	assert(gate);
	read_body(bytes);
	clean(bytes);
	if (str_find(bytes, S("a secret of the desk")) < 0)
		assert(desk_gate_check(gate, S("a secret of the desk"), bytes, bytes, 1) ==
			GATE_WRONG);
	free(gate);
	return 0;
}

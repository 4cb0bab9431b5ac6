/* Packs for tests: a small one of the test's own, with the shipped language.json beside it; or the
 * shipped one. */
#ifndef TENSTEP_TESTS_INTENTS_PACK_H
#define TENSTEP_TESTS_INTENTS_PACK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/common/embedded.h"
#include "intents/answer.h"
#include "intents/understand.h"

struct pack {
	struct intent_set *set;
	struct arena *arena;            /* of readings */
	struct arena *diag_arena;
	struct diags diags;
	struct source source[64];
	struct context context;
};

/* 2025-11-13 00:53:20 UTC, a Thursday. */
enum { pack_now = 1762995200 };

static inline struct str embedded_text(const struct embedded_file *file)
{
	return (struct str){file->begin, (size_t)(file->end - file->begin)};
}

static inline struct str embedded_named(const char *name)
{
	for (unsigned i = 0; i < n_embedded; i++)
		if (strcmp(embedded[i].name, name) == 0)
			return embedded_text(&embedded[i]);
	fail_msg("'%s' is not embedded", name);
	return (struct str){0};
}

/* Loads @json (NULL: nothing) and language.json; set is NULL if there were errors. */
static inline struct pack *pack_try(const char *json)
{
	struct pack *pack = calloc(1, sizeof(*pack));
	size_t n = 0;

	pack->arena = arena_new(1 << 20);
	pack->diag_arena = arena_new(1 << 20);
	diags_init(&pack->diags, pack->diag_arena);
	pack->context.now = pack_now;
	pack->source[n++] = (struct source){"language.json",
		embedded_named("intents/packs/en/language.json")};
	if (json)
		pack->source[n++] = (struct source){"test.json", str_of(json)};
	pack->set = intent_set_load(pack->source, n, embedded_named("dictionary/en"), true,
		&pack->diags);
	return pack;
}

static inline void pack_print_findings(const struct pack *pack)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	diags_print(&pack->diags, &out, false, 0);
	print_error("%.*s", STR(buf_str(&out)));
	buf_release(&out);
}

static inline struct pack *pack_new(const char *json)
{
	struct pack *pack = pack_try(json);

	if (!pack->set)
		pack_print_findings(pack);
	assert_non_null(pack->set);
	return pack;
}

static inline struct pack *pack_shipped(bool jit)
{
	struct pack *pack = calloc(1, sizeof(*pack));
	size_t n = 0;

	pack->arena = arena_new(1 << 20);
	pack->diag_arena = arena_new(1 << 20);
	diags_init(&pack->diags, pack->diag_arena);
	pack->context.now = pack_now;
	for (unsigned i = 0; i < n_embedded; i++)
		if (strncmp(embedded[i].name, "intents/packs/en/", 17) == 0)
			pack->source[n++] = (struct source){embedded[i].name,
				embedded_text(&embedded[i])};
	pack->set = intent_set_load(pack->source, n, embedded_named("dictionary/en"), jit,
		&pack->diags);
	if (!pack->set)
		pack_print_findings(pack);
	assert_non_null(pack->set);
	return pack;
}

static inline void pack_free(struct pack *pack)
{
	intent_set_free(pack->set);
	arena_free(pack->arena);
	arena_free(pack->diag_arena);
	free(pack);
}

/* The reading holds until the next call. */
static inline const struct reading *pack_read(struct pack *pack, const char *message)
{
	arena_reset(pack->arena);
	return understand(pack->set, str_of(message), &pack->context, pack->arena);
}

/* "accept cancel_order", "clarify a,b", "none", "accept not cancel_order". */
static inline const char *pack_outcome(struct pack *pack, const char *message)
{
	const struct reading *reading = pack_read(pack, message);
	struct buf out;
	const char *text;

	buf_init(&out, 1000);
	buf_adds(&out, decision_name[reading->decision]);
	for (size_t i = 0; i < reading->n_top; i++)
		buf_addf(&out, "%s%s%.*s", i ? "," : " ", reading->candidate[i].negated ? "not " : "",
			STR(reading->candidate[i].intent->name));
	text = arena_cstr(pack->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

#endif

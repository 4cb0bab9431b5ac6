/* Small sets of flows for tests, written in place, with an account step beside them. */
#ifndef TENSTEP_TESTS_FLOWS_H
#define TENSTEP_TESTS_FLOWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows/flow_set.h"

#define ACCOUNT \
	"{\"flow\": \"account\", \"title\": \"Account\", \"first\": \"known\"," \
	" \"slots\": {\"number\": {\"is\": \"order\"}, \"fact\": {\"is\": \"text\", \"private\": true}}, \"steps\": {" \
	" \"known\": {\"if\": [{\"when\": \"buyer is set\", \"then\": \"end\"}], \"else\": \"which\"}," \
	" \"which\": {\"ask\": \"Number?\", \"into\": \"number\", \"then\": \"what\"}," \
	" \"what\": {\"ask\": \"Postcode?\", \"into\": \"fact\", \"then\": \"verify\"}," \
	" \"verify\": {\"call\": \"buyers.verify\", \"send\": {\"order\": \"number\", \"fact\": \"fact\"}, \"then\": \"end\"," \
	"              \"on\": {\"refused\": \"failed\", \"failed\": \"failed\"}}," \
	" \"failed\": {\"end\": \"failed\"}}}"

enum { max_flows = 8 };

struct flows {
	struct arena *arena;
	struct diags diags;
	struct source source[max_flows];
	size_t n;
	struct flow_set *set;
};

static inline void flows_load(struct flows *f)
{
	f->arena = arena_new(1 << 20);
	diags_init(&f->diags, f->arena);
	f->set = flow_set_load(f->source, f->n, &f->diags);
}

static inline void flows_add(struct flows *f, const char *json)
{
	static const char *const name[max_flows] = {"1", "2", "3", "4", "5", "6", "7", "8"};

	assert_true(f->n < max_flows);
	f->source[f->n] = (struct source){name[f->n], str_of(json)};
	f->n++;
}

static inline void flows_check(struct flows *f)
{
	static const struct str intent[] = {
		{"cancel_order", 12}, {"return_item", 11}, {"yes", 3}, {"no", 2}, {"help", 4}, {"order_status", 12},
	};

	flows_load(f);
	if (f->set)
		flow_set_check(f->set, intent, sizeof(intent) / sizeof(*intent), &f->diags);
}

static inline void flows_free(struct flows *f)
{
	flow_set_free(f->set);
	arena_free(f->arena);
	*f = (struct flows){0};
}

static inline size_t flows_found(const struct flows *f, const char *code)
{
	size_t n = 0;

	for (size_t i = 0; i < f->diags.n; i++)
		n += strncmp(f->diags.item[i].code, code, strlen(code)) == 0;
	return n;
}

static inline void flows_print(const struct flows *f)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	diags_print(&f->diags, &out, false, 0);
	print_error("%.*s", STR(buf_str(&out)));
	buf_release(&out);
}

#endif

/* A value as a test writes it: JSON.  It is in @into. */
#ifndef TENSTEP_TESTS_VALUE_OF_H
#define TENSTEP_TESTS_VALUE_OF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/base/value.h"

static inline const struct value *value_of(struct arena *into, const char *json)
{
	struct source source = {"test", str_of(json)};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);
	const struct value *value;

	if (!doc)
		fail_msg("not JSON: %s", json);
	value = value_from_json(into, json_root(doc));
	json_doc_free(doc);
	return value;
}

#endif

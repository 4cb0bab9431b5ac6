/* Conditions: no crash; what is refused has one finding inside the text; what is accepted evaluates,
 * whatever the names hold, and what it says of its own truth holds. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "bot/base/text.h"
#include "flows/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct arena *arena;
	struct str unset;       /* the one name that is not set */
};

/* Each name holds a value whose type is decided by the name. */
static const struct value *look_up(const void *self, struct str name)
{
	const struct world *w = self;
	struct value_builder b = value_build(w->arena);

	if (str_eq(name, w->unset))
		return &value_none;
	switch (str_hash(name) % 5) {
	case 0:
		return value_int(w->arena, (int64_t)str_hash(name));
	case 1:
		return value_text(w->arena, name);
	case 2:
		return value_bool(name.n % 2);
	case 3:
		value_push(&b, value_text(w->arena, name));
		value_push(&b, value_int(w->arena, 7));
		return value_list(&b);
	default:
		value_put_text(&b, "number", name);
		value_put_text(&b, "amount", S("1.50"));
		value_put_text(&b, "currency", S("USD"));
		return value_record(&b);
	}
}

struct claim {
	const struct expr *expr;
	struct arena *arena;
};

/* If the expression proves that a name is set, it cannot come out so without it. */
static void check_name(void *self, struct str name, struct str field)
{
	const struct claim *claim = self;
	struct world w = {claim->arena, name};
	bool outcome = expr_true(claim->expr, (struct scope){look_up, &w}, claim->arena);

	(void)field;
	assert(!expr_proves_set(claim->expr, name, outcome));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = {"fuzz", {(const char *)data, size}};
	struct arena *arena = arena_new(1 << 20);
	struct diags diags;
	const struct expr *expr;

	if (text_valid_up_to(source.text) == size) {
		diags_init(&diags, arena);
		expr = expr_parse(arena, source.text, &source, 0, &diags);
		assert(diags.n == (expr ? 0 : 1));
		for (size_t i = 0; i < diags.n; i++)
			assert(diags.item[i].offset + diags.item[i].length <= size);
		if (expr) {
			struct claim claim = {expr, arena};

			assert(str_eq(expr_text(expr), source.text));
			expr_names(expr, check_name, &claim);
		}
	}
	arena_free(arena);
	return 0;
}

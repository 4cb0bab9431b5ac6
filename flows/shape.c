/* What is known of a value before it is there. */
#include "flows/shape.h"

static const char *const money_fields[] = {"amount", "currency", NULL};
/* Of an order and of an order's return: the two lists of items have most fields in common. */
static const char *const item_fields[] = {
	"id",
	"title",
	"variant",
	"quantity",
	"price",
	"status_text",
	"may",
	"why",
	"until",
	NULL,
};
static const char *const choice_fields[] = {"id", "label", "words", NULL};
static const char *const buyer_fields[] = {"id", "name", NULL};
static const char *const current_fields[] = {"title", "flow", "step", "question", "why", NULL};
static const char *const watching_fields[] = {"event", "of", "since", NULL};

const struct shape shape_unknown = {0};
const struct shape shape_choices = {.field = choice_fields, .list = true};
const struct shape shape_buyer = {.field = buyer_fields};
const struct shape shape_current = {.field = current_fields};
const struct shape shape_watching = {.field = watching_fields, .list = true};

bool shape_has(struct shape shape, struct str field)
{
	for (const char *const *known = shape.field; *known; known++)
		if (str_is(field, *known))
			return true;
	return false;
}

struct shape shape_of_field(struct str field)
{
	static const struct {
		const char *field;
		struct shape shape;
	} known[] = {
		{"total", {.field = money_fields}},
		{"price", {.field = money_fields}},
		{"refund", {.field = money_fields}},
		{"items", {.field = item_fields, .list = true}},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_is(field, known[i].field))
			return known[i].shape;
	return shape_unknown;
}

struct shape shape_item(struct shape list)
{
	if (!list.list)
		return shape_unknown;
	return (struct shape){.field = list.field};
}

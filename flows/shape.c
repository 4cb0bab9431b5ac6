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
const struct shape shape_money = {.field = money_fields, .may_be = MAY_BE_RECORD};
const struct shape shape_choices = {.field = choice_fields, .list = true, .may_be = MAY_BE_RECORD};
const struct shape shape_buyer = {.field = buyer_fields, .may_be = MAY_BE_RECORD};
const struct shape shape_current = {.field = current_fields, .may_be = MAY_BE_RECORD};
const struct shape shape_watching = {
	.field = watching_fields, .list = true, .may_be = MAY_BE_RECORD};
const struct shape shape_notice = {
	.field = notice_field, .closed = closed_of_notice, .may_be = MAY_BE_RECORD};

bool shape_has(struct shape shape, struct str field)
{
	for (const char *const *known = shape.field; *known; known++)
		if (str_is(field, *known))
			return true;
	return false;
}

bool shape_is_money(struct shape shape)
{
	return shape.field == money_fields && !shape.list;
}

/* By its name alone, whoever gives it. */
static struct shape shape_of_name(struct str field)
{
	static const struct {
		const char *field;
		struct shape shape;
	} known[] = {
		{"total", {.field = money_fields, .may_be = MAY_BE_RECORD}},
		{"price", {.field = money_fields, .may_be = MAY_BE_RECORD}},
		{"refund", {.field = money_fields, .may_be = MAY_BE_RECORD}},
		{"amount", {.field = money_fields, .may_be = MAY_BE_RECORD}},
		{"items", {.field = item_fields, .list = true, .may_be = MAY_BE_RECORD}},
		{"n_items", {.may_be = MAY_BE_NUMBER}},
		{"quantity", {.may_be = MAY_BE_NUMBER}},
		{"created", {.may_be = MAY_BE_NUMBER}},
		{"delivered", {.may_be = MAY_BE_NUMBER}},
		{"cancelled", {.may_be = MAY_BE_NUMBER}},
		{"deliver_by", {.may_be = MAY_BE_NUMBER}},
		{"ship_by", {.may_be = MAY_BE_NUMBER}},
		{"deadline", {.may_be = MAY_BE_NUMBER}},
		{"until", {.may_be = MAY_BE_NUMBER}},
		{"opens_at", {.may_be = MAY_BE_NUMBER}},
		{"requested", {.may_be = MAY_BE_NUMBER}},
		{"approved", {.may_be = MAY_BE_NUMBER}},
		{"paid", {.may_be = MAY_BE_NUMBER}},
		{"at", {.may_be = MAY_BE_NUMBER}},
		{"since", {.may_be = MAY_BE_NUMBER}},
		{"cod", {.may_be = MAY_BE_BOOL}},
		{"open", {.may_be = MAY_BE_BOOL}},
		{"may", {.may_be = MAY_BE_BOOL}},
		{"photos", {.may_be = MAY_BE_BOOL}},
		{"number", {.may_be = MAY_BE_TEXT}},
		{"status_text", {.may_be = MAY_BE_TEXT}},
		{"state_text", {.may_be = MAY_BE_TEXT}},
		{"first_item", {.may_be = MAY_BE_TEXT}},
		{"title", {.may_be = MAY_BE_TEXT}},
		{"variant", {.may_be = MAY_BE_TEXT}},
		{"label", {.may_be = MAY_BE_TEXT}},
		{"name", {.may_be = MAY_BE_TEXT}},
		{"paid_with", {.may_be = MAY_BE_TEXT}},
		{"carrier", {.may_be = MAY_BE_TEXT}},
		{"tracking", {.may_be = MAY_BE_TEXT}},
		{"why_text", {.may_be = MAY_BE_TEXT}},
		{"can", {.list = true, .may_be = MAY_BE_TEXT}},
		{"words", {.list = true, .may_be = MAY_BE_TEXT}},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_is(field, known[i].field))
			return known[i].shape;
	return shape_unknown;
}

struct shape shape_of_field(struct shape of, struct str field)
{
	struct shape shape = shape_of_name(field);

	if (!of.field) /* any record may have an "open" or an "amount" of its own */
		return shape.field && !str_is(field, "amount") ? shape : shape_unknown;
	if (shape_is_money(of)) /* its amount is a decimal */
		return (struct shape){.may_be = MAY_BE_TEXT};
	shape.word = closed_words(of.closed, field);
	if (shape.word)
		shape.may_be = MAY_BE_TEXT;
	return shape;
}

struct shape shape_item(struct shape list)
{
	if (!list.list)
		return shape_unknown;
	list.list = false;
	return list;
}

/* A flow as it is authored: names of its words, and finding things in it. */
#include "flows/flow.h"

const char *const verb_name[N_VERBS] = {
	[VERB_SAY] = "say",
	[VERB_ASK] = "ask",
	[VERB_CHOOSE] = "choose",
	[VERB_CONFIRM] = "confirm",
	[VERB_IF] = "if",
	[VERB_SET] = "set",
	[VERB_CALL] = "call",
	[VERB_RUN] = "run",
	[VERB_GO] = "go",
	[VERB_HANDOFF] = "handoff",
	[VERB_WAIT] = "wait",
	[VERB_WATCH] = "watch",
	[VERB_NOTE] = "note",
	[VERB_END] = "end",
};

const char *const slot_type_name[N_SLOT_TYPES] = {
	[SLOT_ANY] = "any",
	[SLOT_TEXT] = "text",
	[SLOT_NUMBER] = "number",
	[SLOT_ORDER] = "order",
	[SLOT_CHOICE] = "choice",
	[SLOT_EMAIL] = "email",
	[SLOT_PHONE] = "phone",
	[SLOT_DATE] = "date",
	[SLOT_MONEY] = "money",
	[SLOT_RATING] = "rating",
	[SLOT_YES_NO] = "yes_no",
	[SLOT_LIST] = "list",
	[SLOT_PHOTOS] = "photos",
};

const char *const target_word[TARGET_BACK + 1] = {
	[TARGET_END] = "end",
	[TARGET_PAUSE] = "pause",
	[TARGET_WAIT_ON] = "wait_on",
	[TARGET_BACK] = "back",
};

const struct step *flow_step(const struct flow *flow, struct str name)
{
	for (size_t i = 0; i < flow->n_steps; i++)
		if (str_eq(flow->step[i].name, name))
			return &flow->step[i];
	return NULL;
}

const struct slot *flow_slot(const struct flow *flow, struct str name)
{
	for (size_t i = 0; i < flow->n_slots; i++)
		if (str_eq(flow->slot[i].name, name))
			return &flow->slot[i];
	return NULL;
}

const struct on *step_on(const struct step *step, enum on_kind kind, struct str key)
{
	for (size_t i = 0; i < step->n_on; i++)
		if (step->on[i].kind == kind && str_eq(step->on[i].key, key))
			return &step->on[i];
	return NULL;
}

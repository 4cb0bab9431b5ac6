/* Conversation tests that begin in the middle. */
#include "bot/chats/chat_check.h"
#include "bot/chats/chat_play.h"

/* An order written as its number is asked for at the shop; a choice written as its id is looked up.
 */
static const struct value *start_value(
	struct play *p, const struct flow *flow, const struct slot *slot, const struct value *v)
{
	const struct value *list;

	if (v->type != VALUE_TEXT || !slot)
		return v;
	if (slot->is == SLOT_ORDER) {
		struct value_builder args = value_build(p->arena);
		struct order_request request = {
			.operation = S("orders.get"), .buyer = host_session(p->host)->buyer};
		struct order_answer answer;
		struct order_api *api = sandbox_api(p->shop);

		value_put(&args, "order", v);
		request.args = value_record(&args);
		return api->call(api, &request, p->arena, &answer) == ORDER_OK ? answer.value : v;
	}
	(void)flow;
	list = slot->from.n ? flow_set_list(model_flows(p->model ? p->model : p->stage->model),
				      slot->from)
			    : NULL;
	for (size_t i = 0; list && i < value_count(list); i++)
		if (str_eq(value_get_text(value_at(list, i), "id"), v->text))
			return value_at(list, i);
	return v;
}

/* A button on screen that leads to the step, from a frame that holds the slots; then it is pressed.
 */
void play_start_at(struct play *p, const struct chat_turn *turn)
{
	struct session *s = session_copy(p->arena, host_session(p->host));
	const struct model *model = p->model ? p->model : p->stage->model;
	const struct flow *flow;
	const struct step *step;
	struct frame *by = &s->offered_by;

	if (chat_ref_find(model_flows(model), turn->name, &flow, &step) != REF_STEP) {
		play_cannot(p, turn, S("there is no such step"));
		return;
	}
	*by = (struct frame){.flow = flow,
		.flow_name = flow->name,
		.version = flow->version,
		.step = flow->first,
		.step_name = flow->step[flow->first].name,
		.role = ROLE_TASK,
		.id = ++s->frames};
	if (turn->value && turn->value->type == VALUE_RECORD) {
		by->n_slots = turn->value->record.n;
		by->slot = arena_array(p->arena, struct slot_value, by->n_slots + 64);
		for (size_t i = 0; i < by->n_slots; i++) {
			const struct field *field = &turn->value->record.field[i];
			const struct slot *slot = flow_slot(flow, field->name);

			by->slot[i] = (struct slot_value){.name = field->name,
				.value = start_value(p, flow, slot, field->value),
				.origin = slot && slot->lent ? ORIGIN_LENT : ORIGIN_BUYER,
				.stamp = ++s->stamps};
			if (slot && slot->is == SLOT_ORDER)
				s->recent_order = by->slot[i].value;
		}
	}
	s->offered[0] = (struct offered){.choice = {S("start"), S("start")},
		.kind = TARGET_STEP,
		.target = step->name,
		.with = &value_none};
	s->n_offered = 1;
	if (!host_put_session(p->host, s)) {
		play_cannot(p, turn, str_of(host_error(p->host)));
		return;
	}
	play_give(p, turn, (struct event){.kind = EVENT_PRESS, .text = S("start")});
}

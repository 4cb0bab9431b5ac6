/* Plays conversation tests. */
#include "bot/chats/chat_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/chats/chat_check.h"

enum { never_ms = 24 * 3600 * 1000, max_version_bytes = 1 << 20, max_transcript = 256 << 10 };

/* --- shops --- */

enum { max_shops = 64 };

struct chat_shops {
	struct pristine {
		struct str fixture;
		int64_t now;
		struct sandbox *sandbox;
	} shop[max_shops];
	size_t n;
	struct arena *names;
};

struct chat_shops *chat_shops_new(void)
{
	struct chat_shops *shops = calloc(1, sizeof(*shops));

	if (!shops)
		abort();
	shops->names = arena_new(1 << 16);
	return shops;
}

void chat_shops_free(struct chat_shops *shops)
{
	if (!shops)
		return;
	for (size_t i = 0; i < shops->n; i++)
		sandbox_api(shops->shop[i].sandbox)->free(sandbox_api(shops->shop[i].sandbox));
	arena_free(shops->names);
	free(shops);
}

static struct sandbox *open_shop(
	struct chat_shops *shops, struct str fixture, int64_t now, struct buf *error)
{
	struct sandbox *fresh;

	for (size_t i = 0; shops && i < shops->n; i++)
		if (shops->shop[i].now == now && str_eq(shops->shop[i].fixture, fixture))
			return sandbox_copy(shops->shop[i].sandbox, error);
	fresh = sandbox_open(fixture, now, error);
	if (!fresh || !shops || shops->n == max_shops)
		return fresh;
	shops->shop[shops->n++] = (struct pristine){arena_str(shops->names, fixture), now, fresh};
	return sandbox_copy(fresh, error);
}

/* --- what varies between the plays of a test --- */

struct row {
	const struct str *column, *cell;
	size_t n;
};

static size_t examples_of(
	const struct chat_stage *stage, const struct chat_test *test, const struct example **list)
{
	const struct intent_set *intents = model_intents(stage->model);
	const struct intent *intent = intent_set_find(intents, test->each_of);

	*list = NULL;
	if (!intent)
		return 0;
	return test->each == EACH_EXAMPLE ? intent_examples(intents, intent, list)
					  : intent_counter_examples(intents, intent, list);
}

size_t chat_plays(const struct chat_stage *stage, const struct chat_test *test)
{
	const struct example *list;

	switch (test->each) {
	case EACH_ONCE:
		return 1;
	case EACH_ROW:
		return test->n_rows;
	case EACH_EXAMPLE:
	case EACH_COUNTER_EXAMPLE:
		return examples_of(stage, test, &list);
	}
	return 0;
}

static struct row row_of(const struct chat_stage *stage, const struct chat_test *test,
	size_t number, struct arena *arena)
{
	const struct example *list;
	struct str *cell;

	if (test->each == EACH_ONCE)
		return (struct row){0};
	if (test->each == EACH_ROW)
		return (struct row){
			test->column, test->cell + number * test->n_columns, test->n_columns};
	cell = arena_array(arena, struct str, 2);
	examples_of(stage, test, &list);
	cell[0] = list[number].text;
	cell[1] = list[number].wanted;
	return (struct row){test->column, cell, test->n_columns};
}

static struct str fill(struct arena *arena, struct str text, const struct row *row)
{
	return row->n ? chat_fill(arena, text, row->column, row->n, row->cell) : text;
}

static const struct value *fill_value(
	struct arena *arena, const struct value *v, const struct row *row)
{
	return row->n && v ? chat_fill_value(arena, v, row->column, row->n, row->cell) : v;
}

static struct chat_fact fill_fact(struct arena *arena, struct chat_fact fact, const struct row *row)
{
	struct str *item = arena_array(arena, struct str, fact.n_items);

	fact.name = fill(arena, fact.name, row);
	fact.from = fill(arena, fact.from, row);
	fact.to = fill(arena, fact.to, row);
	fact.value = fill_value(arena, fact.value, row);
	for (size_t i = 0; i < fact.n_items; i++)
		item[i] = fill(arena, fact.item[i], row);
	fact.item = item;
	return fact;
}

static struct chat_turn fill_turn(struct arena *arena, struct chat_turn turn, const struct row *row)
{
	struct chat_speech *speech = arena_array(arena, struct chat_speech, turn.n_speeches);
	struct chat_fact *fact = arena_array(arena, struct chat_fact, turn.n_facts);

	if (!row->n)
		return turn;
	turn.name = fill(arena, turn.name, row);
	turn.text = fill(arena, turn.text, row);
	turn.second = fill(arena, turn.second, row);
	turn.value = fill_value(arena, turn.value, row);
	for (size_t i = 0; i < turn.n_speeches; i++) {
		speech[i] = turn.speech[i];
		speech[i].ref = fill(arena, speech[i].ref, row);
		speech[i].words = fill(arena, speech[i].words, row);
	}
	for (size_t i = 0; i < turn.n_facts; i++)
		fact[i] = fill_fact(arena, turn.fact[i], row);
	turn.speech = speech;
	turn.fact = fact;
	return turn;
}

/* --- a play --- */

struct play {
	const struct chat_stage *stage;
	struct chat_play *result;
	struct arena *arena;
	struct sandbox *shop;
	struct host *host;
	struct model *model; /* the play's own, after "load" or "publish" */
	char **version_text; /* of the versions it read, freed at the end */
	size_t n_versions;
	struct seen *seen; /* of the turn that is played */
	struct seen_call *all;
	size_t n_all;
	struct seen_item *ended;
	size_t n_ended;
	bool handed_off;
	const struct seen_bubble *screen; /* the last bubbles with buttons */
	size_t n_screen;
	struct event last; /* the last message, for "again" */
	unsigned messages;
	struct buf transcript;
};

static void cannot(struct play *p, const struct chat_turn *turn, struct str why)
{
	chat_fail(&p->result->failures, FAIL_CANNOT, turn ? turn->at : p->result->test->at, S(""),
		why);
}

/* What does not get through is told once. */
static void check_wire(struct play *p, const struct chat_turn *turn, bool good, struct str why)
{
	if (!good && !p->result->failures.n)
		cannot(p, turn, why);
}

static void show(struct play *p, const struct host_turn *turn)
{
	const struct chat_wire *wire = p->stage->wire;
	struct str why = {0};

	for (size_t i = 0; wire && i < turn->n_posts; i++)
		check_wire(p, NULL, wire->show(wire->self, &turn->post[i], p->arena, &why), why);
}

static void keep(struct play *p, const struct host_turn *turn)
{
	if (!turn)
		return;
	show(p, turn);
	seen_add(p->seen, turn, model_flows(p->model ? p->model : p->stage->model));
	for (size_t i = 0; p->stage->cover && i < turn->n_traces; i++)
		chat_cover_add(p->stage->cover, &turn->trace[i]);
}

static void give(struct play *p, const struct chat_turn *at, struct event event)
{
	const struct host_turn *turn = host_turn(p->host, &event);

	if (!turn)
		cannot(p, at, str_of(host_error(p->host)));
	keep(p, turn);
}

static void give_message(struct play *p, const struct chat_turn *at, struct event event)
{
	const struct chat_wire *wire = p->stage->wire;
	struct str why = {0};

	if (wire)
		check_wire(p, at, wire->carry(wire->self, &event, p->arena, &why), why);
	event.id = arena_printf(p->arena, "m%u", ++p->messages);
	p->last = event;
	p->result->turns++;
	give(p, at, event);
}

/* --- content of other versions --- */

static char *read_version(struct play *p, const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(max_version_bytes);

	if (!text)
		abort();
	*n = f ? fread(text, 1, max_version_bytes, f) : 0;
	if (f)
		fclose(f);
	if (!*n) {
		free(text);
		return NULL;
	}
	p->version_text = realloc(p->version_text, (p->n_versions + 1) * sizeof(char *));
	if (!p->version_text)
		abort();
	return p->version_text[p->n_versions++] = text;
}

/* The shipped flows with one of them as in @path; the shipped ones alone if there is no such file.
 */
static struct flow_set *flows_with(
	struct play *p, struct str flow, const char *path, struct diags *diags)
{
	const struct flow *shipped = model_flow(p->stage->model, flow);
	const struct source *sources;
	size_t n = content_flows(p->stage->content, &sources), text_n;
	struct source *copy = arena_array(p->arena, struct source, n);
	char *text = read_version(p, path, &text_n);

	for (size_t i = 0; i < n; i++) {
		copy[i] = sources[i];
		if (text && shipped &&
			strcmp(sources[i].name, json_source(shipped->doc)->name) == 0)
			copy[i] = (struct source){path, {text, text_n}};
	}
	return flow_set_load(copy, n, diags);
}

static void use_version(struct play *p, const struct chat_turn *turn)
{
	const char *path = chat_version_path(
		p->arena, p->result->file->source->name, turn->name, turn->number);
	struct diags diags;
	struct flow_set *flows;
	struct intent_set *intents;
	struct model *before = p->model ? p->model : p->stage->model;

	diags_init(&diags, p->arena);
	flows = flows_with(p, turn->name, path, &diags);
	intents = content_load_intents(p->stage->content, &diags);
	if (!flows || !intents) {
		struct buf out;

		buf_init(&out, 64 << 10);
		diags_print(&diags, &out, false, 3);
		cannot(p, turn, buf_str(&out));
		buf_release(&out);
		flow_set_free(flows);
		intent_set_free(intents);
		return;
	}
	/* "load" is where the test begins: nothing came before it. */
	p->model = model_new(
		intents, flows, digest_of(S("test")), turn->what == CHAT_PUBLISH ? before : NULL);
	host_use_model(p->host, p->model);
	if (before != p->stage->model)
		model_unref(before);
}

/* --- the shop --- */

static struct sandbox_behaviour behaviour_of(const struct chat_outcome *outcome)
{
	struct sandbox_behaviour b = {.slow_ms = outcome->slow_ms, .answer = outcome->value};

	switch (outcome->kind) {
	case CHAT_OK:
		b.act = outcome->value ? SANDBOX_ANSWER : SANDBOX_NORMAL;
		break;
	case CHAT_REFUSED:
		b.act = SANDBOX_REFUSE;
		b.why = value_get_text(outcome->value, "why");
		b.why_text = value_get_text(outcome->value, "why_text");
		break;
	case CHAT_FAILED:
		b.act = SANDBOX_FAIL;
		break;
	case CHAT_UNKNOWN:
		b.act = SANDBOX_LOSE_REQUEST;
		break;
	case CHAT_TIMEOUT:
		b.act = SANDBOX_LOSE_REQUEST;
		b.slow_ms = never_ms;
		break;
	case CHAT_LOST:
		b.act = SANDBOX_LOSE_ANSWER;
		b.slow_ms = never_ms;
		break;
	}
	return b;
}

static void script_shop(struct play *p, const struct chat_turn *turn)
{
	struct sandbox_behaviour *b =
		arena_array(p->arena, struct sandbox_behaviour, turn->n_outcomes);

	for (size_t i = 0; i < turn->n_outcomes; i++)
		b[i] = behaviour_of(&turn->outcome[i]);
	if (!sandbox_script(p->shop, turn->name, b, turn->n_outcomes))
		cannot(p, turn, S("the shop has no such operation"));
}

/* --- starting in the middle --- */

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
static void start_at(struct play *p, const struct chat_turn *turn)
{
	struct session *s = session_copy(p->arena, host_session(p->host));
	const struct model *model = p->model ? p->model : p->stage->model;
	const struct flow *flow;
	const struct step *step;
	struct frame *by = &s->offered_by;

	if (chat_ref_find(model_flows(model), turn->name, &flow, &step) != REF_STEP) {
		cannot(p, turn, S("there is no such step"));
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
		cannot(p, turn, str_of(host_error(p->host)));
		return;
	}
	give(p, turn, (struct event){.kind = EVENT_PRESS, .text = S("start")});
}

/* --- turns --- */

static void press_label(struct play *p, const struct chat_turn *turn)
{
	for (size_t i = p->n_screen; i-- > 0;)
		for (size_t k = 0; k < p->screen[i].n_choices; k++)
			if (chat_label_matches(turn->text, p->screen[i].choice[k].label)) {
				give_message(p, turn,
					(struct event){.kind = EVENT_PRESS,
						.text = p->screen[i].choice[k].id});
				return;
			}
	cannot(p, turn,
		arena_printf(p->arena, "there is no button '%.*s' on screen", STR(turn->text)));
}

static struct str pasted(struct arena *arena, int64_t n)
{
	static const char words[] = "and then the next thing that I wanted to tell you is ";
	char *text = arena_alloc(arena, (size_t)n + 1);

	for (int64_t i = 0; i < n; i++)
		text[i] = words[(size_t)i % (sizeof(words) - 1)];
	return (struct str){text, (size_t)n};
}

static void vouch(struct play *p, const struct chat_turn *turn, struct str buyer)
{
	struct value_builder b = value_build(p->arena);
	struct str name = {0};

	if (sandbox_buyer(p->shop, buyer, p->arena, &name))
		value_put_text(&b, "name", name);
	give(p, turn,
		(struct event){.kind = EVENT_BUYER, .name = buyer, .value = value_record(&b)});
}

static void agent(struct play *p, const struct chat_turn *turn, enum agent_action action)
{
	give(p, turn,
		(struct event){.kind = EVENT_AGENT,
			.action = action,
			.name = turn->name,
			.text = turn->text,
			.reference = action == AGENT_HANDED_BACK ? turn->text : S("")});
}

static void restart(struct play *p, const struct chat_turn *turn)
{
	if (!host_restart(p->host))
		cannot(p, turn, str_of(host_error(p->host)));
	keep(p, host_recover(p->host));
}

static void act(struct play *p, const struct chat_turn *turn)
{
	struct event text = {.kind = EVENT_TEXT, .text = turn->text};

	switch (turn->what) {
	case CHAT_TEXT:
	case CHAT_EDITED: /* to the bot an edited message is a new one */
		give_message(p, turn, text);
		break;
	case CHAT_LABEL:
		press_label(p, turn);
		break;
	case CHAT_PRESS:
		give_message(p, turn, (struct event){.kind = EVENT_PRESS, .text = turn->text});
		break;
	case CHAT_AFTER:
		keep(p, host_advance(p->host, host_now(p->host) + turn->ms));
		break;
	case CHAT_EVENT:
		give(p, turn,
			(struct event){
				.kind = EVENT_NOTICE, .name = turn->name, .value = turn->value});
		break;
	case CHAT_ATTACHMENT:
		give_message(p, turn,
			(struct event){.kind = EVENT_ATTACHMENT,
				.text = turn->name,
				.reference = turn->text});
		break;
	case CHAT_AGAIN:
		if (p->messages)
			give(p, turn, p->last);
		else
			cannot(p, turn, S("nothing was sent yet that could come again"));
		break;
	case CHAT_DELETED: /* what was said was said: nothing reaches the engine */
		break;
	case CHAT_OUT_OF_ORDER:
		give_message(p, turn, (struct event){.kind = EVENT_TEXT, .text = turn->second});
		give_message(p, turn, text);
		break;
	case CHAT_PASTED:
		text.text = pasted(p->arena, turn->number);
		give_message(p, turn, text);
		break;
	case CHAT_AGENT_CLAIMS:
		agent(p, turn, AGENT_CLAIMED);
		break;
	case CHAT_AGENT_SAYS:
		agent(p, turn, AGENT_SAID);
		break;
	case CHAT_AGENT_HANDS_BACK:
		agent(p, turn, AGENT_HANDED_BACK);
		break;
	case CHAT_AGENT_NOBODY:
		agent(p, turn, AGENT_NOBODY);
		break;
	case CHAT_AGENT_PUTS_BACK:
		agent(p, turn, AGENT_PUT_BACK);
		break;
	case CHAT_BUYER:
		vouch(p, turn, turn->name);
		break;
	case CHAT_RESTART:
		restart(p, turn);
		break;
	case CHAT_CLOSE:
		give(p, turn, (struct event){.kind = EVENT_END});
		break;
	case CHAT_START:
		start_at(p, turn);
		break;
	case CHAT_API:
		script_shop(p, turn);
		break;
	case CHAT_LOAD:
	case CHAT_PUBLISH:
		use_version(p, turn);
		break;
	case N_CHAT_DO:
		break;
	}
}

static bool makes_turn(enum chat_do what)
{
	return what < CHAT_API;
}

/* Every state of every test goes through its bytes, and the test goes on with what came out: the
 * codec is tested by all conversations. */
static void go_through_bytes(struct play *p, const struct chat_turn *turn)
{
	struct arena *arena = arena_new(4 << 20);
	struct buf bytes, again;
	const struct session *decoded;

	buf_init(&bytes, 4 << 20);
	buf_init(&again, 4 << 20);
	session_encode(host_session(p->host), &bytes);
	decoded = session_decode(arena, buf_str(&bytes));
	if (decoded)
		session_encode(decoded, &again);
	if (!decoded || !str_eq(buf_str(&bytes), buf_str(&again)) || !host_reread(p->host))
		cannot(p, turn, S("the conversation does not survive being stored"));
	buf_release(&bytes);
	buf_release(&again);
	arena_free(arena);
}

static void write_down(struct play *p, const struct chat_turn *turn)
{
	struct str line =
		str_trim(source_place(p->result->file->source, turn->at.offset).line_text);

	buf_addf(&p->transcript, "  %.*s\n", STR(line));
	if (turn->text.n && str_find(line, turn->text) < 0)
		buf_addf(&p->transcript, "    (%.*s)\n", STR(str_sub(turn->text, 0, 200)));
	for (size_t i = 0; i < p->seen->n_bubbles; i++) {
		const struct seen_bubble *b = &p->seen->bubble[i];

		buf_addf(&p->transcript, "  < %.*s/%.*s: %.*s\n", STR(b->flow), STR(b->step),
			STR(b->text));
		for (size_t k = 0; k < b->n_choices; k++)
			buf_addf(&p->transcript, "%s%.*s%s", k ? " | " : "      [",
				STR(b->choice[k].label), k + 1 == b->n_choices ? "]\n" : "");
	}
	for (size_t i = 0; i < p->seen->n_calls; i++)
		buf_addf(&p->transcript, "      %.*s -> %s\n", STR(p->seen->call[i].op),
			p->seen->call[i].answered ? outcome_name[p->seen->call[i].outcome]
						  : "under way");
}

static void remember(struct play *p)
{
	const struct seen *seen = p->seen;

	for (size_t i = 0; i < seen->n_calls; i++) {
		size_t k = 0;

		while (k < p->n_all && p->all[k].number != seen->call[i].number)
			k++;
		if (k < p->n_all) { /* made in an earlier turn, answered now */
			p->all[k].answered = p->all[k].answered || seen->call[i].answered;
			p->all[k].outcome = seen->call[i].outcome;
			continue;
		}
		p->all = arena_grow(p->arena, p->all, p->n_all, struct seen_call);
		p->all[p->n_all++] = seen->call[i];
	}
	for (size_t i = 0; i < seen->n_ended; i++) {
		p->ended = arena_grow(p->arena, p->ended, p->n_ended, struct seen_item);
		p->ended[p->n_ended++] = seen->ended[i];
	}
	p->handed_off |= seen->n_handoffs != 0;
	for (size_t i = 0; i < seen->n_bubbles; i++)
		if (seen->bubble[i].n_choices) {
			p->screen = seen->bubble;
			p->n_screen = seen->n_bubbles;
			return;
		}
}

static struct chat_scene scene_of(const struct play *p)
{
	return (struct chat_scene){.seen = p->seen,
		.session = host_session(p->host),
		.model = p->model ? p->model : p->stage->model,
		.all = p->all,
		.n_all = p->n_all,
		.buyer_turns = p->result->turns,
		.handed_off = p->handed_off,
		.ended = p->ended,
		.n_ended = p->n_ended};
}

static void play_turn(struct play *p, struct chat_turn turn)
{
	struct chat_scene scene;

	if (!makes_turn(turn.what)) {
		act(p, &turn);
		return;
	}
	p->seen = arena_new_of(p->arena, struct seen);
	p->seen->arena = p->arena;
	act(p, &turn);
	remember(p);
	write_down(p, &turn);
	scene = scene_of(p);
	chat_judge_turn(&turn, &scene, &p->result->failures, &p->result->notes);
	chat_judge_never(p->result->test, &scene, &p->result->failures);
	go_through_bytes(p, &turn);
	p->result->explain = p->seen->explain;
}

static bool begin(struct play *p, const struct row *row)
{
	const struct chat_test *test = p->result->test;
	struct str shop = fill(p->arena, test->shop.n ? test->shop : S("demo"), row);
	struct buf error;
	struct host_setup setup = {
		.model = p->stage->model,
		.conversation = S("test"),
		.channel = test->channel.n ? test->channel : S("widget"),
		.language = test->language.n ? test->language : S("en"),
		.now_ms = test->now * 1000,
		.seed = 1,
	};

	buf_init(&error, 4096);
	p->shop = open_shop(p->stage->shops, shop, test->now, &error);
	if (p->shop) {
		setup.shop = sandbox_api(p->shop);
		p->host = host_open(&setup, &error);
	}
	if (!p->host)
		cannot(p, NULL, buf_str(&error));
	buf_release(&error);
	if (!p->host)
		return false;
	p->seen = arena_new_of(p->arena, struct seen);
	p->seen->arena = p->arena;
	if (test->buyer.n && test->verified)
		vouch(p, NULL, fill(p->arena, test->buyer, row));
	return true;
}

static void end(struct play *p)
{
	host_close(p->host);
	if (p->shop)
		sandbox_api(p->shop)->free(sandbox_api(p->shop));
	model_unref(p->model);
	for (size_t i = 0; i < p->n_versions; i++)
		free(p->version_text[i]);
	free(p->version_text);
	p->result->transcript = arena_str(p->arena, buf_str(&p->transcript));
	buf_release(&p->transcript);
}

static struct str play_name(
	const struct chat_test *test, size_t number, const struct row *row, struct arena *arena)
{
	if (!row->n)
		return test->name;
	return arena_printf(arena, "%.*s #%zu (%.*s)", STR(test->name), number + 1,
		STR(str_sub(row->cell[0], 0, 60)));
}

bool chat_only_reworded(const struct chat_play *play)
{
	for (size_t i = 0; i < play->failures.n; i++)
		if (!play->failures.item[i].words_at.length)
			return false;
	return true;
}

/* The first thing that is wrong ends a play: what follows would be wrong because of it. */
static bool goes_on(const struct chat_stage *stage, const struct chat_play *play)
{
	return !play->failures.n || (stage->past_words && chat_only_reworded(play));
}

struct chat_play chat_play(const struct chat_stage *stage, const struct chat_file *file,
	const struct chat_test *test, size_t number, struct arena *arena)
{
	struct row row = row_of(stage, test, number, arena);
	struct chat_play result = {.file = file,
		.test = test,
		.name = play_name(test, number, &row, arena),
		.failures = {.arena = arena},
		.notes = {.arena = arena}};
	struct play p = {.stage = stage, .result = &result, .arena = arena};

	buf_init(&p.transcript, max_transcript);
	if (stage->wire)
		stage->wire->begin(stage->wire->self);
	if (begin(&p, &row)) {
		for (size_t i = 0; i < test->n_turns && goes_on(stage, &result); i++)
			play_turn(&p, fill_turn(arena, test->turn[i], &row));
		if (goes_on(stage, &result)) {
			struct chat_scene scene = scene_of(&p);

			chat_judge_end(test, &scene, &result.failures);
		}
	}
	end(&p);
	return result;
}

/* Plays conversation tests. */
#include "bot/chats/chat_run.h"

#include <stdlib.h>

#include "bot/chats/chat_play.h"
#include "bot/chats/chat_row.h"

enum { never_ms = 24 * 3600 * 1000, max_transcript = 256 << 10 };

/* --- a play --- */

void play_cannot(struct play *p, const struct chat_turn *turn, struct str why)
{
	chat_fail(&p->result->failures, FAIL_CANNOT, turn ? turn->at : p->result->test->at, S(""),
		why);
}

/* What does not get through is told once. */
static void check_wire(struct play *p, const struct chat_turn *turn, bool good, struct str why)
{
	if (!good && !p->result->failures.n)
		play_cannot(p, turn, why);
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

void play_give(struct play *p, const struct chat_turn *at, struct event event)
{
	const struct host_turn *turn = host_turn(p->host, &event);

	if (!turn)
		play_cannot(p, at, str_of(host_error(p->host)));
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
	play_give(p, at, event);
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
		play_cannot(p, turn, S("the shop has no such operation"));
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
	play_cannot(p, turn,
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
	play_give(p, turn,
		(struct event){.kind = EVENT_BUYER, .name = buyer, .value = value_record(&b)});
}

static void agent(struct play *p, const struct chat_turn *turn, enum agent_action action)
{
	play_give(p, turn,
		(struct event){.kind = EVENT_AGENT,
			.action = action,
			.name = turn->name,
			.text = turn->text,
			.reference = action == AGENT_HANDED_BACK ? turn->text : S("")});
}

static void restart(struct play *p, const struct chat_turn *turn)
{
	if (!host_restart(p->host))
		play_cannot(p, turn, str_of(host_error(p->host)));
	keep(p, host_recover(p->host, 0));
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
		play_give(p, turn,
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
			play_give(p, turn, p->last);
		else
			play_cannot(p, turn, S("nothing was sent yet that could come again"));
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
		play_give(p, turn, (struct event){.kind = EVENT_END});
		break;
	case CHAT_START:
		play_start_at(p, turn);
		break;
	case CHAT_API:
		script_shop(p, turn);
		break;
	case CHAT_LOAD:
	case CHAT_PUBLISH:
		play_use_version(p, turn);
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
		play_cannot(p, turn, S("the conversation does not survive being stored"));
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

static bool begin(struct play *p, const struct chat_row *row)
{
	const struct chat_test *test = p->result->test;
	struct str shop = chat_row_fill(p->arena, test->shop.n ? test->shop : S("demo"), row);
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
	p->shop = chat_shops_open(p->stage->shops, shop, test->now, &error);
	if (p->shop) {
		setup.shop = sandbox_api(p->shop);
		p->host = host_open(&setup, &error);
	}
	if (!p->host)
		play_cannot(p, NULL, buf_str(&error));
	buf_release(&error);
	if (!p->host)
		return false;
	p->seen = arena_new_of(p->arena, struct seen);
	p->seen->arena = p->arena;
	if (test->buyer.n && test->verified)
		vouch(p, NULL, chat_row_fill(p->arena, test->buyer, row));
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

static struct str play_name(const struct chat_test *test, size_t number, const struct chat_row *row,
	struct arena *arena)
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
	struct chat_row row = chat_row_of(stage, test, number, arena);
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
			play_turn(&p, chat_row_fill_turn(arena, test->turn[i], &row));
		if (goes_on(stage, &result)) {
			struct chat_scene scene = scene_of(&p);

			chat_judge_end(test, &scene, &result.failures);
		}
	}
	end(&p);
	return result;
}

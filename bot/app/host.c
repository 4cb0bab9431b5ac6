/* One conversation between the engine, the shop and the store. */
#include "bot/app/host.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bot/app/host_keep.h"
#include "bot/app/pending.h"
#include "bot/app/workbench.h"
#include "bot/base/date.h"

enum {
	max_late_bytes = 1 << 20,
	max_steps = 2000, /* of one turn: what keeps itself busy ends there */
	max_error_bytes = 400,
	patience_ms = 3000, /* virtual time that a turn waits for a call */
};

/* What is in the store: a turn that cannot be stored falls back to here. */
struct kept {
	struct session *session;
	int64_t now_ms;
	size_t home; /* the arena of the session */
	size_t n_effects, n_traces, n_calls, n_posts;
	uint32_t last_post;
	bool anything; /* of this turn */
};

struct host {
	struct model *model;
	struct order_api *shop;
	struct store *store;
	char *names; /* holds the next three */
	struct str conversation, channel, language;
	uint64_t seed;
	int64_t now_ms;
	bool taken_up, served;
	struct host_commit commit;
	struct buf error;

	struct workbench *bench;
	bool own_bench;
	struct session *session; /* on the bench; NULL: somebody else is at work, see @rest */
	char *rest;              /* the session's bytes */
	size_t n_rest;
	bool rest_is_old;

	struct pending *pending;
	size_t n_pending;
	struct arena *late[2]; /* values of calls that outlive their turn; [0] is in use; NULL:
				  never needed */

	struct effect *effect;
	struct trace *trace;
	struct host_call *call;
	struct post *post;
	uint32_t last_post;
	uint64_t watch_mark;          /* of what the store has */
	const struct post *speaking;  /* what the event is in the transcript; NULL: nothing */
	struct keep_verdict *settled; /* what the store does not know yet */
	size_t n_settled;
	struct keep_told *told;
	size_t n_told;
	bool dirty; /* something is to be stored although there was no step */
	struct host_turn turn;
	unsigned n_steps;
	struct kept kept;
	int64_t passed_over; /* notices up to this one are nobody's here */
};

static void *checked(void *p)
{
	if (!p)
		abort();
	return p;
}

/* --- the bench --- */

static void remember(struct host *host, struct str bytes)
{
	if (host->n_rest != bytes.n) {
		host->rest = checked(realloc(host->rest, bytes.n ? bytes.n : 1));
		host->n_rest = bytes.n;
	}
	memcpy(host->rest, bytes.p, bytes.n);
	host->rest_is_old = false;
}

/* Its session leaves the bench. */
static void rest(struct host *host)
{
	if (host->rest_is_old) {
		buf_clear(&host->bench->bytes);
		session_encode(host->session, &host->bench->bytes);
		remember(host, buf_str(&host->bench->bytes));
	}
	host->session = NULL;
}

/* Its session is on the bench from now on. */
static void get_to_work(struct host *host)
{
	struct workbench *bench = host->bench;

	if (bench->at_work == host)
		return;
	if (bench->at_work)
		rest(bench->at_work);
	bench->at_work = host;
	workbench_clear(bench);
	if (!host->rest)
		return;
	host->session =
		session_decode(workbench_next(bench), (struct str){host->rest, host->n_rest});
	assert(host->session); /* what was encoded decodes */
}

static struct arena *next_arena(struct host *host)
{
	return workbench_next(host->bench);
}

/* --- a turn --- */

/* The steps of a turn share what they did not change; the next turn begins with all of the session
 * in one arena. */
static void gather_session(struct host *host)
{
	if (host->bench->n_busy < 2)
		return;
	host->session = session_copy(next_arena(host), host->session);
	workbench_recycle(host->bench);
}

static void turn_begin(struct host *host)
{
	get_to_work(host);
	gather_session(host);
	arena_reset(host->bench->lists);
	buf_clear(&host->error);
	host->effect = NULL;
	host->trace = NULL;
	host->call = NULL;
	host->post = NULL;
	host->speaking = NULL;
	host->settled = NULL;
	host->told = NULL;
	host->n_settled = host->n_told = 0;
	host->dirty = false;
	host->n_steps = 0;
	host->turn = (struct host_turn){0};
	host->kept = (struct kept){
		.session = host->session, .now_ms = host->now_ms, .last_post = host->last_post};
}

static const struct host_turn *turn_end(struct host *host)
{
	struct host_turn *turn = &host->turn;

	turn->session = host->session;
	turn->effect = host->effect;
	turn->trace = host->trace;
	turn->call = host->call;
	turn->post = host->post;
	turn->now_ms = host->now_ms;
	return turn;
}

/* Calls that the store must know about and does not know yet: one that is about to leave and, at
 * the end of a turn, those that are still under way. */
static size_t list_unclaimed(struct host *host, struct keep_claim *claim)
{
	size_t n = 0;

	for (size_t i = 0; i < host->n_pending; i++) {
		struct pending *pending = &host->pending[i];

		pending->claim = NULL;
		if (pending->claimed && !pending->resend)
			continue;
		claim[n] = (struct keep_claim){.call = pending->call, .resend = pending->resend};
		pending->claim = &claim[n++];
	}
	return n;
}

/* When something happens by itself next, for whoever wakes the conversation then; 0: nothing is
 * planned. */
static int64_t next_due(const struct host *host)
{
	int64_t due_ms = 0;

	(void)session_next_due(host->session, &due_ms);
	for (size_t i = 0; i < host->n_pending; i++) {
		int64_t at = host->pending[i].due_ms;

		if (at != pending_never && (!due_ms || at < due_ms))
			due_ms = at;
	}
	return due_ms;
}

static void note_kept(struct host *host)
{
	for (size_t i = 0; i < host->n_pending; i++) {
		host->pending[i].claimed = true;
		host->pending[i].resend = false;
	}
	host->n_settled = host->n_told = 0;
	host->dirty = false;
	host->kept = (struct kept){
		.session = host->session,
		.now_ms = host->now_ms,
		.home = host->bench->n_busy - 1,
		.n_effects = host->turn.n_effects,
		.n_traces = host->turn.n_traces,
		.n_calls = host->turn.n_calls,
		.n_posts = host->turn.n_posts,
		.last_post = host->last_post,
		.anything = true,
	};
}

/* Stores what happened since the last time. */
static bool save(struct host *host)
{
	struct keep_claim *claim =
		arena_array(host->bench->lists, struct keep_claim, host->n_pending + 1);
	uint64_t mark = keep_watch_mark(host->session);
	struct buf *bytes = &host->bench->bytes;
	struct keeping what = {
		.conversation = host->conversation,
		.session = host->session,
		.bytes = bytes,
		.effect = host->effect ? host->effect + host->kept.n_effects : NULL,
		.n_effects = host->turn.n_effects - host->kept.n_effects,
		.settled = host->settled,
		.n_settled = host->n_settled,
		.told = host->told,
		.n_told = host->n_told,
		.due_ms = next_due(host),
		.claim = claim,
		.n_claims = list_unclaimed(host, claim),
		.post = host->post ? host->post + host->kept.n_posts : NULL,
		.n_posts = host->turn.n_posts - host->kept.n_posts,
		.watches_changed = mark != host->watch_mark,
		.now_ms = host->now_ms,
		.commit = host->commit,
	};

	if (!keep(host->store, &what, host->bench->lists, &host->error))
		return false;
	host->watch_mark = mark;
	if (host->store)
		remember(host, buf_str(bytes));
	note_kept(host);
	return true;
}

static void add_kept(void *self, const struct host_call *call, const struct store_effect *effect);
static void keep_pending_values(struct host *host);

/* Back to what is stored: the rest did not happen.  Calls that left are in the journal: the
 * shop is asked about them. */
static const struct host_turn *fall_back(struct host *host)
{
	struct host_turn *turn = &host->turn;

	host->session = host->kept.session;
	host->bench->n_busy = host->kept.home + 1;
	host->now_ms = host->kept.now_ms;
	host->n_pending = 0;
	keep_load_calls(host->store, host->conversation, host->bench->lists, add_kept, host);
	keep_pending_values(host);
	turn->n_effects = host->kept.n_effects;
	turn->n_traces = host->kept.n_traces;
	turn->n_calls = host->kept.n_calls;
	turn->n_posts = host->kept.n_posts;
	host->last_post = host->kept.last_post;
	return host->kept.anything ? turn_end(host) : NULL;
}

/* splitmix64 of where the conversation stands, so that a chat that was killed and taken up goes on
 * as one that was not. */
static uint64_t chance(const struct host *host)
{
	uint64_t x = host->seed + 0x9E3779B97F4A7C15u * (host->session->turn + 1u) + host->n_steps;

	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
	return x ^ (x >> 31);
}

static void perform(struct host *host, const struct effect *effect);

/* --- the transcript --- */

static void add_post(struct host *host, struct post post)
{
	struct host_turn *turn = &host->turn;

	post.n = ++host->last_post;
	post.at_ms = host->now_ms;
	host->post = arena_grow(host->bench->lists, host->post, turn->n_posts, struct post);
	host->post[turn->n_posts++] = post;
}

static const struct value *list_choices(struct host *host, const struct effect *say)
{
	struct value_builder list = value_build(host->bench->lists);

	for (size_t i = 0; i < say->say.n_choices; i++) {
		struct value_builder one = value_build(host->bench->lists);

		value_put_text(&one, "id", say->say.choice[i].id);
		value_put_text(&one, "label", say->say.choice[i].label);
		value_push(&list, value_record(&one));
	}
	return value_list(&list);
}

static void post_effect(struct host *host, const struct effect *say, const struct event *event)
{
	bool person = event->kind == EVENT_AGENT && event->action == AGENT_SAID;
	struct post post = {.who = person ? POST_PERSON : POST_BOT};
	struct value_builder body = value_build(host->bench->lists);

	if (person) {
		post.name = arena_str(host->bench->lists, event->name);
		post.mid = arena_str(host->bench->lists, event->id);
	}
	value_put_text(&body, "text", say->say.text);
	if (say->say.n_choices)
		value_put(&body, "choices", list_choices(host, say));
	if (say->say.card)
		value_put(&body, "card", say->say.card);
	if (say->say.question)
		value_put(&body, "question", &value_true);
	if (say->say.again)
		value_put(&body, "again", &value_true);
	post.body = value_record(&body);
	add_post(host, post);
}

/* What is noted of a person's doings, as a word and in words. */
static const char *const agent_note[][2] = {
	[AGENT_CLAIMED] = {"joined", "has joined the chat"},
	[AGENT_SAID] = {"", ""},
	[AGENT_HANDED_BACK] = {"handed_back", "has left the chat"},
	[AGENT_NOBODY] = {"", ""},
	[AGENT_PUT_BACK] = {"put_back", "has left the chat; somebody else will go on"},
};

/* What of the turn's event everybody sees: the buyer's words, a person who joins or leaves. */
static const struct post *post_of_event(
	struct host *host, const struct event *event, const struct host_said *said)
{
	struct post *post = arena_new_of(host->bench->lists, struct post);
	struct value_builder body = value_build(host->bench->lists);

	switch (event->kind) {
	case EVENT_TEXT:
		value_put_text(&body, "text", event->text);
		break;
	case EVENT_PRESS:
		value_put_text(&body, "text", said && said->label.n ? said->label : event->text);
		value_put_text(&body, "choice", event->text);
		break;
	case EVENT_ATTACHMENT:
		value_put(&body, "file", said && said->file ? said->file : &value_none);
		break;
	case EVENT_AGENT:
		if (!agent_note[event->action][0][0])
			return NULL;
		post->who = POST_NOTE;
		post->name = arena_str(host->bench->lists, event->name);
		value_put_text(&body, "note", str_of(agent_note[event->action][0]));
		value_put_text(&body, "text",
			arena_printf(host->bench->lists, "%.*s %s", STR(event->name),
				agent_note[event->action][1]));
		break;
	case EVENT_ANSWER:
	case EVENT_TICK:
	case EVENT_NOTICE:
	case EVENT_BUYER:
	case EVENT_END:
		return NULL;
	}
	post->mid = arena_str(host->bench->lists, event->id);
	post->body = value_record(&body);
	return post;
}

/* One event through the engine, and the calls that its effects ask for. */
static bool step_once(struct host *host, const struct event *event)
{
	struct host_turn *turn = &host->turn;
	struct event now = *event;
	struct turn made;

	now.now_ms = host->now_ms;
	now.chance = chance(host);
	host->n_steps++;
	made = step_sharing(host->model, host->session, &now, next_arena(host));
	host->session = made.session;
	host->rest_is_old = true;
	host->trace = arena_grow(host->bench->lists, host->trace, turn->n_traces, struct trace);
	host->trace[turn->n_traces++] = made.trace;
	if (host->speaking && !made.ignored)
		add_post(host, *host->speaking);
	host->speaking = NULL;
	for (size_t i = 0; i < made.n_effects; i++) {
		host->effect = arena_grow(
			host->bench->lists, host->effect, turn->n_effects, struct effect);
		host->effect[turn->n_effects++] = made.effect[i];
	}
	for (size_t i = 0; i < made.n_effects; i++)
		if (made.effect[i].kind == EFFECT_SAY)
			post_effect(host, &made.effect[i], event);
	for (size_t i = 0; i < made.n_effects; i++)
		if (made.effect[i].kind == EFFECT_CALL)
			perform(host, &made.effect[i]);
	return !made.ignored;
}

/* --- calls --- */

static struct pending *add_pending(struct host *host, const struct pending *pending)
{
	host->pending =
		checked(realloc(host->pending, (host->n_pending + 1) * sizeof(struct pending)));
	host->pending[host->n_pending] = *pending;
	return &host->pending[host->n_pending++];
}

static void remove_pending(struct host *host, struct pending *pending)
{
	*pending = host->pending[--host->n_pending];
}

static struct host_call *list_call(struct host *host, const struct host_call *call)
{
	host->call =
		arena_grow(host->bench->lists, host->call, host->turn.n_calls, struct host_call);
	host->call[host->turn.n_calls] = *call;
	return &host->call[host->turn.n_calls++];
}

static bool shop_forward(struct host *host)
{
	return !host->shop->advance || host->shop->advance(host->shop, host->now_ms / 1000);
}

/* The last check before the door: nothing of a buyer's without that buyer's proof, and nothing that
 * cannot be undone without a clear yes.  What leaves again had it when it was written down. */
static bool may_leave(const struct host_call *call, bool again)
{
	return (!call->op->needs_buyer || call->buyer.n) &&
	       (!call->op->dangerous || call->confirmed || again);
}

static enum outcome heard_as(enum order_outcome outcome)
{
	static const enum outcome as[] = {
		[ORDER_OK] = OUTCOME_OK,
		[ORDER_REFUSED] = OUTCOME_REFUSED,
		[ORDER_FAILED] = OUTCOME_FAILED,
		[ORDER_UNKNOWN] = OUTCOME_UNKNOWN,
		[ORDER_LATER] = OUTCOME_UNKNOWN,
	};

	return as[outcome];
}

/* An answer that is there at once is heard when the shop says it would have come, and one that
 * takes too long not at all. */
static void ask_shop(struct host *host, struct pending *pending, bool again)
{
	struct host_call *call = &pending->call;
	struct order_request request = {
		.operation = str_of(call->op->name),
		.buyer = call->buyer,
		.who = host->conversation,
		.args = call->args,
		.key = call->op->writes ? call->key : (struct str){0},
		.number = call->number,
		.again = again,
		.since = again ? pending->since : 0,
	};
	struct order_answer answer = {.value = &value_none};
	int64_t until = pending_leaves(pending, host->now_ms);
	enum order_outcome outcome = ORDER_FAILED;

	if (may_leave(call, again) && shop_forward(host))
		outcome = host->shop->call(host->shop, &request, host->bench->lists, &answer);
	pending->due_ms = host->now_ms + (answer.took_ms > 0 ? answer.took_ms : 0);
	if (outcome == ORDER_LATER || pending->due_ms > until) {
		outcome = call->op->writes ? ORDER_UNKNOWN : ORDER_FAILED;
		pending->due_ms = until;
		pending->stage = PENDING_UNDER_WAY;
	} else {
		pending->stage = PENDING_KNOWN;
	}
	call->outcome = heard_as(outcome);
	call->value = answer.value;
}

static void know(struct host *host, struct pending *pending, enum outcome outcome, const char *why)
{
	struct value_builder b = value_build(host->bench->lists);

	if (why)
		value_put_text(&b, "why", str_of(why));
	pending->stage = PENDING_KNOWN;
	pending->due_ms = host->now_ms;
	pending->call.outcome = outcome;
	pending->call.value = why ? value_record(&b) : &value_none;
}

/* It is written down: what the journal says to it decides whether it leaves. */
static void leave(struct host *host, struct pending *pending)
{
	const struct keep_claim *claim = pending->claim;

	switch (claim->came) {
	case CLAIM_NEW:
		ask_shop(host, pending, pending->tries > 0);
		break;
	case CLAIM_AGAIN:
		pending->since = claim->since;
		pending->doubt = host->now_ms / 1000;
		ask_shop(host, pending, true);
		break;
	case CLAIM_FOLLOWS:
		pending->stage = PENDING_FOLLOWS;
		pending->leader = claim->leader;
		pending->due_ms = host->now_ms;
		break;
	case CLAIM_FORBIDDEN:
		know(host, pending, OUTCOME_REFUSED, "not_found");
		break;
	}
}

/* The same decision of the same conversation has the same key, and no other has it.  A decision
 * that the flow gives no name is named by its call. */
static struct str key_of(struct host *host, const struct effect *effect)
{
	struct str id = host->session->id;

	if (effect->call.op->writes && effect->call.key.n)
		return arena_printf(
			host->bench->lists, "%.*s/%.*s", STR(id), STR(effect->call.key));
	return arena_printf(host->bench->lists, "%.*s#%u", STR(id), effect->call.number);
}

static void perform(struct host *host, const struct effect *effect)
{
	struct pending made = {
		.call = {.number = effect->call.number,
			.op = effect->call.op,
			.args = effect->call.args,
			.buyer = effect->call.buyer,
			.key = key_of(host, effect),
			.confirmed = effect->call.confirmed,
			.made = true,
			.value = &value_none},
		.since = host->now_ms / 1000,
	};
	struct pending *pending = add_pending(host, &made);

	list_call(host, &made.call);
	/* What changes something at the shop is written down before it leaves: after a crash there
	 * is something to ask about then.  What cannot be written down does not leave. */
	if (!made.call.op->writes)
		ask_shop(host, pending, false);
	else if (save(host))
		leave(host, pending);
	else
		know(host, pending, OUTCOME_FAILED, NULL);
}

/* Sent once, and nobody knows what became of it: the shop is asked under the same key.  That it
 * leaves once more is written down like the first time. */
static bool ask_again(struct host *host, struct pending *pending)
{
	pending->resend = pending->claimed;
	if (!save(host))
		return false;
	ask_shop(host, pending, true);
	return true;
}

/* Marks the call as answered in the turn's list; one from an earlier turn is added. */
static void list_answer(struct host *host, const struct host_call *answered)
{
	struct host_call *listed = NULL;

	for (size_t i = 0; i < host->turn.n_calls; i++)
		if (host->call[i].number == answered->number)
			listed = &host->call[i];
	if (!listed) {
		listed = list_call(host, answered);
		listed->made = false;
	}
	listed->answered = true;
	listed->outcome = answered->outcome;
	listed->value = answered->value;
}

static struct pending *first_pending(struct host *host)
{
	struct pending *first = NULL;

	for (size_t i = 0; i < host->n_pending; i++)
		if (!first || host->pending[i].due_ms < first->due_ms)
			first = &host->pending[i];
	return first;
}

/* "2025-03-03 10:00:05 UTC: refused, shipped". */
static struct str evidence(struct host *host, const struct host_call *call)
{
	struct date at = date_of(host->now_ms / 1000);
	struct str why = value_get_text(call->value, "why");

	return arena_printf(host->bench->lists, "%04lld-%02u-%02u %02u:%02u:%02u UTC: %s%s%.*s",
		(long long)at.year, at.month, at.day, at.hour, at.minute, at.second,
		call->outcome == OUTCOME_UNKNOWN ? "no answer" : outcome_name[call->outcome],
		call->outcome == OUTCOME_REFUSED && why.n ? ", " : "",
		call->outcome == OUTCOME_REFUSED ? (int)why.n : 0, why.p);
}

static void note_verdict(struct host *host, const struct pending *pending, enum effect_state state)
{
	bool open = state == EFFECT_UNKNOWN;
	bool looks = pending->stage == PENDING_FOLLOWS;

	host->dirty = true;
	host->settled =
		arena_grow(host->bench->lists, host->settled, host->n_settled, struct keep_verdict);
	host->settled[host->n_settled++] = (struct keep_verdict){
		.key = pending->call.key,
		.writes = pending->call.op->writes,
		.verdict =
			{
				.state = open && looks ? EFFECT_FOLLOWS : state,
				.answer = open ? NULL : pending->call.value,
				.now = host->now_ms / 1000,
				.doubt = pending->doubt,
				.next = open ? pending->due_ms / 1000 : 0,
				.untold = pending->stage == PENDING_UNTOLD,
				.evidence = open && looks ? (struct str){0}
							  : evidence(host, &pending->call),
			},
	};
}

static bool awaits(const struct session *session, unsigned number)
{
	const struct frame *top = session->n_frames ? &session->frame[session->n_frames - 1] : NULL;

	return top && top->wait == WAIT_CALL && top->call == number;
}

static void give_answer(struct host *host, const struct host_call *call)
{
	list_answer(host, call);
	step_once(host, &(struct event){
				.kind = EVENT_ANSWER,
				.call = call->number,
				.outcome = call->outcome,
				.value = call->value,
			});
}

/* What became of it is known, or is not.  Whoever waits for the answer hears it; whoever does not
 * wait any longer is told (see tell_untold()). */
static void conclude(struct host *host, struct pending *pending, enum effect_state state)
{
	struct host_call call = pending->call;
	bool awaited = awaits(host->session, call.number);
	bool over = state != EFFECT_UNKNOWN;

	if (state == EFFECT_HUMAN || !over)
		call.outcome = pending->call.outcome = OUTCOME_UNKNOWN;
	if (over && (state == EFFECT_HUMAN || !awaited)) {
		pending->stage = PENDING_UNTOLD;
		pending->due_ms = pending_never;
	}
	if (pending->claimed)
		note_verdict(host, pending, state);
	if (over && (pending->stage != PENDING_UNTOLD || !call.op->writes))
		remove_pending(host, pending);
	if (awaited)
		give_answer(host, &call);
	else if (over)
		list_answer(host, &call);
}

static enum effect_state judge(struct host *host, struct pending *pending)
{
	static const enum effect_state read[] = {
		[OUTCOME_OK] = EFFECT_DONE,
		[OUTCOME_REFUSED] = EFFECT_REFUSED,
		[OUTCOME_FAILED] = EFFECT_FAILED,
		[OUTCOME_UNKNOWN] = EFFECT_FAILED, /* reading twice does no harm */
	};

	return pending->call.op->writes ? pending_judge(pending, host->now_ms)
					: read[pending->call.outcome];
}

static void look_at_leader(struct host *host, struct pending *pending)
{
	struct store_effect leader;
	enum effect_state state = EFFECT_UNKNOWN;

	if (keep_find(host->store, pending->leader, host->bench->lists, &leader) == STORE_OK)
		state = pending_look(pending, &leader, host->now_ms);
	if (state != EFFECT_UNKNOWN)
		conclude(host, pending, state);
	else
		note_verdict(host, pending, state);
}

/* False: it could not be stored. */
static bool hear(struct host *host, struct pending *pending)
{
	switch (pending->stage) {
	case PENDING_KNOWN:
	case PENDING_UNDER_WAY:
		conclude(host, pending, judge(host, pending));
		break;
	case PENDING_LOST:
	case PENDING_DOUBT:
		return ask_again(host, pending);
	case PENDING_FOLLOWS:
		look_at_leader(host, pending);
		break;
	case PENDING_UNTOLD:
		break;
	}
	return true;
}

/* Calls that are still under way move out of the turn's arenas. */
static void keep_pending_values(struct host *host)
{
	struct arena *before = host->late[0];

	if (!host->n_pending)
		return;
	host->late[0] = host->late[1] ? host->late[1] : arena_new(max_late_bytes);
	host->late[1] = before;
	arena_reset(host->late[0]);
	for (size_t i = 0; i < host->n_pending; i++) {
		struct host_call *call = &host->pending[i].call;

		call->args = call->args ? value_copy(host->late[0], call->args) : NULL;
		call->value = value_copy(host->late[0], call->value);
		call->buyer = arena_str(host->late[0], call->buyer);
		call->key = arena_str(host->late[0], call->key);
		host->pending[i].leader = arena_str(host->late[0], host->pending[i].leader);
	}
}

/* --- time --- */

enum what_next { NEXT_NOTHING, NEXT_ANSWER, NEXT_TIMER, NEXT_SHOP };

static void sooner(enum what_next kind, int64_t at, enum what_next *next, int64_t *due_ms)
{
	if (*next != NEXT_NOTHING && *due_ms <= at)
		return;
	*next = kind;
	*due_ms = at;
}

/* An answer comes before the timer that would have given it up in the same millisecond. */
static enum what_next next_inside(struct host *host, int64_t *due_ms)
{
	const struct pending *first = first_pending(host);
	enum what_next next = NEXT_NOTHING;
	int64_t at;

	if (first && first->due_ms != pending_never)
		sooner(NEXT_ANSWER, first->due_ms, &next, due_ms);
	if (session_next_due(host->session, &at))
		sooner(NEXT_TIMER, at, &next, due_ms);
	return next;
}

static enum what_next next_of_all(struct host *host, int64_t *due_ms)
{
	enum what_next next = next_inside(host, due_ms);
	int64_t at = host->served || !host->shop->next_due ? 0 : host->shop->next_due(host->shop);

	if (at > 0)
		sooner(NEXT_SHOP, at * 1000, &next, due_ms);
	return next;
}

static void clock_to(struct host *host, int64_t ms)
{
	if (ms > host->now_ms)
		host->now_ms = ms;
}

static bool happen_inside(struct host *host, enum what_next next)
{
	if (next == NEXT_ANSWER)
		return hear(host, first_pending(host));
	step_once(host, &(struct event){.kind = EVENT_TICK});
	return true;
}

/* Waits for the answers to the calls that the turn made; what is there already is heard in any
 * case. */
static bool wait_for_answers(struct host *host)
{
	int64_t patience = host->now_ms + (host->served ? 0 : patience_ms), due = 0;

	while (host->n_pending && host->n_steps < max_steps) {
		bool waits = session_waits_for_call(host->session);
		enum what_next next = next_inside(host, &due);

		if (next == NEXT_NOTHING || (next == NEXT_TIMER && !waits) ||
			due > (waits ? patience : host->now_ms))
			return true;
		clock_to(host, due);
		if (!happen_inside(host, next))
			return false;
	}
	return true;
}

/* --- what became of a call that nobody waits for any more --- */

/* A promise to write is kept, but not in the middle of a call or of a person's sentence. */
static bool must_wait(const struct session *session)
{
	return session_waits_for_call(session) || session->owner == OWNER_PERSON;
}

static struct pending *find_untold(struct host *host)
{
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].stage == PENDING_UNTOLD)
			return &host->pending[i];
	return NULL;
}

/* The name that the flow gave the decision. */
static struct str decision_of(const struct host *host, struct str key)
{
	struct str id = host->session->id;

	if (str_starts(key, id) && key.n > id.n && key.p[id.n] == '/')
		return str_sub(key, id.n + 1, key.n);
	return (struct str){0};
}

static struct str evidence_of(struct host *host, struct str key)
{
	struct store_effect effect;

	if (keep_find(host->store, key, host->bench->lists, &effect) == STORE_OK)
		return str_trim(effect.evidence);
	return (struct str){0};
}

static void add_answer(struct value_builder *b, const struct value *answer, struct arena *arena)
{
	static const char *const ours[] = {"order", "operation", "outcome"};

	for (size_t i = 0; answer->type == VALUE_RECORD && i < answer->record.n; i++) {
		const struct field *f = &answer->record.field[i];
		bool taken = false;

		for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
			taken |= str_is(f->name, ours[k]);
		if (!taken)
			value_put(b, arena_cstr(arena, f->name), f->value);
	}
}

/* {order, operation, outcome} and the fields of the answer: see flows/OPERATIONS.md. */
static const struct value *news_of(struct host *host, const struct pending *pending)
{
	static const char *const word[] = {
		[OUTCOME_OK] = "done",
		[OUTCOME_REFUSED] = "refused",
		[OUTCOME_FAILED] = "not_done",
		[OUTCOME_UNKNOWN] = "person",
	};
	const struct host_call *call = &pending->call;
	struct value_builder b = value_build(host->bench->lists);

	value_put_text(&b, "order", value_get_text(call->args, "order"));
	value_put_text(&b, "operation", str_of(call->op->name));
	value_put_text(&b, "outcome", str_of(word[call->outcome]));
	if (call->outcome == OUTCOME_UNKNOWN)
		value_put_text(&b, "evidence", evidence_of(host, call->key));
	add_answer(&b, call->value, host->bench->lists);
	return value_record(&b);
}

static void tell_outcome(struct host *host, struct pending *pending)
{
	struct event event = {
		.kind = EVENT_NOTICE,
		.name = S("call.settled"),
		.text = decision_of(host, pending->call.key),
		.value = news_of(host, pending),
	};

	host->told = arena_grow(host->bench->lists, host->told, host->n_told, struct keep_told);
	host->told[host->n_told++] =
		(struct keep_told){pending->call.key, value_get_text(event.value, "order")};
	remove_pending(host, pending);
	step_once(host, &event);
}

/* After what happened: the answers to the calls that it led to, and what the buyer was promised to
 * hear about earlier ones.  False: it could not be stored. */
static bool settle(struct host *host)
{
	struct pending *untold;

	for (;;) {
		if (!wait_for_answers(host))
			return false;
		untold = find_untold(host);
		if (!untold || must_wait(host->session) || host->n_steps >= max_steps)
			return true;
		tell_outcome(host, untold);
	}
}

/* --- notices --- */

/* A promise is about what happens after it was given. */
static bool watches(const struct session *session, const struct order_notice *notice)
{
	struct str order = value_get_text(notice->fields, "order");

	for (size_t i = 0; i < session->n_watched; i++)
		if (str_eq(session->watched[i].event, notice->event) &&
			str_eq(session->watched[i].of, order) &&
			notice->at >= session->watched[i].since_ms / 1000)
			return true;
	return false;
}

/* A flow may wait for news of its buyer without a promise; the engine knows which. */
static bool may_wait_for(const struct session *session, const struct order_notice *notice)
{
	return session->n_frames && session->frame[session->n_frames - 1].wait == WAIT_EVENT &&
	       session->buyer.n && str_eq(session->buyer, notice->buyer);
}

static const struct event *notice_event(struct host *host, const struct order_notice *notice)
{
	struct event *event = arena_new_of(host->bench->lists, struct event);

	*event = (struct event){
		.kind = EVENT_NOTICE,
		.id = arena_printf(host->bench->lists, "notice %lld", (long long)notice->id),
		.name = notice->event,
		.value = notice->fields,
	};
	return event;
}

/* Taken once what it led to is stored.  Killed in between, it comes again: then it is known by its
 * id. */
static bool hear_notice(struct host *host, const struct order_notice *notice)
{
	bool promised = watches(host->session, notice);
	bool heard = step_once(host, notice_event(host, notice));

	if (!settle(host) || !save(host))
		return false;
	if (heard || promised)
		host->shop->notice_taken(host->shop, notice->id);
	return true;
}

/* Goes through what the shop has told and nobody has taken yet.  What nobody waits for here may be
 * what another conversation waits for, and is left. */
static bool hear_notices(struct host *host)
{
	struct order_notice notice;
	int64_t after = host->passed_over;
	bool waiting = false;

	if (host->served)
		return true;
	while (host->n_steps < max_steps &&
		host->shop->next_notice(host->shop, after, host->bench->lists, &notice)) {
		bool ours = watches(host->session, &notice) || may_wait_for(host->session, &notice);

		after = notice.id;
		if (ours && must_wait(host->session))
			waiting = true;
		else if (ours && !hear_notice(host, &notice))
			return false;
		if (!waiting)
			host->passed_over = notice.id;
	}
	return true;
}

/* --- the door --- */

static const struct host_turn *commit(struct host *host)
{
	/* Time that passed and nothing else needs no writing: the clock comes with the next turn.
	 */
	if ((host->n_steps || host->dirty) && !save(host))
		return fall_back(host);
	keep_pending_values(host);
	return turn_end(host);
}

const struct host_turn *host_turn_said(
	struct host *host, const struct event *event, const struct host_said *said)
{
	turn_begin(host);
	host->speaking = post_of_event(host, event, said);
	host->turn.ignored = !step_once(host, event);
	return settle(host) && hear_notices(host) ? commit(host) : fall_back(host);
}

const struct host_turn *host_turn(struct host *host, const struct event *event)
{
	return host_turn_said(host, event, NULL);
}

static void add_effect(struct host *host, struct effect effect)
{
	host->effect =
		arena_grow(host->bench->lists, host->effect, host->turn.n_effects, struct effect);
	host->effect[host->turn.n_effects++] = effect;
}

static const struct value *card_of_fault(struct host *host, struct str last_said)
{
	struct value_builder card = value_build(host->bench->lists);

	value_put_text(&card, "buyer", host->session->buyer);
	value_put_text(&card, "name", host->session->buyer_name);
	value_put_text(&card, "channel", host->session->channel);
	value_put_text(&card, "summary",
		S("The assistant cannot work on this message: it found a fault in the program."));
	value_put_text(&card, "last_said", last_said);
	return value_record(&card);
}

const struct host_turn *host_set_aside(
	struct host *host, const struct event *event, const struct host_said *said)
{
	struct effect say = {.kind = EFFECT_SAY,
		.say = {.text = S("I am sorry, I cannot work on this message. "
				  "A person will read it.")}};
	struct effect card = {.kind = EFFECT_HANDOFF, .handoff = {.queue = S("orders")}};
	const struct post *post;

	turn_begin(host);
	host->n_steps++;
	card.handoff.card = card_of_fault(host, event->text);
	post = post_of_event(host, event, said);
	if (post)
		add_post(host, *post);
	if (host->session->owner != OWNER_PERSON) { /* else they read it anyway */
		add_effect(host, say);
		post_effect(host, &say, event);
		add_effect(host, card);
	}
	return commit(host);
}

const struct host_turn *host_notice(
	struct host *host, const struct order_notice *notice, bool *wait)
{
	get_to_work(host);
	*wait = (watches(host->session, notice) || may_wait_for(host->session, notice)) &&
		must_wait(host->session);
	if (*wait)
		return NULL;
	turn_begin(host);
	step_once(host, notice_event(host, notice));
	return settle(host) ? commit(host) : fall_back(host);
}

static struct pending *find_pending(struct host *host, const struct late_answer *answer)
{
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].call.number == answer->number &&
			host->pending[i].stage != PENDING_FOLLOWS &&
			host->pending[i].stage != PENDING_UNTOLD &&
			(!answer->key.n || str_eq(answer->key, host->pending[i].call.key)))
			return &host->pending[i];
	return NULL;
}

/* What a person was to look into is known after all. */
static struct pending *find_given_up(struct host *host, const struct late_answer *answer)
{
	struct store_effect effect;
	struct pending pending;
	struct host_call call;

	if (answer->outcome == ORDER_UNKNOWN || answer->outcome == ORDER_LATER ||
		keep_find(host->store, answer->key, host->bench->lists, &effect) != STORE_OK ||
		effect.state != EFFECT_HUMAN || effect.untold ||
		!str_eq(effect.conversation, host->conversation) || !keep_call_of(&effect, &call))
		return NULL;
	pending = pending_of(&call, &effect);
	return add_pending(host, &pending);
}

/* It is heard before a timer that is due by now and would have given it up. */
const struct host_turn *host_answer(
	struct host *host, const struct late_answer *answer, int64_t now_ms)
{
	struct pending *pending;

	turn_begin(host);
	clock_to(host, now_ms);
	pending = find_pending(host, answer);
	if (!pending)
		pending = find_given_up(host, answer);
	if (!pending)
		return turn_end(host);
	pending->stage = PENDING_KNOWN;
	pending->call.outcome = heard_as(answer->outcome);
	pending->call.value = answer->value ? answer->value : &value_none;
	return hear(host, pending) && settle(host) && hear_notices(host) ? commit(host)
									 : fall_back(host);
}

bool host_is_calling(const struct host *host)
{
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].stage == PENDING_UNDER_WAY)
			return true;
	return false;
}

/* One thing that is due, and the notices that it makes or had kept waiting.  False: the shop's
 * storage or ours failed. */
static bool happen(struct host *host, enum what_next next)
{
	if (next == NEXT_SHOP) {
		host->n_steps++; /* a shop that never gets past its own time ends too */
		return shop_forward(host) && hear_notices(host);
	}
	return happen_inside(host, next) && settle(host) && hear_notices(host);
}

static bool pass_time(struct host *host, int64_t to_ms)
{
	int64_t due = 0;

	if (!hear_notices(host))
		return false;
	for (;;) {
		enum what_next next = next_of_all(host, &due);

		if (host->n_steps >= max_steps)
			return true;
		if (next == NEXT_NOTHING || due > to_ms)
			break;
		clock_to(host, due);
		if (!happen(host, next))
			return false;
	}
	clock_to(host, to_ms);
	return true;
}

const struct host_turn *host_advance(struct host *host, int64_t to_ms)
{
	turn_begin(host);
	return pass_time(host, to_ms) ? commit(host) : fall_back(host);
}

bool host_next_due(struct host *host, int64_t *due_ms)
{
	get_to_work(host);
	return next_of_all(host, due_ms) != NEXT_NOTHING;
}

/* --- after a kill --- */

/* The session waits and nobody knows what for: the answer will not come. */
static bool hear_nothing(struct host *host)
{
	const struct session *s = host->session;
	const struct frame *top = s->n_frames ? &s->frame[s->n_frames - 1] : NULL;

	if (!top || top->wait != WAIT_CALL)
		return false;
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].call.number == top->call)
			return false;
	step_once(host, &(struct event){.kind = EVENT_ANSWER,
				.call = top->call,
				.outcome = OUTCOME_UNKNOWN,
				.value = &value_none});
	return true;
}

/* Reading again does no harm, but only somebody who waits for it wants to know. */
static void take_up(struct host *host, struct pending *pending)
{
	if (pending->call.op->writes)
		pending->resend = pending->claimed;
	else if (!awaits(host->session, pending->call.number))
		know(host, pending, OUTCOME_FAILED, NULL);
}

static bool ask_about_lost(struct host *host)
{
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].stage == PENDING_LOST)
			take_up(host, &host->pending[i]);
	if (!save(host))
		return false;
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].stage == PENDING_LOST)
			ask_shop(host, &host->pending[i], true);
	return true;
}

static bool has_lost(const struct host *host)
{
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].stage == PENDING_LOST)
			return true;
	return false;
}

const struct host_turn *host_recover(struct host *host)
{
	bool lost = has_lost(host);

	turn_begin(host);
	if (lost && !ask_about_lost(host))
		return fall_back(host);
	if (!hear_nothing(host) && !lost && !find_untold(host))
		return NULL;
	return settle(host) ? commit(host) : fall_back(host);
}

static void add_kept(void *self, const struct host_call *call, const struct store_effect *effect)
{
	struct pending pending = pending_of(call, effect);

	add_pending(self, &pending);
}

static void begin_session(struct host *host, int64_t now_ms)
{
	/* A conversation that begins anew is another one to the shop: its decisions have keys of
	 * their own, although the name is the same. */
	struct str id = arena_printf(host->bench->lists, "%.*s-%llx", STR(host->conversation),
		(unsigned long long)now_ms);

	host->session = session_new(next_arena(host), id, host->channel, host->language);
}

static bool load(struct host *host, const struct host_setup *setup)
{
	get_to_work(host);
	arena_reset(host->bench->lists);
	host->rest_is_old = true;
	if (setup->fresh && !keep_forget(host->store, host->conversation, &host->error))
		return false;
	if (!keep_load(host->store, host->conversation, next_arena(host), &host->session, add_kept,
		    host, &host->error))
		return false;
	host->taken_up = host->session != NULL;
	if (!host->taken_up) {
		workbench_clear(host->bench);
		begin_session(host, setup->now_ms);
	}
	host->now_ms = host->taken_up ? host->session->now_ms : setup->now_ms;
	host->last_post = keep_last_post(host->store, host->conversation);
	host->watch_mark = keep_watch_mark(host->session);
	keep_pending_values(host);
	return true;
}

static struct str keep_name(char **to, struct str name)
{
	struct str kept = {*to, name.n};

	if (name.n)
		memcpy(*to, name.p, name.n);
	*to += name.n + 1;
	return kept;
}

static void keep_names(struct host *host, const struct host_setup *setup)
{
	char *to = checked(
		calloc(1, setup->conversation.n + setup->channel.n + setup->language.n + 3));

	host->names = to;
	host->conversation = keep_name(&to, setup->conversation);
	host->channel = keep_name(&to, setup->channel);
	host->language = keep_name(&to, setup->language);
}

struct host *host_open(const struct host_setup *setup, struct buf *error)
{
	struct host *host = checked(calloc(1, sizeof *host));

	host->model = model_ref(setup->model);
	host->shop = setup->shop;
	host->store = setup->store;
	host->seed = setup->seed;
	host->served = setup->served;
	host->commit = setup->commit;
	host->bench = setup->bench ? setup->bench : workbench_new();
	host->own_bench = !setup->bench;
	keep_names(host, setup);
	buf_init(&host->error, max_error_bytes);
	if (load(host, setup))
		return host;
	buf_add(error, buf_str(&host->error));
	host_close(host);
	return NULL;
}

void host_close(struct host *host)
{
	if (!host)
		return;
	if (host->bench->at_work == host)
		host->bench->at_work = NULL;
	if (host->own_bench)
		workbench_free(host->bench);
	free(host->pending);
	free(host->names);
	free(host->rest);
	for (int i = 0; i < 2; i++)
		if (host->late[i])
			arena_free(host->late[i]);
	buf_release(&host->error);
	model_unref(host->model);
	free(host);
}

bool host_reread(struct host *host)
{
	struct session *session;
	struct buf bytes;

	buf_init(&bytes, max_late_bytes);
	get_to_work(host);
	session_encode(host->session, &bytes);
	turn_begin(host);
	session = bytes.over ? NULL : session_decode(next_arena(host), buf_str(&bytes));
	buf_release(&bytes);
	if (!session)
		return false;
	host->session = session;
	host->rest_is_old = true;
	return true;
}

bool host_restart(struct host *host)
{
	for (size_t i = 0; i < host->n_pending; i++)
		pending_lose(&host->pending[i]);
	return host_reread(host);
}

bool host_put_session(struct host *host, const struct session *session)
{
	struct session *copy;

	turn_begin(host);
	copy = session_copy(next_arena(host), session);
	host->session = copy;
	host->rest_is_old = true;
	host->n_pending = 0;
	clock_to(host, session->now_ms);
	if (save(host))
		return true;
	(void)fall_back(host);
	return false;
}

/* --- what there is --- */

bool host_taken_up(const struct host *host)
{
	return host->taken_up;
}

int64_t host_now(const struct host *host)
{
	return host->now_ms;
}

const struct session *host_session(struct host *host)
{
	get_to_work(host);
	return host->session;
}

const char *host_error(const struct host *host)
{
	return host->error.n ? host->error.p : "";
}

void host_use_model(struct host *host, struct model *model)
{
	struct model *before = host->model;

	host->model = model_ref(model);
	model_unref(before);
}

/* Calls to the shop: they leave, are answered, or are not; what became of them is written down, and
 * told to whoever does not wait any more. */
#include <stdlib.h>

#include "bot/base/date.h"
#include "bot/host/host_inside.h"

static void *checked(void *p)
{
	if (!p)
		abort();
	return p;
}

/* --- it leaves --- */

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

bool host_forward_shop(struct host *host)
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

	if (may_leave(call, again) && host_forward_shop(host))
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

void host_perform(struct host *host, const struct effect *effect)
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
	else if (host_save(host))
		leave(host, pending);
	else
		know(host, pending, OUTCOME_FAILED, NULL);
}

/* Sent once, and nobody knows what became of it: the shop is asked under the same key.  That it
 * leaves once more is written down like the first time. */
static bool ask_again(struct host *host, struct pending *pending)
{
	pending->resend = pending->claimed;
	if (!host_save(host))
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

struct pending *host_first_pending(struct host *host)
{
	struct pending *first = NULL;

	for (size_t i = 0; i < host->n_pending; i++)
		if (!first || host->pending[i].due_ms < first->due_ms)
			first = &host->pending[i];
	return first;
}

/* "2025-03-03 10:00:05 UTC: refused, shipped"; "…: ok, found by Mai". */
static struct str evidence(struct host *host, const struct host_call *call)
{
	struct date at = date_of(host->now_ms / 1000);
	struct str why = value_get_text(call->value, "why"), by = value_get_text(call->value, "by");

	if (call->outcome != OUTCOME_REFUSED)
		why.n = 0;
	return arena_printf(host->bench->lists,
		"%04lld-%02u-%02u %02u:%02u:%02u UTC: %s%s%.*s%s%.*s", (long long)at.year, at.month,
		at.day, at.hour, at.minute, at.second,
		call->outcome == OUTCOME_UNKNOWN ? "no answer" : outcome_name[call->outcome],
		why.n ? ", " : "", STR(why), by.n ? ", found by " : "", STR(by));
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
	host_step(host, &(struct event){
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
bool host_hear(struct host *host, struct pending *pending)
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
void host_keep_values(struct host *host)
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

/* --- answers that come later --- */

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

struct pending *host_answered(struct host *host, const struct late_answer *answer)
{
	struct pending *pending = find_pending(host, answer);

	if (!pending)
		pending = find_given_up(host, answer);
	if (!pending)
		return NULL;
	pending->stage = PENDING_KNOWN;
	pending->call.outcome = heard_as(answer->outcome);
	pending->call.value = answer->value ? answer->value : &value_none;
	return pending;
}

bool host_is_calling(const struct host *host)
{
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].stage == PENDING_UNDER_WAY)
			return true;
	return false;
}

/* --- what became of a call that nobody waits for any more --- */

/* A promise to write is kept, but not in the middle of a call or of a person's sentence. */
bool host_must_wait(const struct session *session)
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
	host_step(host, &event);
}

bool host_has_untold(struct host *host)
{
	return find_untold(host) != NULL;
}

bool host_tell_one(struct host *host)
{
	struct pending *untold = find_untold(host);

	if (!untold || host_must_wait(host->session))
		return false;
	tell_outcome(host, untold);
	return true;
}

/* --- after a kill --- */

void host_add_kept(void *self, const struct host_call *call, const struct store_effect *effect)
{
	struct pending pending = pending_of(call, effect);

	add_pending(self, &pending);
}

/* Whoever waits for the answer has the shop's whole time for it: while the program was away the
 * shop was not asked. */
static void leave_again(struct host *host, struct pending *pending)
{
	struct event event = {.kind = EVENT_AGAIN, .call = pending->call.number};

	ask_shop(host, pending, true);
	if (awaits(host->session, event.call))
		host_step(host, &event);
}

/* Reading again does no harm, but only somebody who waits for it wants to know. */
static void take_up(struct host *host, struct pending *pending)
{
	if (pending->call.op->writes)
		pending->resend = pending->claimed;
	else if (!awaits(host->session, pending->call.number))
		know(host, pending, OUTCOME_FAILED, NULL);
}

bool host_ask_about_lost(struct host *host)
{
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].stage == PENDING_LOST)
			take_up(host, &host->pending[i]);
	if (!host_save(host))
		return false;
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].stage == PENDING_LOST)
			leave_again(host, &host->pending[i]);
	return true;
}

bool host_has_lost(const struct host *host)
{
	for (size_t i = 0; i < host->n_pending; i++)
		if (host->pending[i].stage == PENDING_LOST)
			return true;
	return false;
}

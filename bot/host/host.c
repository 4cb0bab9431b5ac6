/* One conversation between the engine, the shop and the store. */
#include "bot/host/host.h"

#include "bot/host/host_inside.h"

/* --- a turn --- */

/* The steps of a turn share what they did not change; the next turn begins with all of the session
 * in one arena. */
static void gather_session(struct host *host)
{
	if (host->bench->n_busy < 2)
		return;
	host->session = session_copy(host_next_arena(host), host->session);
	workbench_recycle(host->bench);
}

static void turn_begin(struct host *host)
{
	host_get_to_work(host);
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
bool host_save(struct host *host)
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
		host_remember(host, buf_str(bytes));
	note_kept(host);
	return true;
}

/* Back to what is stored: the rest did not happen.  Calls that left are in the journal: the
 * shop is asked about them. */
static const struct host_turn *fall_back(struct host *host)
{
	struct host_turn *turn = &host->turn;

	host->session = host->kept.session;
	host->bench->n_busy = host->kept.home + 1;
	host->now_ms = host->kept.now_ms;
	host->n_pending = 0;
	keep_load_calls(host->store, host->conversation, host->bench->lists, host_add_kept, host);
	host_keep_values(host);
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

static void clock_to(struct host *host, int64_t ms)
{
	if (ms > host->now_ms)
		host->now_ms = ms;
}

/* One event through the engine, and the calls that its effects ask for. */
bool host_step(struct host *host, const struct event *event)
{
	struct host_turn *turn = &host->turn;
	struct event now = *event;
	struct turn made;

	now.now_ms = host->now_ms;
	now.chance = chance(host);
	host->n_steps++;
	made = step_sharing(host->model, host->session, &now, host_next_arena(host));
	host->session = made.session;
	host->rest_is_old = true;
	host->trace = arena_grow(host->bench->lists, host->trace, turn->n_traces, struct trace);
	host->trace[turn->n_traces++] = made.trace;
	if (host->speaking && !made.ignored)
		host_add_post(host, *host->speaking);
	host->speaking = NULL;
	clock_to(host, host->session->now_ms); /* a turn can part what it says from what was said */
	for (size_t i = 0; i < made.n_effects; i++) {
		host->effect = arena_grow(
			host->bench->lists, host->effect, turn->n_effects, struct effect);
		host->effect[turn->n_effects++] = made.effect[i];
	}
	for (size_t i = 0; i < made.n_effects; i++)
		if (made.effect[i].kind == EFFECT_SAY)
			host_post_effect(host, &made.effect[i], event);
	for (size_t i = 0; i < made.n_effects; i++)
		if (made.effect[i].kind == EFFECT_CALL)
			host_perform(host, &made.effect[i]);
	return !made.ignored;
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
	const struct pending *first = host_first_pending(host);
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

static bool happen_inside(struct host *host, enum what_next next)
{
	if (next == NEXT_ANSWER)
		return host_hear(host, host_first_pending(host));
	host_step(host, &(struct event){.kind = EVENT_TICK});
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

/* After what happened: the answers to the calls that it led to, and what the buyer was promised to
 * hear about earlier ones.  False: it could not be stored. */
static bool settle(struct host *host)
{
	do
		if (!wait_for_answers(host))
			return false;
	while (host->n_steps < max_steps && host_tell_one(host));
	return true;
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
	bool heard = host_step(host, notice_event(host, notice));

	if (!settle(host) || !host_save(host))
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
		if (ours && host_must_wait(host->session))
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
	if ((host->n_steps || host->dirty) && !host_save(host))
		return fall_back(host);
	host_keep_values(host);
	return turn_end(host);
}

const struct host_turn *host_turn_said(
	struct host *host, const struct event *event, const struct host_said *said)
{
	turn_begin(host);
	host->speaking = host_post_of_event(host, event, said);
	host->said = said;
	host->turn.ignored = !host_step(host, event);
	host->said = NULL;
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
	post = host_post_of_event(host, event, said);
	if (post)
		host_add_post(host, *post);
	if (host->session->owner != OWNER_PERSON) { /* else they read it anyway */
		add_effect(host, say);
		host_post_effect(host, &say, event);
		add_effect(host, card);
	}
	return commit(host);
}

const struct host_turn *host_notice(
	struct host *host, const struct order_notice *notice, bool *wait)
{
	host_get_to_work(host);
	*wait = (watches(host->session, notice) || may_wait_for(host->session, notice)) &&
		host_must_wait(host->session);
	if (*wait)
		return NULL;
	turn_begin(host);
	host_step(host, notice_event(host, notice));
	return settle(host) ? commit(host) : fall_back(host);
}

/* It is heard before a timer that is due by now and would have given it up. */
const struct host_turn *host_answer(
	struct host *host, const struct late_answer *answer, int64_t now_ms)
{
	struct pending *pending;

	turn_begin(host);
	clock_to(host, now_ms);
	pending = host_answered(host, answer);
	if (!pending)
		return turn_end(host);
	return host_hear(host, pending) && settle(host) && hear_notices(host) ? commit(host)
									      : fall_back(host);
}

/* One thing that is due, and the notices that it makes or had kept waiting.  False: the shop's
 * storage or ours failed. */
static bool happen(struct host *host, enum what_next next)
{
	if (next == NEXT_SHOP) {
		host->n_steps++; /* a shop that never gets past its own time ends too */
		return host_forward_shop(host) && hear_notices(host);
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
	host_get_to_work(host);
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
	host_step(host, &(struct event){.kind = EVENT_ANSWER,
				.call = top->call,
				.outcome = OUTCOME_UNKNOWN,
				.value = &value_none});
	return true;
}

bool host_may_recover(struct host *host)
{
	return session_waits_for_call(host_session(host)) || host_has_lost(host) ||
	       host_has_untold(host);
}

const struct host_turn *host_recover(struct host *host, int64_t now_ms)
{
	bool lost = host_has_lost(host);

	turn_begin(host);
	if (lost)
		clock_to(host, now_ms);
	if (lost && !host_ask_about_lost(host))
		return fall_back(host);
	if (!hear_nothing(host) && !lost && !host_has_untold(host))
		return NULL;
	return settle(host) ? commit(host) : fall_back(host);
}

bool host_reread(struct host *host)
{
	struct session *session;
	struct buf bytes;

	buf_init(&bytes, max_late_bytes);
	host_get_to_work(host);
	session_encode(host->session, &bytes);
	turn_begin(host);
	session = bytes.over ? NULL : session_decode(host_next_arena(host), buf_str(&bytes));
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
	copy = session_copy(host_next_arena(host), session);
	host->session = copy;
	host->rest_is_old = true;
	host->n_pending = 0;
	clock_to(host, session->now_ms);
	if (host_save(host))
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
	host_get_to_work(host);
	return host->session;
}

const char *host_error(const struct host *host)
{
	return host->error.n ? host->error.p : "";
}

void host_use_model(struct host *host, struct model *model)
{
	struct model *before = host->model;

	host_put_to_rest(host); /* names in the session are the old one's */
	host->model = model_ref(model);
	model_unref(before);
}

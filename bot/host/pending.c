/* When the shop is asked again, and when an outcome may be believed. */
#include "bot/host/pending.h"

enum {
	lease_ms = 60 * 1000, /* an answer that is not there by then is none */
	give_up = 24 * 3600,  /* seconds after which a person looks into it */
	look_ms = 1000,
	quick_looks = 30,
};

const int64_t pending_never = INT64_MAX;

/* After so many tries the shop is asked so much later. */
static int64_t delay_ms(int64_t tries)
{
	static const int64_t seconds[] = {2, 5, 15, 60, 300, 900, 3600};
	enum { n = sizeof seconds / sizeof seconds[0] };

	return seconds[tries < 1 ? 0 : tries > n ? n - 1 : tries - 1] * 1000;
}

static enum outcome outcome_of(enum effect_state state)
{
	static const enum outcome as[] = {
		[EFFECT_SENT] = OUTCOME_UNKNOWN,
		[EFFECT_UNKNOWN] = OUTCOME_UNKNOWN,
		[EFFECT_DONE] = OUTCOME_OK,
		[EFFECT_REFUSED] = OUTCOME_REFUSED,
		[EFFECT_FAILED] = OUTCOME_FAILED,
		[EFFECT_HUMAN] = OUTCOME_UNKNOWN,
		[EFFECT_FOLLOWS] = OUTCOME_UNKNOWN,
		[EFFECT_CLOSED] = OUTCOME_UNKNOWN,
	};

	return as[state];
}

/* What was under way when the program ended: the last try is of unknown fate. */
static void take_up(struct pending *pending, const struct store_effect *effect)
{
	switch (effect->state) {
	case EFFECT_SENT:
		pending->stage = PENDING_LOST;
		pending->due_ms = 0;
		pending->doubt = effect->sent ? effect->sent : effect->claimed;
		break;
	case EFFECT_UNKNOWN:
	case EFFECT_HUMAN:
		pending->stage = PENDING_DOUBT;
		break;
	case EFFECT_FOLLOWS:
		pending->stage = PENDING_FOLLOWS;
		break;
	case EFFECT_DONE:
	case EFFECT_REFUSED:
	case EFFECT_FAILED:
	case EFFECT_CLOSED:
		break;
	}
}

struct pending pending_of(const struct host_call *call, const struct store_effect *effect)
{
	struct pending pending = {
		.call = *call,
		.due_ms = effect->next * 1000,
		.since = effect->claimed,
		.sent = effect->sent,
		.doubt = effect->doubt,
		.tries = effect->tries,
		.claimed = true,
		.leader = effect->follows,
	};

	pending.call.outcome = outcome_of(effect->state);
	pending.call.value = effect->answer;
	take_up(&pending, effect);
	if (effect->untold) {
		pending.stage = PENDING_UNTOLD;
		pending.due_ms = pending_never;
	}
	return pending;
}

void pending_lose(struct pending *pending)
{
	if (pending->stage != PENDING_KNOWN && pending->stage != PENDING_UNDER_WAY)
		return;
	pending->stage = PENDING_LOST;
	pending->due_ms = 0;
	pending->doubt = pending->sent;
}

int64_t pending_leaves(struct pending *pending, int64_t now_ms)
{
	pending->sent = now_ms / 1000;
	pending->tries++;
	return now_ms + lease_ms;
}

static enum effect_state ask_later(struct pending *pending, int64_t now_ms, int64_t at_ms)
{
	if (now_ms / 1000 - pending->since >= give_up)
		return EFFECT_HUMAN;
	pending->stage = PENDING_DOUBT;
	pending->due_ms = at_ms;
	return EFFECT_UNKNOWN;
}

enum effect_state pending_judge(struct pending *pending, int64_t now_ms)
{
	int64_t next_ms = now_ms + delay_ms(pending->tries);

	switch (pending->call.outcome) {
	case OUTCOME_OK:
		return EFFECT_DONE;
	case OUTCOME_REFUSED:
		if (!pending->doubt || now_ms / 1000 - pending->doubt >= pending_linger_s)
			return EFFECT_REFUSED;
		return ask_later(pending, now_ms, (pending->doubt + pending_linger_s) * 1000);
	case OUTCOME_FAILED: /* of this try; what became of an earlier one it does not say */
		return pending->doubt ? ask_later(pending, now_ms, next_ms) : EFFECT_FAILED;
	case OUTCOME_UNKNOWN:
		pending->doubt = pending->sent;
		return ask_later(pending, now_ms, next_ms);
	}
	return EFFECT_UNKNOWN;
}

enum effect_state pending_look(
	struct pending *pending, const struct store_effect *leader, int64_t now_ms)
{
	bool open = leader->state == EFFECT_SENT || leader->state == EFFECT_UNKNOWN ||
		    leader->state == EFFECT_FOLLOWS;

	/* Whose conversation was erased is asked about by nobody. */
	if (open && !leader->conversation.n)
		return EFFECT_HUMAN;
	if (open) {
		pending->due_ms = now_ms + (++pending->tries < quick_looks ? look_ms : lease_ms);
		return EFFECT_UNKNOWN;
	}
	pending->call.outcome = outcome_of(leader->state);
	pending->call.value = leader->answer;
	return leader->state == EFFECT_CLOSED ? EFFECT_HUMAN : leader->state;
}

/* The proof of who the buyer is: made, ended, and made again. */
#include "bot/engine/turn.h"

enum { proof_idle_ms = 30 * 60 * 1000 };

static const struct str nothing = {"", 0};

int64_t session_proof_ends_ms(const struct session *s)
{
	return s->buyer.n && !s->buyer_by_channel && s->last_buyer_ms
		       ? s->last_buyer_ms + proof_idle_ms
		       : INT64_MAX;
}

bool session_is_sealed(const struct session *s, int64_t now_ms)
{
	return s->former.n || now_ms > session_proof_ends_ms(s);
}

int64_t session_hides_before(const struct session *s, int64_t now_ms)
{
	if (now_ms > session_proof_ends_ms(s))
		return INT64_MAX;
	return s->former.n ? s->sealed_ms : s->closed_ms;
}

/* What was the former buyer's stays theirs for good once somebody else has made a proof. */
void prove_buyer(struct turn_state *t, struct str buyer, struct str name)
{
	struct session *s = t->s;

	if (s->former.n && !str_eq(s->former, buyer)) {
		s->closed_ms = s->sealed_ms;
		s->n_parked = s->n_offered = 0;
		s->offered_by = (struct frame){0};
	}
	s->former = nothing;
	s->buyer = arena_str(t->arena, buyer);
	s->buyer_name = arena_str(t->arena, name);
	s->buyer_by_channel = false;
}

void end_proof(struct turn_state *t)
{
	struct session *s = t->s;

	if (!s->buyer.n || s->buyer_by_channel)
		return;
	s->former = s->buyer;
	s->sealed_ms = s->now_ms;
	s->buyer = s->buyer_name = nothing;
}

bool expire_proof(struct turn_state *t)
{
	if (t->s->now_ms <= session_proof_ends_ms(t->s))
		return false;
	end_proof(t);
	return true;
}

static void forget_what_was_said(struct session *s)
{
	s->said = s->second = s->clarified = nothing;
	s->recent_order = s->notice = &value_none;
}

/* They may have named the order with it: their own message is of an earlier moment than what is
 * said from here on. */
void forget_buyer(struct turn_state *t)
{
	struct session *s = t->s;

	if (!s->buyer.n || s->buyer_by_channel)
		return;
	s->now_ms++;
	end_proof(t);
	forget_what_was_said(s);
	s->n_offered = 0;
	s->offered_by = (struct frame){0};
	stop_below(t);
}

/* Buttons that were offered stay good: what they lead to asks for the proof.  Calls under way and
 * what a person has are not touched: their outcome comes in any case. */
void put_aside(struct turn_state *t)
{
	struct session *s = t->s;
	size_t n_parked = s->n_parked;

	forget_what_was_said(s);
	if (s->owner != OWNER_BOT || session_waits_for_call(s))
		return;
	park_everything(t);
	drop_void_timers(t);
	if (s->n_parked > n_parked || n_parked == max_parked)
		s->parked[s->n_parked - 1].paused = true;
}

bool prove_again(struct turn_state *t)
{
	struct session *s = t->s;
	struct frame *f;

	if (!s->former.n || s->n_frames || s->owner != OWNER_BOT || !s->n_parked ||
		!s->parked[s->n_parked - 1].paused)
		return false;
	f = push_flow(t, S("session/prove_again"), ROLE_WELCOME_BACK, nothing, "engine", nothing);
	lend(t, f, "parked", value_text(t->arena, s->parked[s->n_parked - 1].flow->title));
	return f != NULL;
}

void seal_news(struct turn_state *t)
{
	if (t->s->former.n)
		t->s->sealed_ms = t->s->now_ms + 1;
}

/* One operation of flows/OPERATIONS.md on the platform: a small machine without clock, chance or
 * network.  It says which request comes next and is given the answer, until it is done.
 *
 *   job = tts_job_new(arena, &setup, &request, now);
 *   for (answer = NULL;; answer = &what_came)
 *       switch (tts_job_next(job, answer, now)) {
 *       case TTS_SEND: send tts_job_request(job), wait for the answer
 *       case TTS_END:  tts_job_end(job)
 *       }
 *
 * What may be sent twice (reads) the sender repeats itself; what changes something is sent once,
 * and only the job decides whether it goes out again: never before the platform was asked what
 * became of it, and only where a repeat cannot do harm (cancelling: the platform refuses a second
 * one; returns and approvals: under their idempotency key, as long as it is surely remembered). */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_JOB_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_JOB_H

#include "adapters/order/order_api.h"
#include "adapters/order/tiktok_shop/tts_answer.h"
#include "adapters/order/tiktok_shop/tts_reasons.h"
#include "adapters/order/tiktok_shop/tts_request.h"

/* What the shop says of itself; an empty text is not told. */
struct tts_about {
	struct str name, policy_cancel, policy_refund, policy_return, hours;
};

/* What the assistant may do without a person. */
struct tts_policy {
	bool cancel;        /* cancel what is not shipped */
	bool approve;       /* grant a cancellation that the buyer asked for in the app */
	bool create_return; /* ask for a return in the buyer's name */
};

struct tts_setup { /* outlives its jobs */
	enum tts_market market;
	struct str region; /* "US", "GB": what orders say of themselves; empty: nothing */
	struct tts_about about;
	struct tts_policy policy;
	unsigned n_looks; /* how often is asked what became of a change */
};

struct tts_job;

/* @request is copied into @arena, which holds all that the job makes and outlives it. */
struct tts_job *tts_job_new(struct arena *arena, const struct tts_setup *setup,
	const struct order_request *request) MUST_CHECK;

enum tts_step { TTS_SEND, TTS_END };
/* @answer: to the request before; NULL the first time.  @now: Unix seconds. */
enum tts_step tts_job_next(
	struct tts_job *job, const struct tts_answer *answer, int64_t now) MUST_CHECK;

/* After TTS_SEND; valid until the next step. */
const struct tts_request *tts_job_request(const struct tts_job *job);
/* A change was sent and it is not known what became of it. */
bool tts_job_is_unsure(const struct tts_job *job);

struct tts_end {
	enum order_outcome outcome; /* never ORDER_LATER */
	const struct value *value;  /* as in struct order_answer */
	bool elsewhere; /* refused or empty because this shop knows no such thing; another shop of
			 * the seller's may */
};
/* After TTS_END. */
struct tts_end tts_job_end(const struct tts_job *job);

/* Words of the platform that no table knows, as texts "field=word", for the log; at most 8. */
const struct value *tts_job_strange(const struct tts_job *job);

#endif

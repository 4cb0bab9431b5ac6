/* The demo shop: orders, cancellations, returns and refunds of a small invented shop with a clock
 * of its own (market US).  Buyers, order numbers and fixtures are listed in README.md beside this
 * file. */
#ifndef TENSTEP_ADAPTERS_ORDER_SANDBOX_H
#define TENSTEP_ADAPTERS_ORDER_SANDBOX_H

#include "adapters/order/order_api.h"

struct sandbox;

/* The demo shop in the file @path, seeded at @now when the file is new; a shop that stood still is
 * first moved on to @now.  NULL with one line in @error when that fails.  Closed by its api's
 * free(). */
struct sandbox *sandbox_create(const char *path, int64_t now, struct buf *error) MUST_CHECK;

/* A fresh shop in memory, seeded by the fixture of that name ("demo", "two_open_orders", …). */
struct sandbox *sandbox_open(struct str fixture, int64_t now, struct buf *error) MUST_CHECK;

/* A shop of its own in memory that stands where @sandbox stands, without what was scripted: much quicker than
 * opening the fixture again. */
struct sandbox *sandbox_copy(const struct sandbox *sandbox, struct buf *error) MUST_CHECK;

/* The names and one line about each, in the order of README.md. */
struct sandbox_fixture {
	const char *name, *about;
};
size_t sandbox_fixtures(const struct sandbox_fixture **list);

struct order_api *sandbox_api(struct sandbox *sandbox);
int64_t sandbox_now(const struct sandbox *sandbox);

/* The given name of a buyer, in @arena; false if the shop does not know that buyer. */
bool sandbox_buyer(
	struct sandbox *sandbox, struct str id, struct arena *arena, struct str *name) MUST_CHECK;
/* Their ids, in @arena; how many they are. */
size_t sandbox_buyers(struct sandbox *sandbox, struct arena *arena, struct str **id);
/* Why the shop's storage failed (a call gave ORDER_FAILED unasked, advance() gave false); else "".
 */
const char *sandbox_error(const struct sandbox *sandbox);

/* Misbehaviour on demand: how the next calls of one operation end, one behaviour a call. */
enum sandbox_act {
	SANDBOX_NORMAL,       /* as the shop would; for being slow only, or between two others */
	SANDBOX_ANSWER,       /* ok with @answer, and nothing is done */
	SANDBOX_REFUSE,       /* refused with @why and @why_text */
	SANDBOX_FAIL,         /* surely not done */
	SANDBOX_LOSE_REQUEST, /* unknown, and it was not done */
	SANDBOX_LOSE_ANSWER,  /* unknown, but it was done */
};
struct sandbox_behaviour {
	enum sandbox_act act;
	struct str why, why_text;   /* texts and answer are copied */
	const struct value *answer; /* SANDBOX_ANSWER; or further fields of a refusal */
	int64_t slow_ms;            /* reported as the answer's took_ms */
};

/* Adds @n behaviours for @operation.  A reading operation that gets lost counts as failed.  False:
 * the shop has no such operation. */
bool sandbox_script(struct sandbox *sandbox, struct str operation,
	const struct sandbox_behaviour *behaviour, size_t n) MUST_CHECK;
/* Forgets what was not used yet. */
void sandbox_script_clear(struct sandbox *sandbox);

#endif

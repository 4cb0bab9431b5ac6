/* The JSON of the desk's API: what comes in, read strictly, and what goes out. */
#ifndef TENSTEP_DESK_DESK_JSON_H
#define TENSTEP_DESK_DESK_JSON_H

#include "adapters/store/store.h"
#include "bot/base/json.h"

enum { desk_text_bytes = 4000, desk_person_bytes = 60, desk_id_bytes = 64, desk_place_bytes = 200 };

/* The fields of a request's body, as bits. */
enum {
	DESK_PERSON = 1,
	DESK_VERSION = 2,
	DESK_TEXT = 4,
	DESK_ID = 8,
	DESK_TO = 16,
	DESK_FILE = 32,
	DESK_OUTCOME = 64,
	DESK_BECAUSE = 128,
	DESK_ORDER = 256,
};
struct desk_body {
	struct str person, text, id, to, file, outcome, because, order;
	int64_t version;
};

enum desk_reading {
	DESK_READ,
	DESK_NO_JSON,   /* not one JSON object */
	DESK_BAD_FIELD, /* unknown, missing, of another type, empty or too long */
};
/* Reads an object that has all fields of @needed and none besides @needed and @allowed.  Texts are
 * in @arena; what is wrong is in *why, in words. */
enum desk_reading desk_body_read(struct str bytes, unsigned needed, unsigned allowed,
	struct arena *arena, struct desk_body *body, struct str *why) MUST_CHECK;

/* {"id","version","conversation","queue","at","waited_s","state","person","closed","card"}.
 * @state: "waiting", "with_bot", "person" or "closed".  Times are Unix seconds. */
struct json *desk_card_json(
	const struct store_card *card, const char *state, int64_t now, struct arena *arena);
/* {"n","at","who","name","body"}; at in Unix ms. */
struct json *desk_post_json(const struct post *post);
struct json *desk_send_json(const struct store_send *send);
/* @state: "open", "kept", "ended", "overdue"; @why of an overdue one.  Times in Unix ms, 0: never.
 */
struct json *desk_promise_json(
	const struct store_promise *promise, const char *state, const char *why);
/* {"error":{"code","message"}}; the caller adds to the whole what else is to be known. */
struct json *desk_error_json(const char *code, struct str message);

#endif

/* The desk: where a person of the shop sees who waits, takes over, answers and hands back.  An HTTP
 * API for `tenstep inbox` and for other programs, a signed webhook for each hand-off, opening
 * hours.  The pages are INBOX.md of this folder.
 *
 *   GET  /desk/cards?all=1          who waits, oldest first; all: closed ones too
 *   GET  /desk/cards/ID?after=N     the card and its transcript
 *   POST /desk/cards/ID/claim       {person, version}    409 when somebody was quicker
 *   POST /desk/cards/ID/reply       {person, text, id, file?}   repeats are known by the id; text
 *                                   may be absent with a file
 *   POST /desk/cards/ID/settle      {person, outcome, because?, order?}   "done" or "refused": what
 *                                   became of a call that was left to a person
 *   POST /desk/cards/ID/picture     the bytes of one, its name in X-File-Name: {file}, for reply
 *   POST /desk/cards/ID/back        {person, to?, text?} to: "flow" or "flow/step"; text: last
 * words POST /desk/cards/ID/queue       {person, text?}      for somebody else POST
 * /desk/cards/ID/typing      {person} POST /desk/cards/ID/close       {person, version}    done
 * without taking over GET  /desk/sends                what the webhook has not delivered POST
 * /desk/sends/ID/again       tries one that was given up GET  /desk/promises?all=1       what
 * buyers wait to hear; all: what is over too
 *
 * All with "Authorization: Bearer TOKEN" (compared in constant time; after 5 wrong ones in a minute
 * an address gets 429).  Faults are {"error": {"code", "message"}}. */
#ifndef TENSTEP_DESK_DESK_H
#define TENSTEP_DESK_DESK_H

#include "adapters/net/http_client.h"
#include "adapters/widget/words.h"
#include "bot/desk/desk_hours.h"
#include "bot/dispatch/dispatcher.h"

struct desk;

struct outbox;  /* bot/channels/outbox.h */
struct uploads; /* bot/web/uploads.h */

enum { desk_picture_bytes = 5 << 20 }; /* the largest that a person may send */

struct desk_setup {
	struct loop *loop;
	struct dispatcher *dispatcher;
	struct store *store;
	struct http_client *client;
	const struct serve_config *config;
	const struct outbox *outbox; /* of the messaging platforms; NULL: there are none */
	struct uploads *uploads;     /* NULL: no pictures */
	struct log *log;
	struct metrics *metrics;
};
/* After dispatcher_new(): hand-offs that a stop left unfinished are gone on with.  To be freed
 * before the dispatcher and the client. */
struct desk *desk_new(const struct desk_setup *setup) MUST_CHECK;
void desk_free(struct desk *desk); /* NULL is fine */

/* A request whose path begins with "/desk/". */
struct http_plan desk_plan(struct desk *desk, const struct http_head *head);
void desk_request(struct desk *desk, struct exchange *exchange, const struct http_head *head,
	struct str body);

/* The same for whoever has no exchange: @answer comes exactly once, perhaps from inside. */
struct desk_question {
	struct str method, path, query, authorization, address, body;
	struct str file_name; /* as it came in X-File-Name, percent-encoded; may be empty */
};
typedef void desk_answer_function(void *self, unsigned status, struct str json);
void desk_ask(struct desk *desk, const struct desk_question *question, desk_answer_function *answer,
	void *self);

/* A card was committed (struct dispatcher_setup). */
void desk_handed_off(struct desk *desk, const struct store_card *card);

/* What a buyer who waits for a person is told: how many are before them, or when somebody is back;
 * or what the configuration says. */
struct str desk_waiting_text(
	struct desk *desk, struct str conversation, const struct words *words, struct arena *arena);

#endif

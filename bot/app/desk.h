/* The desk: where a person of the shop sees who waits, takes over, answers and hands back.  An HTTP
 * API for `tenstep inbox` and for other programs, a signed webhook for each hand-off, opening
 * hours. The pages are in README.md of this folder ("The inbox").
 *
 *   GET  /desk/cards?all=1            [{id, version, conversation, queue, at, waited_s, person,
 * card, last…}] GET  /desk/cards/ID               the card and its transcript (posts as JSON) POST
 * /desk/cards/ID/claim         {person, version}   409 when somebody was quicker POST
 * /desk/cards/ID/reply         {person, text, id}  id: repeats are known by it POST
 * /desk/cards/ID/back          {person, to: "flow/step" or absent, text?} POST
 * /desk/cards/ID/typing        {person}
 *
 * All with "Authorization: Bearer TOKEN" (compared in constant time; 5 wrong ones a minute from an
 * address: 429). */
#ifndef TENSTEP_APP_DESK_H
#define TENSTEP_APP_DESK_H

#include "adapters/net/http_client.h"
#include "bot/app/dispatcher.h"
#include "bot/app/serve_config.h"

struct desk;

struct desk_setup {
	struct loop *loop;
	struct dispatcher *dispatcher;
	struct store *store;
	struct http_client *client;
	const struct serve_config *config;
	struct log *log;
	struct metrics *metrics;
};
struct desk *desk_new(const struct desk_setup *setup) MUST_CHECK;
void desk_free(struct desk *desk); /* NULL is fine */

/* A request whose path begins with "/desk/". */
struct http_plan desk_plan(struct desk *desk, const struct http_head *head);
void desk_request(struct desk *desk, struct exchange *exchange, const struct http_head *head,
	struct str body);

/* A card was committed (struct dispatcher_setup). */
void desk_handed_off(struct desk *desk, const struct store_card *card);

/* Whether somebody is there at @now (Unix seconds) by the opening hours, and when next; for the
 * shop.info of the flows. */
bool desk_open(const struct serve_config *config, int64_t now, int64_t *opens_at);

#endif

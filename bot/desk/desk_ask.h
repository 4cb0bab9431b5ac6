/* One request at the desk while it is looked at; what the files of the desk share. */
#ifndef TENSTEP_DESK_DESK_ASK_H
#define TENSTEP_DESK_DESK_ASK_H

#include "bot/desk/desk.h"
#include "bot/desk/desk_gate.h"
#include "bot/desk/desk_json.h"
#include "bot/desk/desk_queue.h"
#include "bot/desk/desk_webhook.h"

struct act; /* desk_card.c */

struct desk {
	struct desk_setup setup;
	struct desk_gate gate;
	struct webhook *webhook;
	struct queue *queue;
	struct act *acts;    /* what waits for its commit */
	struct arena *arena; /* of the request that is looked at … */
	struct arena *late;  /* … and of one that is answered while it is */
	struct buf json;
};

struct ask {
	struct desk *desk;
	const struct desk_question *question;
	desk_answer_function *answer;
	void *self;
	struct desk_body body;
	struct store_card card;
};

/* --- desk_ask.c: answering --- */

int64_t desk_now(const struct desk *desk); /* Unix seconds */
/* Takes @json; @answer is called once. */
void desk_send(struct desk *desk, desk_answer_function *answer, void *self, unsigned status,
	struct json *json);
void ask_reply(const struct ask *ask, unsigned status, struct json *json);
void ask_refuse(const struct ask *ask, unsigned status, const char *code, struct str message);
void ask_refuse_store(const struct ask *ask);
void ask_refuse_method(const struct ask *ask);
void ask_refuse_path(const struct ask *ask);
/* A whole number of the query; 0: absent, or no number. */
int64_t ask_number(const struct ask *ask, const char *name);
struct json *ask_card_json(
	const struct desk *desk, const struct store_card *card, struct arena *arena);

/* --- desk_card.c: one card --- */

/* /desk/cards/ID, or /desk/cards/ID/NAME. */
void ask_card(struct ask *ask, int64_t id, struct str name);
void desk_count(const struct desk *desk, const char *queue, const char *result);
/* Whoever waits for a commit is told that it did not come. */
void desk_end_acts(struct desk *desk);

/* --- desk_picture.c: what a person sends besides words --- */

/* POST /desk/cards/ID/picture. */
void ask_picture(struct ask *ask);
/* The picture that a reply names, for the transcript.  False: it was refused; *file NULL: none. */
bool ask_file(const struct ask *ask, const struct value **file) MUST_CHECK;

/* --- desk_settle.c: what was left to a person --- */

/* POST /desk/cards/ID/settle. */
void ask_settle(struct ask *ask);
/* [{"operation","order","since","evidence"}]: calls of the card's conversation that are left to a
 * person. */
struct json *ask_left_json(const struct ask *ask);

/* --- desk_list.c: all cards, and what is sent --- */

void ask_list_cards(struct ask *ask);
void ask_list_sends(struct ask *ask);
void ask_list_promises(struct ask *ask);
void ask_send_again(struct ask *ask, int64_t id);

/* --- desk_channels.c: accounts on messaging platforms --- */

void ask_list_channels(struct ask *ask);

#endif

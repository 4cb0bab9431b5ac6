/* How a request ended, and what becomes of the post that it was for. */
#include <stdio.h>
#include <stdlib.h>

#include "bot/channels/outbox_parts.h"

enum {
	lost_first_ms = 60 * 1000,
	lost_longest_ms = 10 * 60 * 1000,
};

static const char *name_of(const struct sender *sender)
{
	return sender->seat->account.name.p;
}

void outbox_count(const struct sender *sender, struct outbox *outbox, const char *result)
{
	metrics_add(
		outbox->setup.metrics, "tenstep_channel_sends_total", name_of(sender), result, 1);
}

static void note_error(struct sender *sender, struct outbox *outbox, struct str why)
{
	snprintf(sender->error, sizeof(sender->error), "%.*s", STR(why));
	sender->error_ms = outbox_now(outbox);
}

/* --- what cannot be shown --- */

static void see_open_card(void *self, const struct store_card *card)
{
	struct str *conversation = self;

	if (str_eq(card->conversation, *conversation))
		conversation->n = 0;
}

static bool has_open_card(struct outbox *outbox, struct str conversation)
{
	struct str searched = conversation;

	return store_cards(outbox->setup.store, false, see_open_card, &searched) != STORE_OK ||
	       !searched.n;
}

/* One card a conversation: whoever takes it sees all that was said. */
static void add_card(struct outbox *outbox, const struct store_peer *peer, struct str why)
{
	struct value_builder card = value_build(outbox->arena);

	if (outbox->n_cards == outbox_max_cards || has_open_card(outbox, peer->conversation))
		return;
	value_put_text(&card, "channel", peer->account);
	value_put_text(&card, "summary",
		arena_printf(
			outbox->arena, "the buyer does not get what is said here: %.*s", STR(why)));
	outbox->card[outbox->n_cards++] = store_add_card(outbox->setup.store, peer->conversation,
		S("delivery"), outbox_now(outbox) / 1000, value_record(&card));
}

void outbox_tell_cards(struct outbox *outbox)
{
	struct store_card card;

	for (size_t i = 0; i < outbox->n_cards; i++)
		if (outbox->setup.handed_off && store_card(outbox->setup.store, outbox->card[i],
							outbox->arena, &card) == STORE_OK)
			outbox->setup.handed_off(outbox->setup.self, &card);
	outbox->n_cards = 0;
}

void outbox_go_past(struct store_peer *peer, int64_t post)
{
	peer->shown = post > peer->shown ? post : peer->shown;
	peer->part = peer->tries = peer->unclear = peer->since_ms = 0;
	peer->claimed = false;
}

void outbox_give_up(struct outbox *outbox, struct sender *sender, struct store_peer *peer,
	int64_t post, struct str why)
{
	store_add_dead_letter(outbox->setup.store, &(struct store_dead_letter){
							   .conversation = peer->conversation,
							   .account = peer->account,
							   .post = post,
							   .at_ms = outbox_now(outbox),
							   .why = why,
						   });
	add_card(outbox, peer, why);
	outbox_go_past(peer, post);
	peer->error = why;
	peer->next_ms = outbox_now(outbox);
	note_error(sender, outbox, why);
	outbox_count(sender, outbox, "dead");
	LOG(outbox->setup.log, LOG_ERROR, outbox_now(outbox), "a post is given up",
		log_word("channel", peer->account), log_id("conversation", peer->conversation),
		log_int("post", post), log_word("error", why));
}

/* --- how it ended --- */

static uint64_t salt_of(const struct store_peer *peer, int64_t now_ms)
{
	return str_hash(peer->conversation) ^ (uint64_t)now_ms * UINT64_C(0x9E3779B97F4A7C15);
}

static void arrived(struct outbox *outbox, const struct parcel *parcel, struct store_peer *peer)
{
	if (!parcel->optional)
		peer->sent_ms = outbox_now(outbox);
	peer->error = S("");
	peer->next_ms = outbox_now(outbox);
	parcel->sender->lost_wait = 0;
	if (!parcel->post) {
		peer->owner = parcel->owner;
		outbox_go_past(peer, peer->shown);
	} else if (parcel->last) {
		outbox_go_past(peer, parcel->post);
	} else {
		peer->part++;
		peer->tries = peer->unclear = 0;
		peer->claimed = false;
	}
}

static void try_again(struct outbox *outbox, struct store_peer *peer, int64_t wait_ms)
{
	peer->claimed = false;
	peer->next_ms = outbox_again_ms(
		outbox_now(outbox), peer->tries, wait_ms, salt_of(peer, outbox_now(outbox)));
}

bool outbox_can_trace(const struct outbox *outbox, const struct sender *sender)
{
	static const struct channel_call nothing = {.optional = true};

	return outbox->setup.trace && outbox->setup.trace(outbox->setup.authorise_self,
					      sender->seat, S(""), &nothing) != OUTBOX_TRACE_NONE;
}

void outbox_be_unsure(struct outbox *outbox, struct sender *sender, struct store_peer *peer,
	int64_t post, struct str why)
{
	peer->claimed = false;
	peer->unclear++;
	if (sender->seat->codec->resends || !post)
		try_again(outbox, peer, -1);
	else if (outbox_can_trace(outbox, sender))
		peer->next_ms = outbox_now(outbox) + outbox_linger_ms;
	else if (peer->unclear > 1)
		outbox_give_up(outbox, sender, peer, post,
			arena_printf(
				outbox->arena, "twice without a clear answer: %.*s", STR(why)));
	else
		peer->next_ms = outbox_now(outbox) + outbox_claim_ms;
}

static void be_refused(struct outbox *outbox, struct sender *sender, struct store_peer *peer,
	int64_t post, struct str why)
{
	outbox_give_up(outbox, sender, peer, post, why);
	if (outbox->setup.refused)
		outbox->setup.refused(outbox->setup.authorise_self, sender->seat, peer->peer);
}

static void lose_account(struct outbox *outbox, struct sender *sender, struct store_peer *peer)
{
	int64_t wait = sender->lost_wait ? 2 * sender->lost_wait : lost_first_ms;

	sender->lost_wait = wait < lost_longest_ms ? wait : lost_longest_ms;
	sender->free_ms = outbox_now(outbox) + sender->lost_wait;
	peer->claimed = false;
	peer->next_ms = sender->free_ms;
}

static const char *const verdict_word[] = {
	[CHANNEL_SENT] = "sent",
	[CHANNEL_AGAIN] = "again",
	[CHANNEL_UNCLEAR] = "unclear",
	[CHANNEL_NEVER] = "never",
	[CHANNEL_LOST] = "lost",
};

static struct channel_judgement judge(
	const struct parcel *parcel, const struct http_result *result, struct arena *arena)
{
	const struct channel_seat *seat = parcel->sender->seat;
	struct channel_answer answer = {
		.status = result->status,
		.body = result->body,
		.type = result->type,
		.retry_after_ms = result->retry_after_ms,
		.now_ms = outbox_now(parcel->outbox),
		.date_ms = result->date_ms,
	};
	struct channel_judgement judgement = {
		.verdict = CHANNEL_UNCLEAR, .wait_ms = -1, .why = str_of(result->error)};

	if (result->outcome == HTTP_ANSWERED)
		judgement = seat->codec->judge(&seat->account, &answer, arena);
	else if (result->outcome == HTTP_NOT_SENT)
		judgement.verdict = CHANNEL_AGAIN;
	if (parcel->optional && judgement.verdict != CHANNEL_LOST)
		judgement.verdict = CHANNEL_SENT;
	return judgement;
}

static void apply(struct outbox *outbox, const struct parcel *parcel, struct store_peer *peer,
	const struct channel_judgement *judgement)
{
	struct sender *sender = parcel->sender;

	outbox_count(sender, outbox, verdict_word[judgement->verdict]);
	if (judgement->verdict != CHANNEL_SENT) {
		peer->error = judgement->why;
		note_error(sender, outbox, judgement->why);
		LOG(outbox->setup.log, LOG_WARNING, outbox_now(outbox), "a post was not sent",
			log_word("channel", peer->account),
			log_id("conversation", peer->conversation), log_int("post", parcel->post),
			log_int("tries", peer->tries),
			log_word("verdict", str_of(verdict_word[judgement->verdict])),
			log_word("error", judgement->why));
	}
	switch (judgement->verdict) {
	case CHANNEL_SENT:
		if (outbox->setup.shown && judgement->message.n)
			outbox->setup.shown(outbox->setup.authorise_self, sender->seat, peer->peer,
				judgement->message);
		arrived(outbox, parcel, peer);
		break;
	case CHANNEL_AGAIN:
		try_again(outbox, peer, judgement->wait_ms);
		break;
	case CHANNEL_UNCLEAR:
		outbox_be_unsure(outbox, sender, peer, parcel->post, judgement->why);
		break;
	case CHANNEL_NEVER:
		if (parcel->post)
			be_refused(outbox, sender, peer, parcel->post, judgement->why);
		else
			arrived(outbox, parcel, peer); /* who has it is not told, then */
		break;
	case CHANNEL_LOST:
		lose_account(outbox, sender, peer);
		break;
	}
}

void outbox_ended(void *self, const struct http_result *result)
{
	struct parcel *parcel = self;
	struct outbox *outbox = parcel->outbox;
	struct str conversation = str_of(parcel->conversation);
	struct channel_judgement judgement;
	struct store_peer peer;

	arena_reset(outbox->arena);
	HASH_DEL(outbox->parcels, parcel);
	parcel->sender->under_way--;
	outbox_watch_clock(outbox); /* what is written from here on is right by the new one */
	judgement = judge(parcel, result, outbox->arena);
	/* A conversation that was forgotten meanwhile has no row any more. */
	if (dispatcher_write(outbox->dispatcher) &&
		store_peer(outbox->setup.store, conversation, outbox->arena, &peer) == STORE_OK) {
		apply(outbox, parcel, &peer, &judgement);
		store_put_peer(outbox->setup.store, &peer);
	}
	free(parcel);
	outbox_wake(outbox);
}

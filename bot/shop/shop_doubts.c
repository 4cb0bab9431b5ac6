/* Conversations of which it is being found out whether they may be written to. */
#include "bot/shop/shop_doubts.h"

#include <string.h>

enum { good_for_ms = 2000 };

static bool is_open(const struct shop_doubt_entry *e)
{
	return e->peer[0] && !e->answered;
}

static struct shop_doubt_entry *find(struct shop_doubts *doubts, struct str peer)
{
	for (size_t i = 0; i < shop_doubts_most; i++)
		if (doubts->entry[i].peer[0] && str_is(peer, doubts->entry[i].peer))
			return &doubts->entry[i];
	return NULL;
}

/* A free one, else one that is answered already. */
static struct shop_doubt_entry *find_room(struct shop_doubts *doubts)
{
	struct shop_doubt_entry *found = NULL;

	for (size_t i = 0; i < shop_doubts_most; i++) {
		struct shop_doubt_entry *e = &doubts->entry[i];

		if (!e->peer[0])
			return e;
		if (e->answered && (!found || e->until_ms < found->until_ms))
			found = e;
	}
	return found;
}

enum shop_doubt shop_doubts_of(struct shop_doubts *doubts, struct str peer, int64_t now_ms)
{
	struct shop_doubt_entry *e = find(doubts, peer);

	if (!e)
		return SHOP_DOUBT_NONE;
	if (!e->answered)
		return SHOP_DOUBT_OPEN;
	if (now_ms < e->until_ms)
		return SHOP_DOUBT_ANSWERED;
	*e = (struct shop_doubt_entry){.answered = false};
	return SHOP_DOUBT_NONE;
}

void shop_doubts_ask(struct shop_doubts *doubts, struct str peer)
{
	struct shop_doubt_entry *e = find(doubts, peer);

	if (e && !e->answered)
		return;
	if (!e)
		e = find_room(doubts);
	if (!e || !peer.n || peer.n > tiktok_chat_id_bytes)
		return;
	*e = (struct shop_doubt_entry){.answered = false};
	memcpy(e->peer, peer.p, peer.n);
}

static void answer(struct shop_doubt_entry *e, int64_t now_ms)
{
	e->answered = true;
	e->until_ms = now_ms + good_for_ms;
}

void shop_doubts_begin(struct shop_doubts *doubts)
{
	for (size_t i = 0; i < shop_doubts_most; i++)
		doubts->entry[i].listed = is_open(&doubts->entry[i]);
}

void shop_doubts_see(struct shop_doubts *doubts, struct str peer, int64_t now_ms)
{
	struct shop_doubt_entry *e = find(doubts, peer);

	if (e && !e->answered)
		answer(e, now_ms);
}

void shop_doubts_end(struct shop_doubts *doubts, int64_t now_ms)
{
	for (size_t i = 0; i < shop_doubts_most; i++)
		if (is_open(&doubts->entry[i]) && doubts->entry[i].listed)
			answer(&doubts->entry[i], now_ms);
}

bool shop_doubts_need_page(const struct shop_doubts *doubts)
{
	for (size_t i = 0; i < shop_doubts_most; i++)
		if (is_open(&doubts->entry[i]) && doubts->entry[i].listed)
			return true;
	return false;
}

bool shop_doubts_need_list(const struct shop_doubts *doubts)
{
	for (size_t i = 0; i < shop_doubts_most; i++)
		if (is_open(&doubts->entry[i]))
			return true;
	return false;
}

/* Peers from and to bytes.
 *
 *   row   format (2), account, peer, ticket, error, claimed, the numbers
 *
 * Numbers have eight bytes, format and claimed one.  Rows of conversations begin with 1. */
#include "adapters/store/peer_row.h"

#include "adapters/store/row_bytes.h"

enum { FORMAT = 2, N_NUMBERS = 10 };

/* In the order in which they are written. */
static void list_numbers(struct store_peer *peer, int64_t *number[N_NUMBERS])
{
	int64_t *const all[N_NUMBERS] = {&peer->ticket_ms, &peer->heard_ms, &peer->shown,
		&peer->part, &peer->next_ms, &peer->since_ms, &peer->tries, &peer->unclear,
		&peer->sent_ms, &peer->owner};

	for (size_t i = 0; i < N_NUMBERS; i++)
		number[i] = all[i];
}

void peer_row_encode(const struct store_peer *peer, struct buf *out)
{
	struct store_peer copy = *peer;
	int64_t *number[N_NUMBERS];

	row_put(out, FORMAT, 1);
	row_put_text(out, peer->account);
	row_put_text(out, peer->peer);
	row_put_text(out, peer->ticket);
	row_put_text(out, peer->error);
	row_put(out, peer->claimed, 1);
	list_numbers(&copy, number);
	for (size_t i = 0; i < N_NUMBERS; i++)
		row_put(out, (uint64_t)*number[i], 8);
}

bool peer_row_is(struct str bytes)
{
	return bytes.n && bytes.p[0] == FORMAT;
}

bool peer_row_decode(struct str bytes, struct str conversation, struct store_peer *peer)
{
	struct row_reader r = {bytes, true};
	bool known = row_take(&r, 1) == FORMAT;
	int64_t *number[N_NUMBERS];
	uint64_t claimed;

	*peer = (struct store_peer){.conversation = conversation};
	peer->account = row_take_text(&r);
	peer->peer = row_take_text(&r);
	peer->ticket = row_take_text(&r);
	peer->error = row_take_text(&r);
	claimed = row_take(&r, 1);
	peer->claimed = claimed == 1;
	list_numbers(peer, number);
	for (size_t i = 0; i < N_NUMBERS; i++)
		*number[i] = (int64_t)row_take(&r, 8);
	return known && claimed <= 1 && r.good && r.in.n == 0;
}

/* Who may use the desk. */
#include "bot/desk/desk_gate.h"

#include "adapters/net/address.h"
#include "bot/base/digest.h"

static bool is_over(const struct gate_place *place, int64_t now_ms)
{
	return !place->wrong || now_ms - place->since_ms >= gate_window_ms ||
	       now_ms < place->since_ms;
}

static struct gate_place *find(struct desk_gate *gate, uint64_t address)
{
	for (size_t i = 0; i < gate_places; i++)
		if (gate->place[i].wrong && gate->place[i].address == address)
			return &gate->place[i];
	return NULL;
}

/* A place that is free or over, else the one that began first. */
static struct gate_place *make_place(struct desk_gate *gate, int64_t now_ms)
{
	struct gate_place *oldest = &gate->place[0];

	for (size_t i = 0; i < gate_places; i++) {
		if (is_over(&gate->place[i], now_ms))
			return &gate->place[i];
		if (gate->place[i].since_ms < oldest->since_ms)
			oldest = &gate->place[i];
	}
	return oldest;
}

static void note_wrong(struct desk_gate *gate, uint64_t address, int64_t now_ms)
{
	struct gate_place *place = find(gate, address);

	if (!place)
		place = make_place(gate, now_ms);
	if (place->address != address || is_over(place, now_ms))
		*place = (struct gate_place){.address = address, .since_ms = now_ms};
	place->wrong++;
}

/* Digests are compared: they have one length, so that not even the token's is to be learnt. */
static bool is_right(struct str token, struct str authorization)
{
	struct str given = str_trim(str_sub(authorization, 6, authorization.n));
	struct digest a = digest_of(token), b = digest_of(given);

	return token.n && str_eq_nocase(str_sub(authorization, 0, 7), S("Bearer ")) &&
	       digest_same((struct str){(const char *)a.byte, sizeof(a.byte)},
		       (struct str){(const char *)b.byte, sizeof(b.byte)});
}

enum gate_answer desk_gate_check(struct desk_gate *gate, struct str token, struct str authorization,
	struct str address, int64_t now_ms)
{
	char party[ADDRESS_TEXT];
	uint64_t hash = str_hash(address_party_name(address, party));
	struct gate_place *place = find(gate, hash);

	if (place && !is_over(place, now_ms) && place->wrong >= gate_tries)
		return GATE_LOCKED;
	if (is_right(token, authorization))
		return GATE_OPEN;
	/* Without a token nobody guesses; any web page can make a browser ask like that, and must
	 * not lock out whoever sits at it. */
	if (authorization.n)
		note_wrong(gate, hash, now_ms);
	return GATE_WRONG;
}

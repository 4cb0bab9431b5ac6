/* Tokens of conversations. */
#include "bot/web/ticket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bot/base/digest.h"

enum { chance_bytes = 16, chance_digits = 22, mark_bytes = 8, mark_digits = 11 };

void ticket_chance(struct buf *out)
{
	unsigned char chance[chance_bytes];

	if (getrandom(chance, sizeof chance, 0) != sizeof chance)
		abort(); /* cannot be: up to 256 bytes never come short */
	base64url_encode((struct str){(const char *)chance, sizeof chance}, out);
}

static struct digest signed_of(struct str secret, struct str what, struct str a, struct str b)
{
	struct str piece[] = {what, a, b};
	struct digest digest = digest_of_pieces(piece, 3);

	return digest_hmac(secret, (struct str){(const char *)digest.byte, sizeof digest.byte});
}

static void add_mark(struct str secret, struct str chance, struct buf *out)
{
	struct digest digest = signed_of(secret, S("token"), chance, S(""));

	base64url_encode((struct str){(const char *)digest.byte, mark_bytes}, out);
}

void ticket_new(struct str secret, struct buf *out)
{
	struct buf chance;

	buf_init(&chance, ticket_max_bytes);
	ticket_chance(&chance);
	buf_add(out, buf_str(&chance));
	add_mark(secret, buf_str(&chance), out);
	buf_release(&chance);
}

void ticket_of_buyer(struct str secret, struct str buyer, struct buf *out)
{
	struct digest digest = signed_of(secret, S("buyer"), buyer, S(""));

	buf_adds(out, "b.");
	base64url_encode((struct str){(const char *)digest.byte, chance_bytes}, out);
}

bool ticket_is_buyers(struct str token)
{
	return str_starts(token, S("b."));
}

static bool is_chance(struct str digits)
{
	struct buf bytes;
	bool good;

	buf_init(&bytes, chance_bytes);
	good = digits.n == chance_digits && base64url_decode(digits, &bytes);
	buf_release(&bytes);
	return good;
}

bool ticket_is_sound(struct str secret, struct str token)
{
	struct str chance = str_sub(token, 0, chance_digits);
	struct buf mark;
	bool sound;

	if (ticket_is_buyers(token))
		return is_chance(str_sub(token, 2, token.n));
	if (token.n != chance_digits + mark_digits || !is_chance(chance))
		return false;
	buf_init(&mark, ticket_max_bytes);
	add_mark(secret, chance, &mark);
	sound = digest_same(buf_str(&mark), str_sub(token, chance_digits, mark_digits));
	buf_release(&mark);
	return sound;
}

struct str ticket_conversation(struct str token, struct arena *arena)
{
	char hex[65];

	digest_hex(digest_of(token), hex);
	return arena_printf(arena, "widget:%.32s", hex);
}

void ticket_key(struct str secret, struct str conversation, struct str thing, char key[33])
{
	char hex[65];

	digest_hex(signed_of(secret, S("key"), conversation, thing), hex);
	snprintf(key, 33, "%.32s", hex);
}

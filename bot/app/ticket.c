/* Tokens of conversations. */
#include "bot/app/ticket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bot/base/digest.h"

enum { token_bytes = 16, token_digits = 22 };

void ticket_new(struct buf *out)
{
	unsigned char chance[token_bytes];

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

void ticket_of_buyer(struct str secret, struct str buyer, struct buf *out)
{
	struct digest digest = signed_of(secret, S("buyer"), buyer, S(""));

	buf_adds(out, "b.");
	base64url_encode((struct str){(const char *)digest.byte, token_bytes}, out);
}

bool ticket_is_buyers(struct str token)
{
	return str_starts(token, S("b."));
}

bool ticket_is_sound(struct str token)
{
	struct str digits = ticket_is_buyers(token) ? str_sub(token, 2, token.n) : token;
	struct buf bytes;
	bool sound;

	if (digits.n != token_digits)
		return false;
	buf_init(&bytes, token_bytes);
	sound = base64url_decode(digits, &bytes) && bytes.n == token_bytes;
	buf_release(&bytes);
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

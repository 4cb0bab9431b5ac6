/* Who may see which conversation of the website: a token names it, and only its holder can. */
#ifndef TENSTEP_WEB_TICKET_H
#define TENSTEP_WEB_TICKET_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"

enum { ticket_max_bytes = 64 };

/* 128 bits of the system's chance, base64url: 22 digits. */
void ticket_chance(struct buf *out);
/* A new token: such chance and a mark by which @secret knows it again, although it is kept nowhere.
 */
void ticket_new(struct str secret, struct buf *out);
/* The token of a verified buyer's conversation: the same on all their devices, and nobody can make
 * it without @secret.  Begins with "b."; good only together with a signed identity. */
void ticket_of_buyer(struct str secret, struct str buyer, struct buf *out);
bool ticket_is_buyers(struct str token);
/* Whether it was made by ticket_new() or looks like ticket_of_buyer(), which is judged by the
 * identity that comes with it. */
bool ticket_is_sound(struct str secret, struct str token) MUST_CHECK;
/* "widget:" and 32 hexadecimal digits of the token's SHA-256; the token itself is kept nowhere. */
struct str ticket_conversation(struct str token, struct arena *arena);

/* 32 hexadecimal digits that only the holder of @secret can make for @thing of @conversation. */
void ticket_key(struct str secret, struct str conversation, struct str thing, char key[33]);

#endif

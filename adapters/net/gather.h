/* One WebSocket message that arrives in pieces, with ceilings: bytes, fragments, UTF-8, no zero
 * byte (RFC 6455 sections 5.4, 7.4.1 and 8.1).  Pure; no memory is held between messages. */
#ifndef TENSTEP_ADAPTERS_NET_GATHER_H
#define TENSTEP_ADAPTERS_NET_GATHER_H

#include "bot/base/str.h"

struct gather {
	char *p;
	uint32_t n, cap;
	uint32_t fragments;
};
void gather_release(struct gather *gather); /* empty afterwards */

struct gather_piece {
	struct str bytes;
	uint64_t rest; /* what the frame still owes after this piece, as it announced */
	bool final;    /* the last frame of the message */
	bool binary;
};

enum gather_status {
	GATHER_MORE,
	GATHER_WHOLE,         /* *text lives until gather_release() or the piece's bytes go */
	GATHER_BINARY = 1003, /* the rest are close codes */
	GATHER_NO_TEXT = 1007,
	GATHER_TOO_BIG = 1009,
};

enum { GATHER_MAX_FRAGMENTS = 64 };

enum gather_status gather_add(struct gather *gather, const struct gather_piece *piece,
	size_t max_bytes, struct str *text) MUST_CHECK;

#endif

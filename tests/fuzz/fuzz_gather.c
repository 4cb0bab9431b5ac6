/* Messages in pieces.  Three bytes begin each piece: its length, what it still owes, flags.  What
 * comes out is what went in, as text, below the ceiling. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/net/gather.h"
#include "bot/base/buf.h"
#include "bot/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 500 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gather gather = {0};
	struct buf sent;

	buf_init(&sent, 1 << 20);
	while (size >= 3) {
		struct gather_piece piece = {
			.rest = data[1], .final = data[2] & 1, .binary = data[2] == 255};
		size_t n = data[0] < size - 3 ? data[0] : size - 3;
		struct str text = {0};
		enum gather_status status;

		if (data[2] & 2)
			piece.rest = 0;
		if (data[2] == 254)
			piece.rest = UINT64_MAX - data[1];
		piece.bytes = (struct str){(const char *)data + 3, n};
		buf_add(&sent, piece.bytes);
		status = gather_add(&gather, &piece, MAX, &text);
		assert(gather.cap <= MAX);
		if (status == GATHER_WHOLE) {
			assert(str_eq(text, buf_str(&sent)) && text.n <= MAX);
			assert(text_valid_up_to(text) == text.n);
			assert(!text.n || !memchr(text.p, 0, text.n));
		}
		if (status != GATHER_MORE) {
			gather_release(&gather);
			buf_clear(&sent);
		}
		data += 3 + n;
		size -= 3 + n;
	}
	gather_release(&gather);
	buf_release(&sent);
	return 0;
}

/* Forms, cookies and percent signs: the first line is a name, the rest the form. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/net/listener.h"
#include "bot/base/percent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was encoded and is decoded again is the same. */
static void round_trip(struct str s)
{
	struct buf encoded, decoded;

	buf_init(&encoded, 3 * s.n + 1);
	buf_init(&decoded, s.n + 1);
	percent_encode(s, &encoded);
	assert(!encoded.over && percent_decode_form(buf_str(&encoded), &decoded));
	assert(str_eq(buf_str(&decoded), s));
	buf_release(&encoded);
	buf_release(&decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size}, name = str_cut(&rest, '\n'), cookie;
	char copy[100] = "";
	struct buf out;

	memcpy(copy, name.n ? name.p : "", name.n < sizeof(copy) ? name.n : sizeof(copy) - 1);
	buf_init(&out, 1 << 20);
	if (http_field(rest, copy, &out))
		assert(out.n <= rest.n);
	cookie = http_cookie(rest, copy);
	assert(!cookie.n || (cookie.p >= rest.p && cookie.p + cookie.n <= rest.p + rest.n));
	buf_release(&out);
	round_trip(rest);
	return 0;
}

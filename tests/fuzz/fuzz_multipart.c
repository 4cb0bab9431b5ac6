/* Forms of files: the first line is the Content-Type, the rest the body. */
#include <assert.h>
#include <stdint.h>

#include "adapters/directline/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool within(struct str part, struct str whole)
{
	return !part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

/* What was read, written again with a boundary of ours, is read as the same. */
static void write_again(
	const struct multipart_part *part, size_t n, size_t size, struct arena *arena)
{
	struct multipart_part again[multipart_max_parts];
	struct buf body, error;
	size_t n_again;

	buf_init(&body, size + 4096);
	buf_init(&error, 1000);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&body, "--====x\r\nContent-Disposition: form-data; name=\"p%zu\"\r\n\r\n",
			i);
		buf_add(&body, part[i].bytes);
		buf_adds(&body, "\r\n");
	}
	buf_adds(&body, "--====x--");
	if (!body.over && str_find(buf_str(&body), S("====x")) == 2 &&
		multipart_read(S("multipart/form-data; boundary=====x"), buf_str(&body), arena,
			again, &n_again, &error) &&
		n_again == n)
		for (size_t i = 0; i < n; i++)
			assert(str_eq(part[i].bytes, again[i].bytes));
	buf_release(&body);
	buf_release(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = {(const char *)data, size}, type = str_cut(&body, '\n');
	struct multipart_part part[multipart_max_parts];
	struct arena *arena = arena_new(8 << 20);
	struct buf error;
	size_t n, sum = 0;

	buf_init(&error, 1000);
	if (multipart_read(type, body, arena, part, &n, &error)) {
		assert(!error.n && n <= multipart_max_parts && multipart_is(type));
		for (size_t i = 0; i < n; i++) {
			assert(part[i].name.n && within(part[i].bytes, body));
			assert(within(part[i].type, body));
			sum += part[i].bytes.n;
		}
		assert(sum <= body.n);
		write_again(part, n, size, arena);
	} else {
		assert(error.n);
	}
	buf_release(&error);
	arena_free(arena);
	return 0;
}

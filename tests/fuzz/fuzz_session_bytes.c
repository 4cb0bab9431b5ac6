/* Session bytes from anywhere: refused, or a session that encodes to something that decodes again. */
#include <stdlib.h>

#include "bot/engine/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(16 << 20);
	struct session *session = session_decode(arena, (struct str){(const char *)data, size});
	struct buf bytes, again;

	buf_init(&bytes, 16 << 20);
	buf_init(&again, 16 << 20);
	if (session) {
		session_encode(session, &bytes);
		session = session_decode(arena, buf_str(&bytes));
		if (!session)
			abort();
		session_encode(session_copy(arena, session), &again);
		if (!str_eq(buf_str(&bytes), buf_str(&again)))
			abort();
	}
	buf_release(&bytes);
	buf_release(&again);
	arena_free(arena);
	return 0;
}

/* What comes in: POST with a JSON object, signed within the last five minutes.  405 for another
 * method, 401 for a signature or time that is not right, 400 with a line for whoever writes the
 * program when the body is not what README.md says. */
#ifndef TENSTEP_ADAPTERS_HOOK_READ_H
#define TENSTEP_ADAPTERS_HOOK_READ_H

#include "adapters/hook/hook.h"

struct channel_taken hook_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena);

#endif

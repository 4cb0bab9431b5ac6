/* What comes in. */
#ifndef TENSTEP_ADAPTERS_HOOK_READ_H
#define TENSTEP_ADAPTERS_HOOK_READ_H

#include "adapters/hook/hook.h"

struct channel_taken hook_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena);

#endif

/* The generic signed webhook: any program of the shop's, in and out, in the form of Standard
 * Webhooks.  Pure.  The page, with programs to begin from, is README.md of this folder. */
#ifndef TENSTEP_ADAPTERS_HOOK_H
#define TENSTEP_ADAPTERS_HOOK_H

#include "adapters/channel/channel.h"

enum hook_setting { HOOK_SECRET, HOOK_URL, n_hook_settings };

extern const struct channel hook_channel;

#endif

/* Zalo Official Accounts.  Pure; README.md has what is mapped to what, and how far to trust it. */
#ifndef TENSTEP_ADAPTERS_ZALO_H
#define TENSTEP_ADAPTERS_ZALO_H

#include "adapters/channel/channel.h"

extern const struct channel zalo_channel;

/* The order of its settings. */
enum zalo_setting { ZALO_APP, ZALO_SECRET, ZALO_TOKEN, ZALO_API, n_zalo_settings };

#endif

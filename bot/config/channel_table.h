/* The messaging platforms that this program speaks to. */
#ifndef TENSTEP_CONFIG_CHANNEL_TABLE_H
#define TENSTEP_CONFIG_CHANNEL_TABLE_H

#include "adapters/channel/channel.h"

extern const struct channel *const channel_table[];
extern const size_t n_channel_table;

/* NULL: there is none of this name. */
const struct channel *channel_named(struct str name);

#endif

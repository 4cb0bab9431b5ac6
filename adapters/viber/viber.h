/* Viber bots.  Pure; README.md has what is mapped to what. */
#ifndef TENSTEP_ADAPTERS_VIBER_H
#define TENSTEP_ADAPTERS_VIBER_H

#include "adapters/channel/channel.h"

extern const struct channel viber_channel;

/* The order of its settings. */
enum viber_setting { VIBER_TOKEN, VIBER_SENDER, VIBER_API, n_viber_settings };

#endif

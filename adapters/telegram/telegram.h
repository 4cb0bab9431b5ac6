/* The Telegram Bot API.  Pure; see README.md of this folder for its wire facts. */
#ifndef TENSTEP_ADAPTERS_TELEGRAM_H
#define TENSTEP_ADAPTERS_TELEGRAM_H

#include "adapters/channel/channel.h"

extern const struct channel telegram_channel;

#endif

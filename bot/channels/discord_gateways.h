/* Discord's Gateway: accounts with "gateway": true hear what buyers write to the bot directly over
 * a WebSocket that we open; no public address is needed.
 *
 *   GET /gateway/bot ─> wss ─> hello ─> identify ─> ready ─> messages ─> on disk
 *                                └───> resume ─> what was missed, in order
 *
 * After a cut the session goes on behind the last message that is on disk, so nothing is lost while
 * the program lives; what Discord sends twice is known by its id.  What is written while the
 * program is not there does not come again: that is Discord's way. */
#ifndef TENSTEP_CHANNELS_DISCORD_GATEWAYS_H
#define TENSTEP_CHANNELS_DISCORD_GATEWAYS_H

#include "bot/channels/channel_socket.h"

/* For channel_sockets_new(). */
extern const struct channel_socket_platform discord_gateways;

#endif

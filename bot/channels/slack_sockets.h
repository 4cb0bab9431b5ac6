/* Slack's Socket Mode: accounts with an "app_token" bring their events over a WebSocket that we
 * open, so that a shop needs no public address.
 *
 *   apps.connections.open ─> wss ─> hello ─> envelope ─> all on disk ─> acknowledged
 *                                     │
 *   disconnect ("warning", "refresh_requested") ─> another one is opened, then this one is left
 *
 * What is not on disk is not acknowledged, and Slack brings it again.  A failure is followed by
 * another try after 5 s, 10 s, … up to a minute; a refused token or "link_disabled" after ten. */
#ifndef TENSTEP_CHANNELS_SLACK_SOCKETS_H
#define TENSTEP_CHANNELS_SLACK_SOCKETS_H

#include "bot/channels/channel_socket.h"

/* For channel_sockets_new(). */
extern const struct channel_socket_platform slack_sockets;

#endif

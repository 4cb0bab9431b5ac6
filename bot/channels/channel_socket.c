/* What accounts with a WebSocket of our own have in common. */
#include "bot/channels/channel_socket.h"

#include "bot/common/log.h"

enum { step_ms = 5000, longest_ms = 60000, refused_ms = 600000, max_error_bytes = 500 };

size_t channel_socket_count(const struct channel_socket_setup *setup, channel_socket_wants *wants)
{
	size_t n = 0;

	for (size_t i = 0; i < setup->n_seats; i++)
		n += wants(&setup->seat[i]);
	return n;
}

struct socket_client *channel_socket_client(
	const struct channel_socket_setup *setup, const char *fault)
{
	struct socket_client_setup with = {.loop = setup->loop, .allow_loopback = true};
	struct socket_client *client;
	struct buf error;

	buf_init(&error, max_error_bytes);
	client = socket_client_new(&with, &error);
	if (!client)
		LOG(setup->log, LOG_ERROR, loop_now_ms(setup->loop), fault,
			log_word("error", buf_str(&error)));
	buf_release(&error);
	return client;
}

int64_t channel_socket_wait_ms(unsigned failures, bool refused)
{
	int64_t ms = (int64_t)step_ms * failures;

	if (refused)
		return refused_ms;
	return ms < longest_ms ? ms : longest_ms;
}

/* A codec's request as the HTTP client takes it.  Nothing is copied: it lives as long as the call.
 * It counts as one that changes something, and so leaves at most once. */
#ifndef TENSTEP_CHANNELS_CHANNEL_HTTP_H
#define TENSTEP_CHANNELS_CHANNEL_HTTP_H

#include "adapters/channel/channel.h"
#include "adapters/net/http_client.h"

static inline struct http_call channel_http(const struct channel_call *call)
{
	return (struct http_call){
		.method = call->method,
		.url = call->url,
		.headers = call->headers,
		.n_headers = call->n_headers,
		.body = call->body,
		.changes = true,
	};
}

#endif

/* A request to the platform: before it is addressed, stamped and signed, and as it goes out. */
#ifndef TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_REQUEST_H
#define TENSTEP_ADAPTERS_ORDER_TIKTOK_SHOP_TTS_REQUEST_H

#include "adapters/order/tiktok_shop/tts_sign.h"
#include "bot/base/arena.h"

struct tts_request {
	const char *method;            /* "GET", "POST", "PUT", "DELETE" */
	struct str path;               /* "/order/202309/orders" */
	const struct tts_param *param; /* decoded; without app_key, timestamp, sign, shop_cipher */
	size_t n_params;
	struct str body; /* JSON; empty: none */
	struct str type; /* "multipart/form-data; …": the body is not signed then; empty: JSON */
	bool changes;    /* changes something: never sent a second time by the sender itself */
	bool without_shop; /* of the seller, not of one shop: the cipher must not be there */
	unsigned look;     /* 0: now.  k: the k-th look at what became of a change; the sender
			    * waits before it, longer each time */
};

/* Adds a parameter to the query; texts are not copied. */
void tts_request_param(
	struct arena *arena, struct tts_request *request, const char *name, struct str value);

/* In whose name a request goes out. */
struct tts_pass {
	struct str host; /* "https://open-api.tiktokglobalshop.com" */
	struct str app_key, secret, token, cipher;
};
/* Ready to be sent; holds the access token, and the signature is good for five minutes. */
struct tts_wire {
	struct str url, header[2]; /* "Name: value" */
	size_t n_headers;
};
/* @timestamp: Unix seconds.  Texts are in @arena. */
void tts_request_write(struct arena *arena, const struct tts_request *request,
	const struct tts_pass *pass, int64_t timestamp, struct tts_wire *wire);

#endif

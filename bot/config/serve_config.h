/* The configuration of `tenstep serve`: one JSON file, every value checked, findings with file,
 * line and column (codes G001 …, an example each in tests/diagnostics/config).  Comments and
 * trailing commas are fine.
 *
 * A secret is never printed.  In the file it is {"file": PATH} (relative to $CREDENTIALS_DIRECTORY
 * if that is set, else to the configuration's own folder) or {"env": NAME}; as a plain text it is
 * refused, and findings show the file with whatever may be a secret starred out.
 *
 * Every key stands once, in the table of serve_config.c: what is read, its defaults, the help and
 * the pages of CONFIG.md all come from there. */
#ifndef TENSTEP_CONFIG_SERVE_CONFIG_H
#define TENSTEP_CONFIG_SERVE_CONFIG_H

#include "adapters/channel/channel.h"
#include "adapters/net/listener.h"
#include "bot/base/digest.h"
#include "bot/base/diag.h"
#include "bot/common/opening.h"
#include "bot/common/secret.h"
#include "bot/config/shop_account.h"

/* An account on a messaging platform. */
struct channel_seat {
	const struct channel *codec;
	struct channel_account account;
};

/* What an order has to be like for the assistant to act on it by itself; an empty list: anything.
 */
struct policy_bounds {
	const struct str *limit; /* "100.00 USD" */
	size_t n_limits;
	const struct str *status; /* wire words */
	size_t n_statuses;
	const struct str *market; /* "US" */
	size_t n_markets;
};

struct serve_config {
	struct digest text; /* of the file, to be told from a later one */
	struct str address; /* "listen" */
	int port;
	struct str certificate, key; /* empty: no TLS */
	const struct str *trusted_proxy;
	size_t n_trusted_proxies;

	/* "website" */
	const struct str *origin; /* "https://shop.example"; exact.  None: the server's own only */
	size_t n_origins;
	struct secret identity[2]; /* the present one and the one before it */
	struct str title, greeting, consent, colour;
	const struct str *image_origin;
	size_t n_image_origins;
	size_t max_file_bytes;
	int64_t files_leave_free; /* bytes of the disk */

	bool directline, rasa;
	struct secret directline_secret, rasa_token;

	/* "channels" */
	const struct channel_seat *channel;
	size_t n_channels;

	/* "desk" */
	struct secret desk_token; /* empty: no inbox API */
	struct str
		desk_address; /* empty: under /desk/ of the listener; else a listener of its own */
	int desk_port;
	struct str webhook_url; /* empty: none */
	struct secret webhook_secret;
	struct str timezone;     /* "Europe/Berlin"; empty: UTC */
	struct opening hours[7]; /* Monday first */
	bool has_hours;          /* false: always open */
	int64_t nobody_after_s;  /* 0: a buyer waits for ever */
	struct str waiting;      /* what a waiting buyer is told; empty: the default */

	/* "promises" */
	struct opening quiet;     /* in @timezone; from == to: never */
	int64_t look_every_ms;    /* at what somebody waits to hear about */
	int64_t overdue_after_ms; /* news that nobody was told */

	/* "policy": what the assistant may do by itself, with .shop.policy */
	struct policy_bounds may_cancel, may_return;

	/* "keep": 0: for ever */
	int64_t keep_conversations_s; /* without a word in it */
	int64_t keep_uploads_s;       /* that no message has named */

	struct secret metrics_token; /* empty: /metrics for loopback only */
	struct listener_limits limits;
	unsigned messages_per_minute;      /* of one conversation; and bursts of 20 */
	unsigned conversations_per_minute; /* new ones, of one address */
	int log_level;                     /* enum log_level */
	bool demo;                         /* the demo shop and its page */
	bool has_shop;                     /* "tiktok_shop" is there */
	struct shop_account shop;
};

/* Reads @source into @config; slices are in @arena (each followed by a zero byte), secrets
 * included.  @folder: what relative paths start from.  False if there was an error. */
bool serve_config_read(const struct source *source, struct str folder, struct arena *arena,
	struct serve_config *config, struct diags *diags) MUST_CHECK;
/* The same from a file; what cannot be read at all is finding G000. */
bool serve_config_open(const char *path, struct arena *arena, struct serve_config *config,
	struct diags *diags) MUST_CHECK;
/* What holds where the file says nothing.  No origins, no secrets, no desk. */
void serve_config_default(struct arena *arena, struct serve_config *config);
/* What holds without a file: the defaults, and for --demo on 127.0.0.1 the demo shop, the desk's
 * token in DATA/desk.token and the website's identity secret in DATA/identity.secret (made, mode
 * 0600, if they are not there). */
bool serve_config_demo(const char *data_folder, struct arena *arena, struct serve_config *config,
	struct buf *error) MUST_CHECK;

/* All keys: for people at a terminal; as the tables of CONFIG.md. */
void serve_config_help(struct buf *out);
void serve_config_reference(struct buf *out);

#endif

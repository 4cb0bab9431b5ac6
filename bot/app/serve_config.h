/* The configuration of `tenstep serve`: one JSON file, every value checked, findings with file,
 * line and column (codes G001 …, an example each in tests/diagnostics/config).  Comments and
 * trailing commas are fine. */
#ifndef TENSTEP_APP_SERVE_CONFIG_H
#define TENSTEP_APP_SERVE_CONFIG_H

#include "adapters/net/listener.h"
#include "bot/base/diag.h"

/* A secret is never printed.  In the file it is {"file": PATH} (its content without the last line
 * end; relative to $CREDENTIALS_DIRECTORY if that is set, else to the file's own folder) or
 * {"env": NAME}; as a plain text it is refused. */
struct secret {
	struct str bytes; /* empty: not configured */
};

struct opening {      /* of one weekday; minutes since midnight */
	int from, to; /* from == to: closed; to may be 24 * 60 */
};

struct serve_config {
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

	bool directline, rasa;
	struct secret directline_secret, rasa_token;

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

	struct secret metrics_token; /* empty: /metrics for loopback only */
	struct listener_limits limits;
	unsigned messages_per_minute;      /* of one conversation; and bursts of 20 */
	unsigned conversations_per_minute; /* new ones, of one address */
	int log_level;                     /* enum log_level */
	bool demo;                         /* the demo shop and its page */
};

/* Reads @source into @config; slices are in @arena, secrets included.  @folder: what relative paths
 * start from.  False if there was an error. */
bool serve_config_read(const struct source *source, struct str folder, struct arena *arena,
	struct serve_config *config, struct diags *diags) MUST_CHECK;
/* What holds without a file: --demo on 127.0.0.1, the desk's token in DATA/desk.token (made, mode
 * 0600, if it is not there), identity with a secret of the same kind. */
bool serve_config_demo(const char *data_folder, struct arena *arena, struct serve_config *config,
	struct buf *error) MUST_CHECK;

#endif

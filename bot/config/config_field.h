/* How the fields of the configuration are declared (serve_config.c) and read (config_kind.c). */
#ifndef TENSTEP_CONFIG_CONFIG_FIELD_H
#define TENSTEP_CONFIG_CONFIG_FIELD_H

#include "bot/base/json.h"
#include "bot/config/serve_config.h"

enum config_kind {
	KIND_NUMBER,
	KIND_SWITCH,
	KIND_TEXT,
	KIND_LEVEL,
	KIND_MS, /* a duration, kept in milliseconds; in seconds */
	KIND_SECONDS,
	KIND_ADDRESS,
	KIND_ADDRESSES,
	KIND_ORIGINS,
	KIND_HOOK_URL,
	KIND_COLOUR,
	KIND_FILE,
	KIND_KEY_FILE,
	KIND_SECRET, /* any bytes; visible ASCII */
	KIND_TOKEN,
	KIND_TIMEZONE,
	KIND_HOURS,
	KIND_SPAN, /* of each day */
	KIND_AMOUNTS,
	KIND_STATUSES, /* of orders */
	KIND_MARKETS,  /* two letters each */
	n_config_kinds
};

struct config_field {
	const char *section, *name; /* section "": at the top */
	enum config_kind kind;
	size_t at, size;      /* in struct serve_config; of a list size is where its count is */
	int64_t min, max;     /* of a number; characters of a text; ms of a duration */
	const char *fallback; /* JSON; NULL: nothing, all bytes zero */
	const char *help;
	bool required; /* when its section is there */
};
extern const struct config_field config_field[];
extern const size_t n_config_fields;

struct config_section {
	const char *name, *help;
	long flag; /* where in struct serve_config it is told that the section is there; -1 */
};
extern const struct config_section config_section[];
extern const size_t n_config_sections;

/* One run over one file. */
struct config_reading {
	const struct json_doc *doc;
	struct str folder;
	struct arena *arena;
	struct serve_config *config;
	struct diags *diags;
	void *base; /* what a field's place counts from; NULL: the configuration */
};

/* What a value of this kind is, in words: "a duration, 1 second to 5 minutes". */
void config_kind_show(const struct config_field *field, struct buf *out);
/* Whether what stands there must not be shown. */
bool config_kind_is_secret(enum config_kind kind);
/* Reads the value or adds a finding. */
void config_value_read(
	struct config_reading *reading, const struct config_field *field, const struct json *node);

/* "channels", an object of accounts: config_channel.c. */
void config_channels_read(struct config_reading *reading, const struct json *node);
/* The buyer chat of the shop has what "tiktok_shop" has; once all is read. */
void config_channels_complete(struct config_reading *reading);
/* Whether some platform has a setting of this name; *secret: its value must not be shown. */
bool config_channel_key(struct str key, bool *secret);
/* Each platform, followed by its settings. */
struct channel;
void config_channels_show(void (*platform)(const struct channel *codec, struct buf *out),
	void (*show)(const struct config_field *field, struct buf *out), struct buf *out);

/* What must hold between fields: config_check.c. */
void config_check(struct config_reading *reading);

/* A copy of the file's text with the same offsets, where "*" stands for each byte that may be part
 * of a secret: config_mask.c. */
struct str config_masked(struct str text, struct arena *arena);

#endif

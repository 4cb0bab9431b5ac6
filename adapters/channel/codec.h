/* What all codecs do alike: read fields of a platform's JSON, refuse, collect events, make requests
 * and judge what came back.  Nothing in here knows a platform. */
#ifndef TENSTEP_ADAPTERS_CHANNEL_CODEC_H
#define TENSTEP_ADAPTERS_CHANNEL_CODEC_H

#include "adapters/channel/channel.h"
#include "adapters/channel/channel_sign.h"
#include "bot/base/json_out.h"

enum {
	codec_max_events = 1000,           /* of one request; what is behind them is passed over */
	codec_max_id_bytes = 200,          /* of peers, ids and users */
	codec_max_body_bytes = 256 * 1024, /* of a request that we make */
};

/* --- what came --- */

/* A header's value by its lower-case name; empty: there is none. */
struct str codec_header(const struct channel_request *request, const char *name);

/* The body as JSON; whole numbers of more than 15 digits are texts.  NULL: it is none.  @source is
 * filled and must outlive the document, which the caller frees with json_doc_free(). */
struct json_doc *codec_parse(struct source *source, struct str body) MUST_CHECK;

/* A member that is a text, copied; else empty. */
struct str codec_text(const struct json *object, const char *key, struct arena *arena);
/* A name or number of the platform's: a text of 1 to codec_max_id_bytes printable ASCII characters
 * without blanks, or a whole number as its digits; else empty. */
struct str codec_id(const struct json *object, const char *key, struct arena *arena);
/* A whole number, or a text of its digits; else 0. */
int64_t codec_int(const struct json *object, const char *key);
bool codec_is_name(struct str text);

struct codec_events {
	struct arena *arena;
	struct channel_event *event;
	size_t n;
	const char *why; /* the last reason for passing something over */
};
/* Adds an event; one without a peer or an id is passed over ("unknown"). */
void codec_add(struct codec_events *events, const struct channel_event *event);

/* Adds the @n-th (from 0) file of one message as an event of its own: the first has the message's
 * id and words, the others "id/n" and none. */
void codec_add_part(struct codec_events *events, const struct channel_event *event, size_t n);

/* All files of one message that name their media type, each an event as of codec_add_part(). */
struct codec_file_members {
	const char *id, *name, *type, *bytes;
};
void codec_add_files(struct codec_events *events, const struct channel_event *event,
	const struct json *files, const struct codec_file_members *members);

/* What a platform calls a sort of file, and our word (see channel.h). */
struct codec_file_kind {
	const char *name, *kind;
};
/* Empty: not in the table. */
struct str codec_file_kind(const struct codec_file_kind *table, size_t n, struct str name);
/* By a media type: "image", "video", "voice", else "file". */
struct str codec_media_kind(struct str type);

/* What is read by its name; without one in the table the reason is "unknown". */
struct codec_kind {
	const char *name;
	void (*read)(const struct json *root, struct codec_events *events);
};
void codec_read(const struct codec_kind *table, size_t n, struct str name, const struct json *root,
	struct codec_events *events);

/* Where a button's payload comes back as if it had been typed, ours stands behind a sign that no
 * keyboard has, so that a person who types "7.1" presses nothing: writes it, and makes a PRESS of a
 * text that begins with it. */
struct str codec_typed_press(struct arena *arena, struct str choice);
void codec_read_press(struct channel_event *event);

/* 200 with what was collected, 200 with nothing, and a refusal. */
struct channel_taken codec_taken(const struct codec_events *events);
struct channel_taken codec_passed(const char *why);
struct channel_taken codec_refused(unsigned status, const char *why);
/* 200 with a body of @type, and nothing happened. */
struct channel_taken codec_answered(const char *type, struct str body);

/* --- what goes out --- */

/* Whether the buyer gets to see it at all. */
bool codec_shows(const struct post *post);
struct str codec_said(const struct post *post);
/* "…" for nothing, where a platform takes no empty text. */
struct str codec_filled(struct str said);
size_t codec_choices(const struct post *post);
struct str codec_choice_id(const struct post *post, size_t index);
struct str codec_choice_label(const struct post *post, size_t index);
struct codec_choice {
	struct str id, label;
	size_t index;
	struct arena *arena; /* for what its members are made of */
};
/* A member @key: an array with an object a choice, whose members @write adds. */
void codec_write_choices(struct buf *body, const char *key, const struct post *post,
	struct arena *arena, void (*write)(struct buf *body, const struct codec_choice *choice));

/* An address of the configuration, to put a path behind: as people copy it, it may end with "/". */
struct str codec_base(struct str url);
/* An object is begun in @body, which codec_call() ends, copies and releases. */
void codec_begin(struct buf *body);
/* A request with a JSON body; @header ("Authorization: Bearer …") may be empty. */
struct channel_call codec_call(struct arena *arena, const char *method, struct str url,
	struct str header, struct buf *body);
/* Gives one call back as codecs do: returns 1. */
size_t codec_one(struct arena *arena, struct channel_call call, const struct channel_call **calls);

/* --- what became of it --- */

/* By the status alone: 2xx sent, 401 and 403 lost, 408, 425, 429 and 503 again, other 5xx unclear,
 * the rest never. */
struct channel_judgement codec_judge_status(
	const struct channel_answer *answer, struct arena *arena);
/* One line out of a platform's words, without what a log must not have: control characters, more
 * than 200 bytes, @secret. */
struct str codec_line(struct arena *arena, struct str words, struct str secret);

struct codec_rule {
	int64_t code;
	enum channel_verdict verdict;
	int64_t wait_ms; /* AGAIN: where the platform names no time itself; 0: nothing is known */
};
/* Judges by a code of the platform's; one that is not in the table leaves @judgement alone. */
void codec_judge_code(
	struct channel_judgement *judgement, const struct codec_rule *rule, size_t n, int64_t code);

/* Platforms that answer 200 to everything and say in the body what became of it. */
struct codec_inside {
	const char *code, *words;    /* members; a code that has no rule is a refusal */
	const char *id_in, *message; /* the message's id; @id_in NULL: in the body itself */
	const struct codec_rule *rule;
	size_t n_rules;
};
/* A 200 without the code is unclear.  @secret is kept out of what is told. */
struct channel_judgement codec_judge_inside(const struct codec_inside *inside,
	const struct channel_answer *answer, struct str secret, struct arena *arena);

#endif

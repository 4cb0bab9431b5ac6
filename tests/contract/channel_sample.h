/* What the contract tests of channels know of each platform: how its messages look on the wire, and
 * where in our requests it reads what is shown.  A new codec adds one entry to channel_samples.h.
 *
 * Bodies are templates: %P the peer, %I the message's id, %T a text and %L a label as the inside of
 * a JSON text, %J a text as the inside of a JSON text inside a JSON text, %D a button's payload. */
#ifndef TENSTEP_TESTS_CHANNEL_SAMPLE_H
#define TENSTEP_TESTS_CHANNEL_SAMPLE_H

#include <assert.h>
#include <string.h>

#include "adapters/channel/channel.h"
#include "bot/base/json.h"

enum sample_kind {
	SAMPLE_TEXT,
	SAMPLE_PRESS,
	SAMPLE_ATTACHMENT,
	SAMPLE_EDIT,
	SAMPLE_CLOSED,
	SAMPLE_RECEIPT, /* from here on: nothing the buyer said */
	SAMPLE_ECHO,
	SAMPLE_UNKNOWN,
	n_sample_kinds
};

struct sample {
	const char *name;
	const struct channel *codec;      /* of that name */
	struct str value[10];             /* the account's settings, in the codec's order */
	const char *body[n_sample_kinds]; /* NULL: the platform has no such thing */
	/* The header that proves a body; others are empty. */
	struct str (*header)(const struct sample *sample, struct str body, int64_t now_ms,
		struct arena *arena, const char *name);
	const char *proof; /* its name */
	bool open_body;    /* the proof is a shared word: it says nothing of the body */
	bool id_in_header; /* a message's id is no part of its body */
	const char *peer;  /* a usual one */
	/* Requests of ours, read: the texts by their paths, and what of an object is a button. */
	const char *const *text_path;
	const char *label, *payload;
	const char *buttons;      /* the member that they are in; NULL: anywhere */
	const char *payload_head; /* stands before ours; NULL: nothing */
	/* Texts as the platform writes them, and ours as it shows them; NULL: as they are. */
	struct str (*escape)(struct str text, struct arena *arena);
	struct str (*shows)(struct str text, struct arena *arena);
	const char *accepted; /* the platform's answer when it took a message */
};

struct sample_said {
	struct str peer, id, text, label, payload;
};

/* --- bodies --- */

static inline struct str sample_escaped(struct str text, struct arena *arena)
{
	struct str escaped;
	struct buf out;

	buf_init(&out, 8 << 20);
	json_write_characters(text, &out);
	escaped = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return escaped;
}

static inline struct str sample_part(const struct sample *sample, char letter,
	const struct sample_said *said, struct arena *arena)
{
	struct str text = sample->escape ? sample->escape(said->text, arena) : said->text;

	switch (letter) {
	case 'P':
		return said->peer;
	case 'I':
		return said->id;
	case 'T':
		return sample_escaped(text, arena);
	case 'J':
		return sample_escaped(sample_escaped(text, arena), arena);
	case 'L':
		return sample_escaped(said->label, arena);
	case 'D':
		return sample_escaped(said->payload, arena);
	default:
		assert(!"a letter of the list above");
		return (struct str){0};
	}
}

static inline struct str sample_body(const struct sample *sample, enum sample_kind kind,
	const struct sample_said *said, struct arena *arena)
{
	struct buf out;
	struct str body;

	buf_init(&out, 16 << 20);
	for (const char *p = sample->body[kind]; *p; p++)
		if (*p == '%')
			buf_add(&out, sample_part(sample, *++p, said, arena));
		else
			buf_addc(&out, *p);
	body = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return body;
}

/* --- requests --- */

struct sample_inside {
	const struct sample *sample;
	struct str body; /* that is signed */
	int64_t now_ms;
	struct arena *arena;
	struct str forged; /* instead of the proof; p NULL: the true one */
};

static inline struct str sample_header(const void *inside, const char *name)
{
	const struct sample_inside *of = inside;

	if (of->forged.p && strcmp(name, of->sample->proof) == 0)
		return of->forged;
	return of->sample->header(of->sample, of->body, of->now_ms, of->arena, name);
}

enum { sample_now_s = 1749416383 };

static inline struct channel_account sample_account(const struct sample *sample)
{
	return (struct channel_account){S("shop"), sample->value};
}

/* @body with the proof of @proven, or with @forged in its place. */
static inline struct channel_taken sample_take(const struct sample *sample, struct str body,
	struct str proven, struct str forged, struct arena *arena)
{
	struct channel_account account = sample_account(sample);
	struct sample_inside inside = {sample, proven, (int64_t)sample_now_s * 1000, arena, forged};
	struct channel_request request = {
		.method = S("POST"),
		.body = body,
		.header = sample_header,
		.inside = &inside,
		.now_ms = (int64_t)sample_now_s * 1000,
	};

	return sample->codec->take(&account, &request, arena);
}

static inline struct channel_taken sample_give(
	const struct sample *sample, struct str body, struct arena *arena)
{
	return sample_take(sample, body, body, (struct str){0}, arena);
}

static inline struct channel_peer sample_peer(const struct sample *sample)
{
	return (struct channel_peer){
		.peer = str_of(sample->peer),
		.ticket = S(""),
		.heard_ms = (int64_t)sample_now_s * 1000 - 1000,
		.now_ms = (int64_t)sample_now_s * 1000,
		.key = S("0123456789abcdef0123456789abcdef"),
	};
}

/* --- what is shown --- */

enum { sample_max_buttons = 110 };
struct sample_shown {
	struct str text;
	struct {
		struct str label, payload;
	} button[sample_max_buttons];
	size_t n;
};

static inline void sample_buttons(const struct sample *sample, const struct json *node,
	struct arena *arena, struct sample_shown *shown)
{
	const struct json *label = json_get(node, sample->label);
	const struct json *payload = json_get(node, sample->payload);

	if (json_is(label, JSON_OBJECT))
		label = json_get(label, sample->label);
	if (json_is(label, JSON_TEXT) && json_is(payload, JSON_TEXT) &&
		shown->n < sample_max_buttons) {
		struct str value = arena_str(arena, json_text(payload));

		if (sample->payload_head && str_starts(value, str_of(sample->payload_head)))
			value = str_sub(value, strlen(sample->payload_head), value.n);
		shown->button[shown->n].label = arena_str(arena, json_text(label));
		shown->button[shown->n++].payload = value;
	}
	for (const struct json *m = json_first(node); m; m = json_next(m))
		sample_buttons(sample, m, arena, shown);
}

static inline struct str sample_text_at(
	const struct json *root, const char *path, struct arena *arena)
{
	struct str rest = str_of(path);
	const struct json *node = root;

	while (rest.n && node) {
		struct str step = str_cut(&rest, '.');

		if (json_is(node, JSON_TEXT)) { /* a document inside a text */
			struct source *source = arena_new_of(arena, struct source);
			struct json_doc *doc;
			struct str text;

			*source = (struct source){"inside", arena_str(arena, json_text(node))};
			doc = json_parse(source, JSON_BIG_AS_TEXT, NULL, NULL);
			text = arena_str(arena,
				json_text(json_get(json_root(doc), arena_cstr(arena, step))));
			json_doc_free(doc);
			return text;
		}
		node = str_is(step, "0") ? json_first(node)
					 : json_get(node, arena_cstr(arena, step));
	}
	return arena_str(arena, json_text(node));
}

/* False: the request is no JSON. */
static inline bool sample_read(const struct sample *sample, const struct channel_call *call,
	struct arena *arena, struct sample_shown *shown)
{
	struct source source = {"call", call->body};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);

	*shown = (struct sample_shown){.n = 0};
	if (!doc)
		return false;
	for (size_t i = 0; sample->text_path[i] && !shown->text.n; i++)
		shown->text = sample_text_at(json_root(doc), sample->text_path[i], arena);
	if (sample->shows)
		shown->text = sample->shows(shown->text, arena);
	if (sample->label)
		sample_buttons(sample,
			sample->buttons ? json_get(json_root(doc), sample->buttons)
					: json_root(doc),
			arena, shown);
	json_doc_free(doc);
	return true;
}

#endif

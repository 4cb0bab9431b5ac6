/* What the files that read an intent set share (intent_load.c, intent_list.c). */
#ifndef TENSTEP_INTENTS_INTENT_LOADER_H
#define TENSTEP_INTENTS_INTENT_LOADER_H

#include "bot/base/missed.h"
#include "intents/message.h"

struct loader {
	struct intent_set *set;
	struct arena *arena;
	struct diags *diags;
	const struct json_doc *doc; /* of what is being read */
	struct missed missed;       /* lists, parts, entities and intents that are not there */
	const struct json_doc *copy; /* a file of which a name was there before */
};

static const struct str no_hint;

/* A second thing of one name; told once a file: it is mostly a copy of the other one. */
void loader_refuse_second(struct loader *l, const struct json *name, const char *what,
	const struct json_doc *first);
/* Findings; false: there was one. */
bool loader_need(struct loader *l, const struct json *node, enum json_type type);
bool loader_need_name(struct loader *l, const struct json *node);
/* An unknown member, with the nearest of @known. */
void loader_refuse_member(struct loader *l, const struct json *member, const char *const *known,
	size_t n, const char *of);
/* Whether @key is one of @known, or "$schema", which is for editors. */
bool loader_knows(struct str key, const char *const *known, size_t n);
/* intent_list.c: lists and parts */
void loader_read_list(struct loader *l, const struct json *object);
void loader_read_part(struct loader *l, const struct json *object);
/* A part is parsed when it is first used, so that their order does not matter. */
void loader_parse_part(struct loader *l, struct word_list *part);
struct phrase_names loader_names(struct loader *l);
/* A phrase that cannot be read; a name in it that is not there is told once.  @key: the phrase is the
 * node's key. */
void loader_report_phrase(
	struct loader *l, const struct json *node, bool key, const struct phrase_error *error);

#endif

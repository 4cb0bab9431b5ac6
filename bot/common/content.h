/* Where the authored content comes from: a folder, or the copy inside the program. */
#ifndef TENSTEP_COMMON_CONTENT_H
#define TENSTEP_COMMON_CONTENT_H

#include "bot/engine/model.h"

struct content;

enum { max_content_bytes = 1 << 20, max_content_files = 2000 };

/* Reads the files of @language.  @folder holds intents/packs and flows/; NULL looks for one: the
 * folder in TENSTEP_CONTENT, else the current folder if it has intents/packs or flows/guide, else
 * the copy inside the program.  @older (may be NULL) is the content that this one replaces: it
 * stays readable, because models keep the flows of the ones before them, and is freed with this
 * one. Findings A001…A006 go to @diags.  NULL if there is nothing at all to read; a file that
 * cannot be read is a finding, and the others are there. */
struct content *content_open(const char *folder, const char *language, struct content *older,
	struct diags *diags) MUST_CHECK;
/* After every model, set and finding made of it. */
void content_free(struct content *content);

/* The folder as it was given, or "" for the copy inside the program. */
const char *content_folder(const struct content *content);

/* In order of their names, which are paths that a person can open ("flows/guide/05_cancel.json").
 */
size_t content_pack(const struct content *content, const struct source **out);
size_t content_flows(const struct content *content, const struct source **out);
/* Ordinary words of the language, one a line; empty for a language that has no list. */
struct str content_dictionary(const struct content *content);
/* The same for the same files, wherever the folder is. */
struct digest content_digest(const struct content *content);

/* Each NULL if there were errors; the caller frees what it gets.  The content must outlive them. */
struct intent_set *content_load_intents(
	const struct content *content, struct diags *diags) MUST_CHECK;
struct flow_set *content_load_flows(const struct content *content, struct diags *diags) MUST_CHECK;

/* Both of them, compiled; all findings of both go to @diags.  NULL if any finding in @diags is an
 * error.  @before: see model_new(). */
struct model *content_model(
	const struct content *content, struct diags *diags, struct model *before) MUST_CHECK;

/* The names of all intents, for flow_set_check(); in @arena. */
const struct str *content_intent_names(const struct intent_set *intents, struct arena *arena);

#endif

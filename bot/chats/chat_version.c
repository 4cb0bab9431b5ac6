/* Content of other versions in a conversation test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/chats/chat_check.h"
#include "bot/chats/chat_play.h"

enum { max_version_bytes = 1 << 20 };

static char *read_version(struct play *p, const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(max_version_bytes);

	if (!text)
		abort();
	*n = f ? fread(text, 1, max_version_bytes, f) : 0;
	if (f)
		fclose(f);
	if (!*n) {
		free(text);
		return NULL;
	}
	p->version_text = realloc(p->version_text, (p->n_versions + 1) * sizeof(char *));
	if (!p->version_text)
		abort();
	return p->version_text[p->n_versions++] = text;
}

/* The shipped flows with one of them as in @path; the shipped ones alone if there is no such file.
 */
static struct flow_set *flows_with(
	struct play *p, struct str flow, const char *path, struct diags *diags)
{
	const struct flow *shipped = model_flow(p->stage->model, flow);
	const struct source *sources;
	size_t n = content_flows(p->stage->content, &sources), text_n;
	struct source *copy = arena_array(p->arena, struct source, n);
	char *text = read_version(p, path, &text_n);

	for (size_t i = 0; i < n; i++) {
		copy[i] = sources[i];
		if (text && shipped &&
			strcmp(sources[i].name, json_source(shipped->doc)->name) == 0)
			copy[i] = (struct source){path, {text, text_n}};
	}
	return flow_set_load(copy, n, diags);
}

void play_use_version(struct play *p, const struct chat_turn *turn)
{
	const char *path = chat_version_path(
		p->arena, p->result->file->source->name, turn->name, turn->number);
	struct diags diags;
	struct flow_set *flows;
	struct intent_set *intents;
	struct model *before = p->model ? p->model : p->stage->model;

	diags_init(&diags, p->arena);
	flows = flows_with(p, turn->name, path, &diags);
	intents = content_load_intents(p->stage->content, &diags);
	if (!flows || !intents) {
		struct buf out;

		buf_init(&out, 64 << 10);
		diags_print(&diags, &out, false, 3);
		play_cannot(p, turn, buf_str(&out));
		buf_release(&out);
		flow_set_free(flows);
		intent_set_free(intents);
		return;
	}
	/* "load" is where the test begins: nothing came before it. */
	p->model = model_new(
		intents, flows, digest_of(S("test")), turn->what == CHAT_PUBLISH ? before : NULL);
	host_use_model(p->host, p->model);
	if (before != p->stage->model)
		model_unref(before);
}

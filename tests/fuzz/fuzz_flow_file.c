/* Flow and list files: no crash; what is refused has a finding, each inside the file and printable; what is
 * accepted can be checked, drawn and read out. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "bot/base/text.h"
#include "flows/flow_graph.h"
#include "flows/flow_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show_all(const struct flow_set *set)
{
	struct buf out;

	buf_init(&out, 1 << 24);
	for (size_t i = 0; i < flow_set_count(set); i++) {
		flow_graph(flow_set_at(set, i), GRAPH_DOT, &out);
		flow_graph(flow_set_at(set, i), GRAPH_MERMAID, &out);
		flow_read(set, flow_set_at(set, i), &out);
	}
	flow_set_graph(set, GRAPH_DOT, &out);
	assert(text_valid_up_to(buf_str(&out)) == out.n);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str intent[] = {{"cancel_order", 12}, {"yes", 3}};
	struct source source = {"fuzz", {(const char *)data, size}};
	struct arena *arena = arena_new(1 << 20);
	struct flow_set *set;
	struct diags diags;
	struct buf out;

	diags_init(&diags, arena);
	set = flow_set_load(&source, 1, &diags);
	assert((diags.n_errors == 0) == (set != NULL));
	if (set) {
		flow_set_check(set, intent, 2, &diags);
		show_all(set);
	}
	for (size_t i = 0; i < diags.n; i++)
		assert(diags.item[i].offset + diags.item[i].length <= size);
	buf_init(&out, 1 << 24);
	diags_print(&diags, &out, false, 0);
	assert(text_valid_up_to(buf_str(&out)) == out.n);
	buf_release(&out);
	flow_set_free(set);
	arena_free(arena);
	return 0;
}

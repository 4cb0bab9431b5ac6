/* Configurations: no crash; each finding is inside the file and printable; the copy without secrets
 * has the same lines; a secret is in no finding. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/text.h"
#include "bot/config/config_field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "CANARY~env~CANARY~env~CANARY";

static void check_mask(struct str text, struct arena *arena)
{
	struct str masked = config_masked(text, arena);

	assert(masked.n == text.n);
	for (size_t i = 0; i < text.n; i++) {
		assert(masked.p[i] == text.p[i] || masked.p[i] == '*');
		assert((masked.p[i] == '\n') == (text.p[i] == '\n'));
	}
}

static void check_findings(const struct diags *diags, struct str text)
{
	struct buf out;

	for (size_t i = 0; i < diags->n; i++)
		assert(diags->item[i].offset + diags->item[i].length <= text.n);
	buf_init(&out, 1 << 24);
	diags_print(diags, &out, false, 0);
	diags_print_json(diags, &out);
	assert(text_valid_up_to(buf_str(&out)) == out.n);
	/* Unless the input itself has it, under a key that is no secret's. */
	assert(str_find(text, str_of(secret)) >= 0 || str_find(buf_str(&out), str_of(secret)) < 0);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct source source = {"fuzz", text};
	struct arena *arena = arena_new(4 << 20);
	struct serve_config config;
	struct diags diags;
	bool good;

	setenv("TENSTEP_TEST_SECRET", secret, 1);
	diags_init(&diags, arena);
	good = serve_config_read(&source, S("/nonexistent"), arena, &config, &diags);
	assert(good == (diags.n_errors == 0));
	assert(!good || (config.port >= 1 && config.port <= 65535));
	check_mask(text, arena);
	check_findings(&diags, text);
	arena_free(arena);
	return 0;
}

/* libedit, loaded when it is first needed. */
#include "bot/terminal/edit_late.h"

#include <stddef.h>

#include "adapters/late/late.h"

static const struct late_function function[] = {
	{"el_init", offsetof(struct edit_late, init)},
	{"el_end", offsetof(struct edit_late, end)},
	{"el_set", offsetof(struct edit_late, set)},
	{"el_get", offsetof(struct edit_late, get)},
	{"el_gets", offsetof(struct edit_late, gets)},
	{"el_source", offsetof(struct edit_late, source)},
	{"history_init", offsetof(struct edit_late, hist_init)},
	{"history_end", offsetof(struct edit_late, hist_end)},
	{"history", offsetof(struct edit_late, hist)},
};

static const struct late_library library = {
	.file = "libedit.so.2",
	.package = "libedit2",
	.function = function,
	.n_functions = sizeof(function) / sizeof(function[0]),
};

const struct edit_late *edit_late(void)
{
	static struct edit_late late;

	if (!late.hist)
		late_load(&library, &late);
	return &late;
}

/* libedit, loaded when it is first needed. */
#include "bot/terminal/edit_late.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char library[] = "libedit.so.2";

static const struct {
	const char *name;
	size_t at; /* in struct edit_late */
} function[] = {
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
enum { n_functions = sizeof(function) / sizeof(function[0]) };

static void *checked(void *found)
{
	if (found)
		return found;
	fprintf(stderr, "tenstep: %s\ntenstep: install libedit2 (%s)\n", dlerror(), library);
	exit(2);
}

const struct edit_late *edit_late(void)
{
	static struct edit_late late;
	void *handle;

	if (late.hist)
		return &late;
	handle = checked(dlopen(library, RTLD_NOW | RTLD_LOCAL));
	for (size_t i = 0; i < n_functions; i++) {
		void *found = checked(dlsym(handle, function[i].name));

		memcpy((char *)&late + function[i].at, &found, sizeof(found));
	}
	return &late;
}

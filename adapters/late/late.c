#include "adapters/late/late.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(const struct late_library *library, void *found)
{
	if (found)
		return found;
	fprintf(stderr, "tenstep: %s\ntenstep: install %s (%s)\n", dlerror(), library->package,
		library->file);
	exit(2);
}

void late_load(const struct late_library *library, void *table)
{
	void *handle = checked(library, dlopen(library->file, RTLD_NOW | RTLD_LOCAL));

	for (size_t i = 0; i < library->n_functions; i++) {
		void *found = checked(library, dlsym(handle, library->function[i].name));

		memcpy((char *)table + library->function[i].at, &found, sizeof(found));
	}
}

/* A file that was read, and where in it something stands. */
#ifndef TENSTEP_BASE_SOURCE_H
#define TENSTEP_BASE_SOURCE_H

#include "bot/base/str.h"

/* Both slices belong to whoever read the file and outlive all that points into it. */
struct source {
	const char *name;    /* as findings print it */
	struct str text;
};

struct place {
	unsigned line, column;     /* from 1; columns as a terminal shows them */
	struct str line_text;      /* without its line end */
	size_t line_offset;
};

struct place source_place(const struct source *source, size_t offset);

#endif

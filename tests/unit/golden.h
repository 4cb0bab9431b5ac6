/* Golden texts: files of tests/ that hold exactly what is printed.  With TENSTEP_ACCEPT set they
 * are written anew; read what has changed before you keep it. */
#ifndef TENSTEP_TESTS_GOLDEN_H
#define TENSTEP_TESTS_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>

#include "bot/base/arena.h"
#include "bot/base/buf.h"

enum { golden_max_bytes = 256 * 1024 };

/* The whole file, followed by a zero byte; p is NULL if there is none. */
static inline struct str golden_read(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text;
	size_t n;

	if (!file)
		return (struct str){NULL, 0};
	text = arena_alloc(arena, golden_max_bytes);
	n = fread(text, 1, golden_max_bytes - 1, file);
	fclose(file);
	return (struct str){text, n};
}

static inline void golden_write(const char *path, struct str text)
{
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(text.p ? text.p : "", 1, text.n, file) != text.n || fclose(file) != 0) {
		perror(path);
		abort();
	}
}

/* Whether @got is what stands in @path; else both are printed. */
static inline bool golden_is(struct arena *arena, const char *path, struct str got)
{
	struct str wanted;

	if (getenv("TENSTEP_ACCEPT"))
		golden_write(path, got);
	wanted = golden_read(arena, path);
	if (wanted.p && str_eq(wanted, got))
		return true;
	fprintf(stderr, "%s: wanted\n%.*s\ngot\n%.*s\n", path, STR(wanted), STR(got));
	return false;
}

#endif

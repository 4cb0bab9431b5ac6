/* Shared libraries that are loaded when they are first needed: a program that does without one so
 * far starts sooner. */
#ifndef TENSTEP_ADAPTERS_LATE_LATE_H
#define TENSTEP_ADAPTERS_LATE_LATE_H

#include <stddef.h>

struct late_function {
	const char *name;
	size_t at; /* where the pointer to it goes, in the table */
};

struct late_library {
	const char *file;    /* with the version of its binary interface: libcurl.so.4 */
	const char *package; /* whose installation helps, in words: libcurl4, 7.88 or later */
	const struct late_function *function;
	size_t n_functions;
};

/* Loads it and fills @table, a struct of pointers to functions.  What cannot be loaded, or lacks
 * one of them, ends the program with status 2; the error names file and package.  It is never
 * unloaded: libraries that have threads or handlers of their own do not stand that. */
void late_load(const struct late_library *library, void *table);

#endif

/* The content that travels inside the program: intents/packs, flows and the dictionary of ordinary
 * English words (Debian's wamerican-small) that keeps word repair from "mending" good words. */
#ifndef TENSTEP_COMMON_EMBEDDED_H
#define TENSTEP_COMMON_EMBEDDED_H

/* @name is the path from the top of the repository; the text runs from @begin up to @end, and a
 * zero byte follows it. */
struct embedded_file {
	const char *name;
	const char *begin, *end;
};

extern const struct embedded_file embedded[];
extern const unsigned n_embedded;

#endif

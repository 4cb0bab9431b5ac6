/* What the program was at when it died.  What it died of three times is not tried again: else one
 * message that finds a fault of ours would end the program after each start, for everybody.
 *
 * Nothing is written while all goes well: a handler of SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT
 * appends one line to a file, and lets the signal go on.  (Being killed from outside is nobody's
 * fault here, and is not noted.)  The lines hold hashes, no names and no words.  Without the file
 * all of it is tried again. */
#ifndef TENSTEP_DISPATCH_DEATHS_H
#define TENSTEP_DISPATCH_DEATHS_H

#include "bot/base/str.h"

struct deaths;

enum { deaths_enough = 3 };

/* Reads what is in the file @path and begins to watch; one at a time in a program.  A file that
 * cannot be used is as good as none. */
struct deaths *deaths_open(const char *path) MUST_CHECK;
bool deaths_are_kept(const struct deaths *deaths); /* false: the file cannot be written */
void deaths_close(struct deaths *deaths);          /* NULL is fine, here and below */

/* Until the end the program is at @what of @conversation: at most 255 bytes of each count. */
void deaths_begin(struct deaths *deaths, struct str conversation, struct str what);
void deaths_end(struct deaths *deaths);

/* Whether the program has died of it too often. */
bool deaths_enough_of(const struct deaths *deaths, struct str conversation, struct str what);

#endif

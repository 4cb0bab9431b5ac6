/* Files in a content folder that were meant to be read, and are not. */
#ifndef TENSTEP_COMMON_STRAY_H
#define TENSTEP_COMMON_STRAY_H

#include "bot/base/diag.h"

/* A007, a warning for each: a name that does not quite end in .json (x.JSON, x.json.txt), a file in
 * a folder that nobody looks into (x.json in a new one beside flows/guide).  What editors leave
 * beside a file is none.
 * @folder holds intents/packs and flows/; "": the copy inside the program, which has none. */
void find_strays(const char *folder, const char *language, struct diags *diags);

#endif

/* Which program this is, and what it was built with. */
#ifndef TENSTEP_COMMON_VERSION_H
#define TENSTEP_COMMON_VERSION_H

#include <stdio.h>

void version_print(FILE *to);

#endif

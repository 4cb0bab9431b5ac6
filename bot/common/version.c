/* Which program this is. */
#include "bot/common/version.h"

void version_print(FILE *to)
{
	fprintf(to, "tenstep %s\n%s\n", TENSTEP_VERSION, TENSTEP_LIBRARIES);
}

/* Lines of a stream, each up to a ceiling, whatever bytes they hold. */
#ifndef TENSTEP_COMMON_LINES_H
#define TENSTEP_COMMON_LINES_H

#include <stdio.h>

#include "bot/base/buf.h"

/* Reads the next line without its end ("\n" or "\r\n") into @line, which was made with its ceiling;
 * what does not fit is read and dropped, and sets line->over.  False at the end of the stream. */
bool line_read(FILE *from, struct buf *line) MUST_CHECK;

#endif

/* Lines of a stream. */
#include "bot/common/lines.h"

bool line_read(FILE *from, struct buf *line)
{
	int c = getc_unlocked(from);

	buf_clear(line);
	if (c == EOF)
		return false;
	for (; c != EOF && c != '\n'; c = getc_unlocked(from))
		buf_addc(line, (char)c);
	if (line->n && line->p[line->n - 1] == '\r')
		line->p[--line->n] = '\0';
	return true;
}

/* Where a part of a text that was read from JSON stands in its file. */
#ifndef TENSTEP_FLOWS_WRITTEN_H
#define TENSTEP_FLOWS_WRITTEN_H

#include "bot/base/json.h"

/* The stretch of @source that became the @n bytes of @text from @at on, when the text itself begins
 * at
 * @offset (behind the quote).  Escapes are accounted for, so a caret stands where the author looks.
 */
struct stretch written_at(
	const struct source *source, size_t offset, struct str text, size_t at, size_t n);

#endif

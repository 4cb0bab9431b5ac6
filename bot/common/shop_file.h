/* A small secret file: there as a whole or as it was, for its owner only. */
#ifndef TENSTEP_COMMON_SHOP_FILE_H
#define TENSTEP_COMMON_SHOP_FILE_H

#include "bot/base/buf.h"

enum { shop_file_max_bytes = 256 << 10 };

/* On disk when it returns true (file and folder synced); else one line in @error. */
bool shop_file_write(const char *path, struct str text, struct buf *error) MUST_CHECK;
/* False with one line in @error, also when others than its owner may use it or it is a link;
 * without a word: there is no such file. */
bool shop_file_read(const char *path, struct buf *text, struct buf *error) MUST_CHECK;
/* Changes when the file does; 0: there is none. */
int64_t shop_file_mark(const char *path);

#endif

/* What a file is, by what it begins with: whatever its sender calls it. */
#ifndef TENSTEP_BASE_FILE_KIND_H
#define TENSTEP_BASE_FILE_KIND_H

#include "bot/base/str.h"

struct file_kind {
	const char *ending; /* ".jpg" */
	const char *type;   /* "image/jpeg" */
	const char *kind;   /* "image", "file" */
};

/* JPEG, PNG, GIF, WebP, PDF; NULL: none of them. */
const struct file_kind *file_kind_of(struct str bytes);
/* By the ending of a name that was made with it. */
const struct file_kind *file_kind_named(struct str name);

#endif

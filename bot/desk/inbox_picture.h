/* A picture from this machine's disk to the desk of a running server. */
#ifndef TENSTEP_DESK_INBOX_PICTURE_H
#define TENSTEP_DESK_INBOX_PICTURE_H

#include "bot/desk/desk_door.h"

/* Brings the picture at @path for a reply on @card; what the reply calls it is in @file, of the
 * door's arena.  Looked at before it leaves: a JPEG, PNG, WebP or GIF by its first bytes, at most
 * desk_picture_bytes.  Else a message on stderr and an exit status. */
int inbox_picture_bring(
	struct desk_door *door, int64_t card, const char *path, struct str *file) MUST_CHECK;

#endif

/* Files that buyers sent, and pictures that the shop's people sent them: one folder a conversation
 * under DATA/files.  Judged by their first bytes,
 * never by what they are called.  Writing is done in place: at most 5 MiB, a few milliseconds. */
#ifndef TENSTEP_WEB_UPLOADS_H
#define TENSTEP_WEB_UPLOADS_H

#include "bot/base/value.h"

/* Files of one conversation: buyers' alone, and with those of the shop's people. */
enum { uploads_of_buyer = 30, uploads_in_all = 60 };

struct uploads;

struct log; /* bot/common/log.h */

struct uploads_setup {
	const char *folder; /* made when the first file comes */
	struct str secret;  /* the caller's; signs the addresses of files */
	/* Bytes of the disk that no file takes: conversations go on when there is no room for
	 * more pictures. */
	int64_t leave_free;
	struct log *log; /* is told of that, once a minute; NULL is fine */
};

struct uploads *uploads_new(const struct uploads_setup *setup) MUST_CHECK;
void uploads_free(struct uploads *uploads);

enum upload_status { UPLOAD_OK, UPLOAD_BAD_TYPE, UPLOAD_TOO_MANY, UPLOAD_NO_ROOM, UPLOAD_FAILED };

/* "image" or "file", by the first bytes; NULL: UPLOAD_BAD_TYPE. */
const char *uploads_kind(struct str bytes);
/* What a file is to be, who sends it, and how many there may be with it. */
struct upload {
	struct str conversation, bytes;
	struct str name; /* what its sender calls it: cleaned, at most 100 bytes */
	size_t most;
};
/* On disk when this returns; @id names it within its conversation ("f1a2….jpg"). */
enum upload_status uploads_add(struct uploads *uploads, const struct upload *upload,
	struct arena *arena, struct str *id) MUST_CHECK;
/* Takes one back that nothing was said of. */
void uploads_take_back(struct uploads *uploads, struct str conversation, struct str id);
/* {id, name, type, bytes, kind}, kind "image" or "file"; NULL: there is none. */
const struct value *uploads_find(
	struct uploads *uploads, struct str conversation, struct str id, struct arena *arena);

/* "/chat/file/ID?c=CONVERSATION&k=KEY" */
void uploads_address(
	struct uploads *uploads, struct str conversation, struct str id, struct buf *out);
struct upload_file {
	int descriptor; /* the caller closes it */
	size_t n_bytes;
	const char *type; /* "image/png"; static */
};
/* The file, open for reading, if @key is right for it; false: there is none. */
bool uploads_open_with_key(struct uploads *uploads, struct str conversation, struct str id,
	struct str key, struct upload_file *file) MUST_CHECK;
/* All of it, for ourselves. */
bool uploads_read(struct uploads *uploads, struct str conversation, struct str id,
	struct buf *bytes, const char **type) MUST_CHECK;

/* Erases all of a conversation's. */
void uploads_forget(struct uploads *uploads, struct str conversation);

/* In a folder that is not called like its conversation: that name. */
#define UPLOADS_OF ".of"
enum { uploads_max_of = 1024 };
/* The folder of a conversation, in the root: its name, or @hex. */
struct str uploads_folder_of(struct str conversation, char hex[65]);

const char *uploads_root(const struct uploads *uploads); /* where the folders are */

#endif

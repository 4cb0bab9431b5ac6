/* The widget's frames (PROTOCOL.md): bytes to meaning and back.  Pure. */
#ifndef TENSTEP_ADAPTERS_WIDGET_FRAME_H
#define TENSTEP_ADAPTERS_WIDGET_FRAME_H

#include "adapters/widget/post_memo.h"
#include "bot/engine/post.h"

enum frame_kind {
	FRAME_HELLO,
	FRAME_SAY,
	FRAME_PRESS,
	FRAME_FILE,
	FRAME_TYPING,
	FRAME_OLDER,
	FRAME_READ,
	FRAME_IDENTITY,
	FRAME_FORGET,
	FRAME_PING,
};

struct frame_in {
	enum frame_kind kind;
	struct str id;           /* SAY, PRESS, FILE: "s:k", checked: 1–64 of [A-Za-z0-9_:-] */
	struct str text;         /* SAY */
	struct str choice, file; /* PRESS; FILE */
	uint32_t n;              /* PRESS: post; OLDER: before; READ: n */
	struct str token, lang, identity, page; /* HELLO; IDENTITY */
	uint32_t after;                         /* HELLO */
	bool has_after;
};

/* At most 16 KiB, read strictly (json.h); members that are not known are ignored.  The slices are in
 * @bytes or in @arena.  On a fault false, with one line in @error ("unknown frame kind 'sya'"); when a message
 * of a good id can never be taken, @refusal has that id and a code for frame_refused().  A page
 * that is too long is cut. */
struct frame_refusal {
	struct str id;
	const char *code; /* "too_long", "empty", "bad_choice", "bad_file"; NULL: the frame as a
			     whole is bad */
};
bool frame_read(struct str bytes, struct arena *arena, struct frame_in *frame,
	struct frame_refusal *refusal, struct buf *error) MUST_CHECK;

/* What a post looks like outside: where files are fetched and which images are shown. */
struct frame_view {
	const struct str *image_origin; /* remote images from elsewhere are left out */
	size_t n_image_origins;
	/* Writes the address of a file, "/chat/file/F?k=KEY"; NULL: files have none. */
	void (*file_url)(void *self, struct str file, struct buf *out);
	void *self;
	struct post_memo *memo; /* of posts that the bot says, in this view only; NULL: none */
};

struct frame_welcome {
	struct str token; /* empty: not new */
	bool known, older;
	bool sealed; /* there are older posts, for whoever proves again who they are */
	uint32_t last;
	struct str owner, person, name;
	const struct post *post;
	size_t n_posts;
};

/* Each appends one frame; @out's ceiling is the caller's.  Nothing is built on the way: what a body
 * lacks or has in a wrong type is left out. */
void frame_welcome(
	struct buf *out, const struct frame_welcome *welcome, const struct frame_view *view);
void frame_post(struct buf *out, const struct post *post, const struct frame_view *view);
void frame_older(struct buf *out, const struct post *post, size_t n, bool older,
	const struct frame_view *view);
void frame_ack(struct buf *out, struct str id, uint32_t n);
/* @wait_ms 0: none. */
void frame_refused(
	struct buf *out, struct str id, const char *code, const char *text, int64_t wait_ms);
void frame_typing(struct buf *out, const char *who);
void frame_owner(struct buf *out, struct str owner, struct str person, struct str text);
void frame_error(struct buf *out, const char *code, const char *text);
void frame_simple(struct buf *out, const char *kind); /* "pong", "forgotten" */

#endif

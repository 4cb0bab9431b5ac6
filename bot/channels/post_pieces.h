/* A post taken apart where pictures are, for platforms that show each as a message of its own. */
#ifndef TENSTEP_CHANNELS_POST_PIECES_H
#define TENSTEP_CHANNELS_POST_PIECES_H

#include "adapters/widget/widget_frame.h"
#include "bot/base/arena.h"

struct post_piece {
	struct post post; /* words, with the choices and the card of the whole at the last one */
	/* Else a picture: {file: {id, name, type, bytes}} that a person sent, or {address} that the
	 * flow says on a line of its own, from an origin of the view.  NULL: words. */
	const struct value *picture;
};

/* The pieces of @post in order, in @arena: at least one, and without pictures exactly @post. */
size_t post_pieces(const struct post *post, const struct frame_view *view, struct arena *arena,
	struct post_piece **piece);

/* @post for platforms that show no pictures of ours: a file is named behind the words. */
const struct post *post_in_words(const struct post *post, struct arena *arena);

#endif

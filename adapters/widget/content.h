/* What is said, from plain text to paragraphs, lists, links and pictures (PROTOCOL.md, "A node").
 * Nobody's text can become markup: there is no way to write bold, a link under other words or a
 * picture with a tail; a link shows where it goes.
 *
 * An empty line ends a paragraph, any other line end breaks the line.  Where lists are allowed,
 * lines that begin with "- " or, counting up, "1. " are one.  A line that is nothing but the
 * address of a picture (.jpg .jpeg .png .gif .webp) at an allowed origin is that picture.
 * Addresses: http and https with a host and without a user name, mailto, tel.  Control characters
 * and those that turn the direction of writing round are dropped; a tab is a blank. */
#ifndef TENSTEP_ADAPTERS_WIDGET_CONTENT_H
#define TENSTEP_ADAPTERS_WIDGET_CONTENT_H

#include "adapters/widget/widget_frame.h"

enum content_kind {
	CONTENT_PARAGRAPH, /* begins */
	CONTENT_BULLETS,
	CONTENT_NUMBERS, /* from @start */
	CONTENT_ITEM,    /* begins, in a list; the next item, or the list's end, ends it */
	CONTENT_TEXT,    /* @text: without line ends and what is dropped */
	CONTENT_LINK,    /* @scheme, as it must be in front of @text */
	CONTENT_BREAK,
	CONTENT_PICTURE, /* @text is its address; stands by itself */
	CONTENT_END,     /* of the paragraph or list */
};

struct content_piece {
	enum content_kind kind;
	struct str text;
	const char
		*scheme;  /* LINK: "https:" in small letters, with @text's own letters behind it */
	struct str shown; /* LINK: as it was written; PICTURE: words for who cannot see it */
	unsigned start;
};

/* Calls @each for each piece, in order.  Slices point into @text. */
typedef void content_function(void *self, const struct content_piece *piece);
struct content_rules {
	bool lists;                    /* and pictures: not for buyers */
	const struct frame_view *view; /* whose pictures; NULL: none */
};
void content_walk(
	struct str text, const struct content_rules *rules, content_function *each, void *self);

/* The array of nodes, a JSON value (see json_out.h). */
void content_write(struct str text, const struct content_rules *rules, struct buf *out);

/* Whether a picture may be shown: http or https, no blank, control or quote, from an origin of the
 * view. */
bool content_may_show(const struct frame_view *view, struct str url) MUST_CHECK;
/* Whether the whole of @url is one http or https address that content_walk() would link. */
bool content_is_web(struct str url) MUST_CHECK;

#endif

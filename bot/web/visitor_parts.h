/* What the files of the website's chat share: visitor.c (frames that come), visitor_hello.c (who it
 * is, and what is on the screen then), visitor_told.c (frames that go).  Nobody else includes this.
 */
#ifndef TENSTEP_WEB_VISITOR_PARTS_H
#define TENSTEP_WEB_VISITOR_PARTS_H

#include "adapters/widget/identity.h"
#include "adapters/widget/widget_frame.h"
#include "bot/web/visitor.h"

struct sent; /* a message on its way to the disk */

struct visitor {
	struct lobby *lobby;
	struct socket *socket;
	struct loop_timer
		timer; /* until hello; then, where a proof has ended, until that is looked at */
	struct hearer hearer;
	struct sent *sent;
	uint32_t shown;           /* the last post that was sent */
	int64_t look_ms;          /* when the proof may have ended; see visitor_look() */
	bool sealed;              /* what is on the screen is not all, for a proof has ended */
	int64_t verified_until;   /* Unix seconds; 0: anonymous */
	int64_t calm_at_ms, calm; /* thousandths of frames that it may still send */
	bool leaving;
	char *conversation;        /* NULL: no hello yet */
	const struct words *words; /* of the page's language */
};

/* --- visitor_told.c --- */

/* The lobby's frame, empty: written, then put. */
struct buf *visitor_blank(struct visitor *visitor);
void visitor_put(struct visitor *visitor);
void visitor_put_error(struct visitor *visitor, const char *code, const char *text);
void visitor_put_refused(struct visitor *visitor, struct str id, const char *code, const char *text,
	int64_t wait_ms);
/* Nothing is put any more. */
void visitor_leave(struct visitor *visitor, unsigned code, const char *reason);
struct frame_view visitor_view(struct visitor *visitor);
/* A post, once; who answers now. */
void visitor_put_post(struct visitor *visitor, const struct post *post);
void visitor_hear_owner(void *visitor, enum owner owner, struct str person);
/* From now on the dispatcher tells. */
void visitor_listen(struct visitor *visitor);

/* --- visitor_hello.c --- */

void visitor_hello(struct visitor *visitor, const struct frame_in *hello);
void visitor_older(struct visitor *visitor, const struct frame_in *frame);
/* Whether a proof has ended meanwhile, or was made again: then the screen begins anew. */
void visitor_look(struct visitor *visitor);
/* False: @error says why, or is empty where none is expected. */
bool lobby_read_identity(struct lobby *lobby, struct str token, struct identity *identity,
	struct buf *error) MUST_CHECK;
/* False: it was told why. */
bool visitor_read_identity(
	struct visitor *visitor, struct str token, struct identity *identity) MUST_CHECK;

#endif

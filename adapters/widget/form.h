/* The chat as a plain page for browsers without JavaScript: the transcript, a box to write in, and
 * a button for each choice.  Pure.  How the server uses it:
 *
 *   GET  /chat/form      the conversation's token from the cookie (HttpOnly, SameSite=Strict,
 *                        Path=/chat, Secure under TLS); no cookie: a new token is set, and the
 *                        conversation is made with its first message.  The last 50 posts; 200
 *                        form_page().  ?before=N: the 50 before post N
 *   POST /chat/form      application/x-www-form-urlencoded: csrf, id, then either text or choice
 *                        and post.  No cookie, or not form_csrf_ok(): 403.  id is the message's
 *                        id: pressing "send" twice or reloading takes it once.  303 to /chat/form
 *                        when it is on disk.  csrf and forget=1: the conversation is erased
 *   GET  /chat/form.css  form/form.css
 *
 * The page needs nothing but  default-src 'none'; style-src 'self'; img-src 'self' ORIGINS;
 * form-action 'self'; base-uri 'none'; frame-ancestors …  and is to be sent with
 * Cache-Control: no-store. */
#ifndef TENSTEP_ADAPTERS_WIDGET_FORM_H
#define TENSTEP_ADAPTERS_WIDGET_FORM_H

#include "adapters/widget/widget_frame.h"
#include "adapters/widget/words.h"

struct form_view {
	const struct words *words;  /* the page's own; NULL: English */
	struct str language;        /* of the conversation, "en"; goes to lang= */
	struct str title, greeting; /* of the chat; may be empty */
	struct str csrf;            /* form_csrf() of the token */
	struct str id;              /* fresh for every page: 1–60 of [A-Za-z0-9_:-], by chance */
	struct str error;           /* what was wrong with the last message, in words; or empty */
	struct str waiting;         /* who answers now, when it is not the bot; or empty */
	struct str written;         /* put back into the box after an error */
	const struct post *post;
	size_t n_posts;
	bool sealed;                   /* there are more, for whoever proves again who they are */
	bool older;                    /* there are posts before the first of these */
	bool newest;                   /* the last of these is the conversation's last */
	const struct frame_view *view; /* files and pictures; NULL: none */
};

/* The whole page; @out's ceiling is the caller's. */
void form_page(struct buf *out, const struct form_view *view);

/* A value that only our own pages know: HMAC-SHA256 under the conversation's token (RFC 2104). */
void form_csrf(struct str token, struct buf *out);
bool form_csrf_ok(struct str token, struct str given) MUST_CHECK;

/* @text with & < > " ' as character references, broken bytes and controls (but for line ends and
 * tabs) as U+FFFD.  Everything that goes into the page goes through here. */
void form_escape(struct str text, struct buf *out);

#endif

/* What the files of the server share: server.c (opened, run, closed), server_reload.c.  Nobody else
 * includes this. */
#ifndef TENSTEP_APP_SERVER_PARTS_H
#define TENSTEP_APP_SERVER_PARTS_H

#include "bot/app/server.h"

enum { server_greeting_bytes = 1 << 16 };

/* --- server_reload.c --- */

/* The first words of an empty chat, from the content that is used. */
void server_find_opening(struct server *server);
/* Which content is used, for the metrics. */
void server_tell_build(struct server *server);
/* False: the files are of no use, and @error says why. */
bool server_look_at_certificate(struct server *server, struct buf *error) MUST_CHECK;
/* From now on a certificate that is renewed on the disk is used by itself, and one that ends is
 * told once a day. */
void server_watch_certificate(struct server *server);
void server_reload(void *server); /* for SIGHUP */

#endif

/* What the files of the Direct Line server share. */
#ifndef TENSTEP_WEB_DIRECTLINE_PARTS_H
#define TENSTEP_WEB_DIRECTLINE_PARTS_H

#include "adapters/directline/directline.h"
#include "bot/common/rate.h"
#include "bot/web/directline_server.h"
#include "bot/web/token_shelf.h"

struct directline_sending;
struct directline_stream;

struct directline_server {
	struct directline_setup setup;
	struct rate *messages;              /* by conversation */
	struct rate *newcomers;             /* by address */
	struct token_shelf *tokens;         /* of chats, checked lately */
	struct arena *arena;                /* of the request that is looked at … */
	struct arena *late;                 /* … and of what is told while it is */
	struct buf out;                     /* that is being written */
	struct directline_sending *sending; /* messages that wait for their commit */
	struct directline_stream *streams;  /* open ones, by conversation */
};

/* Who asks, by the bearer of the request. */
enum directline_who {
	ASKER_SECRET = 1, /* the shop's server: may do everything */
	ASKER_TOKEN = 2,  /* somebody in one conversation */
	ASKER_PAGE = 4,   /* a page of the demo's own, without any bearer */
};
struct directline_grant {
	enum directline_who who;
	struct directline_token token; /* ASKER_TOKEN; for this request only */
};
/* 0, or the status that the request is refused with. */
unsigned directline_grant(struct directline_server *server, const struct http_head *head,
	struct directline_grant *grant) MUST_CHECK;
/* The same for a socket: the credential in its address. */
unsigned directline_stream_grant(struct directline_server *server, const struct http_head *head,
	struct str conversation) MUST_CHECK;
/* No Origin (no browser), or one of an allowed page. */
bool directline_page_is_fine(struct directline_server *server, const struct http_head *head);

/* One request while it is looked at. */
struct directline_ask {
	struct directline_server *server;
	struct exchange *exchange;
	const struct http_head *head;
	struct str body;
	struct directline_route route;
	struct directline_grant grant;
};
/* Answers with what was written into server->out; @origin: whose page may read it. */
void directline_answer(struct directline_server *server, struct exchange *exchange,
	struct str origin, unsigned status, struct arena *arena);
void directline_fault(struct directline_server *server, struct exchange *exchange,
	struct str origin, unsigned status, const char *code, struct str message,
	struct arena *arena);
void directline_refuse(const struct directline_ask *ask, unsigned status, const char *message);

/* "directline:ID" */
struct str directline_name(struct str conversation, struct arena *arena);
/* How posts of @conversation look; @base: "https://host" for the addresses of files. */
struct directline_look {
	struct directline_view view;
	struct directline_server *server;
	struct str base, name;
};
void directline_look(struct directline_look *look, struct directline_server *server,
	struct str conversation, struct str user, struct str base, struct arena *arena);
struct str directline_base(struct directline_server *server, const struct http_head *head);

/* ROUTE_POST, ROUTE_UPLOAD */
void directline_post(struct directline_ask *ask);
void directline_upload(struct directline_ask *ask);
/* Of the whole body: the files of one form are together as large as one file may be. */
size_t directline_max_upload(const struct directline_server *server, const struct http_head *head);
/* False: the conversation writes too fast, and was told so. */
bool directline_slow_enough(const struct directline_ask *ask) MUST_CHECK;
/* Into the dispatcher; the request is answered with the post's id when it is on disk. */
void directline_give(const struct directline_ask *ask, struct letter *letter);
/* Another letter of the same request: in the same commit, without an answer of its own. */
void directline_give_along(const struct directline_ask *ask, struct letter *letter);
/* A text, or the press of the button that is called like it; answered as above. */
void directline_say(const struct directline_ask *ask, const struct directline_activity *activity);
void directline_drop_sending(struct directline_server *server);

/* Whoever writes in @conversation calls himself @user: what comes back to him says so too. */
void directline_stream_user(
	struct directline_server *server, struct str conversation, struct str user);
void directline_stream_typing(struct directline_server *server, struct str conversation);

#endif

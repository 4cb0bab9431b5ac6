/* What the two sides of a listener share: listener.c is the caller's, listener_network.c the
 * network's; listener_together.c is how the one does the other's work.  Nobody else includes this.
 *
 * Apart, they tell each other letters, which are read in order; what a letter is about is freed by
 * the network, when the caller has said that it will not be named again.  Where the network needs
 * an answer at once it asks a question and waits; where the caller does, it gives an errand and
 * waits, answering questions meanwhile.
 *
 * Together, the network's thread rests and its loop runs inside the caller's: what there is to tell
 * is called at once, and letters to the network are read when the caller's loop has come round. */
#ifndef TENSTEP_ADAPTERS_NET_LISTENER_INSIDE_H
#define TENSTEP_ADAPTERS_NET_LISTENER_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "adapters/net/connections.h"
#include "adapters/net/listener.h"
#include "adapters/net/mailbox.h"

struct socket {
	struct listener *listener;
	struct connection *connection;
	void *own;
	struct address address;
	atomic_uint unheard, unsent; /* bytes in letters about it */
	uint8_t sort;
	bool closing; /* the caller said so */
};

struct exchange {
	struct exchange *next, *prev; /* of those that wait */
	struct listener *listener;    /* NULL: it is gone */
	struct reply *reply;
};

/* What the caller is told; to: … */
enum told {
	TOLD_REQUEST, /* a reply */
	TOLD_OPENED,  /* a socket, as in the next two */
	TOLD_MESSAGE,
	TOLD_CLOSED,
	TOLD_EVENT, /* what, and more: why */
	TOLD_RESTS, /* number: n_rests */
};

/* What the network is bid. */
enum bid {
	BID_SEND,  /* a connection, as in the next two; more: its socket, in all three */
	BID_CLOSE, /* number: the code */
	BID_FREE,
	BID_ANSWER, /* a reply, as in the next */
	BID_DROP,
	BID_ERRAND, /* an errand */
	BID_REST,
	BID_END,
};

/* Head of a request, as a letter; the texts follow, those wanted last.  to: a reply; more: the
 * names wanted, or NULL. */
enum { HEAD_TEXTS = 14, MAX_TEXTS = HEAD_TEXTS + HTTP_MAX_WANTED };
struct request_letter {
	struct str body; /* lives until the request is answered */
	uint32_t n[MAX_TEXTS];
	bool tls, forwarded;
};

/* An answer, as a letter: then the headers' lengths, the type, the headers, and the body unless it
 * is static. */
enum { MAX_ANSWER_HEADERS = 16 };
struct answer_letter {
	unsigned status;
	size_t n_type, n_headers, n_body, leave_out;
	const char *body;      /* static; NULL: it follows */
	struct http_file file; /* if has_file */
	bool has_file;
};

/* Pointers to the texts of a head, in one order for both sides. */
void head_texts(struct http_head *head, struct str *text[HEAD_TEXTS]);

struct question {
	const struct http_head *head;
	struct socket *socket; /* may it open?  NULL: what is the plan? */
	struct http_plan plan;
	unsigned refuse;
	bool done;
};

struct errand {
	bool (*run)(struct connections *connections, struct buf *error);
	struct buf *error;
	bool good, done;
};

struct network {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows, and of "done" above */
	pthread_cond_t changed;
	struct question *question; /* not answered yet */
	bool is_there, opened, ended, refuses;
	bool rest;        /* it shall, or does: the caller's thread does its work */
	unsigned n_rests; /* so often was it called to, or called off */
	struct buf error; /* of opening; the network's until it has opened */

	bool over; /* BID_END was read */

	struct loop *loop;
	struct mailbox *mail;
	struct connections *connections; /* NULL: they could not be opened */
};

struct listener {
	struct listener_setup setup;
	struct network network;
	struct mailbox *mail;
	bool together;            /* the network's thread rests */
	bool calls;               /* for it to rest, and has not heard yet that it does */
	struct loop_finish knock; /* what was bid is to be seen */
	struct loop_finish move;  /* together, or apart */
	struct exchange *waiting;
	atomic_size_t unheard; /* as of a socket, of all of them */
	char address[ADDRESS_TEXT];
	int port;
};

/* --- listener_network.c --- */

/* Begins the thread, which opens connections; what becomes of it is seen when it has @opened. */
void network_begin(struct listener *listener);
/* Ends both; what was told until then is in the caller's mailbox. */
void network_end(struct listener *listener);
/* What is bid, in the network's thread, or when there is none any more. */
void network_take(void *listener, const struct letter *letter);

/* --- listener.c --- */

/* What is told, together or not. */
void listener_hear(void *listener, const struct letter *letter);
void listener_hear_request(struct listener *listener, struct reply *reply,
	const struct http_head *head, struct str body);
void listener_judge(struct listener *listener, struct question *question);

/* Lays a letter for the network; it is read when the caller's loop has come round, or sooner. */
void listener_bid(struct listener *listener, const struct letter *letter);

/* Waits for the network until *@done, which is under its lock, and answers its questions. */
void listener_wait(struct listener *listener, const bool *done);

/* --- listener_together.c --- */

/* There is no network yet: it rests from the start, unless it stays apart. */
void together_prepare(struct listener *listener);
/* The network has opened: they come together, if they may. */
void together_begin(struct listener *listener);
/* Apart for good: the network refuses already. */
void together_end(struct listener *listener);
/* The number of connections may have changed: is it time to come together, or to go apart? */
void together_look(struct listener *listener);
/* TOLD_RESTS. */
void together_hear(struct listener *listener, const struct letter *letter);
/* What was called for is called off, if anything was: the network is about to be waited for. */
void together_not_now(struct listener *listener);
/* In the network's thread, outside its loop: it rests as long as it shall. */
void together_rest(struct listener *listener);

#endif

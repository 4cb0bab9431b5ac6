/* Asks a running server's desk and waits for the answer. */
#ifndef TENSTEP_COMMON_INBOX_CLIENT_H
#define TENSTEP_COMMON_INBOX_CLIENT_H

#include "adapters/net/http_client.h"
#include "bot/base/json.h"

struct inbox_client {
	const char *url; /* "http://127.0.0.1:8080" */
	struct str token;
	struct loop *loop;
	struct http_client *http;
	struct arena *arena; /* of the last answer */
};

struct inbox_answer {
	bool answered; /* else .error says why */
	unsigned status;
	struct str text;         /* the JSON as it came */
	const struct json *root; /* NULL: it was no JSON */
	struct json_doc *doc;
	struct str error; /* one line */
};

/* @ca_file: whose certificates are believed, NULL: the system's. */
void inbox_client_open(struct inbox_client *client, const char *url, const char *ca_file);
void inbox_client_close(struct inbox_client *client);

/* @path "/desk/cards"; @body NULL: GET.  What has no answer is asked again, twice: every request of
 * the desk may be repeated.  The answer is the caller's to release, and gone with the next call. */
struct inbox_answer inbox_client_ask(
	struct inbox_client *client, const char *path, const struct json *body);
/* The same for a file: its bytes, and what it is called. */
struct inbox_answer inbox_client_bring(
	struct inbox_client *client, const char *path, struct str bytes, struct str name);
void inbox_answer_release(struct inbox_answer *answer);

/* Lets time pass. */
void inbox_client_wait(struct inbox_client *client, int64_t ms);

#endif

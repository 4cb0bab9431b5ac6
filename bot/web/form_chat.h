/* The chat for browsers without JavaScript: GET and POST /chat/form, plain HTML, one cookie. */
#ifndef TENSTEP_WEB_FORM_CHAT_H
#define TENSTEP_WEB_FORM_CHAT_H

#include "adapters/net/listener.h"
#include "bot/web/visitor.h"

struct form_chat;

/* The lobby outlives it: conversations, limits and secrets are those of the widget's visitors. */
struct form_chat *form_chat_new(struct lobby *lobby) MUST_CHECK;
void form_chat_free(struct form_chat *form); /* NULL is fine */

void form_chat_request(struct form_chat *form, struct exchange *exchange,
	const struct http_head *head, struct str body);

#endif

/* Direct Line: who may do what. */
#include "bot/base/digest.h"
#include "bot/web/directline_parts.h"
#include "bot/web/page_origin.h"

bool directline_page_is_fine(struct directline_server *server, const struct http_head *head)
{
	return !head->origin.n || page_is_allowed(server->setup.config, head);
}

static bool is_secret(const struct directline_server *server, struct str bearer)
{
	struct str secret = server->setup.config->directline_secret.bytes;

	return secret.n >= directline_min_secret_bytes && digest_same(bearer, secret);
}

static int64_t now_s(const struct directline_server *server)
{
	return loop_now_ms(server->setup.loop) / 1000;
}

static unsigned status_of(enum directline_token_status status)
{
	switch (status) {
	case TOKEN_GOOD:
		return 0;
	case TOKEN_BAD:
		return 401;
	case TOKEN_EXPIRED:
		return 403;
	}
	return 401;
}

/* A token that was made for one page is of no use on another. */
static bool is_from_its_page(const struct directline_token *token, const struct http_head *head)
{
	return !token->origin.n || !head->origin.n || str_eq(token->origin, head->origin);
}

static enum directline_token_status read_token(
	struct directline_server *server, struct str bearer, struct directline_token *token)
{
	const struct directline_token *known = token_shelf_find(server->tokens, bearer);
	enum directline_token_status status;

	if (known) {
		*token = *known;
		return now_s(server) < known->expires ? TOKEN_GOOD : TOKEN_EXPIRED;
	}
	status = directline_token_read(bearer, DIRECTLINE_CHAT, &server->setup.token_secret, 1,
		now_s(server), server->arena, token);
	if (status == TOKEN_GOOD)
		token_shelf_keep(server->tokens, bearer, token);
	return status;
}

static unsigned token_grant(struct directline_server *server, const struct http_head *head,
	struct str bearer, struct directline_token *token)
{
	unsigned status = status_of(read_token(server, bearer, token));

	return status ? status : is_from_its_page(token, head) ? 0 : 401;
}

unsigned directline_grant(struct directline_server *server, const struct http_head *head,
	struct directline_grant *grant)
{
	struct str bearer = bearer_of(head);

	*grant = (struct directline_grant){0};
	if (!bearer.n) {
		grant->who = ASKER_PAGE;
		return server->setup.config->demo && page_is_own(head) ? 0 : 401;
	}
	if (is_secret(server, bearer)) {
		grant->who = ASKER_SECRET;
		return 0;
	}
	grant->who = ASKER_TOKEN;
	return token_grant(server, head, bearer, &grant->token);
}

unsigned directline_stream_grant(
	struct directline_server *server, const struct http_head *head, struct str conversation)
{
	struct directline_token token;
	struct buf text;
	unsigned status = 401;

	buf_init(&text, 2048);
	if (http_field(head->query, "t", &text))
		status = status_of(directline_token_read(buf_str(&text), DIRECTLINE_STREAM,
			&server->setup.token_secret, 1, now_s(server), server->arena, &token));
	buf_release(&text);
	if (status)
		return status;
	return str_eq(token.conversation, conversation) && is_from_its_page(&token, head) ? 0 : 401;
}

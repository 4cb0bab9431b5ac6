/* What several routes answer with. */
#include "bot/app/routes_inside.h"

void routes_answer(struct exchange *exchange, unsigned status, struct str type, struct str body)
{
	struct http_answer a = {.status = status, .type = type, .body = body};

	exchange_answer(exchange, &a);
}

void routes_answer_text(struct exchange *exchange, unsigned status, const char *text)
{
	routes_answer(exchange, status, S("text/plain; charset=utf-8"), str_of(text));
}

void routes_answer_json(struct server *server, struct exchange *exchange, unsigned status,
	struct json *tree, const struct str *headers, size_t n_headers)
{
	struct http_answer a = {
		.status = status,
		.type = S("application/json"),
		.headers = headers,
		.n_headers = n_headers,
	};

	buf_clear(&server->page);
	json_write(tree, &server->page);
	a.body = buf_str(&server->page);
	json_free(tree);
	exchange_answer(exchange, &a);
}

void routes_answer_fault(struct server *server, struct exchange *exchange, unsigned status,
	const char *code, const char *message)
{
	struct json *root = json_new_object(), *error = json_new_object();

	json_put_text(error, "code", str_of(code));
	json_put_text(error, "message", str_of(message));
	json_put(root, "error", error);
	routes_answer_json(server, exchange, status, root, NULL, 0);
}

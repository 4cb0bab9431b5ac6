/* Asks a running server's desk. */
#include "bot/common/inbox_client.h"

#include "bot/common/version.h"

enum {
	max_answer_bytes = 16 << 20,
	max_body_bytes = 32 << 10,
	max_arena_bytes = 64 << 20,
	max_tries = 3,
	total_ms = 15000,
};

void inbox_client_open(struct inbox_client *client, const char *url, const char *ca_file)
{
	client->url = url;
	client->arena = arena_new(max_arena_bytes);
	client->loop = loop_new();
	/* A desk may be in the same house; the token goes nowhere in the clear but to this machine.
	 */
	client->http = http_client_new(&(struct http_client_setup){
		.loop = client->loop,
		.user_agent = "tenstep-inbox/" TENSTEP_VERSION,
		.allow_private = true,
		.allow_loopback = true,
		.ca_file = ca_file,
	});
}

void inbox_client_close(struct inbox_client *client)
{
	http_client_free(client->http);
	loop_free(client->loop);
	arena_free(client->arena);
}

struct one_try {
	struct inbox_client *client;
	enum http_outcome outcome;
	struct inbox_answer *answer;
};

static void ended(void *self, const struct http_result *result)
{
	struct one_try *one = self;
	struct arena *arena = one->client->arena;

	one->outcome = result->outcome;
	one->answer->answered = result->outcome == HTTP_ANSWERED;
	one->answer->status = result->status;
	one->answer->text = arena_str(arena, result->body);
	one->answer->error = arena_str(arena, str_of(result->error));
	loop_stop(one->client->loop);
}

static enum http_outcome ask_once(struct inbox_client *client, const char *path, struct str body,
	bool is_post, struct inbox_answer *answer)
{
	struct str header[] = {
		arena_printf(client->arena, "Authorization: Bearer %.*s", STR(client->token)),
		S("Content-Type: application/json"),
	};
	size_t n_url = str_of(client->url).n;
	struct http_call call = {
		.method = is_post ? S("POST") : S("GET"),
		.headers = header,
		.n_headers = is_post ? 2 : 1,
		.body = body,
		.changes = is_post,
		.total_ms = total_ms,
		.max_answer_bytes = max_answer_bytes,
	};
	struct one_try one = {client, HTTP_UNKNOWN, answer};

	while (n_url && client->url[n_url - 1] == '/')
		n_url--;
	call.url = arena_printf(client->arena, "%.*s%s", (int)n_url, client->url, path);
	http_client_call(client->http, &call, ended, &one);
	loop_run(client->loop);
	return one.outcome;
}

static void parse(struct inbox_answer *answer, struct arena *arena)
{
	static const struct json_limits limits = {.bytes = max_answer_bytes, .nodes = 2000000};
	struct source *source = arena_new_of(arena, struct source);

	*source = (struct source){"answer", answer->text};
	answer->doc = json_parse(source, JSON_BIG_AS_TEXT, &limits, NULL);
	answer->root = answer->doc ? json_root(answer->doc) : NULL;
}

struct inbox_answer inbox_client_ask(
	struct inbox_client *client, const char *path, const struct json *body)
{
	struct inbox_answer answer = {.answered = false};
	struct buf text;

	arena_reset(client->arena);
	buf_init(&text, max_body_bytes);
	if (body)
		json_write(body, &text);
	for (int i = 0; i < max_tries; i++)
		if (ask_once(client, path, buf_str(&text), body != NULL, &answer) != HTTP_UNKNOWN)
			break;
	buf_release(&text);
	if (answer.answered)
		parse(&answer, client->arena);
	return answer;
}

void inbox_answer_release(struct inbox_answer *answer)
{
	json_doc_free(answer->doc);
	*answer = (struct inbox_answer){.answered = false};
}

static void stop(void *self)
{
	loop_stop(self);
}

void inbox_client_wait(struct inbox_client *client, int64_t ms)
{
	struct loop_timer timer = {0};

	loop_timer_start(client->loop, &timer, ms, stop, client->loop);
	loop_run(client->loop);
	loop_timer_stop(client->loop, &timer);
}

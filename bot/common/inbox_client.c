/* Asks a running server's desk. */
#include "bot/common/inbox_client.h"

#include "bot/base/percent.h"
#include "bot/common/version.h"

enum {
	max_answer_bytes = 16 << 20,
	max_body_bytes = 32 << 10,
	max_arena_bytes = 64 << 20,
	max_name_bytes = 400, /* of a file, encoded */
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

/* What is posted; NULL: nothing is, it is a GET. */
struct posting {
	struct str body, type;
	struct str file_name; /* empty: it has none */
};

static size_t headers_of(
	const struct inbox_client *client, const struct posting *posting, struct str header[3])
{
	struct buf name;
	size_t n = 0;

	header[n++] = arena_printf(client->arena, "Authorization: Bearer %.*s", STR(client->token));
	if (!posting)
		return n;
	header[n++] = arena_printf(client->arena, "Content-Type: %.*s", STR(posting->type));
	if (!posting->file_name.n)
		return n;
	buf_init(&name, max_name_bytes);
	percent_encode(posting->file_name, &name);
	header[n++] = arena_printf(client->arena, "X-File-Name: %.*s", STR(buf_str(&name)));
	buf_release(&name);
	return n;
}

static enum http_outcome ask_once(struct inbox_client *client, const char *path,
	const struct posting *posting, struct inbox_answer *answer)
{
	struct str header[3];
	size_t n_url = str_of(client->url).n;
	struct http_call call = {
		.method = posting ? S("POST") : S("GET"),
		.headers = header,
		.n_headers = headers_of(client, posting, header),
		.body = posting ? posting->body : S(""),
		.changes = posting != NULL,
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

static struct inbox_answer ask(
	struct inbox_client *client, const char *path, const struct posting *posting)
{
	struct inbox_answer answer = {.answered = false};

	arena_reset(client->arena);
	for (int i = 0; i < max_tries; i++)
		if (ask_once(client, path, posting, &answer) != HTTP_UNKNOWN)
			break;
	if (answer.answered)
		parse(&answer, client->arena);
	return answer;
}

struct inbox_answer inbox_client_ask(
	struct inbox_client *client, const char *path, const struct json *body)
{
	struct posting posting = {.type = S("application/json")};
	struct inbox_answer answer;
	struct buf text;

	buf_init(&text, max_body_bytes);
	if (body)
		json_write(body, &text);
	posting.body = buf_str(&text);
	answer = ask(client, path, body ? &posting : NULL);
	buf_release(&text);
	return answer;
}

struct inbox_answer inbox_client_bring(
	struct inbox_client *client, const char *path, struct str bytes, struct str name)
{
	struct posting posting = {bytes, S("application/octet-stream"), name};

	return ask(client, path, &posting);
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

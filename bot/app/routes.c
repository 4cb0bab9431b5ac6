/* Which path leads where. */
#include "bot/app/routes_inside.h"

#include <stdio.h>

#include "adapters/widget/identity.h"
#include "adapters/widget/words.h"
#include "bot/web/assets.h"
#include "bot/web/form_chat.h"
#include "bot/web/page_origin.h"

/* --- files --- */

static void answer_asset(
	struct exchange *exchange, const struct http_head *head, const struct asset *asset)
{
	bool zipped = str_find(head->accept_encoding, S("gzip")) >= 0;
	bool same = str_eq(head->if_none_match, asset->tag);
	bool page = str_starts(asset->type, S("text/html"));
	char tag[40];
	struct str headers[] = {
		S("Cache-Control: public, max-age=300"),
		S("Vary: Accept-Encoding"),
		S("Access-Control-Allow-Origin: *"),
		S("Cross-Origin-Resource-Policy: cross-origin"),
		{tag, 0},
		page ? str_of(asset_page_policy) : S("X-Robots-Tag: noindex"),
		S("Content-Encoding: gzip"),
	};
	struct http_answer a = {
		.status = same ? 304 : 200,
		.type = asset->type,
		.body = same     ? (struct str){0}
			: zipped ? asset->gzip
				 : asset->bytes,
		.body_is_static = true,
		.headers = headers,
		.n_headers = zipped && !same ? 7 : 6,
	};

	headers[4].n = (size_t)snprintf(tag, sizeof tag, "ETag: %.*s", STR(asset->tag));
	exchange_answer(exchange, &a);
}

/* --- the widget's own --- */

static void put_if(struct json *object, const char *key, struct str text)
{
	if (text.n)
		json_put_text(object, key, text);
}

static struct json *list_of(const struct str *text, size_t n)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < n; i++)
		json_push_text(list, text[i]);
	return list;
}

/* Each with its word for the button.  English is in the widget itself. */
static struct json *list_languages(void)
{
	struct json *list = json_new_object();
	struct str folder = S("/chat/lang/");

	json_put_text(list, "en", words_get(words_of(S("en")), WORD_CHAT));
	for (unsigned i = 0; i < n_embedded_assets; i++) {
		struct str path = str_of(embedded_asset[i].path);

		if (str_starts(path, folder)) {
			const struct words *words =
				words_of(str_sub(path, folder.n, path.n - folder.n - 3));

			json_put_text(list, words->tag, words_get(words, WORD_CHAT));
		}
	}
	return list;
}

static void get_config(struct server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	static const struct str type[] = {S("image/jpeg"), S("image/png"), S("image/webp"),
		S("image/gif"), S("application/pdf")};
	static const struct str headers[] = {
		S("Access-Control-Allow-Origin: *"), S("Cache-Control: public, max-age=60")};
	const struct serve_config *config = &server->config;
	struct json *root = json_new_object(), *files = json_new_object();
	int64_t opens_at = 0;

	(void)head, (void)body;
	put_if(root, "title", config->title);
	put_if(root, "greeting", lobby_greeting(&server->lobby));
	put_if(root, "consent", config->consent);
	put_if(root, "colour", config->colour);
	json_put(files, "types", list_of(type, sizeof type / sizeof *type));
	json_put_text(files, "names", S("JPEG, PNG, WebP, GIF, PDF"));
	json_put_int(files, "max_bytes", (int64_t)config->max_file_bytes);
	json_put(root, "files", files);
	json_put(root, "languages", list_languages());
	json_put(root, "images", list_of(config->image_origin, config->n_image_origins));
	json_put_bool(root, "open", desk_open(config, loop_now_ms(server->loop) / 1000, &opens_at));
	if (opens_at)
		json_put_int(root, "opens_at", opens_at);
	routes_answer_json(server, exchange, 200, root, headers, 2);
}

/* The headers that let a page of an allowed origin read an answer. */
static size_t cors(const struct server *server, const struct http_head *head, struct arena *arena,
	struct str headers[3])
{
	if (!head->origin.n || !page_is_allowed(&server->config, head))
		return 0;
	headers[0] = arena_printf(arena, "Access-Control-Allow-Origin: %.*s", STR(head->origin));
	headers[1] = S("Vary: Origin");
	headers[2] = S("Access-Control-Allow-Headers: authorization, content-type, x-file-name, "
		       "x-chat-identity");
	return 3;
}

static void preflight(struct server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct str headers[4];
	struct http_answer a = {.status = 204, .headers = headers};

	(void)body;
	arena_reset(server->lobby.arena);
	a.n_headers = cors(server, head, server->lobby.arena, headers);
	if (a.n_headers)
		headers[a.n_headers++] = S("Access-Control-Allow-Methods: GET, POST");
	exchange_answer(exchange, &a);
}

static const struct {
	unsigned status;
	const char *code, *message;
} upload_fault[] = {
	[UPLOAD_OK] = {201, NULL, NULL},
	[UPLOAD_BAD_TYPE] = {415, "bad_type", "only JPEG, PNG, WebP, GIF and PDF are taken"},
	[UPLOAD_TOO_MANY] = {429, "too_many", "this chat has as many files as it may have"},
	[UPLOAD_NO_ROOM] = {507, "no_room", "there is no room for files just now"},
	[UPLOAD_FAILED] = {503, "stored_not", "the file could not be stored; please try again"},
};

static void answer_upload(struct server *server, struct exchange *exchange,
	const struct http_head *head, enum upload_status status, struct str id)
{
	struct json *root = json_new_object(), *error;
	struct str headers[3];
	size_t n = cors(server, head, server->lobby.arena, headers);

	if (status == UPLOAD_OK) {
		json_put_text(root, "file", id);
	} else {
		error = json_new_object();
		metrics_add(server->metrics, "tenstep_refused_total", "file",
			upload_fault[status].code, 1);
		json_put_text(error, "code", str_of(upload_fault[status].code));
		json_put_text(error, "message", str_of(upload_fault[status].message));
		json_put(root, "error", error);
	}
	routes_answer_json(server, exchange, upload_fault[status].status, root, headers, n);
}

static void post_upload(struct server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct arena *arena = server->lobby.arena;
	struct str conversation, id = {0}, form;
	struct buf name;
	enum upload_status status;

	arena_reset(arena);
	if (head->origin.n && !page_is_allowed(&server->config, head)) {
		routes_answer_fault(
			server, exchange, 403, "bad_origin", "this page may not send files here");
		return;
	}
	if (!lobby_conversation(&server->lobby, bearer_of(head),
		    http_header(head, "x-chat-identity"), &conversation)) {
		routes_answer_fault(server, exchange, 401, "bad_token", "a chat's token is needed");
		return;
	}
	if (!rate_take(server->lobby.messages, conversation, loop_steady_ms(server->loop), NULL)) {
		routes_answer_fault(server, exchange, 429, "too_fast", "please wait a moment");
		return;
	}
	buf_init(&name, 400);
	form = arena_printf(arena, "n=%.*s", STR(http_header(head, "x-file-name")));
	if (!http_field(form, "n", &name))
		buf_clear(&name);
	status = uploads_add(server->uploads,
		&(struct upload){conversation, body, buf_str(&name), uploads_of_buyer}, arena, &id);
	buf_release(&name);
	answer_upload(server, exchange, head, status, id);
}

static bool field(struct str query, const char *name, struct arena *arena, struct str *value)
{
	struct buf out;
	bool good;

	buf_init(&out, 300);
	good = http_field(query, name, &out);
	*value = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return good;
}

static void get_file(struct server *server, struct exchange *exchange, const struct http_head *head,
	struct str body)
{
	static const struct str headers[] = {S("Cache-Control: private, max-age=3600"),
		S("Content-Security-Policy: default-src 'none'; sandbox"),
		S("Cross-Origin-Resource-Policy: cross-origin"), S("Content-Disposition: inline")};
	struct str conversation, key, id = str_sub(head->path, S("/chat/file/").n, head->path.n);
	struct upload_file file;

	(void)body;
	arena_reset(server->lobby.arena);
	if (field(head->query, "c", server->lobby.arena, &conversation) &&
		field(head->query, "k", server->lobby.arena, &key) &&
		uploads_open_with_key(server->uploads, conversation, id, key, &file)) {
		struct http_answer a = {.status = 200,
			.type = str_of(file.type),
			.file = &(struct http_file){file.descriptor, file.n_bytes},
			.headers = headers,
			.n_headers = 4};

		exchange_answer(exchange, &a);
	} else {
		routes_answer_text(exchange, 404, "there is no such file\n");
	}
}

/* The demo page signs its visitors in as buyers of the demo shop. */
static void get_demo_identity(struct server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct arena *arena = server->lobby.arena;
	struct identity identity = {0};
	struct json *root;
	struct buf token;

	(void)body;
	arena_reset(arena);
	if (!field(head->query, "buyer", arena, &identity.buyer) ||
		!sandbox_buyer(server->sandbox, identity.buyer, arena, &identity.name)) {
		routes_answer_fault(
			server, exchange, 404, "no_buyer", "the demo shop has no such buyer");
		return;
	}
	identity.expires = loop_now_ms(server->loop) / 1000 + identity_max_life_s;
	buf_init(&token, identity_max_bytes);
	identity_make(&identity, server->config.identity[0].bytes, loop_now_ms(server->loop) / 1000,
		&token);
	root = json_new_object();
	json_put_text(root, "token", buf_str(&token));
	buf_release(&token);
	routes_answer_json(server, exchange, 200, root, NULL, 0);
}

/* --- the table --- */

static void form_page(struct server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	form_chat_request(server->form, exchange, head, body);
}

enum { GET = 1, POST = 2, OPTIONS = 4 };
static const struct route {
	unsigned methods;
	const char *path; /* ends with '*': and everything below */
	route_handler *handle;
	size_t max_body_bytes; /* 1: the configured size of a file */
	bool demo;
	const char *wanted[3]; /* headers of its own, and NULL */
} route[] = {
	{GET, "/healthz", routes_get_health, 0, false},
	{GET, "/readyz", routes_get_ready, 0, false},
	{GET, "/metrics", routes_get_metrics, 0, false},
	{GET, "/chat/config", get_config, 0, false},
	{OPTIONS, "/chat/*", preflight, 0, false},
	{POST, "/chat/upload", post_upload, 1, false, {"x-file-name", "x-chat-identity"}},
	{GET, "/chat/file/*", get_file, 0, false},
	{GET | POST, "/chat/form", form_page, 16384, false, {"sec-fetch-site"}},
	{GET, "/demo/identity", get_demo_identity, 0, true},
};
enum { n_routes = sizeof route / sizeof *route };

static unsigned method_of(const struct http_head *head)
{
	return str_is(head->method, "GET") || str_is(head->method, "HEAD") ? GET
	       : str_is(head->method, "POST")                              ? POST
	       : str_is(head->method, "OPTIONS")                           ? OPTIONS
									   : 0;
}

static bool path_fits(const struct route *r, struct str path)
{
	struct str pattern = str_of(r->path);

	if (str_ends(pattern, S("*")))
		return str_starts(path, str_sub(pattern, 0, pattern.n - 1));
	return str_eq(path, pattern);
}

static const struct route *find_route(
	const struct server *server, const struct http_head *head, bool *path_known)
{
	*path_known = false;
	for (size_t i = 0; i < n_routes; i++) {
		if ((route[i].demo && !server->config.demo) || !path_fits(&route[i], head->path))
			continue;
		if (route[i].methods & method_of(head))
			return &route[i];
		*path_known = true;
	}
	return NULL;
}

static bool find_asset(
	const struct server *server, const struct http_head *head, struct asset *asset)
{
	return method_of(head) == GET && asset_find(head->path, asset) && !asset->shop &&
	       (!asset->demo || server->config.demo);
}

static bool is_desk(const struct http_head *head)
{
	return str_starts(head->path, S("/desk/"));
}

bool routes_is_directline(const struct http_head *head)
{
	return str_starts(head->path, S("/v3/directline/"));
}

static bool is_rasa(const struct http_head *head)
{
	return str_starts(head->path, S("/webhooks/rest"));
}

static bool is_channel(const struct http_head *head)
{
	return str_starts(head->path, S("/channels/"));
}

/* Here, and not on an address of its own. */
static bool has_desk(const struct server *server)
{
	return server->desk && !server->config.desk_address.n;
}

struct http_plan routes_plan(void *self, const struct http_head *head)
{
	struct server *server = self;
	const struct route *r;
	struct asset asset;
	bool path_known;

	if (has_desk(server) && is_desk(head))
		return desk_plan(server->desk, head);
	if (server->directline && routes_is_directline(head))
		return directline_plan(server->directline, head);
	if (server->rasa && is_rasa(head))
		return rasa_plan(server->rasa, head);
	if (shop_front_owns(server->front, head))
		return shop_front_plan(server->front, head);
	if (server->channels && is_channel(head))
		return channels_plan(server->channels, head);
	r = find_route(server, head, &path_known);
	if (r)
		return (struct http_plan){.max_body_bytes = r->max_body_bytes == 1
								    ? server->config.max_file_bytes
								    : r->max_body_bytes,
			.wanted = r->wanted};
	if (find_asset(server, head, &asset))
		return (struct http_plan){0};
	return (struct http_plan){.refuse = path_known ? 405 : 404};
}

struct http_plan routes_judge(void *self, const struct http_head *head)
{
	return directline_judge(((struct server *)self)->directline, head);
}

void routes_request(
	void *self, struct exchange *exchange, const struct http_head *head, struct str body)
{
	struct server *server = self;
	const struct route *r;
	struct asset asset;
	bool path_known;

	if (has_desk(server) && is_desk(head)) {
		desk_request(server->desk, exchange, head, body);
		return;
	}
	if (server->directline && routes_is_directline(head)) {
		directline_request(server->directline, exchange, head, body);
		return;
	}
	if (server->rasa && is_rasa(head)) {
		rasa_request(server->rasa, exchange, head, body);
		return;
	}
	if (shop_front_owns(server->front, head)) {
		shop_front_request(server->front, exchange, head, body);
		return;
	}
	if (server->channels && is_channel(head)) {
		channels_request(server->channels, exchange, head, body);
		return;
	}
	r = find_route(server, head, &path_known);
	if (r)
		r->handle(server, exchange, head, body);
	else if (find_asset(server, head, &asset))
		answer_asset(exchange, head, &asset);
	else
		routes_answer_text(exchange, 404, "there is nothing here\n");
}

struct http_plan routes_desk_plan(void *self, const struct http_head *head)
{
	struct server *server = self;

	return is_desk(head) ? desk_plan(server->desk, head) : (struct http_plan){.refuse = 404};
}

void routes_desk_request(
	void *self, struct exchange *exchange, const struct http_head *head, struct str body)
{
	struct server *server = self;

	desk_request(server->desk, exchange, head, body);
}

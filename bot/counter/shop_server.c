/* The demo shop's server: requests in, clock, webhooks out. */
#include "bot/counter/shop_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bot/common/version.h"

enum {
	max_answer_bytes = 16 << 20,
	max_scratch_bytes = 32 << 20,
	max_error_bytes = 600,
	max_body_bytes = 1 << 20,
	max_upload_bytes = 11 << 20,
	tick_ms = 250,
};

static bool complain(const struct buf *error)
{
	fprintf(stderr, "tenstep: %.*s\n", STR(buf_str(error)));
	return false;
}

static const char *path_in(struct shop_server *server, const char *name)
{
	return arena_printf(server->arena, "%s/%s", server->folder, name).p;
}

/* --- the clock --- */

int64_t shop_server_now(struct shop_server *server)
{
	int64_t now = loop_now_ms(server->loop) / 1000 + server->ahead;

	if (!wire_advance(server->wire, now))
		LOG(server->log, LOG_ERROR, loop_now_ms(server->loop), "the shop's clock stands",
			log_word("error", str_of(sandbox_error(server->sandbox))));
	return sandbox_now(server->sandbox);
}

bool shop_server_set_clock(struct shop_server *server, int64_t to)
{
	if (to < shop_server_now(server))
		return false;
	server->ahead = to - loop_now_ms(server->loop) / 1000;
	(void)shop_server_now(server);
	shop_hooks_pump(server->hooks);
	return true;
}

static void tick(void *self)
{
	struct shop_server *server = self;

	(void)shop_server_now(server);
	shop_hooks_pump(server->hooks);
	loop_timer_start(server->loop, &server->tick, tick_ms, tick, server);
}

static bool is_wire(const struct http_head *head)
{
	return !shop_admin_owns(head);
}

static struct http_plan plan(void *self, const struct http_head *head)
{
	static const char *const wanted[] = {"x-tts-access-token", NULL};
	bool upload = str_ends(head->path, S("/images/upload"));

	if (!is_wire(head))
		return shop_admin_plan(self, head);
	return (struct http_plan){
		.max_body_bytes = upload ? max_upload_bytes : max_body_bytes, .wanted = wanted};
}

static void request(
	void *self, struct exchange *exchange, const struct http_head *head, struct str body)
{
	struct shop_server *server = self;

	if (is_wire(head))
		shop_door_request(server, exchange, head, body);
	else
		shop_admin_request(server, exchange, head, body);
}

/* --- opening --- */

static bool make_folder(const char *path)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return true;
	fprintf(stderr, "tenstep: cannot make the folder '%s': %s\n", path, strerror(errno));
	return false;
}

/* DATA/shop, beside what a chat or a server keeps in DATA. */
static bool open_folder(struct shop_server *server)
{
	char *data = options_data_folder(&server->options);

	if (!data)
		return false;
	server->folder = strdup(arena_printf(server->arena, "%s/shop", data).p);
	free(data);
	if (!server->folder)
		abort();
	return make_folder(server->folder) && make_folder(path_in(server, "images"));
}

static bool open_sandbox(struct shop_server *server, struct buf *error)
{
	int64_t wall = loop_now_ms(server->loop) / 1000;
	int64_t start = server->start ? server->start : wall;

	server->sandbox = sandbox_create_as(path_in(server, "shop.db"),
		str_of(server->fixture ? server->fixture : "demo"), start, error);
	if (!server->sandbox)
		return complain(error);
	server->ahead = sandbox_now(server->sandbox) - wall;
	return true;
}

/* Under DATA/shop/images; one that is there already is the same. */
static void keep_image(void *self, struct str name, struct str bytes)
{
	struct shop_server *server = self;
	const char *path =
		arena_printf(server->scratch, "%s/images/%.*s", server->folder, STR(name)).p;
	FILE *file = fopen(path, "we");

	if (!file || fwrite(bytes.p, 1, bytes.n, file) != bytes.n)
		LOG(server->log, LOG_ERROR, loop_now_ms(server->loop), "a picture was not kept",
			log_word("error", str_of(strerror(errno))));
	if (file)
		fclose(file);
}

bool shop_picture(struct shop_server *server, struct str name, struct buf *out)
{
	const char *path =
		arena_printf(server->scratch, "%s/images/%.*s", server->folder, STR(name)).p;
	FILE *file = fopen(path, "re");
	char piece[16384];
	size_t n;

	buf_clear(out);
	if (!file)
		return false;
	while ((n = fread(piece, 1, sizeof piece, file)) > 0)
		buf_add(out, (struct str){piece, n});
	fclose(file);
	return true;
}

static bool open_wire(struct shop_server *server, struct buf *error)
{
	struct secret chance;
	struct wire_setup setup = {
		.sandbox = server->sandbox,
		.app_key = str_of(server->app_key),
		.per_s = server->per_s,
		.keep_image = keep_image,
		.self = server,
	};

	if (!secret_keep(
		    path_in(server, "app.secret"), server->arena, &server->app_secret, error) ||
		!secret_keep(path_in(server, "admin.token"), server->arena, &server->admin_token,
			error) ||
		!secret_keep(path_in(server, "chance.secret"), server->arena, &chance, error))
		return complain(error);
	setup.app_secret = server->app_secret.bytes;
	setup.chance = chance.bytes;
	setup.image_url = arena_printf(server->arena, "%.*s/images", STR(server->address));
	server->wire = wire_new(&setup, error);
	return server->wire || complain(error);
}

static bool open_ledger(struct shop_server *server, struct buf *error)
{
	server->ledger = shop_ledger_open(path_in(server, "ledger.jsonl"), error);
	if (!server->ledger)
		return complain(error);
	wire_effects(server->wire, shop_ledger_effect, server->ledger);
	return true;
}

static void open_hooks(struct shop_server *server)
{
	struct http_client_setup client = {
		.loop = server->loop,
		.user_agent = "tenstep-shop/" TENSTEP_VERSION,
		.allow_loopback = true,
	};
	struct shop_hooks_setup hooks = {
		.loop = server->loop,
		.wire = server->wire,
		.ledger = server->ledger,
		.log = server->log,
	};

	server->client = hooks.client = http_client_new(&client);
	server->hooks = shop_hooks_new(&hooks);
	if (server->webhooks_to)
		wire_set_webhook(server->wire, str_of(server->webhooks_to));
}

static bool open_listener(struct shop_server *server, struct buf *error)
{
	struct listener_setup setup = {
		.loop = server->loop,
		.address = "127.0.0.1",
		.port = server->port,
		.self = server,
		.plan = plan,
		.request = request,
	};

	server->listener = listener_open(&setup, error);
	if (!server->listener)
		return complain(error);
	server->address =
		arena_printf(server->arena, "http://127.0.0.1:%d", listener_port(server->listener));
	return true;
}

/* The listener first: its port is in the addresses of pictures. */
static bool open_all(struct shop_server *server, struct buf *error)
{
	if (!open_folder(server))
		return false;
	server->log = server->quiet ? NULL : log_new(stderr, LOG_INFO);
	server->loop = loop_new();
	server->mischiefs = mischiefs_new(server->seed);
	for (size_t i = 0; i < server->n_mischiefs; i++)
		if (!mischiefs_add(server->mischiefs, &server->mischief[i])) {
			buf_addf(error, "the misbehaviour of '%s' cannot be",
				server->mischief[i].operation);
			return complain(error);
		}
	if (!open_sandbox(server, error) || !open_listener(server, error) ||
		!open_wire(server, error) || !open_ledger(server, error))
		return false;
	open_hooks(server);
	return true;
}

bool shop_server_open(struct shop_server *server)
{
	struct buf error;
	bool good;

	signal(SIGPIPE, SIG_IGN);
	umask(0077);
	server->arena = arena_new(1 << 20);
	server->scratch = arena_new(max_scratch_bytes);
	buf_init(&server->out, max_answer_bytes);
	buf_init(&error, max_error_bytes);
	if (!server->app_key)
		server->app_key = "68xu9ks5p4i8j";
	good = open_all(server, &error);
	buf_release(&error);
	return good;
}

/* --- running and closing --- */

static void stop(void *self)
{
	loop_stop(((struct shop_server *)self)->loop);
}

void shop_server_run(struct shop_server *server)
{
	loop_signal(server->loop, SIGTERM, stop, server);
	loop_signal(server->loop, SIGINT, stop, server);
	loop_timer_start(server->loop, &server->tick, 1, tick, server);
	loop_run(server->loop);
}

void shop_server_close(struct shop_server *server)
{
	shop_door_close(server);
	listener_close(server->listener);
	if (server->hooks)
		shop_hooks_switch(server->hooks, false);
	if (server->client)
		http_client_free(server->client);
	shop_hooks_free(server->hooks);
	wire_free(server->wire);
	if (server->sandbox)
		sandbox_api(server->sandbox)->free(sandbox_api(server->sandbox));
	shop_ledger_close(server->ledger);
	mischiefs_free(server->mischiefs);
	loop_free(server->loop);
	log_free(server->log);
	buf_release(&server->out);
	arena_free(server->scratch);
	arena_free(server->arena);
	free(server->folder);
}

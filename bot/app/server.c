/* The server: opened, run, closed. */
#include "bot/app/server_parts.h"
#include "bot/dispatch/deaths.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/app/routes.h"
#include "bot/app/supervisor.h"
#include "bot/shop/shop_hours.h"
#include "bot/shop/shop_policy.h"
#include "bot/web/form_chat.h"

enum {
	max_page_bytes = 4 << 20,
	max_error_bytes = 16384, /* paths are long */
	max_findings_bytes = 4 << 20,
	drain_ms = 150, /* for what is on its way to be written */
	names_at_once = 100 * 1000,
};

static bool complain(const struct buf *error)
{
	fprintf(stderr, "tenstep: %.*s\n", STR(buf_str(error)));
	return false;
}

static const char *path_in(struct server *server, const char *name)
{
	return arena_printf(server->arena, "%s/%s", server->folder, name).p;
}

/* --- what it needs, one after the other --- */

/* Else what is opened in it would fail one by one, each in words of its own. */
static bool may_use_folder(const struct server *server)
{
	if (faccessat(AT_FDCWD, server->folder, R_OK | W_OK | X_OK, AT_EACCESS) == 0)
		return true;
	fprintf(stderr, "tenstep: cannot write in the folder '%s': %s%s\n", server->folder,
		strerror(errno),
		errno == EACCES ? "; it has to belong to the user that the server runs as" : "");
	return false;
}

/* DATA/server, so that a chat in the terminal can use DATA at the same time. */
static bool open_folder(struct server *server)
{
	char *data = options_data_folder(&server->options);

	if (!data)
		return false;
	server->folder = strdup(arena_printf(server->arena, "%s/server", data).p);
	free(data);
	if (!server->folder)
		abort();
	if (mkdir(server->folder, 0700) == 0 || errno == EEXIST)
		return may_use_folder(server);
	fprintf(stderr, "tenstep: cannot make the folder '%s': %s\n", server->folder,
		strerror(errno));
	return false;
}

/* As it may be after a restore: what buyers wrote, and the secrets, are for nobody else. */
static void warn_open_folder(struct server *server)
{
	struct stat about;

	if (stat(server->folder, &about) == 0 && (about.st_mode & 077))
		LOG(server->log, LOG_WARNING, loop_now_ms(server->loop),
			"others than its owner may look into the folder: chmod 700",
			log_word("folder", str_of(server->folder)));
}

static bool read_config(struct server *server, struct buf *error)
{
	struct arena *findings = arena_new(max_findings_bytes);
	struct diags diags;
	bool good;

	if (!server->config_path) {
		arena_free(findings);
		return serve_config_demo(server->folder, server->arena, &server->config, error) ||
		       complain(error);
	}
	diags_init(&diags, findings);
	good = serve_config_open(server->config_path, server->arena, &server->config, &diags);
	if (diags.n)
		options_print_findings(&server->options, &diags, stderr);
	arena_free(findings);
	if (!good)
		fprintf(stderr, "tenstep: this configuration cannot be used\n");
	return good;
}

static bool open_store(struct server *server, struct buf *error)
{
	switch (store_open(path_in(server, "store.db"), &server->store, error)) {
	case STORE_OK:
		return true;
	case STORE_BUSY:
		buf_clear(error);
		buf_addf(error, "another server is using the folder '%s'; --data names another one",
			server->folder);
		break;
	case STORE_NONE:
	case STORE_TAKEN:
	case STORE_FULL:
	case STORE_BROKEN:
		break;
	}
	server->store = NULL;
	return complain(error);
}

static bool open_demo_shop(struct server *server, struct buf *error)
{
	server->sandbox =
		sandbox_create(path_in(server, "shop.db"), loop_now_ms(server->loop) / 1000, error);
	if (!server->sandbox)
		return complain(error);
	server->shop = sandbox_api(server->sandbox);
	return true;
}

static void handed_off(void *self, const struct store_card *card)
{
	struct server *server = self;

	if (server->desk)
		desk_handed_off(server->desk, card);
}

static void open_front(struct server *server)
{
	struct shop_front_setup setup = {
		.loop = server->loop,
		.store = server->store,
		.service = server->service,
		.client = server->client,
		.uploads = server->uploads,
		.config = &server->config,
		.log = server->log,
		.metrics = server->metrics,
		.handed_off = handed_off,
		.self = server,
	};

	server->front = shop_front_new(&setup);
}

static bool open_shop(struct server *server, struct buf *error)
{
	struct shop_service_setup setup = {
		.loop = server->loop,
		.client = server->client,
		.log = server->log,
		.metrics = server->metrics,
		.account = &server->config.shop,
		.folder = server->folder,
	};

	if (server->config.has_shop) {
		server->service = shop_service_new(&setup);
		open_front(server);
		server->shop = shop_front_api(server->front);
	} else if (!server->config.demo) {
		buf_adds(error, "the configuration names no order service: \"tiktok_shop\" is one, "
				"and \"demo\": true serves the demo shop");
		return complain(error);
	} else if (!open_demo_shop(server, error)) {
		return false;
	}
	server->shop_with_policy = shop_with_policy(server->shop, &server->config);
	server->shop_with_hours =
		shop_with_hours(server->shop_with_policy, &server->config, server->loop);
	return true;
}

static bool open_secret(
	struct server *server, const char *name, struct str *secret, struct buf *error)
{
	struct secret kept;

	if (!secret_keep(path_in(server, name), server->arena, &kept, error))
		return complain(error);
	*secret = kept.bytes;
	return true;
}

static struct str waiting_text(
	void *self, struct str conversation, const struct words *words, struct arena *arena)
{
	struct server *server = self;

	return server->desk ? desk_waiting_text(server->desk, conversation, words, arena)
			    : (struct str){0};
}

static uint64_t random_seed(void)
{
	uint64_t seed = 0;

	return getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed ? seed : 1;
}

static void open_accounts(struct server *server, struct str secret)
{
	struct channels_setup setup = {
		.outbox =
			{
				.loop = server->loop,
				.store = server->store,
				.client = server->client,
				.seat = server->config.channel,
				.n_seats = server->config.n_channels,
				.secret = secret,
				.log = server->log,
				.metrics = server->metrics,
				.handed_off = handed_off,
				.self = server,
			},
		.messages_per_minute = server->config.messages_per_minute,
	};

	shop_front_join(server->front, &setup);
	if (server->config.n_channels)
		server->channels = channels_new(&setup);
}

/* What platforms bring over WebSockets that we open. */
static void open_sockets(struct server *server)
{
	struct channel_socket_setup setup = {
		.loop = server->loop,
		.client = server->client,
		.channels = server->channels,
		.seat = server->config.channel,
		.n_seats = server->config.n_channels,
		.log = server->log,
	};

	server->slack = channel_sockets_new(&slack_sockets, &setup);
	server->discord = channel_sockets_new(&discord_gateways, &setup);
}

static void erased(void *self, struct str conversation)
{
	uploads_forget(((struct server *)self)->uploads, conversation);
}

static void open_dispatcher(struct server *server)
{
	struct dispatcher_setup setup = {
		.loop = server->loop,
		.store = server->store,
		.shop = server->shop_with_hours,
		.model = server->model,
		.language = str_of(server->options.language),
		.log = server->log,
		.metrics = server->metrics,
		.seed = random_seed(),
		.deaths = server->deaths,
		.handed_off = handed_off,
		.erased = erased,
		.self = server,
	};

	if (server->channels)
		setup.courier = channels_courier(server->channels);
	server->dispatcher = dispatcher_new(&setup);
	if (server->channels) {
		channels_start(server->channels, server->dispatcher);
		open_sockets(server);
	}
	shop_front_start(server->front, server->channels, server->dispatcher);
}

static void open_desk(struct server *server)
{
	struct desk_setup setup = {
		.outbox = server->channels ? channels_outbox(server->channels) : NULL,
		.uploads = server->uploads,
		.loop = server->loop,
		.dispatcher = server->dispatcher,
		.store = server->store,
		.client = server->client,
		.config = &server->config,
		.log = server->log,
		.metrics = server->metrics,
	};

	if (setup.config->desk_token.bytes.n || setup.config->webhook_url.n ||
		setup.config->nobody_after_s)
		server->desk = desk_new(&setup);
}

static void open_retention(struct server *server)
{
	struct retention_setup setup = {
		.loop = server->loop,
		.store = server->store,
		.dispatcher = server->dispatcher,
		.uploads = server->uploads,
		.log = server->log,
		.metrics = server->metrics,
		.conversations_s = server->config.keep_conversations_s,
		.uploads_s = server->config.keep_uploads_s,
	};

	if (setup.conversations_s || setup.uploads_s)
		server->retention = retention_new(&setup);
}

static void open_lobby(struct server *server, struct str secret)
{
	const struct serve_config *config = &server->config;

	server->lobby = (struct lobby){
		.loop = server->loop,
		.dispatcher = server->dispatcher,
		.uploads = server->uploads,
		.config = config,
		.opening = &server->opening,
		.ticket_secret = secret,
		.messages = rate_new(config->messages_per_minute, 20, names_at_once),
		.newcomers = rate_new(config->conversations_per_minute,
			config->conversations_per_minute, names_at_once),
		.log = server->log,
		.metrics = server->metrics,
		.waiting_text = waiting_text,
		.self = server,
	};
	server_find_opening(server);
	lobby_open(&server->lobby);
	server->form = form_chat_new(&server->lobby);
}

static void open_channels(struct server *server, struct str secret)
{
	struct directline_setup directline = {
		.loop = server->loop,
		.dispatcher = server->dispatcher,
		.uploads = server->uploads,
		.config = &server->config,
		.token_secret = secret,
		.log = server->log,
		.metrics = server->metrics,
	};
	struct rasa_setup rasa = {
		.loop = server->loop,
		.dispatcher = server->dispatcher,
		.config = &server->config,
		.log = server->log,
		.metrics = server->metrics,
	};

	if (server->config.directline)
		server->directline = directline_server_new(&directline);
	if (server->config.rasa)
		server->rasa = rasa_server_new(&rasa);
}

static struct listener_setup listener_of(struct server *server)
{
	const struct serve_config *config = &server->config;

	return (struct listener_setup){
		.loop = server->loop,
		.address = arena_cstr(server->arena, config->address),
		.port = server->port >= 0 ? server->port : config->port,
		.certificate = config->certificate.n ? config->certificate.p : NULL,
		.key = config->key.n ? config->key.p : NULL,
		.trusted_proxy = config->trusted_proxy,
		.n_trusted_proxies = config->n_trusted_proxies,
		.limits = config->limits,
		.self = server,
		.plan = routes_plan,
		.admit = routes_admit,
		.judge = routes_judge,
		.request = routes_request,
		.open = routes_open,
		.opened = routes_opened,
		.message = routes_message,
		.closed = routes_closed,
		.event = routes_event,
	};
}

/* As many as are needed, as far as they are allowed. */
static void allow_descriptors(struct server *server)
{
	rlim_t wanted = listener_descriptors(&server->config.limits);
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	if (files.rlim_max < wanted)
		LOG(server->log, LOG_WARNING, loop_now_ms(server->loop),
			"fewer connections than configured: so many files may not be open "
			"(LimitNOFILE=, ulimit -n)",
			log_int("allowed", (int64_t)files.rlim_max),
			log_int("needed", (int64_t)wanted));
	files.rlim_cur = wanted < files.rlim_max ? wanted : files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

static void begin_listener(struct server *server)
{
	struct listener_setup setup = listener_of(server);

	allow_descriptors(server);
	server->listener = listener_begin(&setup);
}

static bool open_listeners(struct server *server, struct buf *error)
{
	struct listener_setup setup = listener_of(server);

	if (!listener_listen(server->listener, error))
		return complain(error);
	if (!server->desk || !server->config.desk_address.n)
		return true;
	setup.address = arena_cstr(server->arena, server->config.desk_address);
	setup.port = server->config.desk_port;
	setup.plan = routes_desk_plan;
	setup.request = routes_desk_request;
	setup.admit = NULL;
	server->desk_listener = listener_open(&setup, error);
	return server->desk_listener || complain(error);
}

/* There is a store, and no secret beside it: it was left out of a backup. */
static bool is_without_tickets(struct server *server)
{
	return access(path_in(server, "store.db"), F_OK) == 0 &&
	       access(path_in(server, "ticket.secret"), F_OK) != 0;
}

/* What needs no content: it is opened while that is read. */
static bool open_kept(struct server *server, struct str *secret, struct buf *error)
{
	struct http_client_setup client = {
		.loop = server->loop,
		.user_agent = "tenstep/" TENSTEP_VERSION,
		.allow_loopback = true,
	};

	server->client = http_client_new(&client);
	if (is_without_tickets(server))
		LOG(server->log, LOG_WARNING, loop_now_ms(server->loop),
			"browsers do not find their chats again: what their tokens were made with "
			"is not there",
			log_word("file", str_of(path_in(server, "ticket.secret"))));
	if (!open_store(server, error) || !open_secret(server, "ticket.secret", secret, error))
		return false;
	server->uploads = uploads_new(&(struct uploads_setup){
		.folder = path_in(server, "files"),
		.secret = *secret,
		.leave_free = server->config.files_leave_free,
		.log = server->log,
	});
	if (!open_shop(server, error))
		return false;
	server->deaths = deaths_open(path_in(server, "deaths"));
	if (!deaths_are_kept(server->deaths))
		LOG(server->log, LOG_WARNING, loop_now_ms(server->loop),
			"a message that the program dies of would be tried again and again: the "
			"file cannot be written",
			log_word("file", str_of(path_in(server, "deaths"))));
	return true;
}

static bool open_all(struct server *server, struct buf *error)
{
	struct model_loading *loading;
	struct str secret;
	bool kept;

	if (!open_folder(server) || !read_config(server, error))
		return false;
	loading = options_model_begin(&server->options, false);
	server->log = log_new(stderr, (enum log_level)server->config.log_level);
	server->metrics = metrics_new();
	server->loop = loop_new();
	warn_open_folder(server);
	begin_listener(server);
	kept = open_kept(server, &secret, error);
	server->model = options_model_end(loading, &server->content);
	if (!kept || !server->model)
		return false;
	open_accounts(server, secret);
	open_dispatcher(server);
	open_desk(server);
	open_retention(server);
	open_lobby(server, secret);
	open_channels(server, secret);
	if (server->config.certificate.n && !server_look_at_certificate(server, error))
		return complain(error);
	if (server->config.certificate.n)
		server_watch_certificate(server);
	return open_listeners(server, error);
}

/* A reader that went away and a full disk are answers to calls of ours, not the end; and nobody
 * reads secrets out of a core. */
static void settle_in(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* until it is heard: all is about to be read anyway */
	umask(0077);
#ifndef __SANITIZE_ADDRESS__
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

bool server_open(struct server *server)
{
	struct buf error;
	bool good;

	settle_in();
	server->arena = arena_new(1 << 20);
	buf_init(&server->page, max_page_bytes);
	buf_init(&server->opening, server_greeting_bytes);
	buf_init(&error, max_error_bytes);
	good = open_all(server, &error);
	buf_release(&error);
	if (good) {
		server_tell_build(server);
		LOG(server->log, LOG_INFO, loop_now_ms(server->loop), "listening",
			log_word("address", server->config.address),
			log_int("port", listener_port(server->listener)));
	}
	return good;
}

/* --- running --- */

static void stop(void *self)
{
	loop_stop(((struct server *)self)->loop);
}

static void drain(void *self)
{
	struct server *server = self;

	if (server->draining) { /* asked twice: at once */
		stop(server);
		return;
	}
	server->draining = server->lobby.draining = true;
	supervisor_tell("STOPPING=1");
	LOG(server->log, LOG_INFO, loop_now_ms(server->loop), "draining",
		log_int("connections", (int64_t)listener_connections(server->listener)));
	listener_drain(server->listener);
	if (server->desk_listener)
		listener_drain(server->desk_listener);
	(void)dispatcher_flush(server->dispatcher);
	loop_timer_start(server->loop, &server->drain_timer, drain_ms, stop, server);
}

void server_hear_signals(struct server *server)
{
	loop_signal(server->loop, SIGTERM, drain, server);
	loop_signal(server->loop, SIGINT, drain, server);
	loop_signal(server->loop, SIGHUP, server_reload, server);
}

void server_run(struct server *server)
{
	loop_run(server->loop);
	LOG(server->log, LOG_INFO, loop_now_ms(server->loop), "stopped", LOG_END);
}

/* Backwards: who uses goes before what is used.  Who has a request to answer goes before the
 * listener, who has sockets after it. */
void server_close(struct server *server)
{
	if (server->dispatcher)
		(void)dispatcher_flush(server->dispatcher);
	if (server->loop)
		loop_timer_stop(server->loop, &server->certificate_timer);
	retention_free(server->retention);
	shop_front_stop(server->front);
	channel_sockets_free(server->slack);
	channel_sockets_free(server->discord);
	channels_free(server->channels);
	desk_free(server->desk);
	rasa_server_free(server->rasa);
	form_chat_free(server->form);
	listener_close(server->desk_listener);
	listener_close(server->listener);
	if (server->lobby.arena) {
		rate_free(server->lobby.messages);
		rate_free(server->lobby.newcomers);
	}
	directline_server_free(server->directline);
	dispatcher_free(server->dispatcher);
	deaths_close(server->deaths);
	if (server->lobby.arena)
		lobby_close(&server->lobby);
	if (server->shop_with_hours)
		server->shop_with_hours->free(server->shop_with_hours);
	if (server->shop_with_policy)
		server->shop_with_policy->free(server->shop_with_policy);
	shop_front_free(server->front);
	if (server->service)
		shop_service_free(server->service);
	else if (server->shop)
		server->shop->free(server->shop);
	if (server->client)
		http_client_free(server->client);
	uploads_free(server->uploads);
	store_close(server->store);
	loop_free(server->loop);
	model_unref(server->model);
	content_free(server->content);
	metrics_free(server->metrics);
	log_free(server->log);
	buf_release(&server->page);
	buf_release(&server->opening);
	arena_free(server->arena);
	free(server->folder);
}

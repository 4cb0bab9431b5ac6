/* What a running server reads again: content, certificate; and what it says of its configuration.
 */
#include "adapters/net/certificate.h"
#include "bot/app/server_parts.h"
#include "bot/common/version.h"
#include "flows/flow_opening.h"

#include <string.h>
#include <sys/stat.h>

#include "bot/base/hash.h"

enum {
	max_error_bytes = 16384,
	max_findings_bytes = 4 << 20,
	certificate_look_ms = 10 * 1000,
	certificate_tell_ms = 24 * 3600 * 1000,
};

void server_find_opening(struct server *server)
{
	struct arena *arena = arena_new(server_greeting_bytes);

	buf_clear(&server->opening);
	buf_add(&server->opening, flow_set_opening(model_flows(server->model), arena));
	arena_free(arena);
}

bool server_look_at_certificate(struct server *server, struct buf *error)
{
	const struct serve_config *config = &server->config;
	int64_t now_ms = loop_now_ms(server->loop);
	struct certificate certificate;
	enum certificate_fault fault =
		certificate_read(config->certificate.p, config->key.p, &certificate);

	if (fault != CERTIFICATE_GOOD) {
		buf_addf(error, "'%.*s' %s",
			STR(fault == CERTIFICATE_NONE ? config->certificate : config->key),
			certificate_fault_text[fault]);
		return false;
	}
	metrics_set(server->metrics, "tenstep_certificate_ends_seconds", NULL, NULL,
		(double)certificate.ends);
	if (certificate_worries(&certificate, now_ms / 1000, error)) {
		LOG(server->log, LOG_WARNING, now_ms, "browsers want another certificate",
			log_word("why", buf_str(error)));
		buf_clear(error);
	}
	return true;
}

void server_tell_build(struct server *server)
{
	char hex[65];

	digest_hex(model_digest(server->model), hex);
	hex[12] = '\0';
	metrics_set(server->metrics, "tenstep_build_info", TENSTEP_VERSION, hex, 1);
}

/* How the files of certificate and key stand; 0: one is not there. */
static uint64_t certificate_files(const struct server *server)
{
	const char *path[] = {server->config.certificate.p, server->config.key.p};
	int64_t stands[2][5] = {{0}};

	for (size_t i = 0; i < 2; i++) {
		struct stat file;

		if (stat(path[i], &file) != 0)
			return 0;
		stands[i][0] = (int64_t)file.st_dev;
		stands[i][1] = (int64_t)file.st_ino;
		stands[i][2] = (int64_t)file.st_size;
		stands[i][3] = file.st_mtim.tv_sec;
		stands[i][4] = file.st_mtim.tv_nsec;
	}
	return hash_bytes((struct str){(const char *)stands, sizeof(stands)}, 0) | 1;
}

static void renew_certificate(struct server *server)
{
	struct listener *desk = server->desk_listener;
	struct buf error;

	if (!server->config.certificate.n)
		return;
	server->certificate_used = certificate_files(server);
	server->certificate_told_ms = loop_steady_ms(server->loop);
	buf_init(&error, max_error_bytes);
	if (server_look_at_certificate(server, &error) &&
		listener_renew(server->listener, &error) && (!desk || listener_renew(desk, &error)))
		LOG(server->log, LOG_INFO, loop_now_ms(server->loop), "certificate read again",
			LOG_END);
	else
		LOG(server->log, LOG_ERROR, loop_now_ms(server->loop),
			"the certificate was not renewed: the last good one stays",
			log_word("error", buf_str(&error)));
	buf_release(&error);
}

/* Both files are written one after the other: they are read when neither has changed since the look
 * before. */
static bool is_certificate_new(struct server *server)
{
	uint64_t now = certificate_files(server);
	bool settled = now == server->certificate_seen;

	server->certificate_seen = now;
	return now && settled && now != server->certificate_used;
}

static void look_at_certificate(void *self)
{
	struct server *server = self;
	struct buf error;

	if (is_certificate_new(server)) {
		renew_certificate(server);
	} else if (loop_steady_ms(server->loop) - server->certificate_told_ms >=
		   certificate_tell_ms) {
		buf_init(&error, max_error_bytes);
		server->certificate_told_ms = loop_steady_ms(server->loop);
		if (!server_look_at_certificate(server, &error))
			LOG(server->log, LOG_ERROR, loop_now_ms(server->loop),
				"with this certificate the server would not start again",
				log_word("error", buf_str(&error)));
		buf_release(&error);
	}
	loop_timer_start(server->loop, &server->certificate_timer, certificate_look_ms,
		look_at_certificate, server);
}

void server_watch_certificate(struct server *server)
{
	server->certificate_used = server->certificate_seen = certificate_files(server);
	server->certificate_told_ms = loop_steady_ms(server->loop);
	loop_timer_start(server->loop, &server->certificate_timer, certificate_look_ms,
		look_at_certificate, server);
}

/* Broken content is told, and the last good one stays. */
static void reload_content(struct server *server)
{
	struct arena *arena = arena_new(max_findings_bytes);
	struct content *content;
	struct model *model = NULL;
	struct diags diags;

	diags_init(&diags, arena);
	content = content_open(
		server->options.content, server->options.language, server->content, &diags);
	if (content) {
		server->content = content; /* even what is broken stays: findings point into it */
		model = content_model(content, &diags, server->model);
	}
	if (diags.n)
		options_print_findings(&server->options, &diags, stderr);
	if (model) {
		dispatcher_use_model(server->dispatcher, model);
		model_unref(server->model);
		server->model = model;
		server_find_opening(server);
		server_tell_build(server);
	}
	LOG(server->log, model ? LOG_INFO : LOG_ERROR, loop_now_ms(server->loop),
		model ? "content reloaded" : "content not reloaded: the last good one stays",
		log_int("errors", (int64_t)diags.n_errors));
	arena_free(arena);
}

/* It is read at the start only, but whoever has edited it wants to know now whether the next start
 * will go well. */
static void look_at_config(struct server *server)
{
	int64_t now_ms = loop_now_ms(server->loop);
	struct arena *arena = arena_new(max_findings_bytes);
	struct serve_config config;
	struct diags diags;

	diags_init(&diags, arena);
	if (!serve_config_open(server->config_path, arena, &config, &diags)) {
		options_print_findings(&server->options, &diags, stderr);
		LOG(server->log, LOG_ERROR, now_ms,
			"the configuration has errors: with it the server would not start again",
			log_int("errors", (int64_t)diags.n_errors));
	} else if (memcmp(&config.text, &server->config.text, sizeof(config.text)) != 0) {
		options_print_findings(&server->options, &diags, stderr);
		LOG(server->log, LOG_WARNING, now_ms,
			"the configuration has changed: it is used after a restart", LOG_END);
	}
	arena_free(arena);
}

void server_reload(void *self)
{
	struct server *server = self;

	if (server->config_path)
		look_at_config(server);
	reload_content(server);
	renew_certificate(server);
}

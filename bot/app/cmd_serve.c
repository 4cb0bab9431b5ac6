/* tenstep serve: the server. */
#include <stdlib.h>

#include "bot/app/command.h"
#include "bot/app/server.h"
#include "bot/app/supervisor.h"

enum { KEY_CONFIG = 0x300, KEY_PORT, KEY_DEMO };

struct serve {
	struct server server;
	bool demo;
};

static const struct argp_option option[] = {
	{"config", KEY_CONFIG, "FILE", 0, "the configuration; bot/app/CONFIG.md describes it", 0},
	{"demo", KEY_DEMO, NULL, 0, "the demo shop and its page, without any configuration", 0},
	{"port", KEY_PORT, "N", 0,
		"listen here instead of where the configuration says (8080); 0: any free port", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct serve *serve = state->input;
	int64_t port;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &serve->server.options;
		return 0;
	case KEY_CONFIG:
		serve->server.config_path = arg;
		return 0;
	case KEY_DEMO:
		serve->demo = true;
		return 0;
	case KEY_PORT:
		if (!str_int(str_of(arg), &port) || port < 0 || port > 65535)
			argp_error(state, "--port is a number from 0 to 65535, not '%s'", arg);
		else
			serve->server.port = (int)port;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "nothing else is expected, but there is '%s'", arg);
		return 0;
	case ARGP_KEY_END:
		if (!serve->demo && !serve->server.config_path)
			argp_error(state, "either --demo or --config FILE is needed");
		else if (serve->demo && serve->server.config_path)
			argp_error(state, "--demo needs no configuration: give one of --demo and "
					  "--config FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse, "",
	"Serves the website's chat, its demo page, the desk and the channels that are configured."
	"\vSIGHUP reads flows, intents and the certificate again, and says whether a changed "
	"configuration is right; SIGTERM stops after what was "
	"taken is "
	"answered. The log goes to stderr, a JSON object a line.",
	child, NULL, NULL};

static void tell_address(const struct server *server)
{
	const struct serve_config *config = &server->config;
	const char *scheme = config->certificate.n ? "https" : "http";
	int port = listener_port(server->listener);

	if (config->demo)
		printf("The demo shop is at  %s://%.*s:%d/\n", scheme, STR(config->address), port);
	printf("The chat without scripts  %s://%.*s:%d/chat/form\n", scheme, STR(config->address),
		port);
	if (server->desk)
		printf("Who waits for a person  tenstep inbox\n");
	printf("Ctrl-C stops it; everything is kept in %s\n", server->folder);
	fflush(stdout);
}

int cmd_serve(int argc, char **argv)
{
	struct serve serve = {.server = {.options = OPTIONS_DEFAULT, .port = -1}};
	bool good;

	argp_parse(&argp, argc, argv, 0, NULL, &serve);
	good = server_open(&serve.server);
	if (good) {
		server_hear_signals(&serve.server);
		tell_address(&serve.server);
		supervisor_tell("READY=1");
		server_run(&serve.server);
	}
	server_close(&serve.server);
	return good ? EXIT_GOOD : EXIT_CANNOT;
}

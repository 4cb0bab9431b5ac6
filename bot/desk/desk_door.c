/* How a command gets to the desk of a running server. */
#include "bot/desk/desk_door.h"

#include <signal.h>
#include <stdlib.h>

#include "bot/common/secret.h"
#include "bot/desk/inbox_print.h"

enum { KEY_URL = 0x480, KEY_TOKEN_FILE, KEY_CA };

static const char default_url[] = "http://127.0.0.1:8080";

static const struct argp_option option[] = {
	{"url", KEY_URL, "URL", 0,
		"the server (else TENSTEP_URL, else http://127.0.0.1:8080); https, or http on this "
		"machine",
		0},
	{"token-file", KEY_TOKEN_FILE, "FILE", 0,
		"the file with the desk's token (else server/desk.token in --data)", 0},
	{"ca-file", KEY_CA, "FILE", 0, "the certificates that are believed, PEM", 0},
	{"json", 'j', NULL, 0, "the server's answers as they are, a line each", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct desk_door *door = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &door->options;
		return 0;
	case KEY_URL:
		door->url = arg;
		return 0;
	case KEY_TOKEN_FILE:
		door->token_file = arg;
		return 0;
	case KEY_CA:
		door->ca_file = arg;
		return 0;
	case 'j':
		door->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
const struct argp desk_door_argp = {option, parse, NULL, NULL, child, NULL, NULL};

/* --- what goes wrong --- */

int desk_door_complain(const struct desk_door *door, const char *what, struct str why)
{
	fprintf(stderr, "tenstep %s: %s%s%.*s\n", door->command, what, why.n ? ": " : "", STR(why));
	return EXIT_CANNOT;
}

static void print_nearest(const struct json *nearest)
{
	const char *before = "  perhaps: ";

	for (const struct json *n = json_first(nearest); n; n = json_next(n)) {
		fprintf(stderr, "%s%.*s", before, STR(json_text(n)));
		before = ", ";
	}
	if (json_count(nearest))
		putc('\n', stderr);
}

static bool was_quicker(const struct json *error)
{
	struct str code = json_text(json_get(error, "code"));

	return str_is(code, "taken") || str_is(code, "changed");
}

static int refused(const struct desk_door *door, const struct inbox_answer *answer)
{
	const struct json *error = json_get(answer->root, "error");
	struct buf clean;

	switch (answer->status) {
	case 401:
		return desk_door_complain(door,
			"the server does not take this token; name the right one with "
			"--token-file or --data",
			S(""));
	case 429:
		return desk_door_complain(
			door, "too many wrong tokens came from here; wait a minute", S(""));
	}
	if (!json_is(error, JSON_OBJECT)) {
		fprintf(stderr, "tenstep %s: %s is no desk: it answered %u\n", door->command,
			door->url, answer->status);
		return EXIT_CANNOT;
	}
	buf_init(&clean, 1000);
	inbox_clean(json_text(json_get(error, "message")), &clean);
	desk_door_complain(
		door, was_quicker(error) ? "somebody was quicker" : "not done", buf_str(&clean));
	buf_release(&clean);
	print_nearest(json_get(answer->root, "nearest"));
	return answer->status >= 500 || str_is(json_text(json_get(error, "code")), "not_found")
		       ? EXIT_CANNOT
		       : EXIT_FINDINGS;
}

static int unanswered(const struct desk_door *door, const struct inbox_answer *answer)
{
	fprintf(stderr, "tenstep %s: no answer from %s: %.*s\n", door->command, door->url,
		STR(answer->error));
	if (str_starts(answer->error, S("refused: this address")))
		fprintf(stderr,
			"  the token travels over https, or over http within this machine\n");
	else
		fprintf(stderr, "  is `tenstep serve` running there? another address is named with "
				"--url\n");
	return EXIT_CANNOT;
}

/* EXIT_GOOD when the answer is what was asked for; else it was told why not. */
int desk_door_check(const struct desk_door *door, const struct inbox_answer *answer)
{
	if (!answer->answered)
		return unanswered(door, answer);
	if (door->json && answer->root)
		printf("%.*s\n", STR(answer->text));
	return answer->status == 200 && answer->root ? EXIT_GOOD : refused(door, answer);
}

/* --- who asks, and whom --- */

static const char *first_set(const char *given, const char *variable, const char *otherwise)
{
	const char *value = getenv(variable);

	return given ? given : value && *value ? value : otherwise;
}

static bool is_one_word(struct str token, struct buf *error)
{
	for (size_t i = 0; i < token.n; i++)
		if ((unsigned char)token.p[i] <= ' ' || (unsigned char)token.p[i] >= 0x7f) {
			buf_adds(error, "this is no token: it has blanks or other bytes in it");
			return false;
		}
	return true;
}

static bool find_token(struct desk_door *door)
{
	const char *path = door->token_file;
	char *data = NULL;
	struct secret secret;
	struct buf error;
	bool good;

	if (!path) {
		data = options_data_folder(&door->options);
		if (!data)
			return false;
		path = arena_printf(door->arena, "%s/server/desk.token", data).p;
		free(data);
	}
	buf_init(&error, 1000);
	good = secret_from_file(path, door->arena, &secret, &error) &&
	       is_one_word(secret.bytes, &error);
	if (good)
		door->client.token = secret.bytes;
	else
		fprintf(stderr,
			"tenstep %s: no token in '%s': %.*s\n  the server keeps it in its "
			"--data folder; name that, or the file with --token-file\n",
			door->command, path, STR(buf_str(&error)));
	buf_release(&error);
	return good;
}

bool desk_door_open(struct desk_door *door)
{
	door->arena = arena_new(1 << 20);
	if (!find_token(door))
		return false;
	door->url = first_set(door->url, "TENSTEP_URL", default_url);
	/* A server that hangs up during TLS; a reader that went away is found out later. */
	signal(SIGPIPE, SIG_IGN);
	inbox_client_open(&door->client, door->url, door->ca_file);
	return true;
}

void desk_door_close(struct desk_door *door)
{
	if (door->client.loop)
		inbox_client_close(&door->client);
	if (door->arena)
		arena_free(door->arena);
}

int desk_door_finish(
	const struct desk_door *door, struct inbox_answer *answer, print_function *print)
{
	int status = desk_door_check(door, answer);

	if (status == EXIT_GOOD && !door->json)
		print(stdout, answer->root);
	inbox_answer_release(answer);
	return status;
}

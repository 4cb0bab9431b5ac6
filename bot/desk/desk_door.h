/* How a command gets to the desk of a running server: --url, --token-file, --ca-file, and what is
 * said when it does not. */
#ifndef TENSTEP_DESK_DESK_DOOR_H
#define TENSTEP_DESK_DESK_DOOR_H

#include "bot/common/inbox_client.h"
#include "bot/common/options.h"

struct desk_door {
	const char *command; /* "inbox": for messages */
	struct options options;
	const char *url, *token_file, *ca_file;
	bool json; /* --json: answers are printed as they are, a line each */
	struct arena *arena;
	struct inbox_client client;
};

/* The parser of these options and of options_argp; the command hands its struct desk_door down as
 * the first of state->child_inputs. */
extern const struct argp desk_door_argp;

/* Finds the token and opens the client; false after a message on stderr.  desk_door_close() in
 * either case.  Signals of broken pipes are ignored from then on. */
bool desk_door_open(struct desk_door *door) MUST_CHECK;
void desk_door_close(struct desk_door *door);

/* "tenstep COMMAND: WHAT: WHY" on stderr; EXIT_CANNOT. */
int desk_door_complain(const struct desk_door *door, const char *what, struct str why);
/* EXIT_GOOD when the answer is what was asked for; else it was told why not. */
int desk_door_check(const struct desk_door *door, const struct inbox_answer *answer);

typedef void print_function(FILE *to, const struct json *answer);
/* Checks it, prints it, releases it. */
int desk_door_finish(
	const struct desk_door *door, struct inbox_answer *answer, print_function *print);

#endif

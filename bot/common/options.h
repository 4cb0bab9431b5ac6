/* What every command takes: --data, --content, --lang, --color; and where it leaves its status. */
#ifndef TENSTEP_COMMON_OPTIONS_H
#define TENSTEP_COMMON_OPTIONS_H

#include <argp.h>
#include <stdio.h>

#include "bot/common/content.h"

enum exit_status { EXIT_GOOD = 0, EXIT_FINDINGS = 1, EXIT_CANNOT = 2 };

enum colour_wish { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct options {
	const char *data;     /* --data, else NULL: see options_data_folder() */
	const char *content;  /* --content, else NULL: see content_open() */
	const char *language; /* "en" */
	enum colour_wish colour;
};

/* The parser of these options, for the children of a command's argp:
 *
 *     struct argp_child child[] = {{&options_argp, 0, NULL, 0}, {0}};
 *
 * The command's parser hands its struct options down on ARGP_KEY_INIT: state->child_inputs[0]. */
extern const struct argp options_argp;
#define OPTIONS_DEFAULT ((struct options){.language = "en"})

/* --color, NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM=dumb and whether @to is a terminal. */
bool options_colour(const struct options *options, FILE *to);

/* The folder that everything the program writes is in: --data, else TENSTEP_DATA, else
 * $XDG_DATA_HOME/tenstep, else $HOME/.local/share/tenstep; made with mode 0700 if it is not there.
 * NULL after a message on stderr.  The caller frees it with free(). */
char *options_data_folder(const struct options *options) MUST_CHECK;

/* Opens and compiles the content, printing all findings on stderr (warnings only with @warnings).
 * NULL if there is none that works.  *content is the caller's to free, after the model. */
struct model *options_model(
	const struct options *options, bool warnings, struct content **content) MUST_CHECK;

/* The same beside the caller, who may do anything but change @options in between; _begin() is
 * always followed by _end(), which waits and prints. */
struct model_loading;
struct model_loading *options_model_begin(const struct options *options, bool warnings) MUST_CHECK;
struct model *options_model_end(struct model_loading *loading, struct content **content) MUST_CHECK;

/* Prints findings on @to, at most 20 of each code. */
void options_print_findings(const struct options *options, const struct diags *diags, FILE *to);

#endif

/* The options that all commands share. */
#include "bot/common/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/common/aside.h"
#include "bot/common/version.h"

enum { max_findings_bytes = 4 << 20, shown_per_code = 20, megabytes_of_intents = 8 };

enum { KEY_DATA = 0x100, KEY_CONTENT, KEY_LANG, KEY_COLOUR };

static const struct argp_option option[] = {
	{NULL, 0, NULL, 0, "Everywhere:", 90},
	{"data", KEY_DATA, "DIR", 0,
		"where everything is kept (else TENSTEP_DATA, else $XDG_DATA_HOME/tenstep)", 90},
	{"content", KEY_CONTENT, "DIR", 0,
		"the folder with intents/ and flows/ (else TENSTEP_CONTENT, else this folder if it "
		"has "
		"them, else the copy inside the program)",
		90},
	{"lang", KEY_LANG, "CODE", 0, "the language of the content (en)", 90},
	{"color", KEY_COLOUR, "WHEN", 0, "auto, always or never; NO_COLOR is honoured", 90},
	{"version", 'V', NULL, 0, "print the version and leave", 91},
	{0},
};

static bool parse_colour(const char *arg, enum colour_wish *wish)
{
	static const char *const word[] = {
		[COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never"};

	for (unsigned i = 0; i < sizeof word / sizeof *word; i++)
		if (strcmp(arg, word[i]) == 0) {
			*wish = (enum colour_wish)i;
			return true;
		}
	return false;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_DATA:
		options->data = arg;
		return 0;
	case KEY_CONTENT:
		options->content = arg;
		return 0;
	case KEY_LANG:
		options->language = arg;
		return 0;
	case KEY_COLOUR:
		if (!parse_colour(arg, &options->colour))
			argp_error(state, "--color is auto, always or never, not '%s'", arg);
		return 0;
	case 'V':
		version_print(stdout);
		exit(EXIT_GOOD);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp options_argp = {option, parse, NULL, NULL, NULL, NULL, NULL};

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool is_zero(const char *name)
{
	const char *value = getenv(name);

	return value && strcmp(value, "0") == 0;
}

bool options_colour(const struct options *options, FILE *to)
{
	const char *term = getenv("TERM");

	if (options->colour != COLOUR_AUTO)
		return options->colour == COLOUR_ALWAYS;
	if (is_set("NO_COLOR"))
		return false;
	if (is_set("CLICOLOR_FORCE") && !is_zero("CLICOLOR_FORCE"))
		return true;
	if (is_zero("CLICOLOR") || !term || strcmp(term, "dumb") == 0)
		return false;
	return isatty(fileno(to));
}

static char *printf_new(const char *format, const char *a)
{
	size_t n = strlen(format) + strlen(a);
	char *text = malloc(n);

	if (!text)
		abort();
	snprintf(text, n, format, a);
	return text;
}

static char *folder_name(const struct options *options)
{
	const char *xdg = getenv("XDG_DATA_HOME");

	if (options->data)
		return printf_new("%s", options->data);
	if (is_set("TENSTEP_DATA"))
		return printf_new("%s", getenv("TENSTEP_DATA"));
	if (xdg && *xdg == '/') /* a relative one is to be ignored, says the XDG specification */
		return printf_new("%s/tenstep", xdg);
	if (is_set("HOME"))
		return printf_new("%s/.local/share/tenstep", getenv("HOME"));
	return NULL;
}

/* Makes the folder and those above it; false with errno set. */
static bool make_folders(char *path)
{
	struct stat st;

	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES) {
			*p = '/';
			return false;
		}
		*p = '/';
	}
	if (mkdir(path, 0700) == 0)
		return true;
	if (errno != EEXIST)
		return false;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	errno = ENOTDIR;
	return false;
}

char *options_data_folder(const struct options *options)
{
	char *path = folder_name(options);

	if (!path || !*path) {
		fprintf(stderr,
			"tenstep: no place to keep anything: none of TENSTEP_DATA, XDG_DATA_HOME "
			"and HOME is set; name a folder with --data DIR\n");
		free(path);
		return NULL;
	}
	if (!make_folders(path)) {
		fprintf(stderr, "tenstep: cannot make the folder '%s': %s\n", path,
			strerror(errno));
		free(path);
		return NULL;
	}
	return path;
}

void options_print_findings(const struct options *options, const struct diags *diags, FILE *to)
{
	struct buf text;

	buf_init(&text, max_findings_bytes);
	diags_print(diags, &text, options_colour(options, to), shown_per_code);
	if (text.n)
		fwrite(text.p, 1, text.n, to);
	buf_release(&text);
}

/* --- the model --- */

struct model_loading {
	const struct options *options;
	bool warnings;
	struct aside aside;
	struct arena *arena; /* holds the findings */
	struct diags diags;
	struct content *content;
	struct model *model;
};

static void load(void *self)
{
	struct model_loading *l = self;

	l->arena = arena_new(max_findings_bytes);
	diags_init(&l->diags, l->arena);
	l->content = content_open(l->options->content, l->options->language, NULL, &l->diags);
	if (l->content)
		l->model = content_model(l->content, &l->diags, NULL);
}

static struct model *take_model(struct model_loading *l, struct content **content)
{
	const struct diags *diags = &l->diags;

	if (diags->n_errors || (l->warnings && diags->n))
		options_print_findings(l->options, diags, stderr);
	if (!l->model) {
		fprintf(stderr, "tenstep: this content cannot be used: %zu error%s\n",
			diags->n_errors, diags->n_errors == 1 ? "" : "s");
		content_free(l->content);
		l->content = NULL;
	}
	*content = l->content;
	arena_free(l->arena);
	return l->model;
}

struct model *options_model(const struct options *options, bool warnings, struct content **content)
{
	struct model_loading loading = {.options = options, .warnings = warnings};

	load(&loading);
	return take_model(&loading, content);
}

struct model_loading *options_model_begin(const struct options *options, bool warnings)
{
	struct model_loading *loading = calloc(1, sizeof *loading);

	if (!loading)
		abort();
	loading->options = options;
	loading->warnings = warnings;
	aside_begin(&loading->aside, megabytes_of_intents, load, loading);
	return loading;
}

struct model *options_model_end(struct model_loading *loading, struct content **content)
{
	struct model *model;

	aside_end(&loading->aside);
	model = take_model(loading, content);
	free(loading);
	return model;
}

/* All keys of the configuration, as help at a terminal and as the tables of CONFIG.md. */
#include <string.h>

#include "adapters/channel/channel.h"
#include "bot/config/config_field.h"

typedef void field_function(const struct config_field *field, struct buf *out);

static void each_field(const char *section, field_function *show, struct buf *out)
{
	for (size_t i = 0; i < n_config_fields; i++)
		if (strcmp(config_field[i].section, section) == 0)
			show(&config_field[i], out);
}

static void show_help(const struct config_field *f, struct buf *out)
{
	buf_addf(out, "  %s%s%s: ", f->section, *f->section ? "." : "", f->name);
	config_kind_show(f, out);
	if (f->fallback)
		buf_addf(out, " (%s)", f->fallback);
	buf_addf(out, "%s\n      %s\n", f->required ? ", needed" : "", f->help);
}

static const char channels_help[] =
	"Accounts on messaging platforms, each under a name of your own: {\"NAME\": {\"platform\": "
	"…}}.";

static void platform_help(const struct channel *codec, struct buf *out)
{
	buf_addf(out, "\n%s, with \"platform\": \"%s\"\n", codec->about, codec->name);
}

void serve_config_help(struct buf *out)
{
	buf_adds(out, "The configuration is one JSON file; comments and trailing commas are fine.\n"
		      "A secret is {\"file\": PATH} or {\"env\": NAME}.\n");
	for (size_t i = 0; i < n_config_sections; i++) {
		buf_addf(
			out, "\n%s%s", config_section[i].help, *config_section[i].help ? "\n" : "");
		each_field(config_section[i].name, show_help, out);
	}
	buf_addf(out, "\n%s\n", channels_help);
	config_channels_show(platform_help, show_help, out);
}

static const char table_head[] =
	"\n| key | value | default | what it is |\n| --- | --- | --- | --- |\n";

/* "|" would end a cell. */
static void show_row(const struct config_field *f, struct buf *out)
{
	buf_addf(out, "| `%s` | ", f->name);
	config_kind_show(f, out);
	if (f->required)
		buf_adds(out, " | needed");
	else if (f->fallback)
		buf_addf(out, " | `%s`", f->fallback);
	else
		buf_adds(out, " | –");
	buf_addf(out, " | %s |\n", f->help);
}

static void platform_heading(const struct channel *codec, struct buf *out)
{
	buf_addf(out, "\n%s, `\"platform\": \"%s\"`:\n%s", codec->about, codec->name, table_head);
}

static void show_channels(struct buf *out)
{
	buf_addf(out, "### \"channels\"\n\n%s Its webhook is `/channels/NAME` of this server.\n",
		channels_help);
	config_channels_show(platform_heading, show_row, out);
	buf_addc(out, '\n');
}

void serve_config_reference(struct buf *out)
{
	for (size_t i = 0; i < n_config_sections; i++) {
		const struct config_section *section = &config_section[i];

		if (*section->name)
			buf_addf(out, "### \"%s\"\n\n%s\n", section->name, section->help);
		else
			buf_adds(out, "### At the top\n");
		buf_adds(out, table_head);
		each_field(section->name, show_row, out);
		buf_addc(out, '\n');
	}
	show_channels(out);
}

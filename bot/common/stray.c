/* Files in a content folder that were meant to be read, and are not. */
#include "bot/common/stray.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { max_depth = 4 };

struct search {
	const char *folder, *pack;
	struct diags *diags;
};

static const char *const flow_folder[] = {"flows/guide", "flows/lists", "flows/repair"};

/* Schemas stand beside the folders, for editors. */
static bool is_schema(const char *name)
{
	size_t n = strlen(name), m = strlen("schema.json");

	return n >= m && strcmp(name + n - m, "schema.json") == 0;
}

static bool ends_so(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcasecmp(name + n - m, end) == 0;
}

static bool is_read(const struct search *search, const char *inside)
{
	for (size_t i = 0; i < sizeof flow_folder / sizeof *flow_folder; i++)
		if (strcmp(inside, flow_folder[i]) == 0)
			return true;
	return strcmp(inside, search->pack) == 0;
}

static const char *name_fault(const char *name)
{
	static const char *const nearly[] = {".json.txt", ".jsonc", ".json5", ".json.json", ".jsn"};
	size_t n = strlen(name);

	if (n > 5 && strcmp(name + n - 5, ".json") == 0)
		return NULL;
	if (ends_so(name, ".json"))
		return "the end of its name is written .json";
	for (size_t i = 0; i < sizeof nearly / sizeof *nearly; i++)
		if (ends_so(name, nearly[i]))
			return "let its name end in .json";
	return NULL;
}

static void look_at(const struct search *search, const char *inside, const char *name)
{
	bool json = ends_so(name, ".json"), flows = strncmp(inside, "flows", 5) == 0;
	const char *fault = name_fault(name);

	if (name[0] == '.' || (is_schema(name) && !is_read(search, inside)))
		return;
	if (!fault && json && !is_read(search, inside))
		fault = flows ? "flows and lists stand in flows/guide, flows/repair and flows/lists"
			      : "intents stand in the folder of their language, as "
				"intents/packs/en";
	if (fault)
		diag_add(search->diags, DIAG_WARNING, "A007", NULL, 0, 0, str_of(fault),
			"'%s%s%s/%s' is not read",
			strcmp(search->folder, ".") ? search->folder : "",
			strcmp(search->folder, ".") ? "/" : "", inside, name);
}

/* The packs of other languages are read when those are spoken. */
static bool is_other_language(const struct search *search, const char *inside)
{
	const char packs[] = "intents/packs/";

	return strncmp(inside, packs, strlen(packs)) == 0 &&
	       strncmp(inside, search->pack, strlen(search->pack)) != 0;
}

static void look_into(const struct search *search, const char *inside, unsigned depth)
{
	struct arena *arena = arena_new(1 << 20);
	struct dirent **entry = NULL;
	int n = is_other_language(search, inside)
			? 0
			: scandir(arena_printf(arena, "%s/%s", search->folder, inside).p, &entry,
				  NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = entry[i]->d_name;

		if (entry[i]->d_type == DT_DIR && name[0] != '.' && depth < max_depth)
			look_into(search, arena_printf(arena, "%s/%s", inside, name).p, depth + 1);
		else if (entry[i]->d_type == DT_REG)
			look_at(search, inside, name);
		free(entry[i]);
	}
	free(entry);
	arena_free(arena);
}

void find_strays(const char *folder, const char *language, struct diags *diags)
{
	struct search search = {
		folder, arena_printf(diags->arena, "intents/packs/%s", language).p, diags};

	if (!*folder)
		return;
	look_into(&search, "flows", 0);
	look_into(&search, "intents", 0);
}

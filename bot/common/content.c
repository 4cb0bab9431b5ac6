/* Finds the content and reads it. */
#include "bot/common/content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/common/aside.h"
#include "bot/common/embedded.h"

enum { megabytes_of_flows = 4 };
enum kind { FILE_PACK, FILE_FLOW, N_FILE_KINDS };

/* The folders below the top, and what their .json files are. */
static const struct {
	const char *path;
	enum kind kind;
} room[] = {
	{"flows/guide", FILE_FLOW},
	{"flows/lists", FILE_FLOW},
	{"flows/repair", FILE_FLOW},
};

struct file_list {
	struct source *source; /* .name: as a person opens it */
	struct str *inside;    /* the path from the top of the content */
	size_t n;
};

struct content {
	struct arena *arena; /* holds itself, names and texts */
	struct content *older;
	const char *folder, *language;
	struct file_list list[N_FILE_KINDS];
	struct str dictionary, dictionary_digest;
};

static const char packs[] = "intents/packs";

static const char *join(struct arena *arena, const char *folder, const char *name)
{
	size_t n = strlen(folder);

	if (!n || strcmp(folder, ".") == 0)
		return arena_cstr(arena, str_of(name));
	return arena_cstr(arena,
		arena_printf(arena, "%s%s%s", folder, folder[n - 1] == '/' ? "" : "/", name));
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void add_file(struct content *content, enum kind kind, const char *name, struct str inside,
	struct str text)
{
	struct file_list *list = &content->list[kind];

	list->source = arena_grow(content->arena, list->source, list->n, struct source);
	list->inside = arena_grow(content->arena, list->inside, list->n, struct str);
	list->source[list->n] = (struct source){.name = name, .text = text};
	list->inside[list->n++] = inside;
}

static size_t count_files(const struct content *content)
{
	return content->list[FILE_PACK].n + content->list[FILE_FLOW].n;
}

/* All of the open file @fd; false with errno set.  EFBIG: more than a content file may hold. */
static bool read_all(struct arena *arena, int fd, struct str *text)
{
	struct stat st;
	size_t n = 0;
	char *p;

	if (fstat(fd, &st) < 0)
		return false;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return false;
	}
	if (st.st_size > max_content_bytes) {
		errno = EFBIG;
		return false;
	}
	p = arena_raw(arena, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, p + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	p[n] = '\0';
	*text = (struct str){p, n};
	return true;
}

static void read_file(struct content *content, enum kind kind, const char *name, struct str inside,
	struct diags *diags)
{
	/* Not blocking: a pipe with the name of a flow must not hang the program. */
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct str text;

	if (fd >= 0 && read_all(content->arena, fd, &text))
		add_file(content, kind, name, inside, text);
	else if (errno == EFBIG)
		diag_add(diags, DIAG_ERROR, "A003", NULL, 0, 0, S("split it into several files"),
			"'%s' is larger than 1 MiB", name);
	else
		diag_add(diags, DIAG_ERROR, "A002", NULL, 0, 0, (struct str){0},
			"cannot read '%s': %s", name,
			errno == EINVAL ? "not a plain file" : strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Files that editors leave beside the real ones begin with a dot or do not end in .json. */
static int is_content_file(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_folder(
	struct content *content, enum kind kind, const char *inside, struct diags *diags)
{
	const char *path = join(content->arena, content->folder, inside);
	struct dirent **entry;
	int n = scandir(path, &entry, is_content_file, by_name);

	if (n < 0) {
		if (errno != ENOENT)
			diag_add(diags, DIAG_ERROR, "A002", NULL, 0, 0, (struct str){0},
				"cannot read '%s': %s", path, strerror(errno));
		return;
	}
	for (int i = 0; i < n; i++) {
		if (count_files(content) < max_content_files)
			read_file(content, kind, join(content->arena, path, entry[i]->d_name),
				arena_printf(content->arena, "%s/%s", inside, entry[i]->d_name),
				diags);
		else if (count_files(content) == max_content_files && i + 1 == n)
			diag_add(diags, DIAG_ERROR, "A004", NULL, 0, 0, (struct str){0},
				"more than %d files in '%s'", max_content_files, path);
		free(entry[i]);
	}
	free(entry);
}

static const char *pack_folder(struct content *content)
{
	return arena_cstr(
		content->arena, arena_printf(content->arena, "%s/%s", packs, content->language));
}

static void read_embedded(struct content *content)
{
	struct str pack = arena_printf(content->arena, "%s/", pack_folder(content));
	struct str flows = S("flows/");

	for (unsigned i = 0; i < n_embedded; i++) {
		const struct embedded_file *file = &embedded[i];
		struct str text = {file->begin, (size_t)(file->end - file->begin)};

		if (str_starts(str_of(file->name), pack))
			add_file(content, FILE_PACK, file->name, str_of(file->name), text);
		else if (str_starts(str_of(file->name), flows))
			add_file(content, FILE_FLOW, file->name, str_of(file->name), text);
	}
}

/* @kind: "" for the words, ".sha256" for their digest, which the build made. */
static struct str embedded_dictionary(struct arena *arena, const char *language, const char *kind)
{
	struct str name = arena_printf(arena, "dictionary/%s%s", language, kind);

	for (unsigned i = 0; i < n_embedded; i++)
		if (str_is(name, embedded[i].name))
			return (struct str){
				embedded[i].begin, (size_t)(embedded[i].end - embedded[i].begin)};
	return (struct str){0};
}

/* The folder to read, "" for the copy inside; NULL after a finding. */
static const char *find_folder(const char *wanted, struct diags *diags)
{
	const char *asked_by = "--content";

	if (!wanted) {
		wanted = getenv("TENSTEP_CONTENT");
		asked_by = "TENSTEP_CONTENT";
	}
	if (!wanted || !*wanted)
		return is_folder(packs) || is_folder("flows/guide") ? "." : "";
	if (!is_folder(wanted)) {
		diag_add(diags, DIAG_ERROR, "A001", NULL, 0, 0, (struct str){0},
			"cannot open the content folder '%s' (%s): %s", wanted, asked_by,
			errno ? strerror(errno) : "not a folder");
		return NULL;
	}
	return wanted;
}

/* What there would be instead, for a language without a pack. */
static struct str known_languages(struct content *content, struct arena *arena)
{
	const char *path = join(content->arena, content->folder, packs);
	struct dirent **entry = NULL;
	int n = *content->folder ? scandir(path, &entry, NULL, by_name) : 0;
	struct buf text;
	struct str hint;

	buf_init(&text, 400);
	for (int i = 0; i < n; i++) {
		if (entry[i]->d_name[0] != '.' &&
			is_folder(join(content->arena, path, entry[i]->d_name)))
			buf_addf(&text, "%s%s", text.n ? ", " : "there is: ", entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	if (!*content->folder)
		buf_adds(&text, "there is: en");
	hint = arena_str(arena, buf_str(&text));
	buf_release(&text);
	return hint;
}

static void check_complete(struct content *content, struct diags *diags)
{
	const char *where = *content->folder ? content->folder : "the program";

	if (diags->n_errors)
		return;
	if (!content->list[FILE_PACK].n && !content->list[FILE_FLOW].n)
		diag_add(diags, DIAG_ERROR, "A001", NULL, 0, 0,
			S("a content folder holds intents/packs/<language>/*.json and "
			  "flows/guide/*.json"),
			"'%s' holds no content", where);
	else if (!content->list[FILE_PACK].n)
		diag_add(diags, DIAG_ERROR, "A005", NULL, 0, 0,
			known_languages(content, diags->arena),
			"no intents for the language '%s' in '%s'", content->language, where);
	else if (!content->list[FILE_FLOW].n)
		diag_add(diags, DIAG_ERROR, "A006", NULL, 0, 0,
			S("flows/guide/*.json belong there"), "no flows in '%s'", where);
}

/* A language becomes part of a path. */
static bool is_language(const char *language)
{
	size_t n = strspn(language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_");

	return n >= 2 && n <= 16 && !language[n];
}

struct content *content_open(
	const char *folder, const char *language, struct content *older, struct diags *diags)
{
	struct arena *arena;
	struct content *content;

	if (!is_language(language)) {
		diag_add(diags, DIAG_ERROR, "A005", NULL, 0, 0, S("write it like 'en' or 'pt-BR'"),
			"'%s' is not a language", language);
		return NULL;
	}
	errno = 0;
	folder = find_folder(folder, diags);
	if (!folder)
		return NULL;
	arena = arena_new((size_t)max_content_bytes * max_content_files);
	content = arena_new_of(arena, struct content);
	*content = (struct content){
		.arena = arena,
		.older = older,
		.folder = arena_cstr(arena, str_of(folder)),
		.language = arena_cstr(arena, str_of(language)),
		.dictionary = embedded_dictionary(arena, language, ""),
		.dictionary_digest = embedded_dictionary(arena, language, ".sha256"),
	};
	if (*folder) {
		read_folder(content, FILE_PACK, pack_folder(content), diags);
		for (size_t i = 0; i < sizeof room / sizeof *room; i++)
			read_folder(content, room[i].kind, room[i].path, diags);
	} else {
		read_embedded(content);
	}
	check_complete(content, diags);
	return content;
}

void content_free(struct content *content)
{
	while (content) {
		struct content *older = content->older;

		arena_free(content->arena);
		content = older;
	}
}

const char *content_folder(const struct content *content)
{
	return content->folder;
}

size_t content_pack(const struct content *content, const struct source **out)
{
	*out = content->list[FILE_PACK].source;
	return content->list[FILE_PACK].n;
}

size_t content_flows(const struct content *content, const struct source **out)
{
	*out = content->list[FILE_FLOW].source;
	return content->list[FILE_FLOW].n;
}

struct str content_dictionary(const struct content *content)
{
	return content->dictionary;
}

struct digest content_digest(const struct content *content)
{
	size_t n = 0, max = 2 * count_files(content) + 2;
	struct str *piece = calloc(max, sizeof *piece);
	struct digest digest;

	if (!piece)
		abort();
	for (int kind = 0; kind < N_FILE_KINDS; kind++)
		for (size_t i = 0; i < content->list[kind].n; i++) {
			piece[n++] = content->list[kind].inside[i];
			piece[n++] = content->list[kind].source[i].text;
		}
	piece[n++] = str_of(content->language);
	piece[n++] = content->dictionary_digest;
	digest = digest_of_pieces(piece, n);
	free(piece);
	return digest;
}

struct intent_set *content_load_intents(const struct content *content, struct diags *diags)
{
	const struct file_list *list = &content->list[FILE_PACK];

	if (!list->n && diags->n_errors) /* that there is none has been told */
		return NULL;
	return intent_set_load(list->source, list->n, content->dictionary, true, diags);
}

struct flow_set *content_load_flows(const struct content *content, struct diags *diags)
{
	const struct file_list *list = &content->list[FILE_FLOW];

	if (!list->n && diags->n_errors) /* that there is none has been told */
		return NULL;
	return flow_set_load(list->source, list->n, diags);
}

/* What is made of the content beside its intents. */
struct flows_aside {
	const struct content *content;
	struct arena *arena; /* holds the findings */
	struct diags diags;
	struct flow_set *flows;
	struct digest digest;
};

static void load_flows_aside(void *self)
{
	struct flows_aside *a = self;

	a->arena = arena_new(max_content_bytes);
	diags_init(&a->diags, a->arena);
	a->flows = content_load_flows(a->content, &a->diags);
	a->digest = content_digest(a->content);
}

struct model *content_model(
	const struct content *content, struct diags *diags, struct model *before)
{
	struct flows_aside a = {.content = content};
	struct intent_set *intents;
	struct aside aside;

	aside_begin(&aside, megabytes_of_flows, load_flows_aside, &a);
	intents = content_load_intents(content, diags);
	aside_end(&aside);
	diags_join(diags, &a.diags);
	arena_free(a.arena);
	if (!intents || !a.flows || diags->n_errors) {
		intent_set_free(intents);
		flow_set_free(a.flows);
		return NULL;
	}
	return model_new(intents, a.flows, a.digest, before);
}

const struct str *content_intent_names(const struct intent_set *intents, struct arena *arena)
{
	size_t n = intent_set_count(intents);
	struct str *name = arena_array(arena, struct str, n + 1);

	for (size_t i = 0; i < n; i++)
		name[i] = intent_set_at(intents, i)->name;
	return name;
}

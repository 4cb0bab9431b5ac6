/* A walk over the files of all conversations. */
#include "bot/web/uploads_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct uploads_walk {
	DIR *dir;
	struct dirent *entry;
	char of[uploads_max_of];
};

struct uploads_walk *uploads_walk_new(const struct uploads *uploads)
{
	DIR *dir = opendir(uploads_root(uploads));
	struct uploads_walk *walk = dir ? calloc(1, sizeof *walk) : NULL;

	if (dir && !walk)
		abort();
	if (walk)
		walk->dir = dir;
	return walk;
}

void uploads_walk_free(struct uploads_walk *walk)
{
	if (!walk)
		return;
	closedir(walk->dir);
	free(walk);
}

static int64_t ms_of(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* As uploads_folder_of() makes it of a name that it cannot use. */
static bool is_digest(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!((name.p[i] >= '0' && name.p[i] <= '9') ||
			    (name.p[i] >= 'a' && name.p[i] <= 'f')))
			return false;
	return name.n == 64;
}

/* Whose folder it is; empty: that is not known. */
static struct str conversation_of(struct uploads_walk *walk, struct str name)
{
	int folder, file;
	ssize_t n;

	if (!is_digest(name))
		return name;
	folder = openat(dirfd(walk->dir), name.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	file = folder < 0 ? -1 : openat(folder, UPLOADS_OF, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	n = file < 0 ? 0 : read(file, walk->of, sizeof walk->of);
	if (folder >= 0)
		close(folder);
	if (file >= 0)
		close(file);
	return (struct str){walk->of, n > 0 ? (size_t)n : 0};
}

/* A name that is not whole has another folder. */
static bool is_folder_of(struct str name, struct str conversation)
{
	char hex[65];

	return conversation.n && str_eq(uploads_folder_of(conversation, hex), name);
}

bool uploads_walk_next(struct uploads_walk *walk, struct uploads_folder *folder)
{
	struct stat about;

	while ((walk->entry = readdir(walk->dir))) {
		struct str name = str_of(walk->entry->d_name), of;

		if (name.p[0] == '.' ||
			fstatat(dirfd(walk->dir), name.p, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
			!S_ISDIR(about.st_mode))
			continue;
		of = conversation_of(walk, name);
		if (!is_folder_of(name, of))
			continue;
		*folder = (struct uploads_folder){of, ms_of(about.st_mtim)};
		return true;
	}
	return false;
}

/* Of "ID", or of "ID.name" when nothing else is there; else empty. */
static struct str id_of(int folder, struct str name, struct arena *arena)
{
	struct str id = name;

	if (name.p[0] == '.')
		return S("");
	if (!str_ends(name, S(".name")))
		return name;
	id.n -= S(".name").n;
	return faccessat(folder, arena_cstr(arena, id), F_OK, AT_SYMLINK_NOFOLLOW) ? id : S("");
}

size_t uploads_older(const struct uploads *uploads, struct str conversation, int64_t before_ms,
	struct arena *arena, struct str **id)
{
	char hex[65];
	struct str folder = uploads_folder_of(conversation, hex);
	DIR *dir = opendir(arena_printf(arena, "%s/%.*s", uploads_root(uploads), STR(folder)).p);
	struct dirent *entry;
	struct stat about;
	size_t n = 0;

	*id = NULL;
	while (dir && (entry = readdir(dir))) {
		struct str of = id_of(dirfd(dir), str_of(entry->d_name), arena);

		if (!of.n || fstatat(dirfd(dir), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
			ms_of(about.st_mtim) >= before_ms)
			continue;
		*id = arena_grow(arena, *id, n, struct str);
		(*id)[n++] = arena_str(arena, of);
	}
	if (dir)
		closedir(dir);
	return n;
}

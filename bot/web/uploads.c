/* Files of conversations. */
#include "bot/web/uploads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "bot/base/digest.h"
#include "bot/base/file_kind.h"
#include "bot/base/text.h"
#include "bot/common/log.h"
#include "bot/web/ticket.h"

enum { max_path = 4096, max_name_bytes = 100, told_again_ms = 60 * 1000 };

struct uploads {
	char *folder;
	struct str secret;
	int64_t leave_free;
	struct log *log;
	int64_t told_ms; /* that there is no room */
};

struct uploads *uploads_new(const struct uploads_setup *setup)
{
	struct uploads *uploads = calloc(1, sizeof *uploads);

	if (!uploads)
		abort();
	uploads->folder = strdup(setup->folder);
	if (!uploads->folder)
		abort();
	uploads->secret = setup->secret;
	uploads->leave_free = setup->leave_free;
	uploads->log = setup->log;
	return uploads;
}

void uploads_free(struct uploads *uploads)
{
	if (!uploads)
		return;
	free(uploads->folder);
	free(uploads);
}

const char *uploads_root(const struct uploads *uploads)
{
	return uploads->folder;
}

/* Names of conversations and ids are ours, but this is where they become paths. */
static bool is_plain(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == ':' || c == '.' || c == '_' || c == '-'))
			return false;
	}
	return name.n && name.n <= 128 && name.p[0] != '.';
}

/* Platforms may name a conversation as they like. */
struct str uploads_folder_of(struct str conversation, char hex[65])
{
	if (is_plain(conversation))
		return conversation;
	digest_hex(digest_of(conversation), hex);
	return str_of(hex);
}

static bool path_of(const struct uploads *uploads, struct str conversation, struct str id,
	const char *suffix, char path[max_path])
{
	char hex[65];
	struct str folder = uploads_folder_of(conversation, hex);

	if (!conversation.n || (id.n && !is_plain(id)))
		return false;
	return snprintf(path, max_path, "%s/%.*s%s%.*s%s", uploads->folder, STR(folder),
		       id.n ? "/" : "", STR(id), suffix) < max_path;
}

/* Without . and .. */
static size_t count_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t n = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n > 2 ? n - 2 : 0;
}

static size_t count_files(const char *folder)
{
	return count_entries(folder) / 2; /* each has its name beside it */
}

/* --- room --- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Not for each file: there are many when somebody fills the disk. */
static void tell_no_room(struct uploads *uploads, int64_t free_bytes)
{
	int64_t now = now_ms();

	if (!uploads->log || (now >= uploads->told_ms && now - uploads->told_ms < told_again_ms))
		return;
	uploads->told_ms = now;
	LOG(uploads->log, LOG_WARNING, now,
		"files are refused: the disk has less room than they are to leave",
		log_int("free", free_bytes), log_int("files_leave_free", uploads->leave_free));
}

/* @folder is there.  What cannot be found out is tried. */
static bool has_room(struct uploads *uploads, size_t n_bytes)
{
	struct statvfs disk;
	int64_t free_bytes;

	if (!uploads->leave_free || statvfs(uploads->folder, &disk) != 0)
		return true;
	free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	if (free_bytes - (int64_t)n_bytes >= uploads->leave_free)
		return true;
	tell_no_room(uploads, free_bytes);
	return false;
}

static bool write_file(const char *path, struct str bytes)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t done = 0;

	if (file < 0)
		return false;
	while (done < bytes.n) {
		ssize_t n = write(file, bytes.p + done, bytes.n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done == bytes.n && fsync(file) == 0 && close(file) == 0)
		return true;
	unlink(path);
	return false;
}

static bool sync_folder(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = folder >= 0 && fsync(folder) == 0;

	if (folder >= 0)
		close(folder);
	return good;
}

static struct str clean_name(struct str name, struct arena *arena)
{
	char *clean = arena_cstr(arena, str_sub(name, 0, max_name_bytes));

	for (char *p = clean; *p; p++)
		if ((unsigned char)*p < ' ' || *p == '/' || *p == '\\' || *p == 127)
			*p = '_';
	if (text_valid_up_to(str_of(clean)) < strlen(clean))
		return S("file");
	return *clean ? str_of(clean) : S("file");
}

const char *uploads_kind(struct str bytes)
{
	const struct file_kind *is = file_kind_of(bytes);

	return is ? is->kind : NULL;
}

static struct str new_id(const struct file_kind *is, struct arena *arena)
{
	struct buf chance;
	struct str id;

	buf_init(&chance, 64);
	ticket_chance(&chance);
	id = arena_printf(arena, "f%.*s%s", STR(buf_str(&chance)), is->ending);
	buf_release(&chance);
	return id;
}

/* So that whoever looks through the folders can tell whose it is.  What cannot be written is missed
 * then, and nothing else. */
static void note_name(const char *folder, struct str conversation)
{
	char path[max_path];

	if (is_plain(conversation) || conversation.n > uploads_max_of ||
		snprintf(path, max_path, "%s/" UPLOADS_OF, folder) >= max_path ||
		access(path, F_OK) == 0)
		return;
	(void)write_file(path, conversation);
}

/* If nothing else is in it. */
static bool remove_folder(const char *folder)
{
	char path[max_path];

	if (rmdir(folder) == 0)
		return true;
	return count_entries(folder) == 1 &&
	       snprintf(path, max_path, "%s/" UPLOADS_OF, folder) < max_path && unlink(path) == 0 &&
	       rmdir(folder) == 0;
}

enum upload_status uploads_add(
	struct uploads *uploads, const struct upload *upload, struct arena *arena, struct str *id)
{
	const struct file_kind *is = file_kind_of(upload->bytes);
	char folder[max_path], path[max_path], side[max_path];

	if (!is)
		return UPLOAD_BAD_TYPE;
	if (!path_of(uploads, upload->conversation, (struct str){0}, "", folder))
		return UPLOAD_FAILED;
	if (count_files(folder) >= upload->most)
		return UPLOAD_TOO_MANY;
	*id = new_id(is, arena);
	if (!path_of(uploads, upload->conversation, *id, "", path) ||
		!path_of(uploads, upload->conversation, *id, ".name", side))
		return UPLOAD_FAILED;
	(void)mkdir(uploads->folder, 0700);
	if (!has_room(uploads, upload->bytes.n))
		return UPLOAD_NO_ROOM;
	(void)mkdir(folder, 0700);
	note_name(folder, upload->conversation);
	if (!write_file(side, clean_name(upload->name, arena)))
		return UPLOAD_FAILED;
	if (write_file(path, upload->bytes) && sync_folder(folder) && sync_folder(uploads->folder))
		return UPLOAD_OK;
	unlink(side);
	return UPLOAD_FAILED;
}

void uploads_take_back(struct uploads *uploads, struct str conversation, struct str id)
{
	char path[max_path];

	if (path_of(uploads, conversation, id, "", path))
		unlink(path);
	if (path_of(uploads, conversation, id, ".name", path))
		unlink(path);
	if (path_of(uploads, conversation, (struct str){0}, "", path))
		(void)remove_folder(path);
}

static bool read_file(const char *path, struct buf *out)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char piece[16384];
	ssize_t n;

	if (file < 0)
		return false;
	while ((n = read(file, piece, sizeof piece)) > 0)
		buf_add(out, (struct str){piece, (size_t)n});
	close(file);
	return n == 0 && !out->over;
}

const struct value *uploads_find(
	struct uploads *uploads, struct str conversation, struct str id, struct arena *arena)
{
	const struct file_kind *is = file_kind_named(id);
	char path[max_path], side[max_path];
	struct value_builder b = value_build(arena);
	struct stat st;
	struct buf name;

	if (!is || !path_of(uploads, conversation, id, "", path) ||
		!path_of(uploads, conversation, id, ".name", side) || stat(path, &st) != 0)
		return NULL;
	buf_init(&name, max_name_bytes + 1);
	if (!read_file(side, &name))
		buf_clear(&name);
	value_put_text(&b, "id", id);
	value_put_text(&b, "name", name.n ? buf_str(&name) : S("file"));
	value_put_text(&b, "type", str_of(is->type));
	value_put_int(&b, "bytes", st.st_size);
	value_put_text(&b, "kind", str_of(is->kind));
	buf_release(&name);
	return value_record(&b);
}

void uploads_address(
	struct uploads *uploads, struct str conversation, struct str id, struct buf *out)
{
	char key[33];

	ticket_key(uploads->secret, conversation, id, key);
	buf_addf(out, "/chat/file/%.*s?c=%.*s&k=%s", STR(id), STR(conversation), key);
}

bool uploads_read(struct uploads *uploads, struct str conversation, struct str id,
	struct buf *bytes, const char **type)
{
	const struct file_kind *is = file_kind_named(id);
	char path[max_path];

	if (!is || !path_of(uploads, conversation, id, "", path))
		return false;
	*type = is->type;
	return read_file(path, bytes);
}

static bool open_file(
	struct uploads *uploads, struct str conversation, struct str id, struct upload_file *file)
{
	const struct file_kind *is = file_kind_named(id);
	char path[max_path];
	struct stat st;

	if (!is || !path_of(uploads, conversation, id, "", path))
		return false;
	file->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file->descriptor < 0)
		return false;
	if (fstat(file->descriptor, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(file->descriptor);
		return false;
	}
	file->n_bytes = (size_t)st.st_size;
	file->type = is->type;
	return true;
}

bool uploads_open_with_key(struct uploads *uploads, struct str conversation, struct str id,
	struct str key, struct upload_file *file)
{
	char right[33];

	ticket_key(uploads->secret, conversation, id, right);
	return digest_same(str_of(right), key) && open_file(uploads, conversation, id, file);
}

void uploads_forget(struct uploads *uploads, struct str conversation)
{
	char folder[max_path], path[max_path];
	struct dirent *entry;
	DIR *dir;

	if (!path_of(uploads, conversation, (struct str){0}, "", folder))
		return;
	dir = opendir(folder);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (path_of(uploads, conversation, str_of(entry->d_name), "", path))
			unlink(path);
	closedir(dir);
	/* Nor does a power cut bring them back. */
	(void)sync_folder(remove_folder(folder) ? uploads->folder : folder);
}

/* A picture from this machine's disk to the desk of a running server. */
#include "bot/desk/inbox_picture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bot/desk/desk.h"
#include "bot/web/uploads.h"

enum { max_name_bytes = 100, max_url_bytes = 80 };

static bool complain(const struct desk_door *door, const char *path, const char *why)
{
	fprintf(stderr, "tenstep %s: cannot send '%s': %s\n", door->command, path, why);
	return false;
}

/* One byte more than may be, to see that there are more. */
static bool read_file(const struct desk_door *door, const char *path, struct buf *bytes)
{
	FILE *file = fopen(path, "rbe");
	char piece[16384];
	bool failed;
	size_t n;

	if (!file)
		return complain(door, path, strerror(errno));
	while (!bytes->over && (n = fread(piece, 1, sizeof piece, file)) > 0)
		buf_add(bytes, (struct str){piece, n});
	failed = ferror(file) != 0;
	fclose(file);
	return !failed || complain(door, path, strerror(errno ? errno : EIO));
}

static bool is_picture(const struct desk_door *door, const char *path, const struct buf *bytes)
{
	const char *kind = uploads_kind(buf_str(bytes));
	char why[80];

	if (bytes->over || bytes->n > desk_picture_bytes) {
		snprintf(why, sizeof why, "a picture has at most %d MiB", desk_picture_bytes >> 20);
		return complain(door, path, why);
	}
	if (!bytes->n)
		return complain(door, path, "it is empty");
	return (kind && strcmp(kind, "image") == 0) ||
	       complain(door, path, "it is no JPEG, PNG, WebP or GIF picture");
}

static struct str name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return str_sub(str_of(slash ? slash + 1 : path), 0, max_name_bytes);
}

static int bring(
	struct desk_door *door, int64_t card, const char *path, struct str bytes, struct str *file)
{
	char url[max_url_bytes];
	struct inbox_answer answer;
	int status = EXIT_GOOD;

	snprintf(url, sizeof url, "/desk/cards/%lld/picture", (long long)card);
	answer = inbox_client_bring(&door->client, url, bytes, name_of(path));
	if (answer.answered && answer.status == 201)
		*file = arena_str(door->arena, json_text(json_get(answer.root, "file")));
	else
		status = desk_door_check(door, &answer);
	inbox_answer_release(&answer);
	return status;
}

int inbox_picture_bring(struct desk_door *door, int64_t card, const char *path, struct str *file)
{
	struct buf bytes;
	int status = EXIT_CANNOT;

	buf_init(&bytes, desk_picture_bytes + 1);
	if (read_file(door, path, &bytes) && is_picture(door, path, &bytes))
		status = bring(door, card, path, buf_str(&bytes), file);
	buf_release(&bytes);
	return status;
}

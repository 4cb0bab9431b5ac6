/* Direct Line: files, alone as the body or in a form with an activity. */
#include "adapters/directline/multipart.h"
#include "bot/web/directline_parts.h"

enum {
	max_error_bytes = 300,
	max_form_bytes = directline_max_caption_bytes + 16 * 1024, /* all that is no file */
};

/* What one request brings. */
struct luggage {
	const struct directline_ask *ask;
	struct str conversation;
	struct directline_activity activity; /* its text and id; both may be empty */
	struct str file[directline_max_attachments];
	size_t n_files;
};

static const struct {
	unsigned status;
	const char *message;
} upload_fault[] = {
	[UPLOAD_OK] = {200, NULL},
	[UPLOAD_BAD_TYPE] = {415, "only JPEG, PNG, WebP, GIF and PDF are taken"},
	[UPLOAD_TOO_MANY] = {429, "this chat has as many files as it may have"},
	[UPLOAD_NO_ROOM] = {507, "there is no room for files just now"},
	[UPLOAD_FAILED] = {503, "the file could not be stored"},
};

/* All or none: nothing is said of any file yet. */
static bool put_back(struct luggage *l)
{
	while (l->n_files)
		uploads_take_back(
			l->ask->server->setup.uploads, l->conversation, l->file[--l->n_files]);
	return false;
}

static bool keep_file(struct luggage *l, struct str name, struct str bytes)
{
	struct directline_server *server = l->ask->server;
	enum upload_status status;

	if (l->n_files == directline_max_attachments) {
		directline_refuse(l->ask, 400, "more than 4 files");
		return put_back(l);
	}
	status = uploads_add(server->setup.uploads,
		&(struct upload){l->conversation, bytes, name, uploads_of_buyer}, server->arena,
		&l->file[l->n_files]);
	if (status != UPLOAD_OK) {
		directline_refuse(
			l->ask, upload_fault[status].status, upload_fault[status].message);
		return put_back(l);
	}
	l->n_files++;
	return true;
}

/* --- a form --- */

static bool read_caption(struct luggage *l, struct str bytes)
{
	struct buf error;
	bool good;

	buf_init(&error, max_error_bytes);
	good = directline_caption_read(bytes, l->ask->server->arena, &l->activity, &error);
	if (!good)
		directline_refuse(l->ask, 400, error.n ? error.p : "");
	buf_release(&error);
	return good || put_back(l);
}

/* Clients call the activity a file too ("blob"): it is known by its name. */
static bool keep_part(struct luggage *l, const struct multipart_part *part)
{
	if (str_is(part->name, "activity"))
		return read_caption(l, part->bytes);
	return !part->file.n || keep_file(l, part->file, part->bytes);
}

static bool keep_parts(struct luggage *l, const struct multipart_part *part, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!keep_part(l, &part[i]))
			return false;
	if (!l->n_files)
		directline_refuse(l->ask, 400, "there is no file in this form");
	return l->n_files;
}

static bool keep_form(struct luggage *l)
{
	const struct directline_ask *ask = l->ask;
	struct multipart_part part[multipart_max_parts];
	struct buf error;
	size_t n;
	bool good;

	buf_init(&error, max_error_bytes);
	good = multipart_read(
		ask->head->content_type, ask->body, ask->server->arena, part, &n, &error);
	if (!good)
		directline_refuse(ask, 400, error.n ? error.p : "");
	buf_release(&error);
	return good && keep_parts(l, part, n);
}

/* --- one file --- */

/* What stands behind filename= in Content-Disposition (RFC 6266), or X-File-Name. */
static struct str name_of_file(const struct http_head *head)
{
	struct str line = http_header(head, "content-disposition"), mark = S("filename=");
	long at = str_find(line, mark);

	if (at < 0)
		return http_header(head, "x-file-name");
	line = str_sub(line, (size_t)at + mark.n, line.n);
	line = str_trim(str_cut(&line, ';'));
	if (line.n >= 2 && line.p[0] == '"' && line.p[line.n - 1] == '"')
		line = str_sub(line, 1, line.n - 2);
	return line;
}

/* --- into the conversation --- */

static struct letter letter_of(const struct luggage *l, size_t i)
{
	struct directline_server *server = l->ask->server;
	const struct value *file =
		uploads_find(server->setup.uploads, l->conversation, l->file[i], server->arena);
	struct letter letter = {
		.event = {.kind = EVENT_ATTACHMENT, .reference = l->file[i]}, .file = file};

	letter.event.text = value_get_text(file, "kind");
	return letter;
}

/* A post has one file or one text.  The last post of the request has the client's id: the client
 * shows what it sent until that comes back. */
static void give_all(struct luggage *l)
{
	const struct directline_ask *ask = l->ask;
	struct str id = l->activity.id;

	for (size_t i = 0; i < l->n_files; i++) {
		struct letter letter = letter_of(l, i);

		if (i + 1 == l->n_files && !l->activity.text.n) {
			letter.event.id = id;
			directline_give(ask, &letter);
			return;
		}
		if (id.n)
			letter.event.id =
				arena_printf(ask->server->arena, "%.*s:%zu", STR(id), i + 1);
		directline_give_along(ask, &letter);
	}
	directline_say(ask, &l->activity);
}

/* How the stream's client calls itself, so that its own posts come back as its own. */
static void name_user(const struct luggage *l)
{
	const struct directline_ask *ask = l->ask;
	struct str user = ask->grant.token.user;

	if (!user.n)
		user = l->activity.from;
	if (user.n)
		directline_stream_user(ask->server, ask->route.conversation, user);
}

void directline_upload(struct directline_ask *ask)
{
	struct luggage l = {
		.ask = ask,
		.conversation = directline_name(ask->route.conversation, ask->server->arena),
	};
	bool kept;

	if (!directline_slow_enough(ask))
		return;
	if (multipart_is(ask->head->content_type))
		kept = keep_form(&l);
	else
		kept = keep_file(&l, name_of_file(ask->head), ask->body);
	if (!kept)
		return;
	name_user(&l);
	give_all(&l);
}

size_t directline_max_upload(const struct directline_server *server, const struct http_head *head)
{
	size_t max_bytes = server->setup.config->max_file_bytes;

	return max_bytes && multipart_is(head->content_type) ? max_bytes + max_form_bytes
							     : max_bytes;
}

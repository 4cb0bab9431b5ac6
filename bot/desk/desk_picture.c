/* A picture that a person sends to a buyer: brought first, then named by a reply. */
#include "bot/desk/desk_ask.h"

#include <string.h>

#include "bot/channels/outbox.h"
#include "bot/web/uploads.h"

enum { max_name_bytes = 400 };

/* The pages of the website show files as they are; a messaging platform shows what its codec can.
 */
static bool can_be_shown(const struct ask *ask)
{
	static const char *const page[] = {"widget:", "directline:"};
	const struct desk_setup *setup = &ask->desk->setup;
	const struct channel_seat *seat = outbox_seat(setup->outbox, ask->card.conversation);

	for (size_t i = 0; !seat && i < sizeof page / sizeof *page; i++)
		if (str_starts(ask->card.conversation, str_of(page[i])))
			return setup->uploads != NULL;
	return setup->uploads && seat && seat->codec->limits.pictures;
}

static bool refuse_channel(const struct ask *ask)
{
	if (can_be_shown(ask))
		return false;
	ask_refuse(ask, 422, "no_pictures",
		S("this buyer's channel shows no pictures of ours; say it in words"));
	return true;
}

static struct str decoded(struct str name, struct arena *arena)
{
	struct buf out;
	struct str whole;

	buf_init(&out, max_name_bytes);
	if (!http_field(arena_printf(arena, "n=%.*s", STR(name)), "n", &out))
		buf_clear(&out);
	whole = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return whole;
}

static const struct {
	unsigned status;
	const char *code, *message;
} fault[] = {
	[UPLOAD_OK] = {201, "", ""},
	[UPLOAD_BAD_TYPE] = {415, "bad_type", "a picture is a JPEG, PNG, WebP or GIF file"},
	[UPLOAD_TOO_MANY] = {409, "too_many", "this chat has as many files as it may have"},
	[UPLOAD_NO_ROOM] = {507, "no_room", "the server's disk has no room for pictures"},
	[UPLOAD_FAILED] = {503, "not_stored", "the picture could not be stored"},
};

static enum upload_status keep(const struct ask *ask, struct str *id)
{
	struct desk *desk = ask->desk;
	struct upload upload = {.conversation = ask->card.conversation,
		.bytes = ask->question->body,
		.name = decoded(ask->question->file_name, desk->arena),
		.most = uploads_in_all};
	const char *kind = uploads_kind(upload.bytes);

	if (!kind || strcmp(kind, "image") != 0)
		return UPLOAD_BAD_TYPE;
	return uploads_add(desk->setup.uploads, &upload, desk->arena, id);
}

void ask_picture(struct ask *ask)
{
	enum upload_status status;
	struct str id = {0};
	struct json *json;

	if (ask->card.closed) {
		ask_refuse(ask, 409, "closed", S("this card is closed"));
		return;
	}
	if (refuse_channel(ask))
		return;
	status = keep(ask, &id);
	if (status != UPLOAD_OK) {
		ask_refuse(ask, fault[status].status, fault[status].code,
			str_of(fault[status].message));
		return;
	}
	json = json_new_object();
	json_put_text(json, "file", id);
	ask_reply(ask, 201, json);
}

bool ask_file(const struct ask *ask, const struct value **file)
{
	struct desk *desk = ask->desk;

	*file = NULL;
	if (!ask->body.file.n) {
		if (!ask->body.text.n)
			ask_refuse(ask, 422, "bad_field", S("'text' is missing"));
		return ask->body.text.n;
	}
	if (refuse_channel(ask))
		return false;
	*file = uploads_find(
		desk->setup.uploads, ask->card.conversation, ask->body.file, desk->arena);
	if (!*file || !str_is(value_get_text(*file, "kind"), "image"))
		ask_refuse(ask, 422, "no_file", S("there is no such picture in this conversation"));
	return *file && str_is(value_get_text(*file, "kind"), "image");
}

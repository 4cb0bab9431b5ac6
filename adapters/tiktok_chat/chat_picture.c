/* Pictures: uploaded, and shown by a message that names where they are. */
#include "adapters/tiktok_chat/chat_picture.h"

#include "adapters/tiktok_chat/chat_send.h"
#include "bot/base/digest.h"
#include "bot/base/file_kind.h"
#include "bot/base/json_out.h"

enum {
	max_form_bytes = tiktok_chat_picture_bytes + 1024,
	max_content_bytes = 4096,
	max_url_bytes = 2048,
	most_pixels = 100000, /* of a side */
};

/* NULL: no picture. */
static const struct file_kind *picture_kind(struct str bytes)
{
	const struct file_kind *is = file_kind_of(bytes);

	return is && str_is(str_of(is->kind), "image") ? is : NULL;
}

const char *tiktok_chat_picture_type(struct str bytes)
{
	const struct file_kind *is = picture_kind(bytes);

	return is ? is->type : NULL;
}

/* --- the upload --- */

/* No line of the picture may be it (RFC 2046 section 5.1.1): the digest of the bytes is not among
 * them, or another is taken. */
static struct str boundary_of(struct str bytes, struct arena *arena)
{
	char hex[65];
	struct str boundary = S("");

	digest_hex(digest_of(bytes), hex);
	do
		boundary = arena_printf(arena, "%.*sp%.32s", STR(boundary), hex);
	while (boundary.n < 64 && str_find(bytes, boundary) >= 0);
	return boundary;
}

static struct str form_of(struct str bytes, struct str boundary, struct arena *arena)
{
	const struct file_kind *is = picture_kind(bytes);
	struct str form;
	struct buf out;

	buf_init(&out, max_form_bytes);
	buf_addf(&out,
		"--%.*s\r\nContent-Disposition: form-data; name=\"data\"; filename=\"picture%s\""
		"\r\nContent-Type: %s\r\n\r\n",
		STR(boundary), is ? is->ending : ".bin",
		is ? is->type : "application/octet-stream");
	buf_add(&out, bytes);
	buf_addf(&out, "\r\n--%.*s--\r\n", STR(boundary));
	form = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return form;
}

struct channel_call tiktok_chat_upload(
	const struct channel_account *account, struct str bytes, struct arena *arena)
{
	struct str boundary = boundary_of(bytes, arena);
	struct str *header = arena_array(arena, struct str, 1);
	struct channel_call call =
		chat_call(account, "POST", S("/customer_service/202309/images/upload"),
			form_of(bytes, boundary, arena), arena);

	header[0] = arena_printf(
		arena, "Content-Type: multipart/form-data; boundary=%.*s", STR(boundary));
	call.headers = header;
	return call;
}

/* Numbers here, texts where the buyer's pictures are told. */
static int64_t pixels(const struct value *data, const char *name)
{
	int64_t n = value_get_int(data, name);

	if (!n && !str_int(value_get_text(data, name), &n))
		return 0;
	return n > 0 && n <= most_pixels ? n : 0;
}

const struct value *tiktok_chat_read_upload(const struct value *data, struct arena *arena)
{
	struct value_builder b = value_build(arena);
	struct str url = value_get_text(data, "url");
	int64_t width = pixels(data, "width"), height = pixels(data, "height");

	if (!url.n || url.n > max_url_bytes || !width || !height)
		return NULL;
	value_put_text(&b, "url", url);
	value_put_int(&b, "width", width);
	value_put_int(&b, "height", height);
	return value_record(&b);
}

/* --- the message --- */

struct str chat_picture_content(const struct value *picture, struct arena *arena)
{
	struct str content;
	struct buf out;

	buf_init(&out, max_content_bytes);
	json_out_start(&out, '{');
	json_out_member(&out, "url", value_get_text(picture, "url"));
	json_out_member_int(&out, "width", value_get_int(picture, "width"));
	json_out_member_int(&out, "height", value_get_int(picture, "height"));
	json_out_close(&out, '}');
	content = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return content;
}

/* The platform may sign an address anew each time that it shows it: what is behind the question
 * mark, and the host that serves it, say nothing about which picture it is. */
static struct str path_of(struct str url)
{
	struct str path = str_cut(&url, '?');
	long at = str_find(path, S("://"));

	if (at < 0)
		return path;
	path = str_sub(path, (size_t)at + 3, path.n);
	(void)str_cut(&path, '/');
	return path;
}

bool chat_picture_is(struct str url, struct str other)
{
	return url.n && str_eq(path_of(url), path_of(other));
}

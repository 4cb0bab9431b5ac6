/* Pictures for the chat: uploaded, measured, kept. */
#include "adapters/order/shop_wire/parts.h"

#include <string.h>

enum { BAD_IMAGE = 45101007, TOO_LARGE = 36009021, MAX_IMAGE = 10 << 20 };

struct picture {
	struct str bytes;
	const char *type;
	int64_t width, height;
};

static int64_t big16(const char *p)
{
	return (int64_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static int64_t little16(const char *p)
{
	return (int64_t)(unsigned char)p[1] << 8 | (unsigned char)p[0];
}

/* The size of a JPEG stands in its frame header (ITU T.81 section B.2.2). */
static bool measure_jpeg(struct picture *p)
{
	struct str b = p->bytes;
	size_t at = 2;

	while (at + 9 < b.n && (unsigned char)b.p[at] == 0xFF) {
		unsigned marker = (unsigned char)b.p[at + 1];

		if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 &&
			marker != 0xCC) {
			p->height = big16(b.p + at + 5);
			p->width = big16(b.p + at + 7);
			return true;
		}
		at += 2 + (size_t)big16(b.p + at + 2);
	}
	return false;
}

static bool measure(struct picture *p)
{
	struct str b = p->bytes;

	if (b.n > 24 && str_starts(b, S("\x89PNG\r\n\x1a\n"))) {
		p->type = "png";
		p->width = big16(b.p + 18);
		p->height = big16(b.p + 22);
		return true;
	}
	if (b.n > 10 && str_starts(b, S("GIF8"))) {
		p->type = "gif";
		p->width = little16(b.p + 6);
		p->height = little16(b.p + 8);
		return true;
	}
	if (b.n > 30 && str_starts(b, S("RIFF")) && memcmp(b.p + 8, "WEBP", 4) == 0) {
		p->type = "webp";
		p->width = p->height = 1;
		return true;
	}
	p->type = "jpg";
	return b.n > 4 && str_starts(b, S("\xFF\xD8\xFF")) && measure_jpeg(p);
}

static struct str boundary_of(struct str type)
{
	long at = str_find(type, S("boundary="));
	struct str value = at < 0 ? (struct str){0} : str_sub(type, (size_t)at + 9, type.n);

	value = str_trim(str_cut(&value, ';'));
	if (value.n > 1 && value.p[0] == '"')
		value = str_sub(value, 1, value.n - 2);
	return value;
}

/* The part "data" of a multipart/form-data body (RFC 7578). */
static bool find_part(struct visit *v, struct str *data)
{
	struct str boundary = boundary_of(v->request->content_type), body = v->request->body;
	struct str end = arena_printf(v->arena, "\r\n--%.*s", STR(boundary)), head;
	long at;

	if (!boundary.n || !str_starts(body, str_sub(end, 2, end.n)))
		return false;
	while ((at = str_find(body, S("\r\n\r\n"))) >= 0) {
		head = str_sub(body, 0, (size_t)at);
		body = str_sub(body, (size_t)at + 4, body.n);
		at = str_find(body, end);
		if (at < 0)
			return false;
		*data = str_sub(body, 0, (size_t)at);
		if (str_find(head, S("name=\"data\"")) >= 0)
			return true;
		body = str_sub(body, (size_t)at + end.n, body.n);
	}
	return false;
}

void images_upload(struct visit *v)
{
	struct picture picture = {0};
	struct str name;
	char hex[65];

	if (!find_part(v, &picture.bytes) || !measure(&picture)) {
		(void)visit_refuse(v, BAD_IMAGE, "data must be a picture: jpg, gif, webp or png");
		return;
	}
	if (picture.bytes.n > MAX_IMAGE) {
		(void)visit_fail(v, 400, TOO_LARGE, "The file is larger than 10 MB.");
		return;
	}
	digest_hex(digest_of(picture.bytes), hex);
	name = arena_printf(v->arena, "%.32s.%s", hex, picture.type);
	if (v->wire->setup.keep_image)
		v->wire->setup.keep_image(v->wire->setup.self, name, picture.bytes);
	json_out_start(v->out, '{');
	json_out_member(v->out, "url",
		arena_printf(v->arena, "%.*s/%.*s", STR(v->wire->setup.image_url), STR(name)));
	json_out_member_int(v->out, "width", picture.width);
	json_out_member_int(v->out, "height", picture.height);
	json_out_close(v->out, '}');
}

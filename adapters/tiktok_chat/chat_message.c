/* One message: its type and its content, which is a JSON document inside a text. */
#include "adapters/tiktok_chat/chat_message.h"

#include <string.h>

#include "bot/base/json_out.h"
#include "bot/base/text.h"

enum { max_content_bytes = 64 << 10, max_content_nodes = 1000, max_content_depth = 8 };
static const int64_t last_second = INT64_C(253402300800); /* the year 10000 */

bool chat_is_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] <= ' ' || id.p[i] > '~' || strchr("/?#%&", id.p[i]))
			return false;
	return id.n && id.n <= tiktok_chat_id_bytes;
}

/* --- content --- */

static struct json_doc *parse_content(struct source *source)
{
	static const struct json_limits limits = {
		max_content_bytes, max_content_nodes, max_content_depth};

	return json_parse(source, JSON_BIG_AS_TEXT, &limits, NULL);
}

static struct str member(const struct json *content, const char *name, struct arena *arena)
{
	return arena_str(arena, json_text(json_get(content, name)));
}

typedef bool read_function(
	const struct json *content, struct arena *arena, struct channel_event *event);

static bool read_text(const struct json *content, struct arena *arena, struct channel_event *event)
{
	event->kind = CHANNEL_TEXT;
	event->text = member(content, "content", arena);
	return true;
}

/* Whoever sends the card of an order, or comes to the chat from one, means that order. */
static bool read_order(const struct json *content, struct arena *arena, struct channel_event *event)
{
	struct str order = json_text(json_get(content, "order_id"));

	if (!chat_is_id(order))
		return false;
	event->kind = CHANNEL_TEXT;
	event->text = arena_printf(arena, "order %.*s", STR(order));
	return true;
}

static bool read_attachment(const struct json *content, struct arena *arena,
	struct channel_event *event, const char *kind)
{
	int64_t bytes = 0;

	event->kind = CHANNEL_ATTACHMENT;
	event->file.kind = str_of(kind);
	event->file.id = member(content, "url", arena);
	if (!event->file.id.n)
		event->file.id = member(content, "vid", arena);
	if (json_int(json_get(content, "size"), &bytes) ||
		str_int(json_text(json_get(content, "size")), &bytes))
		event->file.bytes = bytes > 0 ? bytes : 0;
	return true;
}

static bool read_image(const struct json *content, struct arena *arena, struct channel_event *event)
{
	return read_attachment(content, arena, event, "image");
}

static bool read_video(const struct json *content, struct arena *arena, struct channel_event *event)
{
	return read_attachment(content, arena, event, "video");
}

static bool read_sticker(
	const struct json *content, struct arena *arena, struct channel_event *event)
{
	return read_attachment(content, arena, event, "sticker");
}

/* A product, a coupon, or what the platform invents next: something was sent, and it is answered.
 */
static bool read_other(const struct json *content, struct arena *arena, struct channel_event *event)
{
	return read_attachment(content, arena, event, "file");
}

static const struct {
	const char *type;
	read_function *read; /* NULL: nothing was said */
} type[] = {
	{"TEXT", read_text},
	{"IMAGE", read_image},
	{"VIDEO", read_video},
	{"EMOTICONS", read_sticker},
	{"ORDER_CARD", read_order},
	{"RETURN_REFUND_CARD", read_order},
	{"LOGISTICS_CARD", read_order},
	{"PRODUCT_CARD", read_other},
	{"COUPON_CARD", read_other},
	{"BUYER_ENTER_FROM_ORDER", read_order},
	{"BUYER_ENTER_FROM_PRODUCT", NULL},
	{"BUYER_ENTER_FROM_TRANSFER", NULL},
	{"ALLOCATED_SERVICE", NULL},
	{"NOTIFICATION", NULL},
	{"OTHER", NULL},
};
enum { n_types = sizeof type / sizeof *type };

static read_function *reader_of(struct str name)
{
	for (size_t i = 0; i < n_types; i++)
		if (str_is(name, type[i].type))
			return type[i].read;
	return read_other;
}

/* --- a message --- */

static void read_content(
	const struct chat_raw *raw, struct arena *arena, struct channel_event *event)
{
	struct source source = {"content", raw->content};
	struct json_doc *doc = parse_content(&source);
	read_function *read = reader_of(raw->type);

	/* What cannot be read was sent all the same. */
	if (!read(doc ? json_root(doc) : NULL, arena, event))
		(void)read_other(NULL, arena, event);
	json_doc_free(doc);
}

const char *chat_message_read(
	const struct chat_raw *raw, struct arena *arena, struct channel_event *event)
{
	if (!str_is(raw->role, "BUYER"))
		return "echo";
	if (raw->hidden)
		return "hidden";
	if (!chat_is_id(raw->id) || !chat_is_id(raw->conversation))
		return "unknown";
	if (!reader_of(raw->type))
		return "entered";
	*event = (struct channel_event){
		.peer = arena_str(arena, raw->conversation),
		.id = arena_str(arena, raw->id),
		.user = arena_str(arena, raw->user),
		.user_name = arena_str(arena, raw->user_name),
		.at_ms = raw->at_s * 1000,
	};
	read_content(raw, arena, event);
	return NULL;
}

/* Auto-replies of the shop are SHOP, the platform's are ROBOT. */
bool chat_is_by_agent(const struct chat_raw *raw)
{
	return str_is(raw->role, "CUSTOMER_SERVICE") && !raw->hidden &&
	       (str_is(raw->type, "TEXT") || str_is(raw->type, "IMAGE") ||
		       str_is(raw->type, "VIDEO"));
}

struct chat_raw chat_raw_of(const struct value *node, const char *id, struct str conversation)
{
	const struct value *sender = value_get(node, "sender"),
			   *visible = value_get(node, "is_visible");
	int64_t at = value_get_int(node, "create_time");

	return (struct chat_raw){
		.id = value_get_text(node, id),
		.conversation = conversation,
		.type = value_get_text(node, "type"),
		.content = value_get_text(node, "content"),
		.role = value_get_text(sender, "role"),
		.user = value_get_text(sender, "im_user_id"),
		.user_name = value_get_text(sender, "nickname"),
		.at_s = at > 0 && at < last_second ? at : 0,
		.hidden = visible->type == VALUE_BOOL && !value_bool_of(visible),
	};
}

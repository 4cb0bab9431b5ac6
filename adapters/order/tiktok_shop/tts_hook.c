/* The platform's webhooks, as far as they are about orders and the authorisation. */
#include "adapters/order/tiktok_shop/tts_hook.h"

#include "bot/base/digest.h"
#include "bot/base/json.h"

enum {
	max_body_bytes = 1 << 20,
	max_nodes = 10000,
	max_depth = 32,
	max_id_bytes = 64,
	max_state_bytes = 64,
};

const char *const tts_hook_name[TTS_HOOK_OTHER + 1] = {
	"order",
	"cancellation",
	"return",
	"refund",
	"message",
	"deauthorised",
	"expiring",
	"aftersales",
	"other",
};

/* --- values --- */

/* Visible ASCII of a sensible length; else nothing. */
static struct str word(const struct json *node, size_t max_bytes, struct arena *arena)
{
	struct str text = json_text(node);

	if (text.n > max_bytes)
		return S("");
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return S("");
	return arena_str(arena, text);
}

static int64_t seconds(const struct json *node)
{
	int64_t at = 0;

	if (json_int(node, &at) || str_int(json_text(node), &at))
		return at > 0 ? at : 0;
	return 0;
}

static void add_order(struct tts_hook *hook, const struct json *node, struct arena *arena)
{
	struct str order = word(node, max_id_bytes, arena);

	for (size_t i = 0; i < hook->n_orders; i++)
		if (str_eq(hook->order[i], order))
			return;
	if (order.n && hook->n_orders < tts_hook_max_orders)
		hook->order[hook->n_orders++] = order;
}

/* --- what is in "data" --- */

typedef void read_function(struct tts_hook *hook, const struct json *data, struct arena *arena);

static void read_order(struct tts_hook *hook, const struct json *data, struct arena *arena)
{
	add_order(hook, json_get(data, "order_id"), arena);
	hook->state = word(json_get(data, "order_status"), max_state_bytes, arena);
}

static void read_cancellation(struct tts_hook *hook, const struct json *data, struct arena *arena)
{
	add_order(hook, json_get(data, "order_id"), arena);
	hook->state = word(json_get(data, "cancel_status"), max_state_bytes, arena);
}

static void read_return(struct tts_hook *hook, const struct json *data, struct arena *arena)
{
	add_order(hook, json_get(data, "order_id"), arena);
	hook->state = word(json_get(data, "return_status"), max_state_bytes, arena);
}

static void read_refund(struct tts_hook *hook, const struct json *data, struct arena *arena)
{
	const struct json *items = json_get(data, "line_items");

	for (const struct json *i = json_first(items); i; i = json_next(i))
		add_order(hook, json_get(i, "main_order_id"), arena);
	hook->state = word(json_get(data, "refund_status"), max_state_bytes, arena);
}

static void read_expiring(struct tts_hook *hook, const struct json *data, struct arena *arena)
{
	(void)arena;
	hook->expires = seconds(json_get(data, "expiration_time"));
}

static const struct {
	int64_t type;
	enum tts_hook_kind kind;
	read_function *read;
} kind[] = {
	{1, TTS_HOOK_ORDER, read_order},
	{6, TTS_HOOK_DEAUTHORISED, NULL},
	{7, TTS_HOOK_EXPIRING, read_expiring},
	{11, TTS_HOOK_CANCELLATION, read_cancellation},
	{12, TTS_HOOK_RETURN, read_return},
	{14, TTS_HOOK_MESSAGE, NULL},
	{64, TTS_HOOK_AFTERSALES, NULL},
	{65, TTS_HOOK_AFTERSALES, NULL},
	{67, TTS_HOOK_REFUND, read_refund},
};
enum { n_kinds = sizeof kind / sizeof *kind };

static void read_data(struct tts_hook *hook, const struct json *data, struct arena *arena)
{
	hook->kind = TTS_HOOK_OTHER;
	for (size_t i = 0; i < n_kinds; i++)
		if (kind[i].type == hook->type) {
			hook->kind = kind[i].kind;
			if (kind[i].read)
				kind[i].read(hook, data, arena);
		}
}

/* --- the envelope --- */

/* Older ones have no id.  A repeat has the same bytes but for the time it was pushed, which would
 * make it another one: that is left out. */
static struct str own_id(const struct tts_hook *hook, const struct json *data, struct arena *arena)
{
	struct str piece[] = {
		arena_printf(arena, "%lld", (long long)hook->type),
		hook->n_orders ? hook->order[0] : S(""),
		hook->state,
		arena_printf(arena, "%lld %lld", (long long)seconds(json_get(data, "update_time")),
			(long long)seconds(json_get(data, "create_time"))),
	};
	char hex[65];

	digest_hex(digest_of_pieces(piece, sizeof piece / sizeof *piece), hex);
	return arena_printf(arena, "own-%.40s", hex);
}

static bool read_root(const struct json *root, struct arena *arena, struct tts_hook *hook)
{
	const struct json *data = json_get(root, "data");

	if (!json_int(json_get(root, "type"), &hook->type))
		return false;
	hook->shop = word(json_get(root, "shop_id"), max_id_bytes, arena);
	hook->at = seconds(json_get(root, "timestamp"));
	read_data(hook, data, arena);
	hook->id = word(json_get(root, "tts_notification_id"), max_id_bytes, arena);
	if (!hook->id.n)
		hook->id = own_id(hook, data, arena);
	return true;
}

bool tts_hook_read(struct str body, struct arena *arena, struct tts_hook *hook)
{
	static const struct json_limits limits = {max_body_bytes, max_nodes, max_depth};
	struct source source = {"webhook", body};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, &limits, NULL);
	bool good;

	*hook = (struct tts_hook){.kind = TTS_HOOK_OTHER};
	good = doc && read_root(json_root(doc), arena, hook);
	json_doc_free(doc);
	return good;
}

/* Which paths there are. */
#include "adapters/order/shop_wire/parts.h"

#define ORDER "seller.order.info"
#define RETURNS "seller.return_refund.basic"
#define PARCELS "seller.fulfillment.basic"
#define CHAT "seller.customer_service"
#define SHOPS "seller.authorization.info"
#define HOOKS "seller.event.webhooks"

const struct endpoint wire_endpoint[] = {
	{"token.get", "GET", "/api/v2/token/get", "", token_get, "", UNSIGNED | WRITES},
	{"token.refresh", "GET", "/api/v2/token/refresh", "", token_refresh, "", UNSIGNED | WRITES},
	{"shops.authorized", "GET", "/authorization/@/shops", "202309", shops_list, SHOPS,
		NO_CIPHER},
	{"shops.active", "GET", "/seller/@/shops", "202309", seller_shops, SHOPS, NO_CIPHER},

	{"orders.detail", "GET", "/order/@/orders", "202309 202507", orders_detail, ORDER, 0},
	{"orders.search", "POST", "/order/@/orders/search", "202309", orders_search, ORDER, 0},
	{"orders.price", "GET", "/order/@/orders/*/price_detail", "202407", orders_price, ORDER, 0},

	{"cancellations.create", "POST", "/return_refund/@/cancellations", "202309",
		cancellations_create, RETURNS, WRITES},
	{"cancellations.search", "POST", "/return_refund/@/cancellations/search", "202309",
		cancellations_search, RETURNS, 0},
	{"cancellations.approve", "POST", "/return_refund/@/cancellations/*/approve", "202309",
		cancellations_approve, RETURNS, WRITES | KEYED},
	{"cancellations.reject", "POST", "/return_refund/@/cancellations/*/reject", "202309",
		cancellations_reject, RETURNS, WRITES | KEYED},
	{"returns.create", "POST", "/return_refund/@/returns", "202309", returns_create_call,
		RETURNS, WRITES | KEYED},
	{"returns.search", "POST", "/return_refund/@/returns/search", "202309", returns_search,
		RETURNS, 0},
	{"returns.approve", "POST", "/return_refund/@/returns/*/approve", "202309", returns_approve,
		RETURNS, WRITES | KEYED},
	{"returns.reject", "POST", "/return_refund/@/returns/*/reject", "202309", returns_reject,
		RETURNS, WRITES | KEYED},
	{"returns.records", "GET", "/return_refund/@/returns/*/records", "202309", returns_records,
		RETURNS, 0},
	{"reject_reasons", "GET", "/return_refund/@/reject_reasons", "202309", reject_reasons,
		RETURNS, 0},
	{"refunds.calculate", "POST", "/return_refund/@/refunds/calculate", "202309",
		refunds_calculate, RETURNS, 0},
	{"aftersale.eligibility", "GET", "/return_refund/@/orders/*/aftersale_eligibility",
		"202309 202512", aftersale_eligibility, RETURNS, 0},

	{"tracking", "GET", "/fulfillment/@/orders/*/tracking", "202309", tracking_get, PARCELS, 0},
	{"packages.search", "POST", "/fulfillment/@/packages/search", "202309", packages_search,
		PARCELS, 0},
	{"packages.detail", "GET", "/fulfillment/@/packages/*", "202309", package_detail, PARCELS,
		0},

	{"conversations.list", "GET", "/customer_service/@/conversations", "202309",
		conversations_list, CHAT, 0},
	{"conversations.create", "POST", "/customer_service/@/conversations", "202309",
		conversations_create, CHAT, WRITES},
	{"conversations.get", "GET", "/customer_service/@/conversations/*", "202601",
		conversations_get, CHAT, 0},
	{"messages.list", "GET", "/customer_service/@/conversations/*/messages", "202309",
		messages_list, CHAT, 0},
	{"messages.send", "POST", "/customer_service/@/conversations/*/messages", "202309",
		messages_send, CHAT, WRITES},
	{"messages.read", "POST", "/customer_service/@/conversations/*/messages/read", "202309",
		messages_read, CHAT, WRITES},
	{"images.upload", "POST", "/customer_service/@/images/upload", "202309", images_upload,
		CHAT, WRITES | UPLOADS},
	{"agent.get", "GET", "/customer_service/@/agents/settings", "202309", agent_get, CHAT, 0},
	{"agent.put", "PUT", "/customer_service/@/agents/settings", "202309", agent_put, CHAT,
		WRITES},
	{"performance", "GET", "/customer_service/@/performance", "202407", performance_get, CHAT,
		0},

	{"webhooks.list", "GET", "/event/@/webhooks", "202309", webhooks_list, HOOKS, 0},
	{"webhooks.put", "PUT", "/event/@/webhooks", "202309", webhooks_put, HOOKS, WRITES},
	{"webhooks.delete", "DELETE", "/event/@/webhooks", "202309", webhooks_delete, HOOKS,
		WRITES},
};
const size_t n_wire_endpoints = sizeof(wire_endpoint) / sizeof(wire_endpoint[0]);

static bool is_version(struct str segment)
{
	if (segment.n != 6)
		return false;
	for (size_t i = 0; i < segment.n; i++)
		if (segment.p[i] < '0' || segment.p[i] > '9')
			return false;
	return true;
}

/* Whether @path has the form of @pattern; the version and the ids that it names. */
static bool fits(struct str pattern, struct str path, struct str id[PATH_IDS], struct str *version)
{
	size_t n_ids = 0;

	*version = (struct str){0};
	while (pattern.n && path.n) {
		struct str wanted = str_cut(&pattern, '/'), segment = str_cut(&path, '/');

		if (str_is(wanted, "*") && segment.n && n_ids < PATH_IDS)
			id[n_ids++] = segment;
		else if (str_is(wanted, "@") && is_version(segment))
			*version = segment;
		else if (!str_eq(wanted, segment))
			return false;
	}
	return !pattern.n && !path.n;
}

static bool has_word(const char *words, struct str word)
{
	struct str rest = str_of(words);

	if (!word.n)
		return !rest.n;
	while (rest.n)
		if (str_eq(str_cut(&rest, ' '), word))
			return true;
	return false;
}

/* "packages/search" would fit where an id stands: a path that is spelt out goes first. */
static bool is_nearer(const struct endpoint *a, const struct endpoint *b)
{
	return !b ||
	       (str_find(str_of(b->path), S("*")) >= 0 && str_find(str_of(a->path), S("*")) < 0);
}

enum found endpoint_find(struct str method, struct str path, const struct endpoint **endpoint,
	struct str id[PATH_IDS], struct str *version)
{
	enum found found = FOUND_NO_PATH;
	struct str an_id[PATH_IDS] = {{0}}, a_version;

	*endpoint = NULL;
	if (!str_starts(path, S("/")) || str_ends(path, S("/")))
		return FOUND_NO_PATH;
	for (size_t i = 0; i < n_wire_endpoints; i++) {
		const struct endpoint *e = &wire_endpoint[i];

		if (!fits(str_of(e->path), path, an_id, &a_version))
			continue;
		if (!str_is(method, e->method)) {
			found = found == FOUND_NO_PATH ? FOUND_NO_METHOD : found;
			continue;
		}
		if (!has_word(e->versions, a_version)) {
			found = found == FOUND ? FOUND : FOUND_NO_VERSION;
			continue;
		}
		if (!is_nearer(e, *endpoint))
			continue;
		*endpoint = e;
		*version = a_version;
		for (size_t k = 0; k < PATH_IDS; k++)
			id[k] = an_id[k];
		found = FOUND;
	}
	return found;
}

const char *wire_operation(const struct wire_request *request)
{
	const struct endpoint *endpoint;
	struct str id[PATH_IDS], version;

	return endpoint_find(request->method, request->path, &endpoint, id, &version) == FOUND
		       ? endpoint->name
		       : "";
}

bool wire_has_operation(struct str name)
{
	for (size_t i = 0; i < n_wire_endpoints; i++)
		if (str_is(name, wire_endpoint[i].name))
			return true;
	return false;
}

const char *wire_operation_name(size_t n)
{
	return n < n_wire_endpoints ? wire_endpoint[n].name : NULL;
}

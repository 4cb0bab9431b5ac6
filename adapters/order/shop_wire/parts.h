/* What the modules of the wire form share: a visit is one request being answered. */
#ifndef TENSTEP_ADAPTERS_ORDER_SHOP_WIRE_PARTS_H
#define TENSTEP_ADAPTERS_ORDER_SHOP_WIRE_PARTS_H

#include "adapters/order/sandbox/shop.h"
#include "adapters/order/shop_wire/wire.h"
#include "bot/base/json_out.h"

struct visit;
/* Writes the envelope's `data`, or sets the visit's fault. */
typedef void endpoint_function(struct visit *visit);

enum {
	NO_CIPHER = 1, /* must not come with a shop_cipher */
	WRITES = 2,
	KEYED = 4,     /* takes an idempotency_key */
	UPLOADS = 8,   /* multipart/form-data */
	UNSIGNED = 16, /* the token host's: no sign, no token, its own parameters */
};

struct endpoint {
	const char *name, *method;
	const char *path;     /* '@': the version; '*': an id */
	const char *versions; /* separated by blanks; "": the path has none */
	endpoint_function *answer;
	const char *scope;
	unsigned flags;
};

/* What is wrong with a request; code 0: nothing. */
struct fault {
	unsigned status;
	int code;
	struct str message;
};

enum { PATH_IDS = 2 };

struct visit {
	struct wire *wire;
	struct sandbox *shop;
	struct sql *sql;
	const struct wire_request *request;
	const struct endpoint *endpoint;
	struct str id[PATH_IDS], version; /* of the path */
	int64_t talk;                     /* of the path, when it names one */
	struct json_doc *doc;
	const struct json *body; /* an object; NULL: none came */
	struct arena *arena;
	struct buf *out; /* of `data` */
	struct fault fault;
};

struct wire {
	struct wire_setup setup;
	struct arena *kept;  /* the setup's texts */
	struct arena *arena; /* of one visit */
	struct buf data;
	struct sql *sql;
	char scopes[1024];
	/* the bucket of the one app and shop */
	double room;
	int64_t filled_ms;
	/* the change under way */
	const char *cause; /* an operation, or "clock", "hand" */
	const char *request_id;
	unsigned n_changes;
	int64_t first_effect;
	unsigned n_requests;
	wire_effect_function *effect;
	void *effect_self;
};

/* endpoints.c */
enum found { FOUND, FOUND_NO_PATH, FOUND_NO_METHOD, FOUND_NO_VERSION };
enum found endpoint_find(struct str method, struct str path, const struct endpoint **endpoint,
	struct str id[PATH_IDS], struct str *version);
extern const struct endpoint wire_endpoint[];
extern const size_t n_wire_endpoints;

/* gate.c */
bool gate_pass(struct visit *visit) MUST_CHECK;
struct str visit_param(const struct visit *visit, const char *name);
bool visit_has_param(const struct visit *visit, const char *name);
/* Sets the fault and gives false, for "return fail(…)". */
bool visit_fail(struct visit *visit, unsigned status, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A refusal of the shop's, told with HTTP 200. */
bool visit_refuse(struct visit *visit, int code, const char *message);
/* "Invalid parameter. `page_size` …" (36009004). */
bool visit_bad(struct visit *visit, const char *parameter, const char *why);

/* body.c: fields of the body; false after a fault */
bool body_text(struct visit *visit, const char *name, struct str *text) MUST_CHECK;
bool body_text_needed(struct visit *visit, const char *name, struct str *text) MUST_CHECK;
bool body_int(struct visit *visit, const char *name, int64_t fallback, int64_t *number) MUST_CHECK;
bool body_bool(struct visit *visit, const char *name, int *yes) MUST_CHECK; /* -1: absent */
/* An array of texts, translated one by one by @translate (NULL: as they are), as the text of a JSON
 * array for json_each(); empty: absent. */
typedef struct str translate_function(struct visit *visit, struct str text);
bool body_list(struct visit *visit, const char *name, translate_function *translate,
	struct str *json) MUST_CHECK;
/* SQL: whether @column is in such an array at @mark; all are when it is absent. */
#define IN(column, mark)                                                                           \
	"(" mark " = '' or " column " in (select value from json_each(iif(" mark                   \
	" = '', '[]', " mark "))))"
struct time_range {
	int64_t from, to;
};
/* "create_time" reads create_time_ge and create_time_lt. */
bool body_range(struct visit *visit, const char *name, struct time_range *range) MUST_CHECK;
/* order_line_item_ids or skus into ids of items; none named: all of the order.  False: a fault. */
struct chosen {
	struct str item[64];
	size_t n;
	bool all;
};
bool body_items(struct visit *visit, struct str number, struct chosen *chosen) MUST_CHECK;

/* paging.c */
struct page {
	int64_t size, sign; /* -1: descending */
	bool by_update;
	int64_t resumes, key, row; /* behind this one */
};
struct page_rule {
	int64_t least, most, usual; /* usual 0: page_size is needed */
	bool descending;            /* by default */
};
bool page_read(struct visit *visit, const struct page_rule *rule, struct page *page) MUST_CHECK;
struct str page_token(struct visit *visit, int64_t key, int64_t row);
/* The numbers of one page and the token for the next. */
struct hits {
	int64_t *row;
	struct str *name;
	size_t n;
	struct str next;
};
/* Binds five marks: whether it resumes, the sign, the key and the row to resume behind, the limit;
 * for
 * "(?1 = 0 or (?2 * sort_key, ?2 * row) > (?3, ?4)) order by ?2 * sort_key, ?2 * row limit ?5". */
void page_bind(struct sql_query *query, const struct page *page);
/* Reads columns row, sort_key and name; ends the query. */
struct hits page_hits(struct visit *visit, const struct page *page, struct sql_query *query);
/* A list that is searched.  The marks of @rows are the filter's, then whether it goes by the time
 * of the last change, then those of page_bind(); the marks of @count are the filter's alone. */
struct listing {
	struct page_rule rule;
	const char *name;         /* the list's, in the answer */
	const char *rows, *count; /* SQL: literals, see sql_query() */
	void (*bind)(struct sql_query *query, const void *filter);
	void (*write)(struct visit *visit, int64_t row);
};
/* Writes `data`: one page of the list, the token for the next, how many there are in all. */
void page_answer(struct visit *visit, const struct listing *listing, const struct page *page,
	const void *filter);

/* ids.c */
enum id_kind {
	ID_ORDER,
	ID_LINE,
	ID_PACKAGE,
	ID_CANCEL,
	ID_CANCEL_LINE,
	ID_RETURN,
	ID_RETURN_LINE,
	ID_TALK,
	ID_MESSAGE,
	ID_EVENT,
	ID_REFUND,
	N_ID_KIND
};
int64_t id_number(enum id_kind kind, int64_t own);
struct str id_of(struct arena *arena, enum id_kind kind, int64_t own);
/* False: no id of this kind. */
bool id_own(enum id_kind kind, struct str id, int64_t *own) MUST_CHECK;
struct str id_of_item(struct arena *arena, struct str item);
struct str item_of_id(struct arena *arena, struct str id); /* empty: none */
struct str number_of_id(struct arena *arena, struct str id);
struct str id_of_name(struct arena *arena, const char *kind, struct str name); /* "user", "sku" … */
struct str buyer_of_id(struct visit *visit, struct str id);
struct str sku_of_id(struct visit *visit, struct str id);
struct str picture_of(struct arena *arena, struct str sku);
translate_function as_number, as_buyer, as_cancellation, as_return;

/* out.c: members */
void out_id(struct buf *out, const char *key, enum id_kind kind, int64_t own);
void out_time(struct buf *out, const char *key, int64_t at); /* left out when 0 */
void out_money(struct buf *out, const char *key, int64_t minor);
struct split {
	int64_t subtotal, shipping, tax;
};
void out_refund(struct buf *out, const char *key, const struct split *split);
void out_picture(struct buf *out, struct arena *arena, struct str sku);

/* aftersale.c: what cancellations and returns have in common */
struct aftersale_filter {
	struct str ids, orders, buyers, types, states, locale;
	struct time_range created, updated;
};
struct aftersale_fields { /* of the body: "cancel_ids" … */
	const char *ids, *types, *states;
};
bool aftersale_filter_read(struct visit *visit, const struct aftersale_fields *names,
	translate_function *as_id, translate_function *as_state,
	struct aftersale_filter *filter) MUST_CHECK;
/* SQL of the filter, for rows with id, order_number, buyer, created and updated; marks ?1 to ?9. */
#define AFTERSALE_FILTER(type, state)                                                              \
	IN("cast(id as text)", "?1")                                                               \
	" and " IN("order_number", "?2") " and " IN("buyer", "?3") " and " IN(                     \
		type, "?4") " and " IN(state,                                                      \
		"?5") " and created >= ?6 and created < ?7 and updated >= ?8 and updated < ?9"
void aftersale_filter_bind(struct sql_query *query, const void *filter);
void out_seller_action(struct buf *out, const char *action, int64_t deadline);
/* A piece of cancellation or return @of, a row of item with its product; @refund NULL: nothing is
 * told of it. */
void out_piece(struct visit *visit, const char *key, enum id_kind kind, int64_t of,
	const struct split *refund, struct sql_query *row);
struct refusal {
	int code;
	const char *message;
};
/* Refuses in the platform's words: @own, by enum seller_answer, has what the two do not say alike.
 */
bool aftersale_refuse(struct visit *visit, const struct refusal own[], enum seller_answer did);

/* reasons.c */
enum reason_for { REASON_SELLER_CANCELS, REASON_REFUND, REASON_RETURN };
enum reason_fit { REASON_FITS, REASON_UNKNOWN, REASON_NOT_SELLERS, REASON_OTHER_STATUS };
enum reason_fit reason_fits(enum reason_for what, struct str name, enum order_status status);
/* Refuses one that does not fit; @unknown: the words for one that there is not. */
bool reason_accept(struct visit *visit, enum reason_for what, struct str name,
	enum order_status status, const char *unknown) MUST_CHECK;
/* The platform's name of a reason that the shop keeps under its own. */
struct str reason_name(struct arena *arena, struct str kept, bool of_return, bool refund_only);
struct str reason_text(struct arena *arena, struct str name);
/* Whether the fault is the shop's, so that the shipping comes back as well. */
bool reason_is_shops(struct str name);
/* Names that a seller may give; NULL at the end. */
const char *const *reason_list(enum reason_for what, enum order_status status);

/* return_calls.c */
bool reject_reason_known(bool of_return, struct str name);

/* events.c */
void events_changed(void *self, enum shop_thing thing, struct str number, int64_t id);
const char *cancel_status_of(struct str state);
const char *return_status_of(struct str state, bool travelled);

/* tokens.c */
enum token_state { TOKEN_UNKNOWN, TOKEN_EXPIRED, TOKEN_GOOD };
enum token_state token_look_up(struct wire *wire, struct str token, int64_t now);
void make_secret(struct wire *wire, const char *what, char hex[65]);

/* what endpoints there are */
endpoint_function token_get, token_refresh, shops_list, seller_shops;
endpoint_function orders_search, orders_detail, orders_price;
endpoint_function cancellations_create, cancellations_search, cancellations_approve,
	cancellations_reject;
endpoint_function returns_create_call, returns_search, returns_approve, returns_reject,
	returns_records, reject_reasons;
endpoint_function refunds_calculate, aftersale_eligibility;
endpoint_function tracking_get, packages_search, package_detail;
endpoint_function conversations_list, conversations_create, conversations_get, messages_list,
	messages_send, messages_read, images_upload, agent_get, agent_put, performance_get;
endpoint_function webhooks_list, webhooks_put, webhooks_delete;

#endif

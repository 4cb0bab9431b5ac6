/* A platform in a process of its own that keeps a book of what it did, checks each signature, and
 * misbehaves: it swallows requests and hangs up, before or after doing them, answers late, half,
 * with the wrong id, with 429, 500, 503.  Several
 * processes; the book is shared memory. */
#ifndef TENSTEP_TESTS_CONTRACT_EVIL_SHOP_H
#define TENSTEP_TESTS_CONTRACT_EVIL_SHOP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/order/tiktok_shop/tts_sign.h"
#include "bot/base/json.h"
#include "bot/base/percent.h"

#define EVIL_KEY "appk"
#define EVIL_SECRET "sandbox_secret_123_for_tests"
#define EVIL_BUYER "7494000000000000001"

enum evil_act {
	ACT_NORMAL,
	ACT_SWALLOW,     /* not done, hung up */
	ACT_DO_SWALLOW,  /* done, hung up */
	ACT_500,         /* not done */
	ACT_DO_500,      /* done all the same */
	ACT_DO_TRUNCATE, /* done, half an answer */
	ACT_DO_WRONG_ID, /* done, an answer about something else */
	ACT_DO_LATE,     /* done, the answer comes too late */
	ACT_LATE_DO,     /* done only after the asker has given up */
	ACT_429,         /* not done */
	ACT_503,         /* not done */
	ACT_TOKEN,       /* not done: the token has expired */
	ACT_MUTE,        /* not done, and nothing comes */
	n_acts
};

enum { evil_orders = 512, evil_max_text = 16384, evil_late_ms = 600, evil_workers = 24 };

struct evil_book {
	atomic_uint
		cancelled[evil_orders]; /* how often an order was cancelled: never more than once */
	atomic_uint refused[evil_orders]; /* how often a second time was refused */
	atomic_uint returned[evil_orders];
	atomic_ullong return_key[evil_orders];
	atomic_uint changes, reads, bad_signs, refreshes, exchanges, acts[n_acts];
	atomic_uint token;                     /* which one is good: "access-N" */
	atomic_uint chance;                    /* of the next act */
	unsigned change_percent, read_percent; /* how often it misbehaves */
	atomic_int next_change, next_read;     /* an act for the next one; 0: by chance */
	bool refresh_refused;
};

struct evil_shop {
	struct evil_book *book;
	pid_t server;
	int port;
};

/* --- a request --- */

struct evil_request {
	char text[evil_max_text];
	struct str method, path, body, token;
	struct tts_param param[32];
	size_t n_params;
	struct arena *arena;
};

static inline bool evil_read(int from, struct evil_request *r)
{
	size_t n = 0, wanted = 0;
	char *end;

	while (n < evil_max_text - 1) {
		ssize_t got = recv(from, r->text + n, evil_max_text - 1 - n, 0);

		if (got <= 0)
			return false;
		n += (size_t)got;
		r->text[n] = 0;
		end = strstr(r->text, "\r\n\r\n");
		if (!end)
			continue;
		if (!wanted) {
			const char *length = strstr(r->text, "\r\nContent-Length:");

			wanted = (size_t)(end - r->text) + 4 +
				 (length && length < end ? (size_t)atoi(length + 17) : 0);
		}
		if (n >= wanted) {
			r->body = (struct str){end + 4, wanted - (size_t)(end + 4 - r->text)};
			return true;
		}
	}
	return false;
}

static inline struct str evil_decoded(struct arena *arena, struct str s)
{
	struct buf out;
	struct str decoded;

	buf_init(&out, evil_max_text);
	(void)!percent_decode_form(s, &out);
	decoded = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return decoded;
}

static inline void evil_parse(struct evil_request *r)
{
	struct str line = str_of(r->text), query;
	const char *token = strstr(r->text, "\r\nx-tts-access-token: ");

	line = str_cut(&line, '\r');
	r->method = str_cut(&line, ' ');
	query = str_cut(&line, ' ');
	r->path = str_cut(&query, '?');
	while (query.n && r->n_params < 32) {
		struct str value = str_cut(&query, '&'), name = str_cut(&value, '=');

		r->param[r->n_params++] = (struct tts_param){
			evil_decoded(r->arena, name), evil_decoded(r->arena, value)};
	}
	if (token) {
		struct str rest = str_of(token + 22);

		r->token = str_cut(&rest, '\r');
	}
}

static inline struct str evil_param(const struct evil_request *r, const char *name)
{
	for (size_t i = 0; i < r->n_params; i++)
		if (str_is(r->param[i].name, name))
			return r->param[i].value;
	return S("");
}

/* The last digits of the order that a request is about. */
static inline unsigned evil_order(const struct evil_request *r)
{
	const char *at = strstr(r->text, "5764000000000");

	return at ? (unsigned)atoi(at + 13) % evil_orders : 0;
}

/* --- answers --- */

static inline void evil_say(int to, unsigned status, const char *body)
{
	char head[200];

	snprintf(head, sizeof(head),
		"HTTP/1.1 %u Said\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		status, strlen(body));
	(void)!send(to, head, strlen(head), MSG_NOSIGNAL);
	(void)!send(to, body, strlen(body), MSG_NOSIGNAL);
}

#define EVIL_OK(data)                                                                              \
	"{\"code\":0,\"message\":\"Success\",\"request_id\":\"20260101ABC\",\"data\":" data "}"
#define EVIL_NO(code, message)                                                                     \
	"{\"code\":" #code ",\"message\":\"" message                                               \
	"\",\"request_id\":\"20260101ABD\",\"data\":null}"

static inline void evil_cancellation(struct evil_book *book, unsigned order, char *out, size_t n)
{
	if (!book->cancelled[order]) {
		snprintf(out, n, EVIL_OK("{\"cancellations\":[],\"next_page_token\":\"\"}"));
		return;
	}
	snprintf(out, n,
		EVIL_OK("{\"cancellations\":[{\"cancel_id\":\"4035%05u\",\"order_id\":"
			"\"5764000000000%05u\",\"role\":\"SELLER\",\"cancel_type\":\"CANCEL\","
			"\"cancel_status\":\"CANCELLATION_REQUEST_SUCCESS\",\"create_time\":"
			"1767225600,\"refund_amount\":{\"currency\":\"USD\",\"refund_total\":"
			"\"29.90\"}}],\"next_page_token\":\"\"}"),
		order, order);
}

static inline void evil_returns(struct evil_book *book, unsigned order, char *out, size_t n)
{
	if (!book->returned[order]) {
		snprintf(out, n, EVIL_OK("{\"return_orders\":[],\"next_page_token\":\"\"}"));
		return;
	}
	snprintf(out, n,
		EVIL_OK("{\"return_orders\":[{\"return_id\":\"4036%05u\",\"order_id\":"
			"\"5764000000000%05u\",\"role\":\"SELLER\",\"return_type\":"
			"\"RETURN_AND_REFUND\",\"return_status\":\"AWAITING_BUYER_SHIP\","
			"\"create_time\":9999999999,\"return_line_items\":[{"
			"\"order_line_item_id\":\"5765\"}]}],\"next_page_token\":\"\"}"),
		order, order);
}

/* Even orders can be cancelled, odd ones are delivered. */
static inline void evil_detail(
	struct evil_book *book, unsigned order, unsigned shown, char *out, size_t n)
{
	const char *status = order % 2                ? "DELIVERED"
			     : book->cancelled[order] ? "CANCELLED"
						      : "AWAITING_SHIPMENT";

	snprintf(out, n,
		EVIL_OK("{\"orders\":[{\"id\":\"5764000000000%05u\",\"status\":\"%s\","
			"\"user_id\":\"" EVIL_BUYER "\",\"create_time\":1767000000,"
			"\"paid_time\":1767000001,\"payment_method_name\":\"Visa\",\"payment\":{"
			"\"currency\":\"USD\",\"total_amount\":\"29.90\"},\"line_items\":[{\"id\":"
			"\"5765\",\"product_name\":\"Mug\",\"sale_price\":\"29.90\",\"currency\":"
			"\"USD\"}]}]}"),
		shown, status);
}

/* What the platform answers; a change is done by this. */
static inline unsigned evil_answer(
	struct evil_book *book, const struct evil_request *r, bool wrong_id, char *out, size_t n)
{
	unsigned order = evil_order(r);
	bool other = str_is(evil_param(r, "shop_cipher"), "GCP_other"); /* it knows no order */

	if (other && str_starts(r->path, S("/order/202309/orders")))
		snprintf(out, n, EVIL_OK("{\"orders\":[],\"next_page_token\":\"\"}"));
	else if (str_is(r->path, "/order/202309/orders/search"))
		evil_detail(book, 2, 2, out, n);
	else if (str_is(r->path, "/order/202309/orders"))
		evil_detail(book, order, wrong_id ? order + 1 : order, out, n);
	else if (str_is(r->path, "/return_refund/202309/cancellations/search"))
		evil_cancellation(book, order, out, n);
	else if (str_is(r->path, "/return_refund/202309/returns/search"))
		evil_returns(book, order, out, n);
	else if (str_is(r->path, "/return_refund/202309/refunds/calculate"))
		snprintf(out, n,
			EVIL_OK("{\"order_refund_amount\":{\"currency\":\"USD\",\"refund_total\":"
				"\"29.90\"}}"));
	else if (str_ends(r->path, S("/aftersale_eligibility")))
		snprintf(out, n,
			EVIL_OK("{\"sku_eligibility\":[{\"sku_id\":\"1\",\"line_item_eligibility\":"
				"[{\"request_type\":\"CANCEL\",\"eligible\":true,"
				"\"order_line_items_ids\":[\"5765\"]}]}]}"));
	else if (str_is(r->path, "/return_refund/202309/cancellations")) {
		unsigned none = 0;

		if (!atomic_compare_exchange_strong(&book->cancelled[order], &none, 1)) {
			book->refused[order]++;
			snprintf(out, n, EVIL_NO(25001011, "a reverse order exists"));
			return 200;
		}
		snprintf(out, n,
			EVIL_OK("{\"cancel_id\":\"4035%05u\",\"cancel_status\":"
				"\"CANCELLATION_REQUEST_SUCCESS\"}"),
			wrong_id ? order + 1 : order);
	} else if (str_is(r->path, "/return_refund/202309/returns")) {
		unsigned long long key = str_hash(evil_param(r, "idempotency_key")) | 1, none = 0;

		if (atomic_compare_exchange_strong(&book->return_key[order], &none, key))
			book->returned[order]++;
		else if (none != key) { /* another key: a second return of the same thing */
			snprintf(out, n, EVIL_NO(25001011, "a reverse order exists"));
			return 200;
		}
		snprintf(out, n,
			EVIL_OK("{\"return_id\":\"4036%05u\",\"return_status\":"
				"\"AWAITING_BUYER_SHIP\"}"),
			wrong_id ? order + 1 : order);
	} else {
		snprintf(out, n, EVIL_NO(36009009, "Invalid path"));
		return 404;
	}
	return 200;
}

/* --- misbehaviour --- */

static inline unsigned evil_dice(struct evil_book *book)
{
	unsigned x = atomic_fetch_add(&book->chance, 0x9E3779B9u);

	x = (x ^ (x >> 16)) * 0x7FEB352Du;
	x = (x ^ (x >> 15)) * 0x846CA68Bu;
	return x ^ (x >> 16);
}

static inline enum evil_act evil_choose(struct evil_book *book, bool change)
{
	int next = atomic_exchange(change ? &book->next_change : &book->next_read, 0);
	unsigned percent = change ? book->change_percent : book->read_percent;

	if (next)
		return (enum evil_act)next;
	if (evil_dice(book) % 100 >= percent)
		return ACT_NORMAL;
	return (enum evil_act)(1 + evil_dice(book) % (n_acts - 1));
}

static inline void evil_do(
	struct evil_book *book, int to, const struct evil_request *r, enum evil_act act)
{
	char out[evil_max_text];
	unsigned status = 200;

	book->acts[act]++;
	if (act == ACT_LATE_DO)
		usleep(evil_late_ms * 1000);
	if (act != ACT_SWALLOW && act != ACT_500 && act != ACT_429 && act != ACT_503 &&
		act != ACT_TOKEN && act != ACT_MUTE)
		status = evil_answer(book, r, act == ACT_DO_WRONG_ID, out, sizeof(out));
	switch (act) {
	case ACT_NORMAL:
	case ACT_DO_WRONG_ID:
		evil_say(to, status, out);
		break;
	case ACT_DO_TRUNCATE:
		snprintf(out, sizeof(out),
			"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"code\":0,");
		(void)!send(to, out, strlen(out), MSG_NOSIGNAL);
		break;
	case ACT_DO_LATE:
	case ACT_MUTE:
		usleep(evil_late_ms * 1000);
		break;
	case ACT_500:
	case ACT_DO_500:
		evil_say(to, 500, "<html>oops</html>");
		break;
	case ACT_429:
		evil_say(to, 429, EVIL_NO(36009002, "Too many requests"));
		break;
	case ACT_503:
		evil_say(to, 503, "busy");
		break;
	case ACT_TOKEN:
		evil_say(to, 401, EVIL_NO(105002, "Expired credentials"));
		break;
	case ACT_SWALLOW:
	case ACT_DO_SWALLOW:
	case ACT_LATE_DO:
	case n_acts:
		break;
	}
}

/* --- the token host, and the door --- */

static inline void evil_token(struct evil_book *book, int to, const struct evil_request *r)
{
	char out[1000];
	bool refresh = str_is(r->path, "/api/v2/token/refresh");
	bool known = str_is(evil_param(r, "app_secret"), EVIL_SECRET);

	atomic_fetch_add(refresh ? &book->refreshes : &book->exchanges, 1);
	if (!known || (refresh && book->refresh_refused) ||
		(!refresh && !str_is(evil_param(r, "auth_code"), "good code"))) {
		evil_say(to, 200, EVIL_NO(36004004, "Invalid auth code."));
		return;
	}
	book->token++;
	snprintf(out, sizeof(out),
		"{\"code\":0,\"message\":\"success\",\"request_id\":\"2026\",\"data\":{"
		"\"access_token\":\"access-%u\",\"access_token_expire_in\":4102444800,"
		"\"refresh_token\":\"refresh-%u\",\"refresh_token_expire_in\":4102444800,"
		"\"seller_name\":\"Juniper\",\"seller_base_region\":\"US\",\"user_type\":0}}",
		book->token, book->token);
	evil_say(to, 200, out);
}

static inline bool evil_trusts(struct evil_book *book, const struct evil_request *r)
{
	char token[40];
	bool good = tts_sign_is(
		S(EVIL_SECRET), r->path, r->param, r->n_params, r->body, evil_param(r, "sign"));

	snprintf(token, sizeof(token), "access-%u", book->token);
	if (!good || !str_is(evil_param(r, "app_key"), EVIL_KEY))
		book->bad_signs++;
	return good && str_is(r->token, token);
}

static inline bool evil_is_change(const struct evil_request *r)
{
	return str_is(r->path, "/return_refund/202309/cancellations") ||
	       str_is(r->path, "/return_refund/202309/returns");
}

static inline void evil_serve(struct evil_book *book, int to)
{
	struct evil_request *r = calloc(1, sizeof(*r));
	bool change;

	r->arena = arena_new(1 << 20);
	if (!evil_read(to, r)) {
		arena_free(r->arena);
		free(r);
		return;
	}
	evil_parse(r);
	change = evil_is_change(r);
	if (str_starts(r->path, S("/api/v2/token/")))
		evil_token(book, to, r);
	else if (!evil_trusts(book, r))
		evil_say(to, 401, EVIL_NO(105002, "Expired credentials"));
	else if (str_is(r->path, "/authorization/202309/shops"))
		evil_say(to, 200,
			EVIL_OK("{\"shops\":[{\"id\":\"749500\",\"name\":\"Juniper\",\"region\":"
				"\"US\",\"cipher\":\"GCP_demo\"}]}"));
	else {
		atomic_fetch_add(change ? &book->changes : &book->reads, 1);
		evil_do(book, to, r, evil_choose(book, change));
	}
	arena_free(r->arena);
	free(r);
}

static inline void evil_loop(int listening, struct evil_book *book)
{
	for (int i = 1; i < evil_workers && fork() != 0; i++)
		continue;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int to = accept(listening, NULL, NULL);

		if (to < 0)
			_exit(0);
		evil_serve(book, to);
		close(to);
	}
}

static inline void evil_start(struct evil_shop *shop)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(address);
	int listening = socket(AF_INET, SOCK_STREAM, 0);

	shop->book = mmap(NULL, sizeof(*shop->book), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shop->book, MAP_FAILED);
	shop->book->token = 1;
	assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listening, 128), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &n), 0);
	shop->port = ntohs(address.sin_port);
	fflush(NULL);
	shop->server = fork();
	assert_true(shop->server >= 0);
	if (shop->server == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		evil_loop(listening, shop->book);
	}
	setpgid(shop->server, shop->server);
	close(listening);
}

static inline void evil_stop(struct evil_shop *shop)
{
	kill(-shop->server, SIGKILL);
	waitpid(shop->server, NULL, 0);
	munmap(shop->book, sizeof(*shop->book));
}

#endif

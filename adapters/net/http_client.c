/* HTTP requests of ours, by libcurl's multi interface on the one loop. */
#include "adapters/net/http_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/net/curl_late.h"
#include "adapters/net/peer_address.h"

enum {
	default_connect_ms = 3000,
	default_total_ms = 10000,
	default_answer_bytes = 1 << 20,
	max_head_bytes = 64 << 10, /* all header lines of an answer together */
	max_idle_connections = 16,
	max_wait_s = 30 * 24 * 3600, /* nobody means more by Retry-After */
};

/* A socket of curl's on the loop.  They are used again and freed with the client: one may have to
 * go while the loop still stands in its function. */
struct watch {
	struct loop_io io;
	struct http_client *client;
	struct watch *next; /* among the spare ones */
	struct watch *made; /* among all */
};

struct transfer {
	struct http_client *client;
	struct transfer *next, **back;
	CURL *easy; /* NULL: refused before anything was tried */
	struct curl_slist *header;
	char *url, *method, *post;
	bool plain; /* http:// */
	size_t max_answer_bytes, head_bytes;
	struct buf body;
	char error[CURL_ERROR_SIZE];
	const char *refused; /* why, by our own rules */
	http_done_function *done;
	void *self;
};

struct http_client {
	struct http_client_setup setup;
	char *user_agent, *ca_file;
	CURLM *multi; /* NULL: no call has been made */
	struct loop_timer timer, refused_timer;
	struct transfer *transfer; /* all of them */
	size_t n_transfers;
	struct watch *spare, *made;
};

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static char *copy_of(struct str s)
{
	char *copy = must(malloc(s.n + 1));

	if (s.n)
		memcpy(copy, s.p, s.n);
	copy[s.n] = 0;
	return copy;
}

/* --- what may go out --- */

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

/* RFC 9110 section 5.6.2. */
static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c && strchr("!#$%&'*+-.^_`|~", c))))
			return false;
	}
	return s.n > 0;
}

static bool starts_nocase(struct str s, struct str with)
{
	return str_eq_nocase(str_sub(s, 0, with.n), with);
}

/* Why the call is not made at all; NULL: it is. */
static const char *fault_of_call(const struct http_call *call)
{
	if (!is_token(call->method))
		return "refused: the method is no HTTP token";
	if (!starts_nocase(call->url, S("http://")) && !starts_nocase(call->url, S("https://")))
		return "refused: the address does not begin with http:// or https://";
	if (has_control(call->url) || memchr(call->url.p, ' ', call->url.n))
		return "refused: blanks or control bytes in the address";
	for (size_t i = 0; i < call->n_headers; i++) {
		struct str value = call->headers[i], name = str_cut(&value, ':');

		if (name.n == call->headers[i].n || !is_token(name))
			return "refused: a header that is not \"Name: value\"";
		if (has_control(value))
			return "refused: control bytes in a header";
	}
	return NULL;
}

static bool may_meet(const struct transfer *t, enum peer_kind kind)
{
	const struct http_client_setup *setup = &t->client->setup;

	switch (kind) {
	case PEER_PUBLIC:
		return !t->plain || setup->allow_plain;
	case PEER_LOOPBACK:
		return setup->allow_loopback;
	case PEER_PRIVATE:
		return setup->allow_private && (!t->plain || setup->allow_plain);
	case PEER_NOBODY:
		return false;
	}
	return false;
}

/* Here and not at the name: what a name means may change between two looks (T-25). */
static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = self;

	if (purpose != CURLSOCKTYPE_IPCXN ||
		!may_meet(t, peer_kind(&address->addr, address->addrlen))) {
		t->refused = "refused: this address is not allowed";
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* --- what may come in --- */

static size_t take_body(char *bytes, size_t size, size_t n, void *self)
{
	struct transfer *t = self;

	buf_add(&t->body, (struct str){bytes, size * n});
	if (!t->body.over)
		return size * n;
	t->refused = "the answer is too long";
	return 0;
}

static size_t take_header(char *bytes, size_t size, size_t n, void *self)
{
	struct transfer *t = self;

	(void)bytes;
	t->head_bytes += size * n;
	if (t->head_bytes <= max_head_bytes)
		return size * n;
	t->refused = "the answer's head is too long";
	return 0;
}

/* --- one request --- */

static void set(CURLcode code)
{
	assert(code == CURLE_OK); /* an option that Debian's libcurl knows */
}

static void set_rules(CURL *easy, const struct http_client *client)
{
	set(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"));
	set(curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1));
	set(curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L));
	set(curl_easy_setopt(easy, CURLOPT_PROXY, ""));
	set(curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"));
	set(curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L));
	set(curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L));
	set(curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L));
	set(curl_easy_setopt(
		easy, CURLOPT_QUICK_EXIT, 1L)); /* else a slow name server stops the loop */
	set(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L));
	set(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L));
	set(curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2));
	if (client->user_agent)
		set(curl_easy_setopt(easy, CURLOPT_USERAGENT, client->user_agent));
	if (client->ca_file) {
		set(curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file));
		set(curl_easy_setopt(easy, CURLOPT_CAPATH, NULL));
	}
}

static void set_callbacks(CURL *easy, struct transfer *t)
{
	set(curl_easy_setopt(easy, CURLOPT_PRIVATE, t));
	set(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error));
	set(curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket));
	set(curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t));
	set(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body));
	set(curl_easy_setopt(easy, CURLOPT_WRITEDATA, t));
	set(curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header));
	set(curl_easy_setopt(easy, CURLOPT_HEADERDATA, t));
}

static void add_header(struct transfer *t, struct str line)
{
	char *text = copy_of(line), *colon = strchr(text, ':');

	/* "Name:" would take the header away; "Name;" is how curl spells an empty one. */
	if (!str_trim(str_of(colon + 1)).n)
		colon[0] = ';', colon[1] = 0;
	t->header = must(curl_slist_append(t->header, text));
	free(text);
}

static bool names(const struct http_call *call, const char *name)
{
	for (size_t i = 0; i < call->n_headers; i++) {
		struct str value = call->headers[i];

		if (str_eq_nocase(str_cut(&value, ':'), str_of(name)))
			return true;
	}
	return false;
}

static void set_headers(struct transfer *t, const struct http_call *call)
{
	for (size_t i = 0; i < call->n_headers; i++)
		add_header(t, call->headers[i]);
	/* Not asked for: a pause of a second before a long body, a type that nobody named. */
	t->header = must(curl_slist_append(t->header, "Expect:"));
	if (!names(call, "Content-Type"))
		t->header = must(curl_slist_append(t->header, "Content-Type:"));
	set(curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->header));
}

static bool only_reads(const struct http_call *call)
{
	return !call->changes &&
	       (call->reads || str_is(call->method, "GET") || str_is(call->method, "HEAD") ||
		       str_is(call->method, "OPTIONS"));
}

static void set_method(struct transfer *t, const struct http_call *call)
{
	bool is_read = only_reads(call);

	if (str_is(call->method, "HEAD")) {
		set(curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L));
	} else if (call->body.n ||
		   !(str_is(call->method, "GET") || str_is(call->method, "DELETE"))) {
		t->post = copy_of(call->body);
		set(curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->post));
		set(curl_easy_setopt(
			t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n));
	}
	set(curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, t->method));
	/* A reused connection that dies makes libcurl send again, POST or not. */
	set(curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, is_read ? 0L : 1L));
	set(curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, is_read ? 0L : 1L));
}

static void set_deadlines(CURL *easy, const struct http_call *call)
{
	int64_t connect_ms = call->connect_ms ? call->connect_ms : default_connect_ms;
	int64_t total_ms = call->total_ms ? call->total_ms : default_total_ms;

	set(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms));
	set(curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)total_ms));
}

static struct transfer *transfer_new(struct http_client *client, const struct http_call *call,
	http_done_function *done, void *self)
{
	struct transfer *t = must(calloc(1, sizeof(*t)));

	t->client = client;
	t->done = done;
	t->self = self;
	t->url = copy_of(call->url);
	t->method = copy_of(call->method);
	t->plain = starts_nocase(call->url, S("http://"));
	buf_init(&t->body, call->max_answer_bytes ? call->max_answer_bytes : default_answer_bytes);
	t->next = client->transfer;
	t->back = &client->transfer;
	if (t->next)
		t->next->back = &t->next;
	client->transfer = t;
	client->n_transfers++;
	return t;
}

static void transfer_unlink(struct transfer *t)
{
	*t->back = t->next;
	if (t->next)
		t->next->back = t->back;
	t->client->n_transfers--;
}

static void transfer_free(struct transfer *t)
{
	if (t->easy) {
		curl_easy_cleanup(t->easy);
		curl_slist_free_all(t->header);
	}
	buf_release(&t->body);
	free(t->url);
	free(t->method);
	free(t->post);
	free(t);
}

/* --- how it ended --- */

/* Errors after which surely nothing was done, if not a byte of the request had left. */
static bool is_before_sending(CURLcode code)
{
	switch ((int)code) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_LOGIN_DENIED: /* a name and password in the address */
		return true;
	default:
		return false;
	}
}

static enum http_outcome outcome_of(CURL *easy, CURLcode code)
{
	long sent = 0;

	if (code == CURLE_OK)
		return HTTP_ANSWERED;
	set(curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent));
	return is_before_sending(code) && sent == 0 ? HTTP_NOT_SENT : HTTP_UNKNOWN;
}

static int64_t retry_after_ms(CURL *easy)
{
	struct curl_header *header;
	curl_off_t wait_s = 0;

	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return -1;
	set(curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait_s));
	if (wait_s < 0) /* a date that has passed */
		wait_s = 0;
	return (wait_s < max_wait_s ? wait_s : max_wait_s) * 1000;
}

static int64_t date_ms(CURL *easy)
{
	struct curl_header *header;
	time_t date_s;

	if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return 0;
	date_s = curl_getdate(header->value, NULL);
	return date_s > 0 ? (int64_t)date_s * 1000 : 0;
}

static struct http_result result_of(struct transfer *t, CURLcode code)
{
	struct http_result result = {.retry_after_ms = -1, .error = ""};
	char *type = NULL;
	curl_off_t took_us = 0;
	long status = 0;

	result.outcome = outcome_of(t->easy, code);
	set(curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &took_us));
	result.took_ms = took_us / 1000;
	if (result.outcome != HTTP_ANSWERED) {
		result.error = t->refused    ? t->refused
			       : t->error[0] ? t->error
					     : curl_easy_strerror(code);
		return result;
	}
	set(curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status));
	set(curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type));
	result.status = (unsigned)status;
	result.body = buf_str(&t->body);
	result.type = str_of(type);
	result.retry_after_ms = retry_after_ms(t->easy);
	result.date_ms = date_ms(t->easy);
	return result;
}

static void tell(struct transfer *t, const struct http_result *result)
{
	transfer_unlink(t);
	if (t->done)
		t->done(t->self, result);
	transfer_free(t);
}

static void tell_refused(struct transfer *t)
{
	tell(t, &(struct http_result){
			.outcome = HTTP_NOT_SENT, .retry_after_ms = -1, .error = t->refused});
}

static void tell_ended(struct http_client *client)
{
	CURLMsg *message;
	int rest;

	while ((message = curl_multi_info_read(client->multi, &rest))) {
		CURLcode code = message->data.result; /* gone with the handle */
		CURL *easy = message->easy_handle;
		struct http_result result;
		struct transfer *t;
		char *own;

		if (message->msg != CURLMSG_DONE)
			continue;
		set(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &own));
		t = (struct transfer *)(void *)own;
		result = result_of(t, code);
		curl_multi_remove_handle(client->multi, easy);
		tell(t, &result);
	}
}

/* --- on the loop --- */

static void act(struct http_client *client, curl_socket_t descriptor, int ready)
{
	int running;

	curl_multi_socket_action(client->multi, descriptor, ready, &running);
	tell_ended(client);
}

static void time_came(void *self)
{
	act(self, CURL_SOCKET_TIMEOUT, 0);
}

static void socket_ready(void *self, int descriptor, unsigned ready)
{
	struct watch *watch = self;
	int mask = (ready & LOOP_READ ? CURL_CSELECT_IN : 0) |
		   (ready & LOOP_WRITE ? CURL_CSELECT_OUT : 0);

	act(watch->client, descriptor, mask);
}

static int set_timer(CURLM *multi, long after_ms, void *self)
{
	struct http_client *client = self;

	(void)multi;
	if (after_ms < 0)
		loop_timer_stop(client->setup.loop, &client->timer);
	else
		loop_timer_start(client->setup.loop, &client->timer, after_ms, time_came, client);
	return 0;
}

static struct watch *watch_new(struct http_client *client)
{
	struct watch *watch = client->spare;

	if (watch) {
		client->spare = watch->next;
		return watch;
	}
	watch = must(calloc(1, sizeof(*watch)));
	watch->client = client;
	watch->made = client->made;
	client->made = watch;
	return watch;
}

static void watch_end(struct watch *watch)
{
	loop_io_stop(watch->client->setup.loop, &watch->io);
	watch->next = watch->client->spare;
	watch->client->spare = watch;
}

static int set_watch(CURL *easy, curl_socket_t descriptor, int what, void *self, void *of_socket)
{
	struct http_client *client = self;
	struct watch *watch = of_socket;
	unsigned wanted =
		(what & CURL_POLL_IN ? LOOP_READ : 0u) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0u);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch)
			watch_end(watch);
		curl_multi_assign(client->multi, descriptor, NULL);
		return 0;
	}
	if (!watch) {
		watch = watch_new(client);
		curl_multi_assign(client->multi, descriptor, watch);
	} else {
		loop_io_stop(client->setup.loop, &watch->io);
	}
	loop_io_start(client->setup.loop, &watch->io, descriptor, wanted, socket_ready, watch);
	return 0;
}

/* --- the client --- */

struct http_client *http_client_new(const struct http_client_setup *setup)
{
	struct http_client *client = must(calloc(1, sizeof(*client)));

	client->setup = *setup;
	client->user_agent = setup->user_agent ? copy_of(str_of(setup->user_agent)) : NULL;
	client->ca_file = setup->ca_file ? copy_of(str_of(setup->ca_file)) : NULL;
	return client;
}

static void begin(struct http_client *client)
{
	if (client->multi)
		return;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	client->multi = must(curl_multi_init());
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, set_watch);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)max_idle_connections);
	curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
}

static void end(struct http_client *client)
{
	if (!client->multi)
		return;
	curl_multi_cleanup(client->multi);
	curl_global_cleanup();
}

/* A transfer is cut off: whether something left decides what is known of it. */
static void cut_off(struct transfer *t)
{
	struct http_result result = {.retry_after_ms = -1, .error = "the program stops"};
	long sent = 0;

	if (t->easy) {
		set(curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent));
		curl_multi_remove_handle(t->client->multi, t->easy);
	}
	result.outcome = sent ? HTTP_UNKNOWN : HTTP_NOT_SENT;
	tell(t, &result);
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	while (client->transfer)
		cut_off(client->transfer);
	end(client);
	loop_timer_stop(client->setup.loop, &client->timer);
	loop_timer_stop(client->setup.loop, &client->refused_timer);
	while (client->made) {
		struct watch *watch = client->made;

		client->made = watch->made;
		free(watch);
	}
	free(client->user_agent);
	free(client->ca_file);
	free(client);
}

void http_client_forget(struct http_client *client, const void *self)
{
	for (struct transfer *t = client->transfer; t; t = t->next)
		if (t->self == self)
			t->done = NULL;
}

size_t http_client_under_way(const struct http_client *client)
{
	return client->n_transfers;
}

/* --- a call --- */

static struct transfer *first_refused(const struct http_client *client)
{
	struct transfer *t = client->transfer;

	while (t && t->easy)
		t = t->next;
	return t;
}

static void refused_are_told(void *self)
{
	struct transfer *t;

	while ((t = first_refused(self)))
		tell_refused(t);
}

static void refuse(struct transfer *t, const char *why)
{
	struct http_client *client = t->client;

	t->refused = why;
	loop_timer_start(client->setup.loop, &client->refused_timer, 0, refused_are_told, client);
}

void http_client_call(struct http_client *client, const struct http_call *call,
	http_done_function *done, void *self)
{
	struct transfer *t = transfer_new(client, call, done, self);
	const char *fault = fault_of_call(call);

	if (fault) {
		refuse(t, fault);
		return;
	}
	begin(client);
	t->easy = must(curl_easy_init());
	set_rules(t->easy, client);
	set_callbacks(t->easy, t);
	set_headers(t, call);
	set_method(t, call);
	set_deadlines(t->easy, call);
	set(curl_easy_setopt(t->easy, CURLOPT_URL, t->url));
	/* Nothing is tried before the loop runs: curl asks for a timer of 0 ms. */
	curl_multi_add_handle(client->multi, t->easy);
}

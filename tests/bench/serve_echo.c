/* What libwebsockets alone does on this machine, set up as our listener sets it up: a guest of
 * libev, the same buffers, no extension. */
#include <ev.h>
#include <libwebsockets.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "adapters/net/listener.h"
#include "tests/bench/serve_bench.h"

enum { rx_bytes = 512, max_message = 2048, piece = 16 * 1024 };

struct peer {
	size_t n;
	unsigned char bytes[LWS_PRE + max_message];
};

static int echo(struct lws *wsi, struct peer *peer, const void *in, size_t n)
{
	if (n > max_message - peer->n)
		return -1;
	memcpy(peer->bytes + LWS_PRE + peer->n, in, n);
	peer->n += n;
	if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi))
		lws_callback_on_writable(wsi);
	return 0;
}

static int send_back(struct lws *wsi, struct peer *peer)
{
	size_t n = peer->n;

	peer->n = 0;
	if (!n)
		return 0;
	return lws_write(wsi, peer->bytes + LWS_PRE, n, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

static int answer(struct lws *wsi)
{
	unsigned char bytes[LWS_PRE + 512], *p = bytes + LWS_PRE, *end = bytes + sizeof(bytes);

	if (lws_add_http_common_headers(wsi, 200, "text/plain", 0, &p, end) ||
		lws_finalize_write_http_header(wsi, bytes + LWS_PRE, &p, end))
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_event(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
	switch ((int)reason) {
	case LWS_CALLBACK_RECEIVE:
		return echo(wsi, user, in, n);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return send_back(wsi, user);
	case LWS_CALLBACK_HTTP: /* the body follows */
	case LWS_CALLBACK_HTTP_BODY:
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return answer(wsi);
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, n);
	}
}

static const struct lws_protocols protocols[] = {
	{.name = "echo",
		.callback = on_event,
		.per_session_data_size = sizeof(struct peer),
		.rx_buffer_size = rx_bytes},
	{0},
};

static void allow_as_many_as_ours(void)
{
	struct listener_limits limits = {.max_connections = BENCH_CONNECTIONS};
	struct rlimit files;

	must(getrlimit(RLIMIT_NOFILE, &files) == 0, "limits");
	if (files.rlim_cur > listener_descriptors(&limits))
		files.rlim_cur = listener_descriptors(&limits);
	must(setrlimit(RLIMIT_NOFILE, &files) == 0, "limits");
}

void echo_run(int tell_port)
{
	static const lws_retry_bo_t no_pings = {0};
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	void *loops[] = {loop};
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBEV,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.port = CONTEXT_PORT_NO_LISTEN,
		.foreign_loops = loops,
		.pt_serv_buf_size = piece,
		.retry_and_idle_policy = &no_pings,
	};
	struct lws_context *context;
	struct lws_vhost *vhost;
	int port;

	allow_as_many_as_ours();
	signal(SIGPIPE, SIG_IGN);
	lws_set_log_level(0, NULL);
	context = lws_create_context(&info);
	must(context != NULL, "the echo's context");
	info.port = 0;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.keepalive_timeout = 600;
	vhost = lws_create_vhost(context, &info);
	must(vhost != NULL, "the echo's port");
	port = lws_get_vhost_listen_port(vhost);
	must(write(tell_port, &port, sizeof(port)) == sizeof(port), "telling the port");
	ev_run(loop, 0);
	exit(0);
}

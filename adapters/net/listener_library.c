/* The life of libwebsockets itself.
 *
 * Debian's build checks, whenever a connection ends, that its descriptor stands nowhere in a table
 * of as many entries as there may be descriptors when the library is opened: five microseconds of a
 * request at 17,000.  So there are two of it: one for the low descriptors, which are all that a shop
 * on a usual day has, with a small table; and one for the others, opened when the first comes. */
#include "adapters/net/listener_inside.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LOW_DESCRIPTORS = 2048 };

/* The log: one listener hears it, once a second, without the text, in which a peer's
 * bytes may stand. */
static struct listener *log_listener;

static void library_log(int level, const char *line)
{
	static int64_t told_ms;
	int64_t now;

	(void)line;
	if (!log_listener)
		return;
	now = loop_steady_ms(log_listener->setup.loop);
	if (now - told_ms < 1000)
		return;
	told_ms = now;
	listener_tell(log_listener, "library", level == LLL_ERR ? "error" : "warning");
}

static const struct lws_protocols protocols[] = {
	{.name = "tenstep",
		.callback = listener_on_event,
		.rx_buffer_size = 512,
		.tx_packet_size = 4 * PIECE},
	{0},
};
static const lws_retry_bo_t no_pings_of_its_own = {0};

static struct lws_context_creation_info base_info(const struct listener *listener)
{
	struct lws_context_creation_info info = {0};

	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBEV;
	if (listener->setup.certificate)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	info.max_http_header_data = MAX_HEAD;
	info.pt_serv_buf_size =
		PIECE; /* a whole TLS record: what remains would wait for an idle loop */
	info.timeout_secs = (unsigned)(listener->setup.limits.request_ms / 1000 + 2);
	info.retry_and_idle_policy = &no_pings_of_its_own;
	return info;
}

/* How many descriptors the library may believe in, before it asks; false: as many as there are. */
static bool believe(rlim_t n, struct rlimit *truth)
{
	struct rlimit fewer;

	if (getrlimit(RLIMIT_NOFILE, truth) || truth->rlim_cur <= n)
		return false;
	fewer = *truth;
	fewer.rlim_cur = n;
	return !setrlimit(RLIMIT_NOFILE, &fewer);
}

static bool open_context(
	const struct listener *listener, struct listener_library *library, rlim_t descriptors)
{
	struct lws_context_creation_info info = base_info(listener);
	void *loops[] = {loop_foreign(listener->setup.loop)};
	struct rlimit truth;
	bool believes = descriptors && believe(descriptors, &truth);

	info.port = CONTEXT_PORT_NO_LISTEN;
	info.foreign_loops = loops;
	info.pcontext = &library->context;
	library->context = lws_create_context(&info);
	if (believes)
		(void)setrlimit(RLIMIT_NOFILE, &truth);
	return library->context != NULL;
}

static struct lws_vhost *open_vhost(
	const struct listener *listener, struct listener_library *library, const char *name)
{
	struct lws_context_creation_info info = base_info(listener);

	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.vhost_name = name;
	info.protocols = protocols;
	info.alpn = "http/1.1";
	info.ssl_cert_filepath = listener->setup.certificate;
	info.ssl_private_key_filepath = listener->setup.key;
	return lws_create_vhost(library->context, &info);
}

/* The library takes a file that is not there for one that will come later. */
static bool are_readable(const struct listener *listener, struct buf *error)
{
	const char *file[] = {listener->setup.certificate, listener->setup.key};

	for (size_t i = 0; i < 2 && listener->setup.certificate; i++)
		if (!file[i] || access(file[i], R_OK)) {
			buf_addf(error, "cannot read '%s'", file[i] ? file[i] : "the key");
			return false;
		}
	return true;
}

/* Most of the low ones are free still. */
static bool are_low_free(void)
{
	int lowest = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	if (lowest >= 0)
		close(lowest);
	return lowest >= 0 && lowest < LOW_DESCRIPTORS / 4;
}

bool listener_open_library(struct listener *listener, struct buf *error)
{
	const struct listener_setup *setup = &listener->setup;
	rlim_t low = are_low_free() ? LOW_DESCRIPTORS : 0;

	if (!are_readable(listener, error))
		return false;
	lws_set_log_level(LLL_ERR | LLL_WARN, library_log);
	if (!open_context(listener, &listener->low, low)) {
		buf_adds(error, "cannot start libwebsockets; is its libev part "
				"(libwebsockets-evlib-ev) installed?");
		return false;
	}
	listener->low_below = low ? LOW_DESCRIPTORS : INT_MAX;
	listener->low.vhost = open_vhost(listener, &listener->low, "tenstep");
	log_listener = listener;
	if (listener->low.vhost)
		return true;
	buf_addf(error, "cannot use certificate '%s' with key '%s'",
		setup->certificate ? setup->certificate : "", setup->key ? setup->key : "");
	return false;
}

/* What could not be opened is tried again with the next connection. */
static struct lws_vhost *high_vhost(struct listener *listener)
{
	struct listener_library *high = &listener->high;

	if (!high->context && !open_context(listener, high, 0))
		return NULL;
	if (!high->vhost)
		high->vhost = open_vhost(listener, high, "tenstep");
	return high->vhost;
}

struct lws_vhost *listener_vhost_for(struct listener *listener, int descriptor)
{
	return descriptor < listener->low_below ? listener->low.vhost : high_vhost(listener);
}

static bool renew(const struct listener *listener, const struct listener_library *library)
{
	return !library->context ||
	       !lws_tls_cert_updated(library->context, listener->setup.certificate,
		       listener->setup.key, NULL, 0, NULL, 0);
}

/* What is wrong with the new files shows in a host that nobody uses; the one in use is changed only
 * when that went well. */
bool listener_renew(struct listener *listener, struct buf *error)
{
	struct lws_vhost *trial;

	if (!listener->setup.certificate)
		return true;
	if (!are_readable(listener, error))
		return false;
	trial = open_vhost(listener, &listener->low, "trial");
	if (!trial) {
		buf_addf(error, "cannot use certificate '%s' with key '%s'",
			listener->setup.certificate, listener->setup.key);
		return false;
	}
	lws_vhost_destroy(trial);
	return renew(listener, &listener->low) && renew(listener, &listener->high);
}

/* The second call is for when the library put its end off (and only then is the context there). */
static void destroy(struct listener_library *library)
{
	if (library->context)
		lws_context_destroy(library->context);
	if (library->context)
		lws_context_destroy(library->context);
}

void listener_close_library(struct listener *listener)
{
	destroy(&listener->high);
	destroy(&listener->low);
	if (log_listener == listener)
		log_listener = NULL;
}

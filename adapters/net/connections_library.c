/* The life of libwebsockets itself.
 *
 * Debian's build checks, whenever a connection ends, that its descriptor stands nowhere in a table
 * of as many entries as there may be descriptors when the library is opened: five microseconds of a
 * request at 17,000.  So there are several of it: one with a small table for the lowest
 * descriptors, which are all that a shop on a usual day has; one with a larger table for those
 * above; and one for the others.  Each is opened when the first connection of its own comes. */
#include "adapters/net/connections_inside.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

/* The descriptors of each are below this. */
static const int below[N_LIBRARIES] = {512, 4096, INT_MAX};

/* The log: heard by the connections of the thread, once a second, without the text, in which a
 * peer's bytes may stand. */
static _Thread_local struct connections *log_of;

static void library_log(int level, const char *line)
{
	static _Thread_local int64_t told_ms;
	int64_t now;

	(void)line;
	if (!log_of)
		return;
	now = loop_steady_ms(log_of->setup.loop);
	if (now - told_ms < 1000)
		return;
	told_ms = now;
	connections_tell(log_of, "library", level == LLL_ERR ? "error" : "warning");
}

static const struct lws_protocols protocols[] = {
	{.name = "tenstep",
		.callback = connections_on_event,
		.rx_buffer_size = 512,
		.tx_packet_size = 4 * PIECE},
	{0},
};
static const lws_retry_bo_t no_pings_of_its_own = {0};

static struct lws_context_creation_info base_info(const struct connections *all)
{
	struct lws_context_creation_info info = {0};

	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBEV;
	if (all->setup.certificate)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	info.max_http_header_data = MAX_HEAD;
	info.pt_serv_buf_size =
		PIECE; /* a whole TLS record: what remains would wait for an idle loop */
	info.timeout_secs = (unsigned)(all->setup.limits.request_ms / 1000 + 2);
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

static bool open_context(const struct connections *all, struct library *library)
{
	struct lws_context_creation_info info = base_info(all);
	void *loops[] = {loop_foreign(all->setup.loop)};
	struct rlimit truth;
	bool believes = believe((rlim_t)below[library - all->library], &truth);

	info.port = CONTEXT_PORT_NO_LISTEN;
	info.foreign_loops = loops;
	info.pcontext = &library->context;
	library->context = lws_create_context(&info);
	if (believes)
		(void)setrlimit(RLIMIT_NOFILE, &truth);
	return library->context != NULL;
}

static struct lws_vhost *open_vhost(
	const struct connections *all, struct library *library, const char *name)
{
	struct lws_context_creation_info info = base_info(all);

	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.vhost_name = name;
	info.protocols = protocols;
	info.alpn = "http/1.1";
	info.ssl_cert_filepath = all->setup.certificate;
	info.ssl_private_key_filepath = all->setup.key;
	return lws_create_vhost(library->context, &info);
}

/* The library takes a file that is not there for one that will come later. */
static bool are_readable(const struct connections *all, struct buf *error)
{
	const char *file[] = {all->setup.certificate, all->setup.key};

	for (size_t i = 0; i < 2 && all->setup.certificate; i++)
		if (!file[i] || access(file[i], R_OK)) {
			buf_addf(error, "cannot read '%s'", file[i] ? file[i] : "the key");
			return false;
		}
	return true;
}

/* Whether most of the lowest are free still; else the table for all serves all. */
static bool are_lowest_free(void)
{
	int lowest = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	if (lowest >= 0)
		close(lowest);
	return lowest >= 0 && lowest < below[0] / 4;
}

/* What could not be opened is tried again with the next connection. */
static struct lws_vhost *vhost_of(const struct connections *all, struct library *library)
{
	if (!library->context && !open_context(all, library))
		return NULL;
	if (!library->vhost)
		library->vhost = open_vhost(all, library, "tenstep");
	return library->vhost;
}

bool connections_open_library(struct connections *all, struct buf *error)
{
	const struct connections_setup *setup = &all->setup;
	struct library *first;

	if (!are_readable(all, error))
		return false;
	lws_set_log_level(LLL_ERR | LLL_WARN, library_log);
	all->first_library = are_lowest_free() ? 0 : N_LIBRARIES - 1;
	first = &all->library[all->first_library];
	if (!open_context(all, first)) {
		buf_adds(error, "cannot start libwebsockets; is its libev part "
				"(libwebsockets-evlib-ev) installed?");
		return false;
	}
	log_of = all;
	if (vhost_of(all, first))
		return true;
	buf_addf(error, "cannot use certificate '%s' with key '%s'",
		setup->certificate ? setup->certificate : "", setup->key ? setup->key : "");
	return false;
}

struct lws_vhost *connections_vhost_for(struct connections *all, int descriptor)
{
	size_t i = all->first_library;

	while (i < N_LIBRARIES - 1 && descriptor >= below[i])
		i++;
	return vhost_of(all, &all->library[i]);
}

static bool renew(const struct connections *all, const struct library *library)
{
	return !library->context || !lws_tls_cert_updated(library->context, all->setup.certificate,
					    all->setup.key, NULL, 0, NULL, 0);
}

/* What is wrong with the new files shows in a host that nobody uses; the one in use is changed only
 * when that went well. */
bool connections_renew(struct connections *all, struct buf *error)
{
	struct lws_vhost *trial;

	if (!all->setup.certificate)
		return true;
	if (!are_readable(all, error))
		return false;
	trial = open_vhost(all, &all->library[all->first_library], "trial");
	if (!trial) {
		buf_addf(error, "cannot use certificate '%s' with key '%s'", all->setup.certificate,
			all->setup.key);
		return false;
	}
	lws_vhost_destroy(trial);
	for (size_t i = 0; i < N_LIBRARIES; i++)
		if (!renew(all, &all->library[i]))
			return false;
	return true;
}

/* The second call is for when the library put its end off (and only then is the context there). */
static void destroy(struct library *library)
{
	if (library->context)
		lws_context_destroy(library->context);
	if (library->context)
		lws_context_destroy(library->context);
}

void connections_close_library(struct connections *all)
{
	for (size_t i = N_LIBRARIES; i > 0; i--)
		destroy(&all->library[i - 1]);
	if (log_of == all)
		log_of = NULL;
}

/* libssl, loaded when it is first needed. */
#include "adapters/net/ssl_late.h"

#include <pthread.h>

#include "adapters/late/late.h"

static const struct late_function function[] = {
	{"SSL_CTX_new", offsetof(struct ssl_late, context_new)},
	{"SSL_CTX_free", offsetof(struct ssl_late, context_free)},
	{"SSL_CTX_ctrl", offsetof(struct ssl_late, context_control)},
	{"SSL_CTX_load_verify_file", offsetof(struct ssl_late, load_verify_file)},
	{"SSL_CTX_set_default_verify_paths", offsetof(struct ssl_late, default_verify_paths)},
	{"TLS_client_method", offsetof(struct ssl_late, client_method)},
};
static struct ssl_late table;

static void load(void)
{
	static const struct late_library library = {
		LATE_SSL, "libssl3", function, sizeof(function) / sizeof(function[0])};

	late_load(&library, &table);
}

const struct ssl_late *ssl_late(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, load);
	return &table;
}

/* libssl, loaded when a WebSocket of ours is first opened.  The functions have its own names and
 * types; nothing else includes its header. */
#ifndef TENSTEP_ADAPTERS_NET_SSL_LATE_H
#define TENSTEP_ADAPTERS_NET_SSL_LATE_H

#include <openssl/ssl.h>

struct ssl_late {
	__typeof__(SSL_CTX_new) *context_new;
	__typeof__(SSL_CTX_free) *context_free;
	__typeof__(SSL_CTX_ctrl) *context_control;
	__typeof__(SSL_CTX_load_verify_file) *load_verify_file;
	__typeof__(SSL_CTX_set_default_verify_paths) *default_verify_paths;
	__typeof__(TLS_client_method) *client_method;
};

/* Loads it the first time, in whatever thread. */
const struct ssl_late *ssl_late(void);

#define SSL_CTX_new (ssl_late()->context_new)
#define SSL_CTX_free (ssl_late()->context_free)
#define SSL_CTX_ctrl (ssl_late()->context_control)
#define SSL_CTX_load_verify_file (ssl_late()->load_verify_file)
#define SSL_CTX_set_default_verify_paths (ssl_late()->default_verify_paths)
#define TLS_client_method (ssl_late()->client_method)

#endif

/* libcurl, loaded when a request of ours is first made.  It brings forty other libraries, whose
 * loading is a seventh of the server's start and a tenth of every short command; most of these
 * never send a request.  The functions have libcurl's own names and types; nothing else includes
 * its header. */
#ifndef TENSTEP_ADAPTERS_NET_CURL_LATE_H
#define TENSTEP_ADAPTERS_NET_CURL_LATE_H

#define CURL_DISABLE_TYPECHECK /* its checks are macros of these names */
#include <curl/curl.h>

struct curl_late {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_global_cleanup) *global_cleanup;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_header) *easy_header;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_getdate) *getdate;
	__typeof__(curl_multi_init) *multi_init;
	__typeof__(curl_multi_cleanup) *multi_cleanup;
	__typeof__(curl_multi_setopt) *multi_setopt;
	__typeof__(curl_multi_assign) *multi_assign;
	__typeof__(curl_multi_add_handle) *multi_add_handle;
	__typeof__(curl_multi_remove_handle) *multi_remove_handle;
	__typeof__(curl_multi_info_read) *multi_info_read;
	__typeof__(curl_multi_socket_action) *multi_socket_action;
};

/* Loads it the first time; without it the program ends with a line that says so, because it is part
 * of the installation. */
const struct curl_late *curl_late(void);

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#define curl_global_init (curl_late()->global_init)
#define curl_global_cleanup (curl_late()->global_cleanup)
#define curl_slist_append (curl_late()->slist_append)
#define curl_slist_free_all (curl_late()->slist_free_all)
#define curl_easy_init (curl_late()->easy_init)
#define curl_easy_cleanup (curl_late()->easy_cleanup)
#define curl_easy_setopt (curl_late()->easy_setopt)
#define curl_easy_getinfo (curl_late()->easy_getinfo)
#define curl_easy_header (curl_late()->easy_header)
#define curl_easy_strerror (curl_late()->easy_strerror)
#define curl_getdate (curl_late()->getdate)
#define curl_multi_init (curl_late()->multi_init)
#define curl_multi_cleanup (curl_late()->multi_cleanup)
#define curl_multi_setopt (curl_late()->multi_setopt)
#define curl_multi_assign (curl_late()->multi_assign)
#define curl_multi_add_handle (curl_late()->multi_add_handle)
#define curl_multi_remove_handle (curl_late()->multi_remove_handle)
#define curl_multi_info_read (curl_late()->multi_info_read)
#define curl_multi_socket_action (curl_late()->multi_socket_action)

#endif

/* libcurl, loaded when it is first needed. */
#include "adapters/net/curl_late.h"

#include <stddef.h>

#include "adapters/late/late.h"

static const struct late_function function[] = {
	{"curl_global_init", offsetof(struct curl_late, global_init)},
	{"curl_global_cleanup", offsetof(struct curl_late, global_cleanup)},
	{"curl_slist_append", offsetof(struct curl_late, slist_append)},
	{"curl_slist_free_all", offsetof(struct curl_late, slist_free_all)},
	{"curl_easy_init", offsetof(struct curl_late, easy_init)},
	{"curl_easy_cleanup", offsetof(struct curl_late, easy_cleanup)},
	{"curl_easy_setopt", offsetof(struct curl_late, easy_setopt)},
	{"curl_easy_getinfo", offsetof(struct curl_late, easy_getinfo)},
	{"curl_easy_header", offsetof(struct curl_late, easy_header)},
	{"curl_easy_strerror", offsetof(struct curl_late, easy_strerror)},
	{"curl_getdate", offsetof(struct curl_late, getdate)},
	{"curl_multi_init", offsetof(struct curl_late, multi_init)},
	{"curl_multi_cleanup", offsetof(struct curl_late, multi_cleanup)},
	{"curl_multi_setopt", offsetof(struct curl_late, multi_setopt)},
	{"curl_multi_assign", offsetof(struct curl_late, multi_assign)},
	{"curl_multi_add_handle", offsetof(struct curl_late, multi_add_handle)},
	{"curl_multi_remove_handle", offsetof(struct curl_late, multi_remove_handle)},
	{"curl_multi_info_read", offsetof(struct curl_late, multi_info_read)},
	{"curl_multi_socket_action", offsetof(struct curl_late, multi_socket_action)},
};

static const struct late_library library = {
	.file = "libcurl.so.4",
	.package = "libcurl4, 7.88 or later",
	.function = function,
	.n_functions = sizeof(function) / sizeof(function[0]),
};

const struct curl_late *curl_late(void)
{
	static struct curl_late late;

	if (!late.multi_socket_action)
		late_load(&library, &late);
	return &late;
}

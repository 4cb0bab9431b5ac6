/* libcurl, loaded when it is first needed. */
#include "adapters/net/curl_late.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char library[] = "libcurl.so.4";

static const struct {
	const char *name;
	size_t at; /* in struct curl_late */
} function[] = {
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
	{"curl_multi_init", offsetof(struct curl_late, multi_init)},
	{"curl_multi_cleanup", offsetof(struct curl_late, multi_cleanup)},
	{"curl_multi_setopt", offsetof(struct curl_late, multi_setopt)},
	{"curl_multi_assign", offsetof(struct curl_late, multi_assign)},
	{"curl_multi_add_handle", offsetof(struct curl_late, multi_add_handle)},
	{"curl_multi_remove_handle", offsetof(struct curl_late, multi_remove_handle)},
	{"curl_multi_info_read", offsetof(struct curl_late, multi_info_read)},
	{"curl_multi_socket_action", offsetof(struct curl_late, multi_socket_action)},
};
enum { n_functions = sizeof(function) / sizeof(function[0]) };

static void *checked(void *found)
{
	if (found)
		return found;
	fprintf(stderr, "tenstep: %s\ntenstep: install libcurl4 (%s, 7.88 or later)\n", dlerror(),
		library);
	exit(2);
}

/* It is never unloaded: libcurl and what it brings do not stand that. */
const struct curl_late *curl_late(void)
{
	static struct curl_late late;
	void *handle;

	if (late.multi_socket_action)
		return &late;
	handle = checked(dlopen(library, RTLD_NOW | RTLD_LOCAL));
	for (size_t i = 0; i < n_functions; i++) {
		void *found = checked(dlsym(handle, function[i].name));

		memcpy((char *)&late + function[i].at, &found, sizeof(found));
	}
	return &late;
}

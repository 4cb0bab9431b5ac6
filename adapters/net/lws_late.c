/* libwebsockets, loaded when it is first needed. */
#include "adapters/net/lws_late.h"

#include <pthread.h>

#include "adapters/late/late.h"

static const struct late_function function[] = {
	{"lws_add_http_header_by_name", offsetof(struct lws_late, add_http_header_by_name)},
	{"lws_add_http_header_content_length",
		offsetof(struct lws_late, add_http_header_content_length)},
	{"lws_add_http_header_status", offsetof(struct lws_late, add_http_header_status)},
	{"lws_adopt_descriptor_vhost_via_info",
		offsetof(struct lws_late, adopt_descriptor_vhost_via_info)},
	{"lws_callback_on_writable", offsetof(struct lws_late, callback_on_writable)},
	{"lws_client_connect_via_info", offsetof(struct lws_late, client_connect_via_info)},
	{"lws_close_reason", offsetof(struct lws_late, close_reason)},
	{"lws_context_destroy", offsetof(struct lws_late, context_destroy)},
	{"lws_create_context", offsetof(struct lws_late, create_context)},
	{"lws_create_vhost", offsetof(struct lws_late, create_vhost)},
	{"lws_finalize_http_header", offsetof(struct lws_late, finalize_http_header)},
	{"lws_frame_is_binary", offsetof(struct lws_late, frame_is_binary)},
	{"lws_get_opaque_user_data", offsetof(struct lws_late, get_opaque_user_data)},
	{"lws_get_socket_fd", offsetof(struct lws_late, get_socket_fd)},
	{"lws_hdr_copy", offsetof(struct lws_late, hdr_copy)},
	{"lws_hdr_copy_fragment", offsetof(struct lws_late, hdr_copy_fragment)},
	{"lws_hdr_custom_copy", offsetof(struct lws_late, hdr_custom_copy)},
	{"lws_hdr_custom_length", offsetof(struct lws_late, hdr_custom_length)},
	{"lws_hdr_fragment_length", offsetof(struct lws_late, hdr_fragment_length)},
	{"lws_hdr_total_length", offsetof(struct lws_late, hdr_total_length)},
	{"lws_http_get_uri_and_method", offsetof(struct lws_late, http_get_uri_and_method)},
	{"lws_is_final_fragment", offsetof(struct lws_late, is_final_fragment)},
	{"lws_is_ssl", offsetof(struct lws_late, is_ssl)},
	{"lws_parse_uri", offsetof(struct lws_late, parse_uri)},
	{"lws_partial_buffered", offsetof(struct lws_late, partial_buffered)},
	{"lws_remaining_packet_payload", offsetof(struct lws_late, remaining_packet_payload)},
	{"lws_set_log_level", offsetof(struct lws_late, set_log_level)},
	{"lws_set_timeout", offsetof(struct lws_late, set_timeout)},
	{"lws_set_wsi_user", offsetof(struct lws_late, set_wsi_user)},
	{"lws_tls_cert_updated", offsetof(struct lws_late, tls_cert_updated)},
	{"lws_vhost_destroy", offsetof(struct lws_late, vhost_destroy)},
	{"lws_write", offsetof(struct lws_late, write)},
};
static struct lws_late table;

static void load(void)
{
	static const struct late_library library = {LATE_WEBSOCKETS, "libwebsockets17", function,
		sizeof(function) / sizeof(function[0])};

	late_load(&library, &table);
}

const struct lws_late *lws_late(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, load);
	return &table;
}

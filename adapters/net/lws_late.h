/* libwebsockets, loaded when a listener begins or a WebSocket is opened: it brings libssl and
 * libcrypto.  The functions have its own names and types; nothing else includes its header. */
#ifndef TENSTEP_ADAPTERS_NET_LWS_LATE_H
#define TENSTEP_ADAPTERS_NET_LWS_LATE_H

#include <libwebsockets.h>

struct lws_late {
	__typeof__(lws_add_http_header_by_name) *add_http_header_by_name;
	__typeof__(lws_add_http_header_content_length) *add_http_header_content_length;
	__typeof__(lws_add_http_header_status) *add_http_header_status;
	__typeof__(lws_adopt_descriptor_vhost_via_info) *adopt_descriptor_vhost_via_info;
	__typeof__(lws_callback_on_writable) *callback_on_writable;
	__typeof__(lws_client_connect_via_info) *client_connect_via_info;
	__typeof__(lws_close_reason) *close_reason;
	__typeof__(lws_context_destroy) *context_destroy;
	__typeof__(lws_create_context) *create_context;
	__typeof__(lws_create_vhost) *create_vhost;
	__typeof__(lws_finalize_http_header) *finalize_http_header;
	__typeof__(lws_frame_is_binary) *frame_is_binary;
	__typeof__(lws_get_opaque_user_data) *get_opaque_user_data;
	__typeof__(lws_get_socket_fd) *get_socket_fd;
	__typeof__(lws_hdr_copy) *hdr_copy;
	__typeof__(lws_hdr_copy_fragment) *hdr_copy_fragment;
	__typeof__(lws_hdr_custom_copy) *hdr_custom_copy;
	__typeof__(lws_hdr_custom_length) *hdr_custom_length;
	__typeof__(lws_hdr_fragment_length) *hdr_fragment_length;
	__typeof__(lws_hdr_total_length) *hdr_total_length;
	__typeof__(lws_http_get_uri_and_method) *http_get_uri_and_method;
	__typeof__(lws_is_final_fragment) *is_final_fragment;
	__typeof__(lws_is_ssl) *is_ssl;
	__typeof__(lws_parse_uri) *parse_uri;
	__typeof__(lws_partial_buffered) *partial_buffered;
	__typeof__(lws_remaining_packet_payload) *remaining_packet_payload;
	__typeof__(lws_set_log_level) *set_log_level;
	__typeof__(lws_set_timeout) *set_timeout;
	__typeof__(lws_set_wsi_user) *set_wsi_user;
	__typeof__(lws_tls_cert_updated) *tls_cert_updated;
	__typeof__(lws_vhost_destroy) *vhost_destroy;
	__typeof__(lws_write) *write;
};

/* Loads it the first time, in whatever thread. */
const struct lws_late *lws_late(void);

#define lws_add_http_header_by_name (lws_late()->add_http_header_by_name)
#define lws_add_http_header_content_length (lws_late()->add_http_header_content_length)
#define lws_add_http_header_status (lws_late()->add_http_header_status)
#define lws_adopt_descriptor_vhost_via_info (lws_late()->adopt_descriptor_vhost_via_info)
#define lws_callback_on_writable (lws_late()->callback_on_writable)
#define lws_client_connect_via_info (lws_late()->client_connect_via_info)
#define lws_close_reason (lws_late()->close_reason)
#define lws_context_destroy (lws_late()->context_destroy)
#define lws_create_context (lws_late()->create_context)
#define lws_create_vhost (lws_late()->create_vhost)
#define lws_finalize_http_header (lws_late()->finalize_http_header)
#define lws_frame_is_binary (lws_late()->frame_is_binary)
#define lws_get_opaque_user_data (lws_late()->get_opaque_user_data)
#define lws_get_socket_fd (lws_late()->get_socket_fd)
#define lws_hdr_copy (lws_late()->hdr_copy)
#define lws_hdr_copy_fragment (lws_late()->hdr_copy_fragment)
#define lws_hdr_custom_copy (lws_late()->hdr_custom_copy)
#define lws_hdr_custom_length (lws_late()->hdr_custom_length)
#define lws_hdr_fragment_length (lws_late()->hdr_fragment_length)
#define lws_hdr_total_length (lws_late()->hdr_total_length)
#define lws_http_get_uri_and_method (lws_late()->http_get_uri_and_method)
#define lws_is_final_fragment (lws_late()->is_final_fragment)
#define lws_is_ssl (lws_late()->is_ssl)
#define lws_parse_uri (lws_late()->parse_uri)
#define lws_partial_buffered (lws_late()->partial_buffered)
#define lws_remaining_packet_payload (lws_late()->remaining_packet_payload)
#define lws_set_log_level (lws_late()->set_log_level)
#define lws_set_timeout (lws_late()->set_timeout)
#define lws_set_wsi_user (lws_late()->set_wsi_user)
#define lws_tls_cert_updated (lws_late()->tls_cert_updated)
#define lws_vhost_destroy (lws_late()->vhost_destroy)
#define lws_write (lws_late()->write)

#endif

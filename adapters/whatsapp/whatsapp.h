/* WhatsApp Cloud API.  Pure; README.md has what is mapped to what. */
#ifndef TENSTEP_ADAPTERS_WHATSAPP_H
#define TENSTEP_ADAPTERS_WHATSAPP_H

#include "adapters/channel/channel.h"

extern const struct channel whatsapp_channel;

/* The order of its settings. */
enum whatsapp_setting {
	WHATSAPP_NUMBER,
	WHATSAPP_TOKEN,
	WHATSAPP_APP_SECRET,
	WHATSAPP_VERIFY_TOKEN,
	WHATSAPP_API,
	n_whatsapp_settings
};

/* For whatsapp.c alone: whatsapp_read.c and whatsapp_write.c. */
struct channel_taken whatsapp_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena);
size_t whatsapp_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls);
bool whatsapp_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call);
size_t whatsapp_enroll(const struct channel_account *account, struct str address,
	struct arena *arena, const struct channel_call **calls);

#endif

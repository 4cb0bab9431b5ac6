/* What Meta's platforms have in common (WhatsApp, Messenger, Instagram): the question that proves
 * an address, the signature over the raw body, and errors of the Graph API. */
#ifndef TENSTEP_ADAPTERS_CHANNEL_HUB_H
#define TENSTEP_ADAPTERS_CHANNEL_HUB_H

#include "adapters/channel/codec.h"

/* GET with hub.mode, hub.verify_token and hub.challenge: 200 and the challenge, else 403. */
struct channel_taken hub_challenge(
	const struct channel_request *request, struct str verify_token, struct arena *arena);

/* X-Hub-Signature-256.  The digest is over the bytes as they came: written again, the same document
 * has another. */
bool hub_is_signed(const struct channel_request *request, struct str app_secret);

/* {"error":{"message","code","error_subcode"}}: judged by the code, because the status is 400 for
 * nearly all of them.  A 2xx without an error is SENT; its message is named where the body does.
 * @token is kept out of what is told. */
struct channel_judgement hub_judge(const struct channel_answer *answer, struct str token,
	const struct codec_rule *rule, size_t n_rules, struct arena *arena);

#endif

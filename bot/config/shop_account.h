/* The shop of the configuration: section "tiktok_shop". */
#ifndef TENSTEP_CONFIG_SHOP_ACCOUNT_H
#define TENSTEP_CONFIG_SHOP_ACCOUNT_H

#include "adapters/order/tiktok_shop/tts_job.h"
#include "bot/common/secret.h"

struct shop_account {
	struct str app_key, service_id;
	struct secret app_secret;
	struct str region; /* empty: as the platform tells of each shop */
	/* "https://open-api.tiktokglobalshop.com": without a slash at the end */
	struct str api_url, token_url, consent_url;
	struct tts_about about;
	struct tts_policy policy;
	unsigned requests_per_s; /* of one shop, and as many at once */
	int64_t pull_every_ms;   /* messages of the buyer chat that no webhook brought */
};

#endif

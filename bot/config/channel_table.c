/* The messaging platforms: one line each.  After a new one, run serve_config_test and
 * config_diagnostics_test with TENSTEP_ACCEPT=1: the pages name it then. */
#include "bot/config/channel_table.h"

#include "adapters/chatwoot/chatwoot.h"
#include "adapters/discord/discord.h"
#include "adapters/graph/graph.h"
#include "adapters/hook/hook.h"
#include "adapters/line/line.h"
#include "adapters/slack/slack.h"
#include "adapters/telegram/telegram.h"
#include "adapters/tiktok_chat/tiktok_chat.h"
#include "adapters/viber/viber.h"
#include "adapters/whatsapp/whatsapp.h"
#include "adapters/zalo/zalo.h"

const struct channel *const channel_table[] = {
	&telegram_channel,
	&whatsapp_channel,
	&messenger_channel,
	&instagram_channel,
	&line_channel,
	&slack_channel,
	&discord_channel,
	&chatwoot_channel,
	&viber_channel,
	&zalo_channel,
	&tiktok_chat,
	&hook_channel,
};
const size_t n_channel_table = sizeof(channel_table) / sizeof(*channel_table);

const struct channel *channel_named(struct str name)
{
	for (size_t i = 0; i < n_channel_table; i++)
		if (str_is(name, channel_table[i]->name))
			return channel_table[i];
	return NULL;
}

/* What Chatwoot is told: messages, choices, and who has the conversation. */
#include "adapters/chatwoot/chatwoot.h"

#include "adapters/channel/codec.h"

/* @behind: the path below the conversation. */
static struct channel_call call_of(const struct channel_account *account,
	const struct channel_peer *peer, const char *behind, struct buf *body, struct arena *arena)
{
	struct str conversation = peer->peer, number = str_cut(&conversation, '/');

	return codec_call(arena, "POST",
		arena_printf(arena, "%.*s/api/v1/accounts/%.*s/conversations/%.*s/%s",
			STR(codec_base(account->value[CHATWOOT_URL])), STR(number),
			STR(conversation), behind),
		arena_printf(arena, "api_access_token: %.*s", STR(account->value[CHATWOOT_TOKEN])),
		body);
}

static void write_item(struct buf *body, const struct codec_choice *choice)
{
	json_out_member(body, "title", choice->label);
	json_out_member(body, "value", choice->id);
}

static void write_items(struct buf *body, const struct post *post, struct arena *arena)
{
	json_out_key(body, "content_attributes");
	json_out_open(body, '{');
	codec_write_choices(body, "items", post, arena, write_item);
	json_out_close(body, '}');
}

size_t chatwoot_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	struct str said = codec_said(post);
	struct buf body;

	if (!codec_shows(post))
		return 0;
	codec_begin(&body);
	json_out_member(&body, "content", codec_filled(said));
	json_out_member(&body, "message_type", S("outgoing"));
	json_out_member_bool(&body, "private", false);
	json_out_member(&body, "content_type", codec_choices(post) ? S("input_select") : S("text"));
	if (codec_choices(post))
		write_items(&body, post, arena);
	return codec_one(arena, call_of(account, peer, "messages", &body, arena), calls);
}

bool chatwoot_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call)
{
	struct buf body;

	codec_begin(&body);
	json_out_member(&body, "typing_status", S("on"));
	*call = call_of(account, peer, "toggle_typing_status", &body, arena);
	call->optional = true;
	return true;
}

/* "open" puts it before the shop's people, and the bot is silent; "pending" is the bot's. */
bool chatwoot_owner(const struct channel_account *account, const struct channel_peer *peer,
	bool person, struct arena *arena, struct channel_call *call)
{
	struct buf body;

	codec_begin(&body);
	json_out_member(&body, "status", person ? S("open") : S("pending"));
	*call = call_of(account, peer, "toggle_status", &body, arena);
	return true;
}

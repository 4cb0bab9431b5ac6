/* What WhatsApp is told: texts, reply buttons, lists. */
#include "adapters/whatsapp/whatsapp.h"

#include "adapters/channel/codec.h"

static struct str address_of(
	const struct channel_account *account, const char *behind, struct arena *arena)
{
	return arena_printf(arena, "%.*s/%.*s%s", STR(codec_base(account->value[WHATSAPP_API])),
		STR(account->value[WHATSAPP_NUMBER]), behind);
}

static struct channel_call call_of(const struct channel_account *account, const char *behind,
	struct buf *body, struct arena *arena)
{
	return codec_call(arena, "POST", address_of(account, behind, arena),
		arena_printf(
			arena, "Authorization: Bearer %.*s", STR(account->value[WHATSAPP_TOKEN])),
		body);
}

/* An id of the business's own begins with a country's letters and a dot. */
static bool is_phone(struct str peer)
{
	for (size_t i = 0; i < peer.n; i++)
		if (peer.p[i] < '0' || peer.p[i] > '9')
			return false;
	return peer.n;
}

static void begin_message(struct buf *body, const struct channel_peer *peer, const char *type)
{
	codec_begin(body);
	json_out_member(body, "messaging_product", S("whatsapp"));
	json_out_member(body, "recipient_type", S("individual"));
	json_out_member(body, is_phone(peer->peer) ? "to" : "recipient", peer->peer);
	json_out_member(body, "type", str_of(type));
	json_out_key(body, type);
	json_out_open(body, '{');
}

static void write_row(struct buf *body, const struct codec_choice *choice)
{
	json_out_member(body, "id", choice->id);
	json_out_member(body, "title", str_trim(choice->label));
}

static void write_button(struct buf *body, const struct codec_choice *choice)
{
	json_out_member(body, "type", S("reply"));
	json_out_key(body, "reply");
	json_out_open(body, '{');
	write_row(body, choice);
	json_out_close(body, '}');
}

/* A list that opens on a button.  The button needs a word, and the flow has none for it: a sign
 * that is read in every language. */
static void write_list(struct buf *body, const struct post *post, struct arena *arena)
{
	json_out_member(body, "button", S("\xE2\x98\xB0"));
	json_out_key(body, "sections");
	json_out_open(body, '[');
	json_out_open(body, '{');
	codec_write_choices(body, "rows", post, arena, write_row);
	json_out_close(body, '}');
	json_out_close(body, ']');
}

static void write_question(struct buf *body, const struct channel_peer *peer,
	const struct post *post, struct arena *arena)
{
	bool list = codec_choices(post) > whatsapp_channel.limits.buttons;
	struct str said = codec_said(post);

	begin_message(body, peer, "interactive");
	json_out_member(body, "type", list ? S("list") : S("button"));
	json_out_key(body, "body");
	json_out_open(body, '{');
	json_out_member(body, "text", codec_filled(said));
	json_out_close(body, '}');
	json_out_key(body, "action");
	json_out_open(body, '{');
	if (list)
		write_list(body, post, arena);
	else
		codec_write_choices(body, "buttons", post, arena, write_button);
	json_out_close(body, '}');
	json_out_close(body, '}');
}

static void write_text(struct buf *body, const struct channel_peer *peer, const struct post *post)
{
	begin_message(body, peer, "text");
	json_out_member(body, "body", codec_said(post));
	json_out_member_bool(body, "preview_url", false);
	json_out_close(body, '}');
}

size_t whatsapp_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	struct buf body;

	if (!codec_shows(post))
		return 0;
	if (codec_choices(post))
		write_question(&body, peer, post, arena);
	else
		write_text(&body, peer, post);
	return codec_one(arena, call_of(account, "/messages", &body, arena), calls);
}

/* Marks the buyer's last message as read and shows the sign until the answer, 25 s at most. */
bool whatsapp_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call)
{
	struct buf body;

	if (!peer->ticket.n)
		return false;
	codec_begin(&body);
	json_out_member(&body, "messaging_product", S("whatsapp"));
	json_out_member(&body, "status", S("read"));
	json_out_member(&body, "message_id", peer->ticket);
	json_out_key(&body, "typing_indicator");
	json_out_open(&body, '{');
	json_out_member(&body, "type", S("text"));
	json_out_close(&body, '}');
	*call = call_of(account, "/messages", &body, arena);
	call->optional = true;
	return true;
}

/* An address of this number's own, in place of the app's. */
size_t whatsapp_enroll(const struct channel_account *account, struct str address,
	struct arena *arena, const struct channel_call **calls)
{
	struct buf body;

	codec_begin(&body);
	json_out_key(&body, "webhook_configuration");
	json_out_open(&body, '{');
	json_out_member(&body, "override_callback_uri", address);
	json_out_member(&body, "verify_token", account->value[WHATSAPP_VERIFY_TOKEN]);
	json_out_close(&body, '}');
	return codec_one(arena, call_of(account, "", &body, arena), calls);
}

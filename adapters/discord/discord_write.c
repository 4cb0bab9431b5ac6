/* What Discord is told: answers by the interaction's token while it is good, messages afterwards.
 */
#include "adapters/discord/discord.h"

#include <string.h>

#include "adapters/channel/codec.h"

enum {
	token_ms = 15 * 60 * 1000 - 30 * 1000, /* less the way to Discord */
	row_buttons = 5,
	nonce_digits = 25,
	only_for_one = 64, /* a message's flag */
};

/* --- markup --- */

static bool is_link(struct str text)
{
	return str_starts(text, S("https://")) || str_starts(text, S("http://"));
}

static size_t word_length(struct str text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] != ' ' && text.p[n] != '\n')
		n++;
	return n;
}

/* What would become bold, a mention or a headline; the last three only where a line begins. */
static bool is_markup(char c, bool at_line)
{
	return (c && strchr("\\*_~`|<", c)) || (at_line && c && strchr(">#-", c));
}

/* A backslash in front of all markup but that of addresses, which would lead nowhere then. */
static struct str escaped(struct str text, struct arena *arena)
{
	bool at_line = true, at_word = true;
	struct str whole;
	struct buf out;

	buf_init(&out, 2 * text.n + 1);
	while (text.n) {
		size_t n = at_word && is_link(text) ? word_length(text) : 1;

		if (n == 1 && is_markup(text.p[0], at_line))
			buf_addc(&out, '\\');
		buf_add(&out, str_sub(text, 0, n));
		at_line = text.p[0] == '\n';
		at_word = at_line || text.p[0] == ' ';
		text = str_sub(text, n, text.n);
	}
	whole = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return whole;
}

/* --- messages --- */

static void write_button(struct buf *body, const struct post *post, size_t index)
{
	json_out_open(body, '{');
	json_out_member_int(body, "type", 2);
	json_out_member_int(body, "style", 1);
	json_out_member(body, "label", codec_choice_label(post, index));
	json_out_member(body, "custom_id", codec_choice_id(post, index));
	json_out_close(body, '}');
}

static void write_rows(struct buf *body, const struct post *post)
{
	size_t n = codec_choices(post);

	json_out_key(body, "components");
	json_out_open(body, '[');
	for (size_t i = 0; i < n; i += row_buttons) {
		json_out_open(body, '{');
		json_out_member_int(body, "type", 1);
		json_out_key(body, "components");
		json_out_open(body, '[');
		for (size_t k = i; k < n && k < i + row_buttons; k++)
			write_button(body, post, k);
		json_out_close(body, ']');
		json_out_close(body, '}');
	}
	json_out_close(body, ']');
}

static void write_message(struct buf *body, const struct post *post, struct arena *arena)
{
	struct str said = escaped(codec_said(post), arena);

	json_out_member(body, "content", codec_filled(said));
	json_out_key(body, "allowed_mentions"); /* nobody is called, whatever the text says */
	json_out_open(body, '{');
	json_out_key(body, "parse");
	json_out_open(body, '[');
	json_out_close(body, ']');
	json_out_close(body, '}');
	if (codec_choices(post))
		write_rows(body, post);
}

static struct channel_call call_of(const struct channel_account *account, const char *method,
	struct str url, struct buf *body, struct arena *arena)
{
	return codec_call(arena, method, url,
		arena_printf(arena, "Authorization: Bot %.*s", STR(account->value[DISCORD_TOKEN])),
		body);
}

/* The token in the address is what lets it in. */
static struct channel_call follow_up(const struct channel_account *account,
	const struct channel_peer *peer, const struct post *post, bool in_server,
	struct arena *arena)
{
	struct buf body;

	codec_begin(&body);
	write_message(&body, post, arena);
	if (in_server)
		json_out_member_int(&body, "flags", only_for_one);
	return codec_call(arena, "POST",
		arena_printf(arena, "%.*s/webhooks/%.*s/%.*s",
			STR(codec_base(account->value[DISCORD_API])),
			STR(account->value[DISCORD_APPLICATION]),
			STR(peer->ticket.n ? peer->ticket : S("none"))),
		S(""), &body);
}

/* The nonce makes Discord show a repeat of the next minutes once. */
static struct channel_call message(const struct channel_account *account,
	const struct channel_peer *peer, const struct post *post, struct arena *arena)
{
	struct buf body;

	codec_begin(&body);
	write_message(&body, post, arena);
	json_out_member(&body, "nonce", str_sub(peer->key, 0, nonce_digits));
	json_out_member_bool(&body, "enforce_nonce", true);
	return call_of(account, "POST",
		arena_printf(arena, "%.*s/channels/%.*s/messages",
			STR(codec_base(account->value[DISCORD_API])), STR(peer->peer)),
		&body, arena);
}

/* In a server there is no way to one person but the token: when it is over Discord refuses, and the
 * post is a dead letter, which is better than orders in everybody's sight. */
size_t discord_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	bool in_server = str_find(peer->peer, S("/")) >= 0;
	bool fresh = peer->ticket.n && peer->now_ms - peer->ticket_ms < token_ms;

	if (!codec_shows(post))
		return 0;
	return codec_one(arena,
		fresh || in_server ? follow_up(account, peer, post, in_server, arena)
				   : message(account, peer, post, arena),
		calls);
}

bool discord_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call)
{
	struct buf body;

	if (str_find(peer->peer, S("/")) >= 0)
		return false; /* "thinking" is shown there already */
	codec_begin(&body);
	*call = call_of(account, "POST",
		arena_printf(arena, "%.*s/channels/%.*s/typing",
			STR(codec_base(account->value[DISCORD_API])), STR(peer->peer)),
		&body, arena);
	call->optional = true;
	return true;
}

/* --- the address and the command --- */

static void write_option(struct buf *body, const char *name, int64_t type, struct str about)
{
	json_out_open(body, '{');
	json_out_member_int(body, "type", type);
	json_out_member(body, "name", str_of(name));
	json_out_member(body, "description", about);
	json_out_member_bool(body, "required", false);
	json_out_close(body, '}');
}

static void write_command(struct buf *body)
{
	json_out_member_int(body, "type", 1);
	json_out_member(body, "name", S("ask"));
	json_out_member(body, "description", S("Ask the shop about your order"));
	json_out_key(body, "options");
	json_out_open(body, '[');
	write_option(body, "message", 3, S("Your question"));
	write_option(body, "file", 11, S("A picture or a file"));
	json_out_close(body, ']');
}

size_t discord_enroll(const struct channel_account *account, struct str address,
	struct arena *arena, const struct channel_call **calls)
{
	struct channel_call *call = arena_array(arena, struct channel_call, 2);
	struct buf body;

	codec_begin(&body);
	write_command(&body);
	call[0] = call_of(account, "POST",
		arena_printf(arena, "%.*s/applications/%.*s/commands",
			STR(codec_base(account->value[DISCORD_API])),
			STR(account->value[DISCORD_APPLICATION])),
		&body, arena);
	codec_begin(&body);
	json_out_member(&body, "interactions_endpoint_url", address);
	call[1] = call_of(account, "PATCH",
		arena_printf(arena, "%.*s/applications/@me",
			STR(codec_base(account->value[DISCORD_API]))),
		&body, arena);
	*calls = call;
	return 2;
}

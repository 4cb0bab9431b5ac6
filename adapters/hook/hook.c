/* The generic webhook: what goes out, and the table of the codec. */
#include "adapters/hook/hook.h"

#include "adapters/channel/codec.h"
#include "adapters/hook/hook_read.h"
#include "adapters/hook/hook_sign.h"

static const struct channel_setting setting[n_hook_settings] = {
	[HOOK_SECRET] = {"secret",
		"What both sides sign with: \"whsec_\" and base64, or any other word of at least "
		"24 "
		"bytes.",
		CHANNEL_SETTING_SECRET, true},
	[HOOK_URL] = {"url", "Where your program is told what is said.", CHANNEL_SETTING_URL, true},
};

/* --- signed requests --- */

static struct channel_call signed_call(const struct channel_account *account, struct str id,
	int64_t now_ms, struct buf *body, struct arena *arena)
{
	struct str *header = arena_array(arena, struct str, 4);
	struct str key = hook_key(account->value[HOOK_SECRET], arena);
	struct str timestamp = arena_printf(arena, "%lld", (long long)(now_ms / 1000));
	struct str text;

	json_out_close(body, '}');
	text = arena_str(arena, buf_str(body));
	buf_release(body);
	header[0] = S("Content-Type: application/json");
	header[1] = arena_printf(arena, "webhook-id: %.*s", STR(id));
	header[2] = arena_printf(arena, "webhook-timestamp: %.*s", STR(timestamp));
	header[3] = arena_printf(
		arena, "webhook-signature: %.*s", STR(hook_sign(key, id, timestamp, text, arena)));
	return (struct channel_call){
		.method = S("POST"),
		.url = account->value[HOOK_URL],
		.headers = header,
		.n_headers = 4,
		.body = text,
	};
}

static void begin(struct buf *body, const char *type, const struct channel_peer *peer)
{
	codec_begin(body);
	json_out_member(body, "type", str_of(type));
	json_out_member(body, "conversation", peer->peer);
}

static void put_choice(struct buf *body, const struct codec_choice *choice)
{
	json_out_member(body, "id", choice->id);
	json_out_member(body, "label", choice->label);
}

/* --- the functions of the table --- */

static size_t encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	const struct value *card = value_get(post->body, "card");
	struct buf body;

	if (!codec_shows(post))
		return 0;
	begin(&body, "said", peer);
	json_out_member_int(&body, "n", post->n);
	json_out_member_int(&body, "at", post->at_ms);
	json_out_member(&body, "who", str_of(post_who_name[post->who]));
	json_out_member_if(&body, "name", post->name);
	json_out_member(&body, "text", codec_said(post));
	if (codec_choices(post))
		codec_write_choices(&body, "choices", post, arena, put_choice);
	if (value_is_set(card)) {
		json_out_key(&body, "card");
		json_out_value(&body, card);
	}
	return codec_one(arena,
		signed_call(account, arena_printf(arena, "msg_%.*s", STR(peer->key)), peer->now_ms,
			&body, arena),
		calls);
}

static struct channel_judgement judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	struct channel_judgement judgement = codec_judge_status(answer, arena);

	(void)account;
	if (answer->status == 404 || answer->status == 410)
		judgement.verdict = CHANNEL_LOST;
	return judgement;
}

static bool typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call)
{
	struct buf body;

	begin(&body, "typing", peer);
	*call = signed_call(account, arena_printf(arena, "typing_%lld", (long long)peer->now_ms),
		peer->now_ms, &body, arena);
	call->optional = true;
	return true;
}

static bool owner(const struct channel_account *account, const struct channel_peer *peer,
	bool person, struct arena *arena, struct channel_call *call)
{
	struct buf body;

	begin(&body, "owner", peer);
	json_out_member(&body, "owner", person ? S("person") : S("bot"));
	*call = signed_call(account, arena_printf(arena, "owner_%lld", (long long)peer->now_ms),
		peer->now_ms, &body, arena);
	return true;
}

static const char *const headers[] = {"webhook-id", "webhook-timestamp", "webhook-signature", NULL};

const struct channel hook_channel = {
	.name = "hook",
	.about = "a program of your own, by signed webhooks",
	.setting = setting,
	.n_settings = n_hook_settings,
	.limits =
		{
			.text = {16000, CHANNEL_CHARACTERS},
			.cards = true,
			.buttons = 100,
			.per_s = 100,
			.answer_ms = 15 * 1000,
		},
	.resends = true,
	.take = hook_take,
	.headers = headers,
	.encode = encode,
	.judge = judge,
	.typing = typing,
	.owner = owner,
};

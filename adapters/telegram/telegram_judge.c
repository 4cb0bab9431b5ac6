/* Telegram: what its answers mean; and asking for updates. */
#include "adapters/telegram/telegram_parts.h"

#include "adapters/channel/codec.h"

enum { max_answer_bytes = 4 << 20, max_nodes = 100000, max_depth = 32 };
enum { wait_s = 25, batch = 50, max_wait_s = 24 * 3600 };

/* {ok, error_code, description, parameters: {retry_after}}; the caller frees *doc, before @source
 * goes. */
static const struct json *root_of(
	const struct channel_answer *answer, struct source *source, struct json_doc **doc)
{
	static const struct json_limits limits = {max_answer_bytes, max_nodes, max_depth};
	*source = (struct source){"answer", answer->body};
	*doc = json_parse(source, JSON_BIG_AS_TEXT, &limits, NULL);
	return *doc ? json_root(*doc) : NULL;
}

static int64_t wait_of(const struct json *root, const struct channel_answer *answer)
{
	int64_t seconds;

	if (json_int(json_get(json_get(root, "parameters"), "retry_after"), &seconds) &&
		seconds >= 0)
		return (seconds < max_wait_s ? seconds : max_wait_s) * 1000;
	return answer->retry_after_ms;
}

/* By the status: what it means for this message. */
static enum channel_verdict verdict_of(unsigned status, bool ok)
{
	if (status / 100 == 2)
		return ok ? CHANNEL_SENT : CHANNEL_UNCLEAR;
	switch (status) {
	case 401: /* the token is wrong */
	case 404:
		return CHANNEL_LOST;
	case 429:
		return CHANNEL_AGAIN;
	default: /* 400 not like this, 403 not to them; 5xx nobody knows */
		return status / 100 == 4 ? CHANNEL_NEVER : CHANNEL_UNCLEAR;
	}
}

struct channel_judgement telegram_judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena)
{
	struct source source;
	struct json_doc *doc;
	const struct json *root = root_of(answer, &source, &doc);
	struct channel_judgement judgement = {
		.verdict = verdict_of(answer->status, json_bool(json_get(root, "ok"))),
		.wait_ms = wait_of(root, answer),
	};
	struct str why = json_text(json_get(root, "description"));
	int64_t id;

	if (judgement.verdict != CHANNEL_SENT)
		judgement.why =
			codec_line(arena, arena_printf(arena, "%u %.*s", answer->status, STR(why)),
				account->value[TELEGRAM_TOKEN]);
	else if (json_int(json_get(json_get(root, "result"), "message_id"), &id))
		judgement.message = arena_printf(arena, "%lld", (long long)id);
	json_doc_free(doc);
	return judgement;
}

bool telegram_pull(const struct channel_account *account, struct str cursor, struct arena *arena,
	struct channel_call *call)
{
	struct buf body;
	int64_t offset;

	if (!telegram_asks(account))
		return false;
	buf_init(&body, 1000);
	json_out_start(&body, '{');
	json_out_member_int(&body, "timeout", wait_s);
	json_out_member_int(&body, "limit", batch);
	if (str_int(cursor, &offset))
		json_out_member_int(&body, "offset", offset);
	telegram_write_wanted(&body);
	json_out_close(&body, '}');
	*call = telegram_call(account, "getUpdates", &body, arena);
	return true;
}

static struct str written(const struct json_doc *doc, const struct json *node)
{
	struct stretch where = json_where(doc, node);

	return str_sub(json_source(doc)->text, where.offset, where.length);
}

struct channel_pulled telegram_pulled(const struct channel_account *account, struct str cursor,
	const struct channel_answer *answer, struct arena *arena)
{
	struct channel_judgement judgement = telegram_judge(account, answer, arena);
	struct channel_pulled pulled = {
		.verdict = judgement.verdict,
		.wait_ms = judgement.wait_ms,
		.why = judgement.why,
		.cursor = cursor,
	};
	struct source source;
	struct json_doc *doc;
	const struct json *root = root_of(answer, &source, &doc);
	struct str *body = NULL;

	for (const struct json *m = json_first(json_get(root, "result"));
		m && pulled.verdict == CHANNEL_SENT; m = json_next(m)) {
		int64_t id;

		body = arena_grow(arena, body, pulled.n_bodies, struct str);
		body[pulled.n_bodies++] = arena_str(arena, written(doc, m));
		if (json_int(json_get(m, "update_id"), &id))
			pulled.cursor = arena_printf(arena, "%lld", (long long)id + 1);
	}
	pulled.body = body;
	json_doc_free(doc);
	return pulled;
}

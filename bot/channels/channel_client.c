/* One account spoken to from the command line. */
#include "bot/channels/channel_client.h"

#include <sys/random.h>

#include "adapters/channel/channel_fit.h"
#include "bot/channels/channel_http.h"
#include "bot/common/version.h"

enum { max_answer_bytes = 256 << 10, max_arena_bytes = 8 << 20, key_bytes = 16 };

struct one_call {
	struct channel_client *client;
	struct channel_judgement judgement;
};

static void ended(void *self, const struct http_result *result)
{
	struct one_call *one = self;
	struct channel_client *client = one->client;
	const struct channel_seat *seat = client->seat;
	struct channel_answer answer = {
		.status = result->status,
		.body = arena_str(client->arena, result->body),
		.type = arena_str(client->arena, result->type),
		.retry_after_ms = result->retry_after_ms,
	};

	one->judgement = (struct channel_judgement){
		.verdict = CHANNEL_UNCLEAR, .why = arena_str(client->arena, str_of(result->error))};
	if (result->outcome == HTTP_ANSWERED)
		one->judgement = seat->codec->judge(&seat->account, &answer, client->arena);
	loop_stop(client->loop);
}

static bool call(struct channel_client *client, const struct channel_call *wanted, struct str *why)
{
	struct one_call one = {.client = client};
	struct http_call http = channel_http(wanted);

	http.max_answer_bytes = max_answer_bytes;
	http_client_call(client->http, &http, ended, &one);
	loop_run(client->loop);
	if (one.judgement.verdict == CHANNEL_SENT || wanted->optional)
		return true;
	*why = one.judgement.why.n ? one.judgement.why : S("no reason was given");
	return false;
}

static bool all(
	struct channel_client *client, const struct channel_call *calls, size_t n, struct str *why)
{
	for (size_t i = 0; i < n; i++)
		if (!call(client, &calls[i], why))
			return false;
	return true;
}

bool channel_client_register(struct channel_client *client, struct str address, struct str *why)
{
	const struct channel_seat *seat = client->seat;
	const struct channel_call *calls = NULL;
	size_t n;

	if (!seat->codec->enroll) {
		*why = arena_printf(client->arena,
			"%s is told on a page of its own, not by a call; "
			"adapters/%s/README.md says where",
			seat->codec->about, seat->codec->name);
		return false;
	}
	n = seat->codec->enroll(&seat->account, address, client->arena, &calls);
	return all(client, calls, n, why);
}

/* As chance has it: no post of the transcript has this key. */
static struct str chance_key(struct arena *arena)
{
	unsigned char byte[key_bytes] = {0};
	char *digit = arena_alloc(arena, 2 * key_bytes + 1);

	if (getrandom(byte, sizeof(byte), 0) != (ssize_t)sizeof(byte))
		byte[0] = 1;
	for (size_t i = 0; i < sizeof(byte); i++) {
		digit[2 * i] = "0123456789abcdef"[byte[i] >> 4];
		digit[2 * i + 1] = "0123456789abcdef"[byte[i] & 15];
	}
	return (struct str){digit, 2 * key_bytes};
}

bool channel_client_send(
	struct channel_client *client, struct str peer, struct str text, struct str *why)
{
	const struct channel_seat *seat = client->seat;
	struct value_builder body = value_build(client->arena);
	int64_t now = loop_now_ms(client->loop);
	struct channel_peer to = {.peer = peer, .heard_ms = now, .now_ms = now};
	struct post post = {.n = 1, .at_ms = now, .who = POST_BOT};
	const struct post *message;
	size_t n;

	value_put_text(&body, "text", text);
	post.body = value_record(&body);
	n = channel_fit(&seat->codec->limits, &post, client->arena, &message);
	for (size_t i = 0; i < n; i++) {
		const struct channel_call *calls = NULL;
		size_t n_calls;

		to.key = chance_key(client->arena);
		n_calls = seat->codec->encode(
			&seat->account, &to, &message[i], client->arena, &calls);
		if (!all(client, calls, n_calls, why))
			return false;
	}
	return true;
}

void channel_client_open(struct channel_client *client, const struct channel_seat *seat)
{
	struct http_client_setup setup = {
		.user_agent = "tenstep/" TENSTEP_VERSION,
		.allow_loopback = true,
	};

	client->seat = seat;
	client->arena = arena_new(max_arena_bytes);
	client->loop = setup.loop = loop_new();
	client->http = http_client_new(&setup);
}

void channel_client_close(struct channel_client *client)
{
	http_client_free(client->http);
	loop_free(client->loop);
	arena_free(client->arena);
}

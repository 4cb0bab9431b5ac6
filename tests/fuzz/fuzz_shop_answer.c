/* Answers of the platform, whatever they are, to every operation: the job ends, and what left with
 * an unknown fate is never told as "not done".  Input: one byte for the operation, then the
 * answers, each a byte for the status and the body up to the next 0x1E. */
#include <stdlib.h>

#include "adapters/order/tiktok_shop/tts_job.h"

enum { max_steps = 400 };

static const char *const operation[] = {"orders.get", "orders.list", "orders.can_cancel",
	"orders.cancel", "orders.track", "refunds.status", "returns.can_return", "returns.reasons",
	"returns.create", "returns.list", "returns.status", "returns.set_tracking",
	"buyers.verify"};
enum { n_operations = sizeof(operation) / sizeof(*operation) };
static const unsigned status[] = {200, 200, 200, 200, 0, 400, 401, 404, 429, 500, 503};
enum { n_statuses = sizeof(status) / sizeof(*status) };

static const char args[] =
	"{\"order\":\"576461413038785752\",\"return\":\"4036001\",\"fact\":\"1234\","
	"\"items\":[\"576461413038785801\"],\"reason\":\"damaged\",\"number\":"
	"\"RW901001US\",\"status\":\"refunds\"}";

static const struct value *read_args(struct arena *arena)
{
	struct source source = {"args", str_of(args)};
	struct json_doc *doc = json_parse(&source, 0, NULL, NULL);
	const struct value *value = value_from_json(arena, json_root(doc));

	json_doc_free(doc);
	return value;
}

static void next_answer(struct arena *arena, struct str *rest, struct tts_answer *answer)
{
	unsigned which = rest->n ? (unsigned char)rest->p[0] % n_statuses : 4;
	struct str body;

	*rest = str_sub(*rest, 1, rest->n);
	body = str_cut(rest, 0x1E);
	*answer = (struct tts_answer){.meaning = TTS_UNCLEAR, .data = &value_none};
	if (status[which])
		tts_answer_read(arena, status[which], body, answer);
}

/* Whether a change was answered well, or not at all: then it is not "not done". */
static bool play(struct tts_job *job, struct arena *arena, struct str rest)
{
	bool may_be_done = false;
	enum tts_step step = tts_job_next(job, NULL, 1740823200);
	struct tts_answer answer;
	unsigned n = 0;

	while (step == TTS_SEND) {
		const struct tts_request *request = tts_job_request(job);

		if (++n > max_steps || !request->path.n || request->path.p[0] != '/' ||
			str_find(request->path, S("..")) >= 0)
			abort();
		next_answer(arena, &rest, &answer);
		may_be_done |= request->changes &&
			       (answer.meaning == TTS_OK || answer.meaning == TTS_UNCLEAR);
		step = tts_job_next(job, &answer, 1740823200);
	}
	return may_be_done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tts_setup setup = {
		.policy = {.cancel = true, .approve = true, .create_return = true}, .n_looks = 4};
	struct str rest = {(const char *)data, size};
	struct order_request request = {
		.buyer = S("7494000000000000001"), .who = S("chat"), .key = S("key")};
	struct arena *arena;
	struct tts_job *job;
	struct tts_end end;
	bool may_be_done;

	if (!size)
		return 0;
	arena = arena_new(16 << 20);
	request.operation = str_of(operation[data[0] % n_operations]);
	request.again = data[0] & 0x80;
	request.since = 1740823100;
	request.args = read_args(arena);
	job = tts_job_new(arena, &setup, &request);
	may_be_done = play(job, arena, str_sub(rest, 1, size)) || tts_job_is_unsure(job);
	end = tts_job_end(job);
	if (may_be_done && end.outcome != ORDER_OK && end.outcome != ORDER_UNKNOWN)
		abort();
	if (!end.value || (end.outcome == ORDER_REFUSED && !value_get_text(end.value, "why").n))
		abort();
	arena_free(arena);
	return 0;
}

/* What an answer of the platform means. */
#include "adapters/order/tiktok_shop/tts_answer.h"

#include "adapters/order/tiktok_shop/tts_choices.h"

enum { max_message_bytes = 200, max_request_id_bytes = 64 };

/* --- codes --- */

struct code_rule {
	int64_t code;
	enum tts_meaning meaning;
	enum tts_no no;
};

static const struct code_rule code_rule[] = {
	{36009002, TTS_BUSY, 0},     /* too many requests */
	{36009003, TTS_UNCLEAR, 0},  /* internal error */
	{36009007, TTS_UNCLEAR, 0},  /* their time-out */
	{36009009, TTS_MISTAKEN, 0}, /* path */
	{36009010, TTS_MISTAKEN, 0}, /* method */
	{36009014, TTS_MISTAKEN, 0}, /* version */
	{36009021, TTS_MISTAKEN, 0}, /* upload too large */
	{36009022, TTS_MISTAKEN, 0}, /* wrong body format */
	{36009023, TTS_MISTAKEN, 0}, /* must be multipart */
	{36009033, TTS_DENIED, 0},   /* our address is not on the app's list */
	{105002, TTS_TOKEN, 0},      /* expired */
	{101000, TTS_TOKEN, 0},      /* token or category cipher */
	{105005, TTS_DENIED, 0},     /* scope */
	{106001, TTS_DENIED, 0},     /* signature */
	{106011, TTS_DENIED, 0},     /* shop cipher */
	{106013, TTS_DENIED, 0},     /* no shop cipher */
	{36004001, TTS_DENIED, 0},   /* the refresh token is over */
	{36004004, TTS_DENIED, 0},   /* authorisation code */

	{25001001, TTS_MISTAKEN, 0},
	{11050001, TTS_MISTAKEN, 0},
	{25001003, TTS_NO, TTS_NO_STATE},
	{25001011, TTS_ALREADY, 0}, /* a cancellation or return is running or done */
	{25001014, TTS_NO, TTS_NO_REASON},
	{25001015, TTS_NO, TTS_NO_REASON},
	{25001020, TTS_NO, TTS_NO_REASON},
	{25001021, TTS_NO, TTS_NO_REASON}, /* does not go with the order's status */
	{25001028, TTS_BUSY, 0},           /* could not lock */
	{25001045, TTS_NO, TTS_NO_SHIPPED},
	{25001046, TTS_NO, TTS_NO_RISK},
	{25001051, TTS_ALREADY, 0}, /* completed or cancelled */
	{25005010, TTS_NO, TTS_NO_ITEMS},
	{25005011, TTS_NO, TTS_NO_ITEMS},
	{25011012, TTS_NO, TTS_NO_STATE},
	{25011013, TTS_NO, TTS_NO_STATE},
	{25011014, TTS_NO, TTS_NO_STATE},
	{25020004, TTS_NO, TTS_NO_STATE},
	{25020005, TTS_NO, TTS_NO_OTHERS},
	{21008111, TTS_NO, TTS_NO_OTHERS},

	{10002014, TTS_UNCLEAR, 0}, /* reading an order failed */
	{10002015, TTS_UNCLEAR, 0},
	{10037002, TTS_UNCLEAR, 0},
	{10037003, TTS_UNCLEAR, 0},
	{10037004, TTS_UNCLEAR, 0},
	{10006402, TTS_UNCLEAR, 0},
};

static const struct code_rule *rule_of(int64_t code)
{
	for (size_t i = 0; i < sizeof(code_rule) / sizeof(*code_rule); i++)
		if (code_rule[i].code == code)
			return &code_rule[i];
	return NULL;
}

/* 36009004 stands for many things: the platform says to look at the message. */
static enum tts_meaning meaning_of_message(struct str message)
{
	static const struct {
		struct str part;
		enum tts_meaning meaning;
	} rule[] = {
		{S("access-token"), TTS_TOKEN},
		{S("access_token"), TTS_TOKEN},
		{S("timestamp"), TTS_CLOCK},
		{S("app_key"), TTS_DENIED},
		{S("sign"), TTS_DENIED},
		{S("cipher"), TTS_DENIED},
		{S("shop_id"), TTS_DENIED},
	};

	for (size_t i = 0; i < sizeof(rule) / sizeof(*rule); i++)
		if (str_find(message, rule[i].part) >= 0)
			return rule[i].meaning;
	return TTS_MISTAKEN;
}

enum tts_meaning tts_meaning_of(int64_t code, struct str message)
{
	const struct code_rule *rule = rule_of(code);

	if (code == 0)
		return TTS_OK;
	if (code == 36009004)
		return meaning_of_message(message);
	return rule ? rule->meaning : tts_choice_unknown_code(code);
}

const char *tts_meaning_name(enum tts_meaning meaning)
{
	static const char *const name[] = {
		[TTS_OK] = "ok",
		[TTS_NO] = "no",
		[TTS_TOKEN] = "token",
		[TTS_BUSY] = "busy",
		[TTS_CLOCK] = "clock",
		[TTS_DENIED] = "denied",
		[TTS_MISTAKEN] = "mistaken",
		[TTS_NOT_SENT] = "not sent",
		[TTS_ALREADY] = "already",
		[TTS_UNCLEAR] = "unclear",
	};

	return name[meaning];
}

/* --- the envelope --- */

static struct str for_logs(struct arena *arena, struct str text, size_t max_bytes)
{
	char *copy = arena_cstr(arena, str_sub(text, 0, max_bytes));
	size_t n = text.n < max_bytes ? text.n : max_bytes;

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)copy[i] < 0x20 || copy[i] == 0x7F)
			copy[i] = ' ';
	return (struct str){copy, n};
}

static bool is_good(unsigned status)
{
	return status >= 200 && status < 300;
}

/* A good code with a bad status, or the other way round, says nothing for sure. */
static enum tts_meaning meaning_of(unsigned status, int64_t code, struct str message)
{
	enum tts_meaning meaning = tts_meaning_of(code, message);

	if (status >= 500 && meaning != TTS_BUSY)
		return TTS_UNCLEAR;
	return meaning == TTS_OK && !is_good(status) ? TTS_UNCLEAR : meaning;
}

static const struct value *data_of(struct arena *arena, const struct json *root)
{
	const struct json *data = json_get(root, "data");

	return json_is(data, JSON_OBJECT) ? value_from_json(arena, data) : &value_none;
}

static void read_root(
	struct arena *arena, unsigned status, const struct json *root, struct tts_answer *answer)
{
	const struct json *code = json_get(root, "code");
	struct str message = json_text(json_get(root, "message"));

	if (!json_is(code, JSON_NUMBER) || !json_int(code, &answer->code))
		return;
	answer->message = for_logs(arena, message, max_message_bytes);
	answer->request_id =
		for_logs(arena, json_text(json_get(root, "request_id")), max_request_id_bytes);
	answer->meaning = meaning_of(status, answer->code, message);
	if (answer->meaning == TTS_NO)
		answer->no = rule_of(answer->code)->no;
	if (answer->meaning == TTS_OK)
		answer->data = data_of(arena, root);
}

void tts_answer_read(
	struct arena *arena, unsigned status, struct str body, struct tts_answer *answer)
{
	struct source source = {"answer", body};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);

	*answer =
		(struct tts_answer){.meaning = tts_choice_bare_status(status), .data = &value_none};
	if (doc && json_is(json_root(doc), JSON_OBJECT))
		read_root(arena, status, json_root(doc), answer);
	json_doc_free(doc);
}

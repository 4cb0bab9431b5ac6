/* tenstep chat --json: one message a line in, one JSON object a turn out.
 *
 * A line is plain text, or an object with one of these members:
 *
 *   {"text": "…"}   {"press": "choice id"}   {"after": "15m"}
 *   {"event": "refund.updated", …its fields}
 *   {"attachment": "image", "reference": "…"}
 *   {"agent": "claims" | "says" | "hands back" | "nobody", "name": "…", "text": "…", "at":
 * "flow/step"}
 *   {"buyer": "id", "name": "…"}   {"end": true}
 *
 * "id" may go with any of them: the channel's number of the message, by which a repeated one is
 * known. What cannot be understood is answered with {"error": {"line": 3, "message": "…"}}. */
#include "bot/terminal/chat_mode.h"

#include <stdlib.h>

#include "bot/base/date.h"
#include "bot/common/lines.h"

enum { max_output_bytes = 16 << 20, max_message_bytes = 400, max_json_line_bytes = 1 << 20 };

struct json_chat {
	struct talk *talk;
	struct arena *arena;     /* of one line */
	struct buf out, message; /* message: what is wrong with the line */
	unsigned line;
	bool failed;
};

/* --- a turn out --- */

static void put_tree(struct json_chat *chat, struct json *tree)
{
	buf_clear(&chat->out);
	json_write(tree, &chat->out);
	json_free(tree);
	if (chat->out.over) {
		buf_clear(&chat->out);
		buf_adds(&chat->out, "{\"error\":{\"message\":\"the turn is too long to print\"}}");
	}
	buf_addc(&chat->out, '\n');
	fwrite(chat->out.p, 1, chat->out.n, stdout);
	fflush(stdout);
}

static void put_error(struct json_chat *chat, const char *message)
{
	struct json *tree = json_new_object(), *error = json_new_object();

	json_put_int(error, "line", chat->line);
	json_put_text(error, "message", str_of(message));
	json_put(tree, "error", error);
	put_tree(chat, tree);
}

static struct json *optional_text(struct str text)
{
	return text.n ? json_new_text(text) : json_new_null();
}

static struct json *record_or_null(const struct value *value)
{
	return value && value_is_set(value) ? value_to_json(value) : json_new_null();
}

static struct json *say_tree(const struct effect *effect)
{
	struct json *say = json_new_object(), *choices = json_new_array();

	for (size_t i = 0; i < effect->say.n_choices; i++) {
		struct json *choice = json_new_object();

		json_put_text(choice, "id", effect->say.choice[i].id);
		json_put_text(choice, "label", effect->say.choice[i].label);
		json_push(choices, choice);
	}
	json_put_text(say, "text", effect->say.text);
	json_put(say, "choices", choices);
	json_put(say, "card", record_or_null(effect->say.card));
	return say;
}

static struct json *call_tree(const struct host_call *call)
{
	struct json *tree = json_new_object();

	json_put_text(tree, "op", str_of(call->op->name));
	json_put(tree, "args", call->args ? value_to_json(call->args) : json_new_object());
	json_put_text(
		tree, "outcome", str_of(call->answered ? outcome_name[call->outcome] : "pending"));
	return tree;
}

static struct json *ended_tree(const struct effect *effect)
{
	struct json *tree = json_new_object();

	json_put_text(tree, "flow", effect->flow);
	json_put_text(tree, "outcome", effect->ended.outcome);
	return tree;
}

static void put_effects(struct json *tree, const struct host_turn *turn)
{
	struct json *say = json_new_array(), *calls = json_new_array(), *handoff = NULL,
		    *ended = NULL;

	for (size_t i = 0; i < turn->n_effects; i++) {
		const struct effect *effect = &turn->effect[i];

		if (effect->kind == EFFECT_SAY)
			json_push(say, say_tree(effect));
		if (effect->kind == EFFECT_HANDOFF) {
			json_free(handoff);
			handoff = value_to_json(effect->handoff.card);
		}
		if (effect->kind == EFFECT_ENDED) {
			json_free(ended);
			ended = ended_tree(effect);
		}
	}
	for (size_t i = 0; i < turn->n_calls; i++)
		json_push(calls, call_tree(&turn->call[i]));
	json_put(tree, "say", say);
	json_put(tree, "calls", calls);
	json_put(tree, "handoff", handoff ? handoff : json_new_null());
	json_put(tree, "ended", ended ? ended : json_new_null());
}

/* What the message was understood as; nulls when there was none. */
static void put_decision(struct json *tree, const struct host_turn *turn)
{
	const struct trace *trace = turn->n_traces ? &turn->trace[0] : NULL;

	if (!trace || !trace->reading) {
		json_put_null(tree, "intent");
		json_put_null(tree, "score");
		json_put_null(tree, "decision");
		return;
	}
	json_put(tree, "intent", optional_text(trace->intent));
	json_put_int(tree, "score", trace->score);
	json_put_text(tree, "decision", str_of(decision_name[trace->decision]));
}

/* Where the conversation waits now; with nothing open, what spoke last. */
static void put_place(struct json *tree, const struct host_turn *turn)
{
	const struct session *s = turn->session;
	struct str flow = S(""), step = S("");

	for (size_t i = 0; i < turn->n_effects; i++)
		if (turn->effect[i].kind == EFFECT_SAY && turn->effect[i].flow.n) {
			flow = turn->effect[i].flow;
			step = turn->effect[i].step;
		}
	if (s->n_frames) {
		flow = s->frame[s->n_frames - 1].flow_name;
		step = s->frame[s->n_frames - 1].step_name;
	}
	json_put(tree, "flow", optional_text(flow));
	json_put(tree, "step", optional_text(step));
}

static void put_turn(struct json_chat *chat, const struct host_turn *turn)
{
	struct json *tree;

	if (!turn) {
		put_error(chat, host_error(chat->talk->host));
		chat->failed = true;
		return;
	}
	tree = json_new_object();
	json_put_int(tree, "turn", turn->session->turn);
	put_decision(tree, turn);
	put_place(tree, turn);
	put_effects(tree, turn);
	json_put(tree, "slots", record_or_null(session_slots(turn->session, true, chat->arena)));
	put_tree(chat, tree);
}

/* --- a line in --- */

struct wish {
	enum { WISH_EVENT, WISH_AFTER } kind;
	struct event event;
	int64_t after_ms;
};

static bool refuse(struct json_chat *chat, const char *message)
{
	buf_clear(&chat->message);
	buf_adds(&chat->message, message);
	return false;
}

static bool text_of(
	struct json_chat *chat, const struct json *node, const char *name, struct str *out)
{
	if (!json_is(node, JSON_TEXT)) {
		buf_clear(&chat->message);
		buf_addf(&chat->message, "\"%s\" must be a text", name);
		return false;
	}
	*out = json_text(node);
	return true;
}

static bool wish_text(struct json_chat *chat, const struct json *object, struct wish *wish)
{
	wish->event.kind = EVENT_TEXT;
	return text_of(chat, json_get(object, "text"), "text", &wish->event.text);
}

static bool wish_press(struct json_chat *chat, const struct json *object, struct wish *wish)
{
	wish->event.kind = EVENT_PRESS;
	return text_of(chat, json_get(object, "press"), "press", &wish->event.text);
}

static bool wish_after(struct json_chat *chat, const struct json *object, struct wish *wish)
{
	struct str time;

	wish->kind = WISH_AFTER;
	if (!text_of(chat, json_get(object, "after"), "after", &time))
		return false;
	return date_duration_ms(time, &wish->after_ms) ||
	       refuse(chat, "\"after\" is a time like \"15m\", \"8h\" or \"3d\"");
}

static bool wish_event(struct json_chat *chat, const struct json *object, struct wish *wish)
{
	struct value_builder fields = value_build(chat->arena);

	wish->event.kind = EVENT_NOTICE;
	for (const struct json *m = json_first(object); m; m = json_next(m))
		if (!str_is(json_key(m), "event") && !str_is(json_key(m), "id"))
			value_put(&fields, arena_cstr(chat->arena, json_key(m)),
				value_from_json(chat->arena, m));
	wish->event.value = value_record(&fields);
	return text_of(chat, json_get(object, "event"), "event", &wish->event.name);
}

static bool wish_attachment(struct json_chat *chat, const struct json *object, struct wish *wish)
{
	wish->event.kind = EVENT_ATTACHMENT;
	wish->event.reference = json_text(json_get(object, "reference"));
	return text_of(chat, json_get(object, "attachment"), "attachment", &wish->event.text);
}

static bool wish_agent(struct json_chat *chat, const struct json *object, struct wish *wish)
{
	static const char *const word[] = {
		[AGENT_CLAIMED] = "claims",
		[AGENT_SAID] = "says",
		[AGENT_HANDED_BACK] = "hands back",
		[AGENT_NOBODY] = "nobody",
		[AGENT_PUT_BACK] = "puts back",
	};
	struct str action;

	wish->event.kind = EVENT_AGENT;
	wish->event.name = json_text(json_get(object, "name"));
	wish->event.text = json_text(json_get(object, "text"));
	wish->event.reference = json_text(json_get(object, "at"));
	if (!text_of(chat, json_get(object, "agent"), "agent", &action))
		return false;
	for (unsigned i = 0; i < sizeof word / sizeof *word; i++)
		if (str_is(action, word[i])) {
			wish->event.action = (enum agent_action)i;
			return true;
		}
	return refuse(chat, "\"agent\" is \"claims\", \"says\", \"hands back\" or \"nobody\"");
}

static bool wish_buyer(struct json_chat *chat, const struct json *object, struct wish *wish)
{
	struct value_builder fields = value_build(chat->arena);

	wish->event.kind = EVENT_BUYER;
	value_put_text(&fields, "name", json_text(json_get(object, "name")));
	wish->event.value = value_record(&fields);
	return text_of(chat, json_get(object, "buyer"), "buyer", &wish->event.name);
}

static bool wish_end(struct json_chat *chat, const struct json *object, struct wish *wish)
{
	(void)chat;
	(void)object;
	wish->event.kind = EVENT_END;
	return true;
}

static const struct {
	const char *member;
	bool (*make)(struct json_chat *chat, const struct json *object, struct wish *wish);
} wish_of[] = {
	{"text", wish_text},
	{"press", wish_press},
	{"after", wish_after},
	{"event", wish_event},
	{"attachment", wish_attachment},
	{"agent", wish_agent},
	{"buyer", wish_buyer},
	{"end", wish_end},
};

/* The first member that is in the table decides ("agent" has a "text" too, so the table's last
 * wins). */
static bool make_wish(struct json_chat *chat, const struct json *object, struct wish *wish)
{
	if (!json_is(object, JSON_OBJECT))
		return refuse(chat, "a line is plain text or a JSON object");
	for (size_t i = sizeof wish_of / sizeof *wish_of; i-- > 0;)
		if (json_get(object, wish_of[i].member)) {
			wish->event.id = json_text(json_get(object, "id"));
			return wish_of[i].make(chat, object, wish);
		}
	return refuse(chat, "nothing to do: expected \"text\", \"press\", \"after\", \"event\", "
			    "\"attachment\", "
			    "\"agent\", \"buyer\" or \"end\"");
}

static void fulfil(struct json_chat *chat, const struct wish *wish)
{
	put_turn(chat, wish->kind == WISH_AFTER ? talk_after(chat->talk, wish->after_ms)
						: talk_turn(chat->talk, &wish->event));
}

static void take_object(struct json_chat *chat, struct str line)
{
	struct source source = {.name = "line", .text = line};
	struct json_limits limits = {.bytes = max_json_line_bytes};
	struct wish wish = {0};
	struct json_doc *doc;
	struct diags diags;

	diags_init(&diags, chat->arena);
	doc = json_parse(&source, JSON_BIG_AS_TEXT, &limits, &diags);
	if (!doc) {
		buf_clear(&chat->message);
		buf_addf(&chat->message, "%.*s",
			STR(diags.n ? diags.item[0].message : S("no JSON")));
		put_error(chat, chat->message.n ? chat->message.p : "no JSON");
		return;
	}
	if (make_wish(chat, json_root(doc), &wish))
		fulfil(chat, &wish);
	else
		put_error(chat, chat->message.p);
	json_doc_free(doc);
}

static void take_line(struct json_chat *chat, const struct buf *line)
{
	struct str text = buf_str(line);
	struct wish wish = {.event = {.kind = EVENT_TEXT, .text = text}};

	arena_reset(chat->arena);
	chat->line++;
	if (!str_starts(str_trim(text), S("{")))
		fulfil(chat, &wish);
	else if (line->over)
		put_error(chat, "the line is longer than 1 MiB");
	else
		take_object(chat, str_trim(text));
}

/* Turns before the first line are silent: one line in, one object out. */
static void ignore_turn(void *self, const struct host_turn *turn)
{
	(void)self;
	(void)turn;
}

int chat_json(struct talk *talk)
{
	struct json_chat chat = {.talk = talk, .arena = arena_new(4 * max_json_line_bytes)};
	struct buf line;

	buf_init(&line, max_json_line_bytes);
	buf_init(&chat.out, max_output_bytes);
	buf_init(&chat.message, max_message_bytes);
	if (!talk_begin(talk, ignore_turn, NULL)) {
		put_error(&chat, host_error(talk->host));
		chat.failed = true;
	}
	while (!ferror(stdout) && line_read(stdin, &line))
		take_line(&chat, &line);
	buf_release(&line);
	buf_release(&chat.out);
	buf_release(&chat.message);
	arena_free(chat.arena);
	return chat.failed ? EXIT_CANNOT : EXIT_GOOD;
}

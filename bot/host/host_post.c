/* What of a conversation everybody sees: the transcript.  Posts have all that they are made of in
 * the bench's arena for them. */
#include "bot/host/host_inside.h"

/* Once for all: the store and whoever shows it want it. */
static struct str bytes_of(struct host *host, const struct value *body)
{
	struct buf *bytes = &host->bench->bytes;

	buf_clear(bytes);
	value_encode(body ? body : &value_none, bytes);
	return bytes->over ? S("") : arena_str(host->bench->posts, buf_str(bytes));
}

void host_add_post(struct host *host, struct post post)
{
	struct host_turn *turn = &host->turn;

	post.n = ++host->last_post;
	if (!post.at_ms)
		post.at_ms = host->now_ms;
	post.bytes = bytes_of(host, post.body);
	host->post = arena_grow(host->bench->lists, host->post, turn->n_posts, struct post);
	host->post[turn->n_posts++] = post;
}

static const struct value *list_choices(struct arena *arena, const struct effect *say)
{
	struct value_builder list = value_build(arena);

	for (size_t i = 0; i < say->say.n_choices; i++) {
		struct value_builder one = value_build(arena);

		value_put_text(&one, "id", say->say.choice[i].id);
		value_put_text(&one, "label", say->say.choice[i].label);
		value_push(&list, value_record(&one));
	}
	return value_list(&list);
}

void host_post_effect(struct host *host, const struct effect *say, const struct event *event)
{
	struct arena *arena = host->bench->posts;
	bool person = event->kind == EVENT_AGENT && event->action == AGENT_SAID;
	struct post post = {.who = person ? POST_PERSON : POST_BOT, .at_ms = say->at_ms};
	struct value_builder body = value_build(arena);

	if (person) {
		post.name = arena_str(arena, event->name);
		post.mid = arena_str(arena, event->id);
	}
	value_put_text(&body, "text", say->say.text);
	if (person && host->said && host->said->file)
		value_put(&body, "file", value_copy(arena, host->said->file));
	if (say->say.n_choices)
		value_put(&body, "choices", list_choices(arena, say));
	if (say->say.card)
		value_put(&body, "card", value_copy(arena, say->say.card));
	if (say->say.question)
		value_put(&body, "question", &value_true);
	if (say->say.again)
		value_put(&body, "again", &value_true);
	post.body = value_record(&body);
	host_add_post(host, post);
}

/* What is noted of a person's doings, as a word and in words. */
static const char *const agent_note[][2] = {
	[AGENT_CLAIMED] = {"joined", "has joined the chat"},
	[AGENT_SAID] = {"", ""},
	[AGENT_HANDED_BACK] = {"handed_back", "has left the chat"},
	[AGENT_NOBODY] = {"", ""},
	[AGENT_PUT_BACK] = {"put_back", "has left the chat; somebody else will go on"},
};

/* What of the turn's event everybody sees: the buyer's words, a person who joins or leaves. */
const struct post *host_post_of_event(
	struct host *host, const struct event *event, const struct host_said *said)
{
	struct arena *arena = host->bench->posts;
	struct post *post = arena_new_of(host->bench->lists, struct post);
	struct value_builder body = value_build(arena);

	switch (event->kind) {
	case EVENT_TEXT:
		value_put_text(&body, "text", event->text);
		break;
	case EVENT_PRESS:
		value_put_text(&body, "text", said && said->label.n ? said->label : event->text);
		value_put_text(&body, "choice", event->text);
		break;
	case EVENT_ATTACHMENT:
		value_put(&body, "file", value_copy(arena, said ? said->file : NULL));
		break;
	case EVENT_AGENT:
		if (!agent_note[event->action][0][0])
			return NULL;
		post->who = POST_NOTE;
		post->name = arena_str(arena, event->name);
		value_put_text(&body, "note", str_of(agent_note[event->action][0]));
		value_put_text(&body, "text",
			arena_printf(arena, "%.*s %s", STR(event->name),
				agent_note[event->action][1]));
		break;
	case EVENT_ANSWER:
	case EVENT_AGAIN:
	case EVENT_TICK:
	case EVENT_NOTICE:
	case EVENT_BUYER:
	case EVENT_END:
		return NULL;
	}
	post->mid = arena_str(arena, event->id);
	post->body = value_record(&body);
	return post;
}

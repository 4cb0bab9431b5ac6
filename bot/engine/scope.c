/* Names in conditions and texts: an item's fields, the slots, what the engine knows, named lists.
 */
#include "bot/engine/turn.h"

static const struct value *text_or_none(struct turn_state *t, struct str s)
{
	return s.n ? value_text(t->arena, s) : &value_none;
}

static const struct value *buyer(struct turn_state *t)
{
	struct value_builder b = value_build(t->arena);

	if (!t->s->buyer.n)
		return &value_none;
	value_put_text(&b, "id", t->s->buyer);
	value_put_text(&b, "name", t->s->buyer_name);
	return value_record(&b);
}

static const struct value *watching(struct turn_state *t)
{
	struct value_builder list = value_build(t->arena);

	for (size_t i = 0; i < t->s->n_watched && !t->s->former.n; i++) {
		struct value_builder b = value_build(t->arena);

		value_put_text(&b, "event", t->s->watched[i].event);
		value_put_text(&b, "of", t->s->watched[i].of);
		value_put_int(&b, "since", t->s->watched[i].since_ms / 1000);
		value_push(&list, value_record(&b));
	}
	return value_list(&list);
}

/* The open question under @frame: what "why" and "repeat" talk about. */
static const struct value *current(struct turn_state *t, const struct frame *frame)
{
	struct value_builder b = value_build(t->arena);
	const struct frame *below = NULL, *task = NULL;

	for (size_t i = 0; i < t->s->n_frames && &t->s->frame[i] != frame; i++) {
		below = &t->s->frame[i];
		if (below->role != ROLE_SUB)
			task = below;
	}
	if (!below || !below->flow || !task)
		return &value_none;
	value_put_text(&b, "title", task->flow->title);
	value_put_text(&b, "flow", task->flow_name);
	value_put_text(&b, "step", below->step_name);
	if (waits_for_buyer(below) && step_of(below)->why)
		value_put_text(&b, "why", render(t, below, step_of(below)->why, NULL));
	if (waits_for_buyer(below) && step_of(below)->n_text)
		value_put_text(&b, "question", render(t, below, step_of(below)->text[0], NULL));
	return value_record(&b);
}

const struct value *order_number_in(const struct reading *reading)
{
	for (size_t i = 0; i < reading->n_entities; i++)
		if (reading->entity[i].type == ENTITY_ORDER_NUMBER)
			return reading->entity[i].value;
	return NULL;
}

/* The order number in the message that started the flow. */
static const struct value *named_order(struct turn_state *t, const struct frame *frame)
{
	const struct value *number = NULL;

	if (frame->opening.n)
		number = order_number_in(read_message(t, frame->opening, NULL));
	return number ? number : &value_none;
}

static bool committed(const struct turn_state *t)
{
	for (size_t i = 0; i < t->s->n_frames; i++)
		if (t->s->frame[i].committed)
			return true;
	return false;
}

static const struct value *look_up_builtin(
	struct turn_state *t, const struct frame *frame, struct str name)
{
	struct session *s = t->s;

	if (str_is(name, "me"))
		return text_or_none(t, s->buyer);
	if (str_is(name, "buyer"))
		return buyer(t);
	if (str_is(name, "now"))
		return value_int(t->arena, s->now_ms / 1000);
	if (str_is(name, "message"))
		return text_or_none(t, s->last_text);
	if (str_is(name, "opening"))
		return text_or_none(t, frame->opening);
	if (str_is(name, "named_order"))
		return named_order(t, frame);
	if (str_is(name, "attachments"))
		return s->attachments;
	if (str_is(name, "recent_order"))
		return s->recent_order;
	if (str_is(name, "watching"))
		return watching(t);
	if (str_is(name, "misses"))
		return value_int(t->arena, s->misses);
	if (str_is(name, "current"))
		return current(t, frame);
	if (str_is(name, "said"))
		return text_or_none(t, s->said);
	if (str_is(name, "committed"))
		return value_bool(committed(t));
	if (str_is(name, "outcome"))
		return text_or_none(t, t->outcome);
	if (str_is(name, "notice"))
		return s->notice;
	if (str_is(name, "channel"))
		return text_or_none(t, s->channel);
	return NULL;
}

static const struct value *look_up(const void *self, struct str name)
{
	const struct frame_scope *fs = self;
	const struct value *v;

	if (fs->item) {
		v = value_get_str(fs->item, name);
		if (value_is_set(v))
			return v;
	}
	v = get_slot(fs->frame, name);
	if (!v)
		v = look_up_builtin(fs->t, fs->frame, name);
	if (!v)
		v = flow_set_list(model_flows(fs->t->model), name);
	return v ? v : &value_none;
}

struct scope scope_of(struct frame_scope *fs)
{
	return (struct scope){look_up, fs};
}

struct str render(struct turn_state *t, const struct frame *f, const struct template *text,
	const struct value *item)
{
	enum { max_text = 16 * 1024 };
	struct frame_scope fs = {t, f, item};
	struct buf out = t->blank; /* a text inside this one takes one of its own */
	struct str result;

	if (template_is_plain(text, &result) && result.n <= max_text)
		return arena_str(t->arena, result);
	buf_init(&t->blank, 0);
	out.max = max_text;
	buf_clear(&out);
	template_render(text, scope_of(&fs), t->arena, &out);
	result = arena_str(t->arena, buf_str(&out));
	buf_release(&t->blank);
	t->blank = out;
	return result;
}

const struct value *eval(struct turn_state *t, const struct frame *f, const struct expr *expr)
{
	struct frame_scope fs = {t, f, NULL};

	return expr_eval(expr, scope_of(&fs), t->arena);
}

struct str shown(struct turn_state *t, const struct value *v)
{
	enum { max_shown = 200 };
	struct str text;
	struct buf out;

	buf_init(&out, max_shown);
	value_print(v, &out);
	text = arena_str(t->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

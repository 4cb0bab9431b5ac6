/* Rows of tables and examples of intents. */
#include "bot/chats/chat_row.h"

static size_t examples_of(
	const struct chat_stage *stage, const struct chat_test *test, const struct example **list)
{
	const struct intent_set *intents = model_intents(stage->model);
	const struct intent *intent = intent_set_find(intents, test->each_of);

	*list = NULL;
	if (!intent)
		return 0;
	return test->each == EACH_EXAMPLE ? intent_examples(intents, intent, list)
					  : intent_counter_examples(intents, intent, list);
}

size_t chat_plays(const struct chat_stage *stage, const struct chat_test *test)
{
	const struct example *list;

	switch (test->each) {
	case EACH_ONCE:
		return 1;
	case EACH_ROW:
		return test->n_rows;
	case EACH_EXAMPLE:
	case EACH_COUNTER_EXAMPLE:
		return examples_of(stage, test, &list);
	}
	return 0;
}

struct chat_row chat_row_of(const struct chat_stage *stage, const struct chat_test *test,
	size_t number, struct arena *arena)
{
	const struct example *list;
	struct str *cell;

	if (test->each == EACH_ONCE)
		return (struct chat_row){0};
	if (test->each == EACH_ROW)
		return (struct chat_row){
			test->column, test->cell + number * test->n_columns, test->n_columns};
	cell = arena_array(arena, struct str, 2);
	examples_of(stage, test, &list);
	cell[0] = list[number].text;
	cell[1] = list[number].wanted;
	return (struct chat_row){test->column, cell, test->n_columns};
}

struct str chat_row_fill(struct arena *arena, struct str text, const struct chat_row *row)
{
	return row->n ? chat_fill(arena, text, row->column, row->n, row->cell) : text;
}

static const struct value *fill_value(
	struct arena *arena, const struct value *v, const struct chat_row *row)
{
	return row->n && v ? chat_fill_value(arena, v, row->column, row->n, row->cell) : v;
}

static struct chat_fact fill_fact(
	struct arena *arena, struct chat_fact fact, const struct chat_row *row)
{
	struct str *item = arena_array(arena, struct str, fact.n_items);

	fact.name = chat_row_fill(arena, fact.name, row);
	fact.from = chat_row_fill(arena, fact.from, row);
	fact.to = chat_row_fill(arena, fact.to, row);
	fact.value = fill_value(arena, fact.value, row);
	for (size_t i = 0; i < fact.n_items; i++)
		item[i] = chat_row_fill(arena, fact.item[i], row);
	fact.item = item;
	return fact;
}

struct chat_turn chat_row_fill_turn(
	struct arena *arena, struct chat_turn turn, const struct chat_row *row)
{
	struct chat_speech *speech = arena_array(arena, struct chat_speech, turn.n_speeches);
	struct chat_fact *fact = arena_array(arena, struct chat_fact, turn.n_facts);

	if (!row->n)
		return turn;
	turn.name = chat_row_fill(arena, turn.name, row);
	turn.text = chat_row_fill(arena, turn.text, row);
	turn.second = chat_row_fill(arena, turn.second, row);
	turn.value = fill_value(arena, turn.value, row);
	for (size_t i = 0; i < turn.n_speeches; i++) {
		speech[i] = turn.speech[i];
		speech[i].ref = chat_row_fill(arena, speech[i].ref, row);
		speech[i].words = chat_row_fill(arena, speech[i].words, row);
	}
	for (size_t i = 0; i < turn.n_facts; i++)
		fact[i] = fill_fact(arena, turn.fact[i], row);
	turn.speech = speech;
	turn.fact = fact;
	return turn;
}

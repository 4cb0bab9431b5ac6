/* Cards in words. */
#include "adapters/channel/channel_fit.h"

#include "bot/base/card_text.h"

enum { max_card_bytes = 64 << 10, max_items = 50 };

static void new_line(struct buf *out)
{
	if (out->n)
		buf_addc(out, '\n');
}

static void add_item(struct buf *out, const struct value *item, struct arena *arena)
{
	struct str words = card_item_priced(item, arena);

	if (!words.n)
		return;
	new_line(out);
	buf_addf(out, "• %.*s", STR(words));
}

static void add_part(struct buf *out, const struct value *card, struct arena *arena)
{
	struct card_row row[card_max_rows];
	size_t n = card_rows(card, arena, row);
	struct str title = card_title(card, arena);
	const struct value *items = value_get(card, "items");

	if (title.n && out->n)
		buf_addc(out, '\n');
	if (title.n) {
		new_line(out);
		buf_add(out, title);
	}
	for (size_t i = 0; i < n; i++) {
		new_line(out);
		buf_addf(out, "%s: %.*s", row[i].label, STR(row[i].value));
	}
	if (!items || items->type != VALUE_LIST)
		return;
	for (size_t i = 0; i < items->list.n && i < max_items; i++)
		add_item(out, items->list.item[i], arena);
}

struct str channel_card(const struct value *card, struct arena *arena)
{
	const struct value *part;
	struct str words;
	struct buf out;

	buf_init(&out, max_card_bytes);
	for (size_t i = 0; (part = card_part(card, i)); i++)
		add_part(&out, part, arena);
	words = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return words;
}

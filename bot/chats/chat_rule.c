/* Rules of a conversation test as they are written: what holds for all of it. */
#include "bot/chats/chat_fact.h"
#include "bot/chats/chat_reader.h"

static void add_rule(struct chat_reader *reader, struct chat_rule rule)
{
	struct chat_builder *b = &reader->now;

	b->rule = arena_grow(reader->arena, b->rule, b->test.n_rules, struct chat_rule);
	b->rule[b->test.n_rules++] = rule;
}

void chat_read_never(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	do {
		struct chat_rule rule = {.kind = RULE_NEVER};

		scan_blanks(scan);
		rule.at.offset = scan->pos;
		rule.name = scan_word(scan);
		rule.at.length = rule.name.n;
		if (!rule.name.n || !(scan_at_end(scan) || scan_sees(scan, ","))) {
			chat_bad_shape(keyword, scan);
			return;
		}
		add_rule(reader, rule);
	} while (scan_take(scan, ","));
}

static bool read_end(struct chat_scan *scan, struct chat_rule *rule)
{
	enum chat_compare compare;

	if (scan_take(scan, "nothing")) {
		rule->kind = RULE_NOTHING_OPEN;
		return scan_take(scan, "open");
	}
	if (scan_take(scan, "handoff")) {
		rule->kind = RULE_HANDOFF;
		return true;
	}
	if (scan_take(scan, "turns")) {
		rule->kind = RULE_TURNS;
		return chat_compare_read(scan, &compare, &rule->number) && compare == COMPARE_LE;
	}
	rule->kind = scan_take(scan, "at") ? RULE_AT : RULE_ENDED;
	scan_blanks(scan);
	rule->at.offset = scan->pos;
	rule->name = scan_word(scan);
	rule->at.length = rule->name.n;
	if (rule->kind == RULE_ENDED)
		rule->to = scan_word(scan);
	return rule->name.n && (rule->kind == RULE_AT || rule->to.n);
}

void chat_read_ends(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	do {
		struct chat_rule rule = {.kind = RULE_ENDED};

		scan_blanks(scan);
		rule.at.offset = scan->pos;
		if (!read_end(scan, &rule) || !(scan_at_end(scan) || scan_sees(scan, ","))) {
			chat_bad_shape(keyword, scan);
			return;
		}
		if (!rule.at.length)
			rule.at.length = scan->pos - rule.at.offset;
		add_rule(reader, rule);
	} while (scan_take(scan, ","));
}

void chat_read_turns(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_rule rule = {.kind = RULE_TURNS, .at = chat_line_at(scan)};
	enum chat_compare compare;

	if (chat_compare_read(scan, &compare, &rule.number) && compare == COMPARE_LE &&
		scan_at_end(scan))
		add_rule(reader, rule);
	else
		chat_bad_shape(keyword, scan);
}

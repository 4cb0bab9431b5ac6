/* A conversation written down as a .chat test. */
#include "bot/terminal/talk_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/base/date.h"
#include "bot/base/text.h"

enum { max_turn_bytes = 1 << 18, max_head_bytes = 1 << 12 };

void record_init(struct record *record)
{
	*record = (struct record){0};
	buf_init(&record->head, max_head_bytes);
}

void record_release(struct record *record)
{
	record_drop(record, record->n);
	free(record->turn);
	buf_release(&record->head);
}

void record_drop(struct record *record, size_t n)
{
	while (n-- && record->n)
		buf_release(&record->turn[--record->n]);
}

static struct buf *new_turn(struct record *record)
{
	struct buf *turn = realloc(record->turn, (record->n + 1) * sizeof *turn);

	if (!turn)
		abort();
	record->turn = turn;
	buf_init(&turn[record->n], max_turn_bytes);
	return &turn[record->n++];
}

void record_begin(struct record *record, const char *buyer, const char *fixture, int64_t start_ms,
	const char *remark)
{
	struct date now = date_of(start_ms / 1000);

	record_drop(record, record->n);
	buf_clear(&record->head);
	if (remark)
		buf_addf(&record->head, "# %s\n", remark);
	buf_addf(&record->head, "now: %04d-%02u-%02u %02u:%02u\n", (int)now.year, now.month,
		now.day, now.hour, now.minute);
	if (fixture)
		buf_addf(&record->head, "shop: %s\n", fixture);
	if (buyer)
		buf_addf(&record->head, "buyer: %s, verified\n", buyer);
}

/* A '#' would begin a comment, a line end a new line of the file, brackets around all of it a
 * button; what is no character is written as its bytes. */
static void add_words(struct buf *out, struct str words)
{
	size_t valid = text_valid_up_to(words);

	for (size_t i = 0; i < words.n; i++) {
		unsigned char c = (unsigned char)words.p[i];

		if (i > valid)
			valid = i + text_valid_up_to(str_sub(words, i, words.n));
		if (c == '\n')
			buf_adds(out, "\\n");
		else if (c == '#' || c == '\\')
			buf_addf(out, "\\%c", c);
		else if (c < 0x20 || i == valid || (c == '[' && i == 0))
			buf_addf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
}

static void add_fields(struct buf *out, const struct value *fields)
{
	const char *between = " { ";
	size_t n = fields && fields->type == VALUE_RECORD ? fields->record.n : 0;

	for (size_t i = 0; i < n; i++) {
		const struct field *field = &fields->record.field[i];

		buf_addf(out, "%s%.*s: ", between, STR(field->name));
		value_show(field->value, out);
		between = ", ";
	}
	if (n)
		buf_adds(out, " }");
}

static void add_event(struct buf *out, const struct event *event)
{
	switch (event->kind) {
	case EVENT_TEXT:
		buf_adds(out, "> ");
		add_words(out, event->text);
		break;
	case EVENT_PRESS:
		buf_adds(out, "press: ");
		add_words(out, event->text);
		break;
	case EVENT_ATTACHMENT:
		add_words(out, event->text);
		if (event->reference.n) {
			buf_adds(out, ": ");
			add_words(out, event->reference);
		}
		break;
	case EVENT_NOTICE:
		buf_addf(out, "event: %.*s", STR(event->name));
		add_fields(out, event->value);
		break;
	case EVENT_BUYER:
		buf_addf(out, "buyer: %.*s, verified", STR(event->name));
		break;
	case EVENT_AGENT:
		buf_adds(out, "agent: ");
		switch (event->action) {
		case AGENT_CLAIMED:
			buf_adds(out, "claims");
			break;
		case AGENT_SAID:
			buf_adds(out, "says ");
			add_words(out, event->text);
			break;
		case AGENT_HANDED_BACK:
			buf_adds(out, "hands back");
			if (event->reference.n)
				buf_addf(out, " at %.*s", STR(event->reference));
			break;
		case AGENT_NOBODY:
			buf_adds(out, "nobody");
			break;
		case AGENT_PUT_BACK:
			buf_adds(out, "puts back");
			break;
		}
		break;
	case EVENT_END:
		buf_adds(out, "close");
		break;
	case EVENT_ANSWER:
	case EVENT_AGAIN:
	case EVENT_TICK:
		break;
	}
	buf_addc(out, '\n');
}

static void add_calls(struct buf *out, const struct host_turn *turn)
{
	for (size_t i = 0; i < turn->n_calls; i++)
		if (turn->call[i].op->writes && turn->call[i].made && turn->call[i].answered)
			buf_addf(out, "    called %s -> %s\n", turn->call[i].op->name,
				outcome_name[turn->call[i].outcome]);
}

static bool same_step(const struct effect *a, const struct effect *b)
{
	return str_eq(a->flow, b->flow) && str_eq(a->step, b->step);
}

/* The steps that speak; several bubbles of one step are one line. */
static void add_steps(struct buf *out, const struct host_turn *turn)
{
	const struct effect *last = NULL;

	for (size_t i = 0; i < turn->n_effects; i++) {
		const struct effect *effect = &turn->effect[i];

		if (effect->kind != EFFECT_SAY || !effect->flow.n ||
			(last && same_step(last, effect)))
			continue;
		buf_addf(out, "< %.*s/%.*s\n", STR(effect->flow), STR(effect->step));
		last = effect;
	}
}

static void add_result(struct buf *out, const struct host_turn *turn)
{
	if (turn->n_traces && turn->trace[0].reading && turn->trace[0].intent.n)
		buf_addf(out, "    intent %s%.*s\n", turn->trace[0].negated ? "not " : "",
			STR(turn->trace[0].intent));
	add_calls(out, turn);
	add_steps(out, turn);
	buf_addc(out, '\n');
}

void record_event(struct record *record, const struct event *event, const struct host_turn *turn)
{
	struct buf *out = new_turn(record);

	add_event(out, event);
	add_result(out, turn);
}

void record_after(struct record *record, int64_t ms, const struct host_turn *turn)
{
	static const struct {
		int64_t ms;
		const char *letter;
	} unit[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
	struct buf *out = new_turn(record);
	size_t u = 0;

	while (ms % unit[u].ms)
		u++;
	buf_addf(out, "after %lld%s\n", (long long)(ms / unit[u].ms), unit[u].letter);
	add_result(out, turn);
}

static void test_name(const char *path, struct buf *out)
{
	const char *name = strrchr(path, '/');
	size_t n;

	name = name ? name + 1 : path;
	n = strcspn(name, ".");
	for (size_t i = 0; i < n; i++)
		buf_addc(out, name[i] == '_' || name[i] == '-' ? ' ' : name[i]);
}

bool record_save(const struct record *record, const char *path, struct buf *error)
{
	/* Not over a file that somebody may have worked on. */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	struct buf name;
	bool good;

	if (!file) {
		buf_addf(error, "cannot write '%s': %s", path, strerror(errno));
		return false;
	}
	buf_init(&name, 200);
	test_name(path, &name);
	fprintf(file, "test: %.*s\n%.*s\n", STR(buf_str(&name)), STR(buf_str(&record->head)));
	for (size_t i = 0; i < record->n; i++)
		fwrite(record->turn[i].p, 1, record->turn[i].n, file);
	buf_release(&name);
	good = !ferror(file);
	if (fclose(file) != 0 || !good) {
		buf_addf(error, "cannot write '%s': %s", path, strerror(errno));
		return false;
	}
	return true;
}

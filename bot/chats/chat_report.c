/* How the outcome of conversation tests is told. */
#include "bot/chats/chat_report.h"

static struct str line_of(const struct chat_play *play, struct chat_at at)
{
	return str_trim(source_place(&play->file->source[0], at.offset).line_text);
}

static unsigned number_of_line(const struct chat_play *play, struct chat_at at)
{
	return source_place(play->file->source, at.offset).line;
}

static void report_failure(
	const struct chat_play *play, const struct chat_failure *f, struct buf *out)
{
	buf_addf(out, "  %s:%u: %s\n", play->file->source->name, number_of_line(play, f->at),
		chat_failure_name[f->kind]);
	if (f->expected.n)
		buf_addf(out, "    expected  %.*s\n", STR(f->expected));
	else
		buf_addf(out, "    expected  %.*s\n", STR(line_of(play, f->at)));
	buf_addf(out, "    got       %.*s\n", STR(f->got));
}

static void indented(struct str text, const char *indent, struct buf *out)
{
	while (text.n) {
		struct str line = str_cut(&text, '\n');

		buf_addf(out, "%s%.*s\n", indent, STR(line));
	}
}

void chat_report_play(const struct chat_play *play, bool colour, struct buf *out)
{
	for (size_t i = 0; i < play->notes.n; i++)
		buf_addf(out, "%s:%u: note: reworded: %.*s\n", play->file->source->name,
			number_of_line(play, play->notes.item[i].at), STR(play->notes.item[i].got));
	if (!play->failures.n)
		return;
	buf_addf(out, "%sFAILED%s %.*s (%s:%u)\n", colour ? "\033[31m" : "",
		colour ? "\033[0m" : "", STR(play->name), play->file->source->name,
		number_of_line(play, play->test->at));
	buf_add(out, play->transcript);
	for (size_t i = 0; i < play->failures.n; i++)
		report_failure(play, &play->failures.item[i], out);
	if (play->explain.n) {
		buf_adds(out, "  why\n");
		indented(play->explain, "    ", out);
	}
}

/* A '#' would begin a directive, a line end the next test. */
static void tap_name(struct str name, struct buf *out)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '#' || name.p[i] == '\\')
			buf_addf(out, "\\%c", name.p[i]);
		else
			buf_addc(out, (unsigned char)name.p[i] < 0x20 ? ' ' : name.p[i]);
	buf_addc(out, '\n');
}

void chat_report_tap(const struct chat_play *play, size_t number, struct buf *out)
{
	buf_addf(out, "%s %zu - ", play->failures.n ? "not ok" : "ok", number);
	tap_name(play->name, out);
	if (!play->failures.n)
		return;
	buf_adds(out, "  ---\n");
	for (size_t i = 0; i < play->failures.n; i++) {
		const struct chat_failure *f = &play->failures.item[i];

		buf_addf(out, "  - at: %s:%u\n    kind: %s\n    expected: |\n",
			play->file->source->name, number_of_line(play, f->at),
			chat_failure_name[f->kind]);
		indented(f->expected.n ? f->expected : line_of(play, f->at), "      ", out);
		buf_adds(out, "    got: |\n");
		indented(f->got, "      ", out);
	}
	buf_adds(out, "  transcript: |\n");
	indented(play->transcript, "    ", out);
	buf_adds(out, "  ...\n");
}

/* XML 1.0 has no place for most control characters, whatever way they are written. */
static void xml(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '&')
			buf_adds(out, "&amp;");
		else if (c == '<')
			buf_adds(out, "&lt;");
		else if (c == '>')
			buf_adds(out, "&gt;");
		else if (c == '"')
			buf_adds(out, "&quot;");
		else if (c < 0x20 && c != '\n' && c != '\t')
			buf_addc(out, ' ');
		else
			buf_addc(out, (char)c);
	}
}

void chat_report_junit_begin(size_t n_tests, size_t n_failed, struct buf *out)
{
	buf_addf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" "
		"failures=\"%zu\">\n"
		"<testsuite name=\"conversations\" tests=\"%zu\" failures=\"%zu\">\n",
		n_tests, n_failed, n_tests, n_failed);
}

void chat_report_junit(const struct chat_play *play, struct buf *out)
{
	struct buf text;

	buf_adds(out, "<testcase classname=\"");
	xml(str_of(play->file->source->name), out);
	buf_adds(out, "\" name=\"");
	xml(play->name, out);
	if (!play->failures.n) {
		buf_adds(out, "\"/>\n");
		return;
	}
	buf_init(&text, 512 << 10);
	chat_report_play(play, false, &text);
	buf_addf(out, "\"><failure type=\"%s\" message=\"",
		chat_failure_name[play->failures.item[0].kind]);
	xml(play->failures.item[0].got, out);
	buf_adds(out, "\">");
	xml(buf_str(&text), out);
	buf_adds(out, "</failure></testcase>\n");
	buf_release(&text);
}

void chat_report_junit_end(struct buf *out)
{
	buf_adds(out, "</testsuite>\n</testsuites>\n");
}

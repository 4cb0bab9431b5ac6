/* The log: JSON lines, written whole, at most so many a second. */
#include "bot/common/log.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

#include "bot/base/date.h"
#include "bot/base/digest.h"
#include "bot/base/json.h"
#include "bot/base/text.h"

enum { lines_per_second = 200, max_word_bytes = 300, max_line_bytes = 64 << 10, id_digits = 12 };

struct log {
	FILE *to;
	enum log_level from;
	int64_t second; /* of the lines counted in n_lines */
	unsigned n_lines;
	int64_t n_suppressed;
	int64_t last_ms; /* for what is told at the end */
	struct buf line;
};

static const char *const level_name[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARNING] = "warning",
	[LOG_ERROR] = "error",
};

struct log *log_new(FILE *to, enum log_level from)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		abort();
	log->to = to;
	log->from = from;
	log->second = INT64_MIN;
	buf_init(&log->line, max_line_bytes);
	return log;
}

struct log_field log_int(const char *name, int64_t number)
{
	return (struct log_field){.name = name, .kind = LOG_FIELD_INT, .number = number};
}

struct log_field log_word(const char *name, struct str text)
{
	return (struct log_field){.name = name, .kind = LOG_FIELD_WORD, .text = text};
}

struct log_field log_id(const char *name, struct str id)
{
	return (struct log_field){.name = name, .kind = LOG_FIELD_ID, .text = id};
}

struct log_field log_private(const char *name, struct str text)
{
	return (struct log_field){.name = name, .kind = LOG_FIELD_PRIVATE, .text = text};
}

/* RFC 3339 in UTC, with milliseconds. */
static void put_time(struct json *line, int64_t now_ms)
{
	int64_t ms = now_ms % 1000 < 0 ? now_ms % 1000 + 1000 : now_ms % 1000;
	struct date date = date_of((now_ms - ms) / 1000);
	char text[64];
	int n = snprintf(text, sizeof(text), "%04lld-%02u-%02uT%02u:%02u:%02u.%03uZ",
		(long long)date.year, date.month, date.day, date.hour, date.minute, date.second,
		(unsigned)ms);

	json_put_text(line, "time", (struct str){text, (size_t)n});
}

/* Controls, those of ISO 6429's upper half too (a terminal obeys them), become blanks; broken bytes
 * are mended by the JSON writer. */
static void put_word(struct json *line, const char *name, struct str text)
{
	char word[max_word_bytes];
	size_t used = 0, n;

	text = text_clip(text, max_word_bytes);
	for (size_t i = 0; i < text.n; i += n) {
		int32_t c = text_decode(str_sub(text, i, text.n), &n);

		if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
			word[used++] = ' ';
			continue;
		}
		for (size_t k = 0; k < n; k++)
			word[used++] = text.p[i + k];
	}
	json_put_text(line, name, (struct str){word, used});
}

static void put_id(struct json *line, const char *name, struct str id)
{
	char hex[65];

	digest_hex(digest_of(id), hex);
	json_put_text(line, name, (struct str){hex, id_digits});
}

/* Nothing of the text itself, not even its first letter. */
static void put_private(struct json *line, const char *name, struct str text)
{
	char stars[40];
	int n = snprintf(stars, sizeof(stars), "*** (%zu bytes)", text.n);

	json_put_text(line, name, (struct str){stars, (size_t)n});
}

static void put_field(struct json *line, const struct log_field *field)
{
	switch (field->kind) {
	case LOG_FIELD_INT:
		json_put_int(line, field->name, field->number);
		return;
	case LOG_FIELD_WORD:
		put_word(line, field->name, field->text);
		return;
	case LOG_FIELD_ID:
		put_id(line, field->name, field->text);
		return;
	case LOG_FIELD_PRIVATE:
		put_private(line, field->name, field->text);
		return;
	}
}

/* One fwrite and one flush: lines of several processes on one pipe do not mix. */
static void write_line(struct log *log, enum log_level level, int64_t now_ms, const char *what,
	const struct log_field *field)
{
	struct json *line = json_new_object();

	put_time(line, now_ms);
	json_put_text(line, "level", str_of(level_name[level]));
	json_put_text(line, "what", str_of(what));
	for (; field->name; field++)
		put_field(line, field);
	buf_clear(&log->line);
	json_write(line, &log->line);
	buf_addc(&log->line, '\n');
	json_free(line);
	assert(!log->line.over); /* a few fields of at most max_word_bytes each */
	fwrite(log->line.p, 1, log->line.n, log->to);
	fflush(log->to);
}

/* Of a pipe: for PIPE_BUF bytes, which are more than a line has. */
static bool has_room(const struct log *log)
{
	struct pollfd to = {.fd = fileno(log->to), .events = POLLOUT};

	return to.fd < 0 || poll(&to, 1, 0) != 0;
}

static void tell_suppressed(struct log *log, int64_t now_ms)
{
	struct log_field field[] = {log_int("lines", log->n_suppressed), LOG_END};

	if (!log->n_suppressed || !has_room(log))
		return;
	log->n_suppressed = 0;
	log->n_lines++;
	write_line(log, LOG_WARNING, now_ms, "suppressed", field);
}

void log_line(struct log *log, enum log_level level, int64_t now_ms, const char *what,
	const struct log_field *field)
{
	if (!log || level < log->from)
		return;
	log->last_ms = now_ms;
	if (now_ms / 1000 != log->second) {
		log->second = now_ms / 1000;
		log->n_lines = 0;
		tell_suppressed(log, now_ms);
	}
	if (log->n_lines >= lines_per_second || !has_room(log)) {
		log->n_suppressed++;
		return;
	}
	log->n_lines++;
	write_line(log, level, now_ms, what, field);
}

void log_free(struct log *log)
{
	if (!log)
		return;
	tell_suppressed(log, log->last_ms);
	buf_release(&log->line);
	free(log);
}

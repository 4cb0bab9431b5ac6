/* What is counted: one table of families, one hash table of series. */
#include "bot/common/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/table.h"
#include "bot/base/text.h"
#include "bot/common/process_stats.h"

enum { max_label_bytes = 100, max_name_bytes = 64, max_series = 2000 };
enum { max_key_bytes = max_name_bytes + 2 * (max_label_bytes + 1) };

enum family_type { COUNTER, GAUGE, HISTOGRAM };
static const char *const type_name[] = {
	[COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram"};

/* Upper bounds in seconds, ended by 0.  What a machine does; what people wait for. */
static const double quick[] = {
	10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 50e-3, 0.25, 1, 0};
static const double calls[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 0};
static const double waits[] = {5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400, 0};

static const struct family {
	const char *name;
	enum family_type type;
	const char *label[2];
	const double *bound;
	const char *help;
} family[] = {
	{"tenstep_build_info", GAUGE, {"version", "content"}, NULL,
		"What runs: the program's version and the digest of its flows and intents; always "
		"1."},
	{"tenstep_connections", GAUGE, {"transport", "role"}, NULL, "Open connections."},
	{"tenstep_conversations_started_total", COUNTER, {"channel", "entry"}, NULL,
		"Conversations that began."},
	{"tenstep_conversations_active", GAUGE, {"channel", "owner"}, NULL,
		"Conversations in memory, by who has them: bot, queue or person."},
	{"tenstep_conversations_removed_total", COUNTER, {NULL}, NULL,
		"Conversations removed because nobody had written in them for long."},
	{"tenstep_conversations_held", GAUGE, {NULL}, NULL,
		"Conversations that are old enough to be removed and stay, because something in "
		"them is still to come."},
	{"tenstep_uploads_removed_total", COUNTER, {NULL}, NULL,
		"Files removed that no message had named."},
	{"tenstep_messages_total", COUNTER, {"channel", "direction"}, NULL,
		"Messages taken (in) and said (out)."},
	{"tenstep_turn_duration_seconds", HISTOGRAM, {"stage"}, quick,
		"How long a turn took, by stage."},
	{"tenstep_step_visits_total", COUNTER, {"flow", "step"}, NULL,
		"How often a step of a flow was entered."},
	{"tenstep_unmatched_total", COUNTER, {"flow", "step"}, NULL,
		"Messages that were not understood, by where they came in."},
	{"tenstep_reprompts_total", COUNTER, {"flow", "step"}, NULL,
		"Questions that had to be asked again."},
	{"tenstep_handoffs_total", COUNTER, {"reason", "result"}, NULL,
		"Conversations handed to a person, by why and how it ended."},
	{"tenstep_handoff_queue_length", GAUGE, {"queue"}, NULL,
		"Conversations that wait for a person."},
	{"tenstep_handoff_oldest_wait_seconds", GAUGE, {"queue"}, NULL,
		"How long the longest waiting conversation has waited."},
	{"tenstep_handoff_wait_seconds", HISTOGRAM, {"queue"}, waits,
		"How long buyers waited until a person took over."},
	{"tenstep_promises", GAUGE, {"state"}, NULL,
		"What buyers wait to hear: open, and overdue among them."},
	{"tenstep_effects", GAUGE, {"state"}, NULL,
		"Changes at the shop whose outcome is not known: open (asked about), and human "
		"(left to "
		"a person)."},
	{"tenstep_shop_answers_total", COUNTER, {"kind", "meaning"}, NULL,
		"Answers of the shop's platform to reads and changes, by what they mean: ok, no, "
		"already, token, busy, clock, denied, mistaken, not sent, unclear."},
	{"tenstep_shop_answer_duration_seconds", HISTOGRAM, {"kind"}, calls,
		"How long the shop's platform took to answer."},
	{"tenstep_shop_hooks_total", COUNTER, {"kind", "result"}, NULL,
		"Webhooks of the shop's platform: taken, repeated, noted, refused, unreadable."},
	{"tenstep_shop_consent_ends_seconds", GAUGE, {NULL}, NULL,
		"When the seller's consent ends, Unix time, as the platform warned; 0: it has not; "
		"-1: "
		"the seller has taken it back."},
	{"tenstep_certificate_ends_seconds", GAUGE, {NULL}, NULL,
		"When the certificate that browsers are shown ends, Unix time; absent: none."},
	{"tenstep_shop_consent_good", GAUGE, {NULL}, NULL,
		"1 while the shop can be asked, 0 while the seller's consent is missing or over."},
	{"tenstep_shop_read_timestamp_seconds", GAUGE, {"what"}, NULL,
		"When the list of conversations, and what has changed, was last read whole."},
	{"tenstep_shop_sweeps_total", COUNTER, {"result"}, NULL,
		"Searches of the shop for what has changed: good, failed."},
	{"tenstep_shop_looks_total", COUNTER, {"result"}, NULL,
		"Orders looked at for news: news, same, changing (by us, just now), failed."},
	{"tenstep_feedback_total", COUNTER, {"kind", "value"}, NULL, "Ratings that buyers gave."},
	{"tenstep_actions_total", COUNTER, {"action", "result"}, NULL,
		"Calls of the shop's order service."},
	{"tenstep_action_duration_seconds", HISTOGRAM, {"action"}, calls,
		"How long a call of the shop's order service took."},
	{"tenstep_reconnects_total", COUNTER, {"transport"}, NULL,
		"Connections that took up a conversation again."},
	{"tenstep_duplicates_dropped_total", COUNTER, {"transport"}, NULL,
		"Messages that had come before and did nothing again."},
	{"tenstep_store_bytes", GAUGE, {NULL}, NULL, "The store on disk, its log included."},
	{"tenstep_store_commit_duration_seconds", HISTOGRAM, {NULL}, quick,
		"How long a commit took, the disk included."},
	{"tenstep_store_journal_rows", GAUGE, {NULL}, NULL,
		"Changes in the store's journal that are not in a stored session yet."},
	{"tenstep_requests_total", COUNTER, {"route", "status"}, NULL, "HTTP requests answered."},
	{"tenstep_refused_total", COUNTER, {"what", "why"}, NULL,
		"Connections, requests and messages refused before they reached a conversation."},
	{"tenstep_webhook_sends_total", COUNTER, {"result"}, NULL,
		"Deliveries of hand-off cards to the webhook."},
	{"tenstep_webhook_sends", GAUGE, {"state"}, NULL,
		"Deliveries of hand-off cards that are kept: open (tried again), and dead (given "
		"up)."},
	{"tenstep_channel_events_total", COUNTER, {"channel", "result"}, NULL,
		"Events that messaging platforms brought: taken, or why they were passed over."},
	{"tenstep_channel_sends_total", COUNTER, {"channel", "result"}, NULL,
		"Requests to messaging platforms, by what became of them."},
	{"tenstep_channel_pictures_total", COUNTER, {"channel", "result"}, NULL,
		"Pictures of ours brought to a platform: brought, known, again, failed."},
	{"tenstep_channel_waiting", GAUGE, {"channel"}, NULL,
		"Conversations on a messaging platform with something that is not shown yet."},
	{"tenstep_channel_dead_letters", GAUGE, {"channel"}, NULL,
		"Posts that could not be shown, of the last 30 days."},
	{"tenstep_content_reloads_total", COUNTER, {"result"}, NULL,
		"Times the flows and intents were read again."},
	{"process_cpu_seconds_total", COUNTER, {NULL}, NULL,
		"Total user and system CPU time spent in seconds."},
	{"process_open_fds", GAUGE, {NULL}, NULL, "Number of open file descriptors."},
	{"process_max_fds", GAUGE, {NULL}, NULL, "Maximum number of open file descriptors."},
	{"process_resident_memory_bytes", GAUGE, {NULL}, NULL, "Resident memory size in bytes."},
	{"process_virtual_memory_bytes", GAUGE, {NULL}, NULL, "Virtual memory size in bytes."},
	{"process_start_time_seconds", GAUGE, {NULL}, NULL,
		"Start time of the process since unix epoch in seconds."},
};
enum { n_families = sizeof(family) / sizeof(*family) };

/* One line of the page, or a histogram's lines. */
struct series {
	const struct family *family;
	const char *label[2]; /* in key */
	double value;         /* of a histogram the sum */
	uint64_t count;
	uint64_t *bucket; /* a histogram's, not cumulated; what is above all bounds is in count only
			   */
	struct series *next; /* of the same family, in the order they came */
	UT_hash_handle hh;
	char key[]; /* name NUL a NUL b */
};

struct metrics {
	struct series *table;
	struct {
		struct series *first, **last;
		size_t n;
	} of[n_families];
};

struct key {
	char byte[max_key_bytes];
	size_t n, a, b; /* where the labels start */
};

static void key_add(struct key *key, const char *text, size_t max)
{
	size_t n = text ? strnlen(text, max + 1) : 0;

	if (n > max)
		n = text_clip((struct str){text, n}, max).n;
	memcpy(key->byte + key->n, text ? text : "", n);
	key->n += n;
}

static void key_of(struct key *key, const char *name, const char *a, const char *b)
{
	key->n = 0;
	key_add(key, name, max_name_bytes);
	key->byte[key->n++] = '\0';
	key->a = key->n;
	key_add(key, a, max_label_bytes);
	key->byte[key->n++] = '\0';
	key->b = key->n;
	key_add(key, b, max_label_bytes);
}

static struct series *series_find(const struct metrics *metrics, const struct key *key)
{
	struct series *series;

	HASH_FIND(hh, metrics->table, key->byte, key->n, series);
	return series;
}

static const struct family *family_of(const char *name)
{
	for (size_t i = 0; i < n_families; i++)
		if (strcmp(family[i].name, name) == 0)
			return &family[i];
	return NULL;
}

static size_t n_bounds(const struct family *f)
{
	size_t n = 0;

	while (f->bound && f->bound[n] > 0)
		n++;
	return n;
}

static void *zeroed(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		abort();
	return p;
}

static struct series *series_make(
	struct metrics *metrics, const struct family *f, const struct key *key)
{
	struct series *series = zeroed(1, sizeof(*series) + key->n + 1);
	size_t i = (size_t)(f - family);

	series->family = f;
	memcpy(series->key, key->byte, key->n);
	series->label[0] = series->key + key->a;
	series->label[1] = series->key + key->b;
	if (f->bound)
		series->bucket = zeroed(n_bounds(f), sizeof(*series->bucket));
	HASH_ADD_KEYPTR(hh, metrics->table, series->key, key->n, series);
	*metrics->of[i].last = series;
	metrics->of[i].last = &series->next;
	metrics->of[i].n++;
	return series;
}

/* The first time, and each time once the family is full. */
static struct series *series_new(
	struct metrics *metrics, struct key *key, const char *name, const char *a, const char *b)
{
	const struct family *f = family_of(name);
	struct series *other;

	assert(f);                 /* a name that is not in the table is a bug */
	assert(!a || f->label[0]); /* and so is a label that the family does not have */
	assert(!b || f->label[1]);
	if (metrics->of[f - family].n < max_series)
		return series_make(metrics, f, key);
	key_of(key, name, f->label[0] ? "other" : NULL, f->label[1] ? "other" : NULL);
	other = series_find(metrics, key);
	return other ? other : series_make(metrics, f, key);
}

static struct series *series_get(
	struct metrics *metrics, const char *name, const char *a, const char *b)
{
	struct key key;
	struct series *series;

	key_of(&key, name, a, b);
	series = series_find(metrics, &key);
	return series ? series : series_new(metrics, &key, name, a, b);
}

struct metrics *metrics_new(void)
{
	struct metrics *metrics = zeroed(1, sizeof(*metrics));

	for (size_t i = 0; i < n_families; i++)
		metrics->of[i].last = &metrics->of[i].first;
	/* What has no label is there from the start: a counter that appears with its first event
	 * hides that event from rate(). */
	for (size_t i = 0; i < n_families; i++)
		if (!family[i].label[0])
			series_get(metrics, family[i].name, NULL, NULL);
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	struct series *series, *next;

	if (!metrics)
		return;
	HASH_CLEAR(hh, metrics->table);
	for (size_t i = 0; i < n_families; i++)
		for (series = metrics->of[i].first; series; series = next) {
			next = series->next;
			free(series->bucket);
			free(series);
		}
	free(metrics);
}

struct series *metrics_series(
	struct metrics *metrics, const char *name, const char *a, const char *b)
{
	return metrics ? series_get(metrics, name, a, b) : NULL;
}

void series_add(struct series *series, double by)
{
	if (!series)
		return;
	assert(series->family->type == GAUGE || (series->family->type == COUNTER && by >= 0));
	series->value += by;
}

void metrics_add(struct metrics *metrics, const char *name, const char *a, const char *b, double by)
{
	series_add(metrics_series(metrics, name, a, b), by);
}

void metrics_set(struct metrics *metrics, const char *name, const char *a, const char *b, double to)
{
	struct series *series;

	if (!metrics)
		return;
	series = series_get(metrics, name, a, b);
	assert(series->family->type == GAUGE);
	series->value = to;
}

void metrics_observe(struct metrics *metrics, const char *name, const char *a, double seconds)
{
	struct series *series;

	if (!metrics)
		return;
	series = series_get(metrics, name, a, NULL);
	assert(series->family->type == HISTOGRAM);
	series->value += seconds;
	series->count++;
	for (const double *bound = series->family->bound; *bound > 0; bound++)
		if (seconds <= *bound) {
			series->bucket[bound - series->family->bound]++;
			return;
		}
}

double metrics_value(const struct metrics *metrics, const char *name, const char *a, const char *b)
{
	struct key key;
	const struct series *series;

	if (!metrics)
		return 0;
	assert(family_of(name));
	key_of(&key, name, a, b);
	series = series_find(metrics, &key);
	if (!series)
		return 0;
	return series->family->type == HISTOGRAM ? (double)series->count : series->value;
}

/* The format escapes these three in label values; broken bytes would make a scrape fail. */
static void write_label(const char *name, const char *value, struct buf *out)
{
	buf_addf(out, "%s=\"", name);
	for (struct str rest = str_of(value); rest.n;) {
		size_t n;

		if (text_decode(rest, &n) == 0xFFFD)
			buf_adds(out, "\xEF\xBF\xBD");
		else if (*rest.p == '\n')
			buf_adds(out, "\\n");
		else {
			if (*rest.p == '"' || *rest.p == '\\')
				buf_addc(out, '\\');
			buf_add(out, str_sub(rest, 0, n));
		}
		rest = str_sub(rest, n, rest.n);
	}
	buf_addc(out, '"');
}

/* @bound: a bucket's, already as text; NULL: none. */
static void write_labels(const struct series *series, const char *bound, struct buf *out)
{
	const char *const *label = series->family->label;
	char between = '{';

	for (size_t i = 0; i < 2 && label[i]; i++) {
		buf_addc(out, between);
		write_label(label[i], series->label[i], out);
		between = ',';
	}
	if (bound)
		buf_addf(out, "%cle=\"%s\"", between, bound);
	if (bound || between == ',')
		buf_addc(out, '}');
}

/* The shortest text that reads back as the same number. */
static void show_number(double number, char text[32])
{
	if (isnan(number) || isinf(number))
		snprintf(text, 32, "%s", isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf");
	else {
		snprintf(text, 32, "%.15g", number);
		if (strtod(text, NULL) != number)
			snprintf(text, 32, "%.17g", number);
	}
}

static void write_sample(const struct series *series, const char *suffix, const char *bound,
	double value, struct buf *out)
{
	char text[32];

	buf_adds(out, series->family->name);
	buf_adds(out, suffix);
	write_labels(series, bound, out);
	show_number(value, text);
	buf_addf(out, " %s\n", text);
}

static void write_histogram(const struct series *series, struct buf *out)
{
	const double *bound = series->family->bound;
	double so_far = 0;
	char text[32];

	for (size_t i = 0; bound[i] > 0; i++) {
		so_far += (double)series->bucket[i];
		show_number(bound[i], text);
		write_sample(series, "_bucket", text, so_far, out);
	}
	write_sample(series, "_bucket", "+Inf", (double)series->count, out);
	write_sample(series, "_sum", NULL, series->value, out);
	write_sample(series, "_count", NULL, (double)series->count, out);
}

static void write_family(const struct family *f, const struct series *series, struct buf *out)
{
	buf_addf(
		out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name, type_name[f->type]);
	for (; series; series = series->next)
		if (f->type == HISTOGRAM)
			write_histogram(series, out);
		else
			write_sample(series, "", NULL, series->value, out);
}

/* Read when somebody asks, not before. */
static void write_process(const struct family *f, struct series *series,
	const struct process_stats *stats, struct buf *out)
{
	const struct {
		const char *name;
		double value;
	} measured[] = {
		{"process_cpu_seconds_total", stats->cpu_s},
		{"process_open_fds", stats->open_fds},
		{"process_max_fds", stats->max_fds},
		{"process_resident_memory_bytes", stats->resident_bytes},
		{"process_virtual_memory_bytes", stats->virtual_bytes},
		{"process_start_time_seconds", stats->start_s},
	};

	for (size_t i = 0; i < sizeof(measured) / sizeof(*measured); i++)
		if (strcmp(measured[i].name, f->name) == 0 && measured[i].value >= 0) {
			struct series now = *series;

			now.value = measured[i].value;
			write_family(f, &now, out);
		}
}

void metrics_write(const struct metrics *metrics, struct buf *out)
{
	struct process_stats stats = process_stats_read();

	if (!metrics)
		return;
	for (size_t i = 0; i < n_families; i++)
		if (strncmp(family[i].name, "process_", 8) == 0)
			write_process(&family[i], metrics->of[i].first, &stats, out);
		else
			write_family(&family[i], metrics->of[i].first, out);
}

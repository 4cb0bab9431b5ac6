/* How fast messages are read: bench_match [FILE of messages, one a line].
 *
 *   - µs a message on the shipped pack, everything on, over sentences of our own (or FILE)
 *   - the same with 100, 1,000 and 10,000 generated phrases, and how long those take to load
 *   - the slowest of a set of hostile 16 KiB messages, with JIT off */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bot/base/buf.h"
#include "bot/common/embedded.h"
#include "intents/understand.h"

enum { max_messages = 400000, rounds = 5, max_text = 64 << 20 };

struct corpus {
	struct str *message;
	size_t n;
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct str embedded_named(const char *name)
{
	for (unsigned i = 0; i < n_embedded; i++)
		if (strcmp(embedded[i].name, name) == 0)
			return (struct str){
				embedded[i].begin, (size_t)(embedded[i].end - embedded[i].begin)};
	return (struct str){0};
}

static struct intent_set *load(const struct source *source, size_t n, bool jit)
{
	struct arena *arena = arena_new(1 << 24);
	struct intent_set *set;
	struct diags diags;

	diags_init(&diags, arena);
	set = intent_set_load(source, n, embedded_named("dictionary/en"), jit, &diags);
	if (!set) {
		struct buf text;

		buf_init(&text, 1 << 20);
		diags_print(&diags, &text, false, 3);
		fwrite(text.p, 1, text.n, stderr);
		exit(2);
	}
	arena_free(arena);
	return set;
}

static struct intent_set *load_shipped(bool jit)
{
	static struct source source[64];
	size_t n = 0;

	for (unsigned i = 0; i < n_embedded && n < 64; i++)
		if (strncmp(embedded[i].name, "intents/packs/en/", 17) == 0)
			source[n++] = (struct source){embedded[i].name,
				{embedded[i].begin, (size_t)(embedded[i].end - embedded[i].begin)}};
	return load(source, n, jit);
}

/* --- messages --- */

static void add(struct corpus *corpus, struct str message)
{
	if (corpus->n < max_messages)
		corpus->message[corpus->n++] = message;
}

static void cut_lines(struct corpus *corpus, struct str text)
{
	while (text.n)
		add(corpus, str_cut(&text, '\n'));
}

/* Openings, matters and endings, each with each: short and long, clean and mistyped, ours and not.
 */
static struct corpus synthetic(void)
{
	static const char *const opening[] = {"", "hi ", "Hello, ", "pls ", "hey can you ",
		"i want to ", "Good morning! I'd like to ", "could u "};
	static const char *const matter[] = {"cancel my order", "cacel the parcle",
		"track order #10042", "know where my refund is",
		"send the blue dress back, it does not fit", "talk to a real person",
		"change the adress of my order", "get an invoice", "know the weather tomorrow",
		"order two pizzas with extra cheese", "return this, i dont want it anymore",
		"see all my orders from march", "have my $29.90 back on my card",
		"know how long refunds take", "play some music",
		"tell you that the app keeps crashing when i upload a photo of my grandmother"};
	static const char *const ending[] = {"", " please", "!!", " as soon as possible", " thx",
		". It was ordered 3 days ago and nobody answers me, this is a bit sad really"};
	struct corpus corpus = {calloc(max_messages, sizeof(struct str)), 0};

	for (size_t i = 0; i < sizeof(opening) / sizeof(*opening); i++)
		for (size_t k = 0; k < sizeof(matter) / sizeof(*matter); k++)
			for (size_t e = 0; e < sizeof(ending) / sizeof(*ending); e++) {
				char text[300];
				int n = snprintf(text, sizeof(text), "%s%s%s", opening[i],
					matter[k], ending[e]);

				add(&corpus, (struct str){strdup(text), (size_t)n});
			}
	return corpus;
}

static struct corpus read_corpus(const char *path)
{
	struct corpus corpus = {calloc(max_messages, sizeof(struct str)), 0};
	FILE *file = fopen(path, "rb");
	char *text = malloc(max_text);
	size_t n;

	if (!file || !text) {
		perror(path);
		exit(2);
	}
	n = fread(text, 1, max_text, file);
	fclose(file);
	cut_lines(&corpus, (struct str){text, n});
	return corpus;
}

/* --- measuring --- */

struct rate {
	double us;    /* a message, in the best round */
	double tried; /* phrases a message */
};

static struct rate measure(struct intent_set *set, const struct corpus *corpus)
{
	struct arena *arena = arena_new(1 << 20);
	struct context context = {.now = 1762995200};
	struct rate rate = {1e9, 0};

	for (int round = 0; round < rounds; round++) {
		double from = now_us(), us;
		size_t tried = 0;

		for (size_t i = 0; i < corpus->n; i++) {
			tried += understand(set, corpus->message[i], &context, arena)->n_tried;
			arena_reset(arena);
		}
		us = (now_us() - from) / (double)corpus->n;
		if (us < rate.us)
			rate = (struct rate){us, (double)tried / (double)corpus->n};
	}
	arena_free(arena);
	return rate;
}

/* --- generated packs --- */

static unsigned dice(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 0x7FFF;
}

/* One of 4,096 ordinary words, spread over the dictionary; one time in eight a word that our
 * messages have. */
static void add_word(struct buf *out, unsigned *seed)
{
	static const char *const said[] = {"weather", "invoice", "pizzas", "music", "photo",
		"crashing", "person", "dress", "card", "long", "nobody", "ordered", "grandmother",
		"cheese", "march", "possible", "soon", "upload", "keeps", "morning", "blue", "fit"};
	struct str dictionary = embedded_named("dictionary/en"), word;
	size_t at = (dictionary.n / 4096 - 1) * (dice(seed) % 4096);

	if (dice(seed) % 8 == 0) {
		buf_adds(out, said[dice(seed) % (sizeof(said) / sizeof(*said))]);
		return;
	}
	dictionary = str_sub(dictionary, at, dictionary.n);
	do {
		str_cut(&dictionary, '\n');
		word = str_sub(dictionary, 0, 0);
		word.n = (size_t)(str_find(dictionary, S("\n")));
	} while (memchr(word.p, '\'', word.n) || !(word.p[0] >= 'a' && word.p[0] <= 'z'));
	buf_add(out, word);
}

/* Half of the phrases speak of the trade's common words too, as real ones do. */
static struct str generated_pack(size_t n_phrases, struct buf *out)
{
	static const char *const common[] = {"(cancel*|stop)", "@goods", "refund*",
		"(my|the) @goods", "return*", "(where|when)", "(want|need) to", "money", "change*",
		"address"};
	unsigned seed = 7;

	buf_adds(out,
		"[{\"list\":\"goods\",\"words\":[\"order*\",\"parcel*\",\"package*\",\"item\"]}");
	for (size_t i = 0; i < n_phrases; i++) {
		if (i % 25 == 0)
			buf_addf(out, "%s,{\"intent\":\"i%zu\",\"about\":\"x\",\"phrases\":[",
				i ? "]}" : "", i / 25);
		buf_adds(out, i % 25 ? ",\"" : "\"");
		buf_adds(out, common[dice(&seed) % 10]);
		buf_adds(out, dice(&seed) % 2 ? " ... " : " .. ");
		add_word(out, &seed);
		if (dice(&seed) % 2) {
			buf_adds(out, " .. ");
			buf_adds(out, common[dice(&seed) % 10]);
		}
		buf_adds(out, "\"");
	}
	buf_adds(out, "]}]");
	return buf_str(out);
}

static double measure_generated(size_t n_phrases, const struct corpus *corpus, double *load_ms)
{
	struct buf text;
	struct source source[2];
	struct intent_set *set;
	struct rate rate;
	double from;

	buf_init(&text, max_text);
	source[0] = (struct source){"generated.json", generated_pack(n_phrases, &text)};
	source[1] =
		(struct source){"language.json", embedded_named("intents/packs/en/language.json")};
	from = now_us();
	set = load(source, 2, true);
	*load_ms = (now_us() - from) / 1e3;
	rate = measure(set, corpus);
	printf("generated  %6zu phrases   %6.2f µs a message   %5.1f tried   loaded in %6.1f ms\n",
		n_phrases, rate.us, rate.tried, *load_ms);
	intent_set_free(set);
	buf_release(&text);
	return rate.us;
}

/* --- hostile messages --- */

static double measure_hostile(struct intent_set *set)
{
	static const char *const part[] = {"cancel order refund return where my ", "not ", "a ",
		"i want to cancel my order and the refund of the return is late where is it ",
		"cacnel ordre refudn retunr trakcing ", "$1 #2 3rd march ", "\xF0\x9D\x93\xAC",
		"c\xCC\x81\xCC\x81\xCC\x81", "can't won't n't ", "(((((", "@.",
		"aaaaaaaaaaaaaaaaaaaaaaa ",
		"why did you not cancel my order when can i get money back refund return ",
		"\xFF\xC0"};
	static char text[16 * 1024];
	struct arena *arena = arena_new(1 << 20);
	struct context context = {.now = 1762995200};
	double worst = 0;

	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++) {
		double best = 1e9;

		for (size_t at = 0; at < sizeof(text); at++)
			text[at] = part[i][at % strlen(part[i])];
		for (int round = 0; round < rounds; round++) {
			double from = now_us();

			understand(set, (struct str){text, sizeof(text)}, &context, arena);
			best = now_us() - from < best ? now_us() - from : best;
			arena_reset(arena);
		}
		worst = best > worst ? best : worst;
	}
	arena_free(arena);
	return worst;
}

int main(int argc, char **argv)
{
	struct corpus corpus = argc > 1 ? read_corpus(argv[1]) : synthetic();
	double from = now_us(), few, many, load_ms;
	struct intent_set *set = load_shipped(true);
	struct rate rate;

	printf("shipped    %6zu phrases   loaded in %.1f ms\n", intent_set_phrases(set),
		(now_us() - from) / 1e3);
	rate = measure(set, &corpus);
	printf("shipped    %6zu messages  %6.2f µs a message   %5.1f tried\n", corpus.n, rate.us,
		rate.tried);
	intent_set_free(set);
	few = measure_generated(100, &corpus, &load_ms);
	measure_generated(1000, &corpus, &load_ms);
	many = measure_generated(10000, &corpus, &load_ms);
	printf("scaling    100 to 10,000 phrases: %.2f times\n", many / few);
	set = load_shipped(false);
	printf("hostile    16 KiB without JIT: at worst %.2f ms\n", measure_hostile(set) / 1e3);
	intent_set_free(set);
	return 0;
}

/* Texts measured and cut. */
#include "adapters/channel/channel_text.h"

#include "bot/base/text.h"

size_t channel_measure(struct str text, enum channel_unit unit)
{
	size_t n = 0;

	switch (unit) {
	case CHANNEL_BYTES:
		return text.n;
	case CHANNEL_UTF16:
		return text_utf16(text);
	case CHANNEL_CHARACTERS:
		return text_length(text);
	case CHANNEL_GRAPHEMES:
		for (size_t at = 0; at < text.n; n++)
			at += text_cluster(str_sub(text, at, text.n));
		return n;
	}
	return 0;
}

bool channel_fits(struct str text, struct channel_limit limit)
{
	return !limit.most || channel_measure(text, limit.unit) <= limit.most;
}

/* A cluster that no message can hold. */
static struct str head_of_cluster(struct str cluster, struct channel_limit limit)
{
	size_t used = 0, at = 0, n;

	for (; at < cluster.n; at += n) {
		(void)text_decode(str_sub(cluster, at, cluster.n), &n);
		used += channel_measure(str_sub(cluster, at, n), limit.unit);
		if (used > limit.most)
			break;
	}
	return str_sub(cluster, 0, at);
}

struct str channel_head(struct str text, struct channel_limit limit)
{
	size_t used = 0, at = 0, n;

	for (; at < text.n; at += n) {
		struct str cluster = str_sub(text, at, text_cluster(str_sub(text, at, text.n)));

		n = cluster.n;
		used += channel_measure(cluster, limit.unit);
		if (limit.most && used > limit.most)
			return at ? str_sub(text, 0, at) : head_of_cluster(cluster, limit);
	}
	return text;
}

struct str channel_cut(struct arena *arena, struct str text, struct channel_limit limit)
{
	static const struct str dots = S("…");
	size_t room = channel_measure(dots, limit.unit);
	struct str head;

	if (channel_fits(text, limit))
		return text;
	if (limit.most <= room)
		return channel_head(text, limit);
	head = channel_head(text, (struct channel_limit){limit.most - room, limit.unit});
	return arena_printf(arena, "%.*s%.*s", STR(str_trim(head)), STR(dots));
}

/* --- where a text may be cut --- */

enum stop { STOP_PARAGRAPH, STOP_LINE, STOP_SENTENCE, STOP_WORD, n_stops };

static bool is_blank(struct str cluster)
{
	return str_is(cluster, " ") || str_is(cluster, "\n") || str_is(cluster, "\r\n");
}

static bool is_line_end(struct str cluster)
{
	return str_is(cluster, "\n") || str_is(cluster, "\r\n");
}

/* Those of East Asia need no blank behind them. */
static bool ends_sentence(struct str cluster, struct str next)
{
	return str_is(cluster, "。") || str_is(cluster, "！") || str_is(cluster, "？") ||
	       ((str_is(cluster, ".") || str_is(cluster, "!") || str_is(cluster, "?") ||
			str_is(cluster, "…")) &&
		       is_blank(next));
}

/* What a cut behind @cluster would be the end of; n_stops: of nothing. */
static enum stop stop_behind(struct str cluster, struct str next)
{
	if (is_line_end(cluster))
		return is_line_end(next) ? STOP_PARAGRAPH : STOP_LINE;
	if (ends_sentence(cluster, next))
		return STOP_SENTENCE;
	return is_blank(cluster) ? STOP_WORD : n_stops;
}

static struct str cluster_at(struct str text, size_t at)
{
	return str_sub(text, at, text_cluster(str_sub(text, at, text.n)));
}

/* Where to cut @text, of which @fits bytes fit; the last good place of each kind. */
static size_t best_cut(struct str text, size_t fits)
{
	size_t place[n_stops] = {0};
	struct str cluster;

	for (size_t at = 0; at < fits; at += cluster.n) {
		enum stop stop;

		cluster = cluster_at(text, at);
		stop = stop_behind(cluster, cluster_at(text, at + cluster.n));
		if (stop < n_stops && at + cluster.n <= fits)
			place[stop] = at + cluster.n;
	}
	for (int stop = 0; stop < n_stops; stop++)
		if (place[stop] > fits / 2)
			return place[stop];
	return place[STOP_WORD] ? place[STOP_WORD] : fits;
}

struct str channel_piece(struct str *text, struct channel_limit limit)
{
	struct str whole = str_trim(*text), head = channel_head(whole, limit), piece;
	size_t cut = head.n == whole.n ? head.n : best_cut(whole, head.n);

	piece = str_trim(str_sub(whole, 0, cut));
	*text = str_trim(str_sub(whole, cut, whole.n));
	return piece;
}

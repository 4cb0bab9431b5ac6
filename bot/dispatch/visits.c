/* How often each step is entered. */
#include "bot/dispatch/visits.h"

#include <string.h>

#include "bot/base/table.h"

enum { max_label_bytes = 101 };

struct visited {
	const struct step *step;
	struct series *times;
	UT_hash_handle hh;
};

static const char *label_of(struct str name, char label[max_label_bytes])
{
	size_t n = name.n < max_label_bytes - 1 ? name.n : max_label_bytes - 1;

	memcpy(label, name.p ? name.p : "", n);
	label[n] = '\0';
	return label;
}

/* Names of flows and steps are the content's: there are as many series as steps. */
static struct series *series_of(
	struct metrics *metrics, const char *name, struct str flow, struct str step)
{
	char label[2][max_label_bytes];

	return metrics_series(metrics, name, label_of(flow, label[0]), label_of(step, label[1]));
}

void visits_count_named(
	struct metrics *metrics, const char *name, struct str flow, struct str step)
{
	series_add(series_of(metrics, name, flow, step), 1);
}

static struct visited *visited_new(struct metrics *metrics, const struct visit *visit)
{
	struct visited *visited = calloc(1, sizeof *visited);

	if (!visited)
		abort();
	visited->step = visit->at;
	visited->times =
		series_of(metrics, "tenstep_step_visits_total", visit->flow, visit->step);
	return visited;
}

void visits_count(struct visits *visits, struct metrics *metrics, const struct visit *visit)
{
	struct visited *visited;

	if (!visit->at) {
		visits_count_named(
			metrics, "tenstep_step_visits_total", visit->flow, visit->step);
		return;
	}
	HASH_FIND_PTR(visits->by_step, &visit->at, visited);
	if (!visited) {
		visited = visited_new(metrics, visit);
		HASH_ADD_PTR(visits->by_step, step, visited);
	}
	series_add(visited->times, 1);
}

void visits_forget(struct visits *visits)
{
	struct visited *visited, *next;

	HASH_ITER(hh, visits->by_step, visited, next)
	{
		HASH_DEL(visits->by_step, visited);
		free(visited);
	}
}

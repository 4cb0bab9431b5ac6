/* Who waits: the order in which they come, whatever was changed before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/store/peer_queue.h"

enum { many = 300 };

static char name[many][8];
static struct peer_wait wait[many];

static unsigned chance = 7;

static unsigned below(unsigned n)
{
	chance = chance * 1103515245u + 12345u;
	return chance / 65536 % n;
}

static void reset(void)
{
	for (size_t i = 0; i < many; i++) {
		snprintf(name[i], sizeof(name[i]), "p%zu", i);
		wait[i] = (struct peer_wait){.name = str_of(name[i])};
	}
}

static struct peer_wait *soonest(void)
{
	struct peer_wait *found = NULL;

	for (size_t i = 0; i < many; i++)
		if (wait[i].at_ms && (!found || wait[i].at_ms < found->at_ms ||
					     (wait[i].at_ms == found->at_ms &&
						     str_cmp(wait[i].name, found->name) < 0)))
			found = &wait[i];
	return found;
}

static void first__is_the_soonest__whatever_was_changed(void **state)
{
	struct peer_queue queue = {0};

	(void)state;
	reset();
	assert_null(peer_queue_first(&queue));
	for (unsigned i = 0; i < 20000; i++) {
		unsigned range = i % 2000 < 1000 ? 50 : 3; /* at times few wait */

		peer_queue_set(&queue, &wait[below(many)], below(range));
		assert_ptr_equal(peer_queue_first(&queue), soonest());
	}
	for (struct peer_wait *first; (first = peer_queue_first(&queue));) {
		assert_ptr_equal(first, soonest());
		peer_queue_set(&queue, first, 0);
		assert_int_equal(first->place, 0);
	}
	assert_null(soonest());
	peer_queue_release(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first__is_the_soonest__whatever_was_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

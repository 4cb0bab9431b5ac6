/* The first megabytes of the heap. */
#include "bot/common/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	huge_page = 2 << 20,
	beginning = 8 * huge_page, /* what is not touched costs nothing */
	apart = 4 << 20,           /* a block so large is outside of the heap */
	usual_step = 128 << 10,
};

static uintptr_t end_of_heap(void)
{
	return (uintptr_t)sbrk(0);
}

/* Memory that was freed stays in the heap up to as much as it began with. */
static void grow_in_large_steps(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, apart);
	(void)mallopt(M_TRIM_THRESHOLD, beginning);
	(void)mallopt(M_TOP_PAD, beginning);
}

void heap_begin(void)
{
	uintptr_t start = end_of_heap();
	void *volatile first; /* or the compiler leaves it out */

	start += -start % huge_page;
	if (sbrk((intptr_t)(start - end_of_heap())) == (void *)-1)
		return;
	grow_in_large_steps();
	first = malloc(1);
	(void)mallopt(M_TOP_PAD, usual_step);
	(void)madvise((void *)start, end_of_heap() - start, MADV_HUGEPAGE);
	free(first);
}

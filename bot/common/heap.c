/* The first megabytes of the heap. */
#include "bot/common/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	huge_page = 2 << 20,
	small_page = 4096,
	beginning = 8 * huge_page, /* what is not touched costs nothing */
	apart = 5 * huge_page,     /* a block so large is outside of the heap */
};

/* The compiler may leave malloc() and free() out where it sees both. */
static char *take(size_t n)
{
	char *volatile block = malloc(n);

	return block;
}

/* The next @n bytes that are allocated: they are taken and given back, and stay with the heap. */
static void prefer_huge_pages(size_t n)
{
	char *block = take(n);
	uintptr_t start = (uintptr_t)block / small_page * small_page;

	if (block)
		(void)madvise((void *)start, (uintptr_t)block + n - start, MADV_HUGEPAGE);
	free(block);
}

/* The heap begins with small pages just before where a huge one may be: one that is touched before
 * it is asked for stays small.  Of what is freed the heap keeps twice as much. */
void heap_begin(void)
{
	uintptr_t end = (uintptr_t)sbrk(0) + 2 * small_page;

	(void)sbrk((intptr_t)(-end % huge_page));
	(void)mallopt(M_TRIM_THRESHOLD, 2 * beginning);
	(void)mallopt(M_MMAP_THRESHOLD, 2 * beginning);
	prefer_huge_pages(beginning);
	(void)mallopt(M_MMAP_THRESHOLD, apart);
}

/* A thread's heap begins where a huge page does, with what it needs itself. */
void *heap_of_thread(size_t megabytes)
{
	void *passed_over = take(huge_page - small_page);

	prefer_huge_pages(megabytes << 20);
	return passed_over;
}

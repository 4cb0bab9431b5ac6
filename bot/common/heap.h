/* The memory with which the program begins. */
#ifndef TENSTEP_COMMON_HEAP_H
#define TENSTEP_COMMON_HEAP_H

#include <stddef.h>

/* The first megabytes of the heap come in huge pages, where the kernel gives such to who asks:
 * content takes 9 MB, and page by page that is some thousand faults.  To be called before anything
 * is allocated. */
void heap_begin(void);

/* The same for a thread that is about to read content: it has a heap of its own.  @megabytes: what
 * is not touched costs nothing.  What comes back is to be freed at its end. */
void *heap_of_thread(size_t megabytes);

#endif

/* Two heaps of bytes that change places: what is put in one while the other is read. */
#include "adapters/net/mailbox.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEPT = 1 << 20 }; /* of an empty heap; more came once, and may never again */

struct heap {
	char *p;
	size_t n, cap;
};

struct mailbox {
	pthread_mutex_t lock;
	struct heap coming; /* under the lock */
	size_t n_coming;    /* letters of it */
	struct heap read;   /* the reader's */
	struct loop_wake wake;
	letter_function *each;
	loop_function *after; /* NULL: nothing */
	void *self;
};

static void wakened(void *self)
{
	struct mailbox *mailbox = self;

	mailbox_empty(mailbox, NULL);
	if (mailbox->after)
		mailbox->after(mailbox->self);
}

struct mailbox *mailbox_new(
	struct loop *loop, letter_function *each, loop_function *after, void *self)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));

	assert(mailbox);
	if (pthread_mutex_init(&mailbox->lock, NULL))
		abort();
	mailbox->each = each;
	mailbox->after = after;
	mailbox->self = self;
	loop_wake_start(loop, &mailbox->wake, wakened, mailbox);
	return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
	if (!mailbox)
		return;
	loop_wake_stop(&mailbox->wake);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox->coming.p);
	free(mailbox->read.p);
	free(mailbox);
}

static char *grow(struct heap *heap, size_t n)
{
	char *at;

	if (n > heap->cap - heap->n) {
		heap->cap = (heap->cap + n) * 2;
		heap->p = realloc(heap->p, heap->cap);
		assert(heap->p);
	}
	at = heap->p + heap->n;
	heap->n += n;
	return at;
}

/* So that the next letter may stand behind. */
static size_t rounded(size_t n)
{
	return (n + _Alignof(struct letter) - 1) & ~(_Alignof(struct letter) - 1);
}

size_t mailbox_lay_parts(
	struct mailbox *mailbox, const struct letter *letter, const struct str *part, size_t n)
{
	struct letter head = *letter;
	size_t n_letters;
	char *at;

	head.text = (struct str){0};
	for (size_t i = 0; i < n; i++)
		head.text.n += part[i].n;
	pthread_mutex_lock(&mailbox->lock);
	n_letters = ++mailbox->n_coming;
	at = grow(&mailbox->coming, sizeof(head) + rounded(head.text.n));
	memcpy(at, &head, sizeof(head));
	at += sizeof(head);
	for (size_t i = 0; i < n; i++) {
		if (part[i].n)
			memcpy(at, part[i].p, part[i].n);
		at += part[i].n;
	}
	pthread_mutex_unlock(&mailbox->lock);
	return n_letters;
}

void mailbox_put_parts(
	struct mailbox *mailbox, const struct letter *letter, const struct str *part, size_t n)
{
	(void)mailbox_lay_parts(mailbox, letter, part, n);
	mailbox_knock(mailbox);
}

void mailbox_put(struct mailbox *mailbox, const struct letter *letter)
{
	mailbox_put_parts(mailbox, letter, &letter->text, 1);
}

void mailbox_knock(struct mailbox *mailbox)
{
	loop_wake_send(&mailbox->wake);
}

static void let_go(struct heap *heap)
{
	heap->n = 0;
	if (heap->cap <= MAX_KEPT)
		return;
	free(heap->p);
	*heap = (struct heap){0};
}

void mailbox_empty(struct mailbox *mailbox, letter_function *each)
{
	struct heap heap = mailbox->read;

	assert(!heap.n); /* not from inside */
	pthread_mutex_lock(&mailbox->lock);
	mailbox->read = mailbox->coming;
	mailbox->coming = heap;
	mailbox->n_coming = 0;
	pthread_mutex_unlock(&mailbox->lock);
	for (size_t at = 0; at < mailbox->read.n;) {
		struct letter *letter = (struct letter *)(void *)(mailbox->read.p + at);

		letter->text.p = (const char *)(letter + 1);
		at += sizeof(*letter) + rounded(letter->text.n);
		(each ? each : mailbox->each)(mailbox->self, letter);
	}
	let_go(&mailbox->read);
}

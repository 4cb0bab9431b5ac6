/* Letters from one thread to another: all of them, in order, as they were put. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/net/mailbox.h"

enum { LETTERS = 20000, MAX_TEXT = 300 };

struct reader {
	struct loop *loop;
	struct mailbox *mailbox;
	uint64_t read, afters;
};

/* The @i-th letter's text: its length and its letters tell which it is. */
static struct str text_of(char *to, uint64_t i)
{
	size_t n = i % MAX_TEXT;

	memset(to, 'a' + (int)(i % 26), n);
	return (struct str){to, n};
}

static void read_letter(void *self, const struct letter *letter)
{
	struct reader *reader = self;
	char text[MAX_TEXT];

	assert_int_equal(letter->number, reader->read);
	assert_int_equal(letter->kind, reader->read % 7);
	assert_ptr_equal(letter->to, reader);
	assert_string_equal(letter->more, "more");
	assert_true(str_eq(letter->text, text_of(text, reader->read)));
	if (++reader->read == LETTERS)
		loop_stop(reader->loop);
}

static void after(void *self)
{
	((struct reader *)self)->afters++;
}

static void *write_letters(void *self)
{
	struct reader *reader = self;
	char text[MAX_TEXT];

	for (uint64_t i = 0; i < LETTERS; i++) {
		struct letter letter = {i % 7, i, reader, "more", text_of(text, i)};
		struct str part[] = {str_sub(letter.text, 0, letter.text.n / 3), {NULL, 0},
			str_sub(letter.text, letter.text.n / 3, letter.text.n)};

		if (i % 2)
			mailbox_put(reader->mailbox, &letter);
		else
			mailbox_put_parts(reader->mailbox, &letter, part, 3);
	}
	return NULL;
}

static void open_reader(struct reader *reader)
{
	*reader = (struct reader){.loop = loop_new()};
	reader->mailbox = mailbox_new(reader->loop, read_letter, after, reader);
}

static void close_reader(struct reader *reader)
{
	mailbox_free(reader->mailbox);
	loop_free(reader->loop);
}

static void letters__of_another_thread_come_all_and_in_order(void **state)
{
	struct reader reader;
	pthread_t writer;

	(void)state;
	open_reader(&reader);
	assert_int_equal(pthread_create(&writer, NULL, write_letters, &reader), 0);
	loop_run(reader.loop);
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_int_equal(reader.read, LETTERS);
	assert_true(reader.afters > 0);
	close_reader(&reader);
}

static void *knock(void *mailbox)
{
	mailbox_knock(mailbox);
	return NULL;
}

static void stop(void *self)
{
	struct reader *reader = self;

	after(self);
	loop_stop(reader->loop);
}

static void knock__wakes_although_there_is_no_letter(void **state)
{
	struct reader reader = {.loop = loop_new()};
	pthread_t other;

	(void)state;
	reader.mailbox = mailbox_new(reader.loop, read_letter, stop, &reader);
	assert_int_equal(pthread_create(&other, NULL, knock, reader.mailbox), 0);
	loop_run(reader.loop);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_int_equal(reader.afters, 1);
	close_reader(&reader);
}

/* The loop has nothing to wake it but the knock. */
static void letters__that_were_laid_are_read_after_one_knock(void **state)
{
	struct reader reader = {.loop = loop_new()};

	(void)state;
	reader.mailbox = mailbox_new(reader.loop, read_letter, stop, &reader);
	for (uint64_t i = 0; i < 3; i++) {
		char text[MAX_TEXT];
		struct letter letter = {i % 7, i, &reader, "more", text_of(text, i)};

		assert_int_equal(
			mailbox_lay_parts(reader.mailbox, &letter, &letter.text, 1), i + 1);
	}
	mailbox_knock(reader.mailbox);
	loop_run(reader.loop);
	assert_int_equal(reader.read, 3);
	assert_int_equal(reader.afters, 1);
	close_reader(&reader);
}

static void letters__can_be_read_at_once_or_left(void **state)
{
	struct reader reader;

	(void)state;
	open_reader(&reader);
	mailbox_put(reader.mailbox, &(struct letter){.to = &reader, .more = "more"});
	mailbox_empty(reader.mailbox, NULL);
	assert_int_equal(reader.read, 1);
	assert_int_equal(reader.afters, 0);
	mailbox_put(reader.mailbox, &(struct letter){.kind = 99});
	close_reader(&reader);
	mailbox_free(NULL);
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(letters__of_another_thread_come_all_and_in_order),
		cmocka_unit_test(knock__wakes_although_there_is_no_letter),
		cmocka_unit_test(letters__that_were_laid_are_read_after_one_knock),
		cmocka_unit_test(letters__can_be_read_at_once_or_left),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}

/* Limits on guessing. */
#include "bot/app/shop_guess.h"

#include <stdlib.h>
#include <sys/random.h>

#include "bot/base/digest.h"

enum {
	max_digits = 40,
	window_s = 3600,
	misses_a_conversation = 5,
	misses_an_order = 20,
	misses_in_all = 2000, /* an hour: more than a shop's buyers ever mistype */
};

struct miss {
	struct digest who, number;
	int64_t at;
};

struct shop_guess {
	char salt[32]; /* names are not kept, and nobody can aim at another's entry */
	struct miss miss[misses_in_all];
	size_t next;
};

static struct digest name_of(const struct shop_guess *guess, struct str name)
{
	return digest_hmac((struct str){guess->salt, sizeof(guess->salt)}, name);
}

/* By its digits: a number that is written in another way is no other number. */
static struct digest number_of(const struct shop_guess *guess, struct str written)
{
	char digits[max_digits];
	size_t n = 0;

	for (size_t i = 0; i < written.n && n < max_digits; i++)
		if (written.p[i] >= '0' && written.p[i] <= '9')
			digits[n++] = written.p[i];
	return name_of(guess, (struct str){digits, n});
}

static struct str bytes_of(const struct digest *digest)
{
	return (struct str){(const char *)digest->byte, sizeof(digest->byte)};
}

bool shop_guess_allowed(struct shop_guess *guess, struct str who, struct str number, int64_t now_s)
{
	struct digest by_who = name_of(guess, who), by_number = number_of(guess, number);
	unsigned n_who = 0, n_number = 0, n = 0;

	for (size_t i = 0; i < misses_in_all; i++) {
		const struct miss *miss = &guess->miss[i];

		if (!miss->at || now_s - miss->at >= window_s)
			continue;
		n++;
		n_who += str_eq(bytes_of(&miss->who), bytes_of(&by_who));
		n_number += str_eq(bytes_of(&miss->number), bytes_of(&by_number));
	}
	return n < misses_in_all && n_who < misses_a_conversation && n_number < misses_an_order;
}

void shop_guess_missed(struct shop_guess *guess, struct str who, struct str number, int64_t now_s)
{
	guess->miss[guess->next] =
		(struct miss){name_of(guess, who), number_of(guess, number), now_s};
	guess->next = (guess->next + 1) % misses_in_all;
}

struct shop_guess *shop_guess_new(void)
{
	struct shop_guess *guess = calloc(1, sizeof *guess);

	if (!guess || getrandom(guess->salt, sizeof(guess->salt), 0) != sizeof(guess->salt))
		abort();
	return guess;
}

void shop_guess_free(struct shop_guess *guess)
{
	free(guess);
}

/* Limits on guessing. */
#include "bot/shop/shop_guess.h"

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

/* By its digits: a number that is written in another way is no other number.  What has none is
 * nobody's number, and counts for its conversation alone. */
static struct digest number_of(const struct shop_guess *guess, struct str who, struct str written)
{
	char digits[max_digits];
	size_t n = 0;

	for (size_t i = 0; i < written.n && n < max_digits; i++)
		if (written.p[i] >= '0' && written.p[i] <= '9')
			digits[n++] = written.p[i];
	return name_of(guess, n ? (struct str){digits, n} : who);
}

static struct str bytes_of(const struct digest *digest)
{
	return (struct str){(const char *)digest->byte, sizeof(digest->byte)};
}

static bool is_same(const struct digest *a, const struct digest *b)
{
	return str_eq(bytes_of(a), bytes_of(b));
}

static bool is_left(const struct shop_guess *guess, const struct miss *next)
{
	unsigned n_who = 0, n_number = 0, n = 0;

	for (size_t i = 0; i < misses_in_all; i++) {
		const struct miss *miss = &guess->miss[i];

		if (!miss->at || next->at - miss->at >= window_s)
			continue;
		n++;
		n_who += is_same(&miss->who, &next->who);
		n_number += is_same(&miss->number, &next->number);
	}
	return n < misses_in_all && n_who < misses_a_conversation && n_number < misses_an_order;
}

bool shop_guess_take(struct shop_guess *guess, struct str who, struct str number, int64_t now_s)
{
	struct miss next = {name_of(guess, who), number_of(guess, who, number), now_s};

	if (!is_left(guess, &next))
		return false;
	guess->miss[guess->next] = next;
	guess->next = (guess->next + 1) % misses_in_all;
	return true;
}

void shop_guess_give_back(struct shop_guess *guess, struct str who, struct str number)
{
	struct digest by_who = name_of(guess, who), by_number = number_of(guess, who, number);

	for (size_t i = 0; i < misses_in_all; i++) {
		/* From the newest on. */
		struct miss *miss =
			&guess->miss[(guess->next + 2 * misses_in_all - 1 - i) % misses_in_all];

		if (miss->at && is_same(&miss->who, &by_who) &&
			is_same(&miss->number, &by_number)) {
			miss->at = 0;
			return;
		}
	}
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

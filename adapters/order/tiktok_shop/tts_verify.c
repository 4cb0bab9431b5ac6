/* Proving a buyer by an order number and something that only the buyer knows; and what the shop
 * says of itself.  Limits on guessing are the caller's: they need a memory. */
#include "adapters/order/tiktok_shop/tts_parts.h"

#include <string.h>

#include "bot/base/text.h"

/* --- comparing --- */

/* As people mean it: case, accents, and a full stop at the end do not count. */
static struct str plain(struct arena *arena, struct str s)
{
	struct str text = text_normalise(arena, text_repaired(arena, s)).text;

	text = str_trim(text_unaccented(arena, text).text);
	while (text.n && (text.p[text.n - 1] == '.' || text.p[text.n - 1] == '!'))
		text.n--;
	return text;
}

/* The platform hides most of a buyer's data behind asterisks: what is hidden proves nothing. */
static bool is_hidden(struct str known)
{
	return !known.n || memchr(known.p, '*', known.n);
}

static bool is_phone_like(struct str fact)
{
	for (size_t i = 0; i < fact.n; i++)
		if (!((fact.p[i] >= '0' && fact.p[i] <= '9') || strchr(" -+().", fact.p[i])))
			return false;
	return true;
}

/* "(+1)213-***-1234": the last four are there. */
static bool is_phone(struct arena *arena, struct str fact, struct str phone)
{
	struct str given = text_digits(arena, fact);
	struct str tail = phone.n >= 4 ? str_sub(phone, phone.n - 4, 4) : (struct str){0};

	if (!is_phone_like(fact) || text_digits(arena, tail).n != 4)
		return false;
	if (given.n == 4)
		return str_eq(given, tail);
	return given.n >= 10 && !is_hidden(phone) && str_ends(text_digits(arena, phone), given);
}

static struct str without_blanks(struct arena *arena, struct str s)
{
	char *out = arena_alloc(arena, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ')
			out[n++] = s.p[i];
	return (struct str){out, n};
}

static bool is_postcode(struct arena *arena, struct str fact, struct str postcode)
{
	struct str given = without_blanks(arena, fact);
	struct str known = without_blanks(arena, plain(arena, postcode));
	struct str main_part = str_cut(&known, '-'), given_part = str_cut(&given, '-');

	return !is_hidden(postcode) && main_part.n >= 3 && str_eq(given_part, main_part) &&
	       given.n <= 4; /* 97214-3301 names a street in 97214 */
}

static bool is_mail(struct arena *arena, struct str fact, struct str mail)
{
	return !is_hidden(mail) && str_eq(fact, plain(arena, mail));
}

static bool is_name(struct arena *arena, struct str fact, const struct value *address)
{
	struct str full = value_get_text(address, "name");
	struct str family = value_get_text(address, "last_name");
	struct str words = plain(arena, full), last = words;

	while (str_find(last, S(" ")) >= 0)
		(void)str_cut(&last, ' ');
	return (!is_hidden(family) && str_eq(fact, plain(arena, family))) |
	       (!is_hidden(full) && last.n > 1 && (str_eq(fact, words) | str_eq(fact, last)));
}

static bool is_one_of(struct arena *arena, struct str fact, const struct value *order)
{
	const struct value *address = value_get(order, "recipient_address");

	return fact.n && (is_mail(arena, fact, value_get_text(order, "buyer_email")) |
				 is_phone(arena, fact, value_get_text(address, "phone_number")) |
				 is_postcode(arena, fact, value_get_text(address, "postal_code")) |
				 is_name(arena, fact, address));
}

/* What a sentence is about: the only word with an @, else the only one with digits, else the last:
 * one guess a message, never one a word. */
static bool has(struct str word, char from, char to)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] >= from && word.p[i] <= to)
			return true;
	return false;
}

struct detail {
	struct str word;
	unsigned n;
};

static void note_word(struct detail *detail, struct str word, bool fits)
{
	if (fits) {
		detail->word = word;
		detail->n++;
	}
}

static struct str detail_of(struct str fact)
{
	struct detail mail = {{0}, 0}, number = {{0}, 0}, last = {{0}, 0};

	while (fact.n) {
		struct str word = str_cut(&fact, ' ');
		bool is_mail_word = has(word, '@', '@');

		note_word(&mail, word, is_mail_word);
		note_word(&number, word, !is_mail_word && has(word, '0', '9'));
		note_word(&last, word, word.n);
	}
	if (mail.n)
		return mail.n == 1 ? mail.word : (struct str){0};
	if (number.n)
		return number.n == 1 ? number.word : (struct str){0};
	return last.word;
}

static bool proves(struct arena *arena, struct str written, const struct value *order)
{
	struct str fact = plain(arena, written);

	return is_one_of(arena, fact, order) | is_one_of(arena, detail_of(fact), order);
}

/* --- buyers.verify --- */

static enum tts_step no_match(struct tts_job *job, bool elsewhere)
{
	job->end.elsewhere = elsewhere;
	return tts_refuse(job, "no_match", S(TTS_NO_MATCH));
}

static struct str given_name(const struct value *order)
{
	const struct value *address = value_get(order, "recipient_address");
	struct str first = value_get_text(address, "first_name");
	struct str full = value_get_text(address, "name");

	if (!is_hidden(first))
		return first;
	return is_hidden(full) ? S("") : str_cut(&full, ' ');
}

static enum tts_step judge(struct tts_job *job)
{
	struct str buyer = tts_wire_text(job->arena, job->order, "user_id");
	struct str name = given_name(job->order);
	struct value_builder b = value_build(job->arena);

	if (!buyer.n || !proves(job->arena, tts_argument(job, "fact"), job->order))
		return no_match(job, false);
	value_put_text(&b, "id", buyer);
	if (name.n)
		value_put_text(&b, "name", name);
	return tts_done(job, value_record(&b));
}

/* An order that is not there answers like one whose second fact is wrong. */
enum tts_step tts_buyers_verify(struct tts_job *job)
{
	job->number = tts_number_of(job->arena, tts_argument(job, "order"));
	job->of_anybody = true;
	if (!job->number.n)
		return no_match(job, false);
	return tts_gather(job, WANT_ORDER, judge);
}

/* --- shop.info --- */

static void put(struct value_builder *b, const char *name, struct str text)
{
	if (text.n)
		value_put_text(b, name, text);
}

enum tts_step tts_shop_info(struct tts_job *job)
{
	const struct tts_about *about = &job->setup->about;
	struct value_builder b = value_build(job->arena);

	put(&b, "name", about->name);
	put(&b, "policy_cancel", about->policy_cancel);
	put(&b, "policy_refund", about->policy_refund);
	put(&b, "policy_return", about->policy_return);
	put(&b, "hours", about->hours);
	return tts_done(job, value_record(&b));
}

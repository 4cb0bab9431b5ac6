/* Numbers in JSON (RFC 8259, section 6), and what a double keeps of them. */
#include <stdlib.h>

#include "bot/base/json_scanner.h"

enum {
	max_number_length = json_number_length,
	max_decimal_exponent = 300,
};

static size_t skip_digits(struct json_scanner *s)
{
	size_t start = s->at;

	while (s->at < s->n && is_digit(s->p[s->at]))
		s->at++;
	return s->at - start;
}

/* What the digits of a number come to. */
struct number {
	size_t whole, fraction; /* digits before and after the point */
	size_t zeros;           /* of these, those before the first other digit */
	long exponent;
	bool is_whole; /* neither point nor exponent */
};

static size_t leading_zeros(struct str s)
{
	size_t zeros = 0;

	for (size_t i = 0; i < s.n && (s.p[i] == '0' || s.p[i] == '.'); i++)
		zeros += s.p[i] == '0';
	return zeros;
}

static long exponent_of(struct str digits, bool negative)
{
	long exponent = 0;

	for (size_t i = 0; i < digits.n && exponent < 100000; i++)
		exponent = exponent * 10 + (digits.p[i] - '0');
	return negative ? -exponent : exponent;
}

bool json_refuse_number(struct json_scanner *s, size_t start, struct str hint, const char *what)
{
	while (s->at < s->n &&
		(is_word_char(s->p[s->at]) || s->p[s->at] == '.' || s->p[s->at] == '+'))
		s->at++;
	return json_refuse(s, "J009", start, s->at - start, hint, "%s", what);
}

/* number = [-] (0 | 1-9 digits) [. digits] [e [+-] digits]   (RFC 8259, section 6) */
static bool scan_number_grammar(struct json_scanner *s, struct number *number)
{
	size_t start = s->at, digits;
	bool negative;

	*number = (struct number){.is_whole = true};
	s->at += at_char(s, '-');
	digits = s->at;
	number->whole = skip_digits(s);
	if (!number->whole)
		return json_refuse_number(s, start, S(""), "a number begins with a digit");
	if (number->whole > 1 && s->p[digits] == '0')
		return json_refuse_number(s, start, S("leave the zeros out, or make it a text"),
			"a number has no zeros in front");
	if (at_char(s, '.')) {
		s->at++;
		number->is_whole = false;
		number->fraction = skip_digits(s);
		if (!number->fraction)
			return json_refuse_number(
				s, start, S(""), "digits are missing after the point");
	}
	number->zeros = leading_zeros(slice(s, digits, s->at));
	if (at_char(s, 'e') || at_char(s, 'E')) {
		s->at++;
		number->is_whole = false;
		negative = at_char(s, '-');
		s->at += negative || at_char(s, '+');
		digits = s->at;
		if (!skip_digits(s))
			return json_refuse_number(
				s, start, S(""), "digits are missing in the exponent");
		number->exponent = exponent_of(slice(s, digits, s->at), negative);
	}
	if (s->at < s->n && (is_word_char(s->p[s->at]) || s->p[s->at] == '.'))
		return json_refuse_number(s, start,
			S("if it is meant as a text, put it in double quotes"),
			"this is not a number");
	return true;
}

bool json_scan_number(struct json_scanner *s, bool *big)
{
	size_t start = s->at, length, significant;
	struct number number;
	long magnitude;

	if (!scan_number_grammar(s, &number))
		return false;
	length = s->at - start;
	significant = number.whole + number.fraction - number.zeros;
	*big = number.is_whole && significant > json_most_digits && (s->flags & JSON_BIG_AS_TEXT);
	if (*big)
		return true;
	if (significant > json_most_digits || length > max_number_length)
		return json_refuse(s, "J010", start, length,
			S("put it in double quotes to keep all digits"),
			"this number has too many digits (at most %d)", json_most_digits);
	magnitude = (long)number.whole - (long)number.zeros + number.exponent;
	if (significant && labs(magnitude) > max_decimal_exponent)
		return json_refuse(s, "J010", start, length, S(""), "this number is too %s",
			magnitude > 0 ? "large" : "small");
	return true;
}

/* Money as decimal strings plus ISO 4217 code. */
#include "bot/base/money.h"

/* ISO 4217, list one: those that do not have two digits after the point. */
static const struct {
	const char *currency;
	unsigned digits;
} odd_currency[] = {
	{"BIF", 0}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"ISK", 0}, {"JPY", 0}, {"KMF", 0},
	{"KRW", 0}, {"PYG", 0}, {"RWF", 0}, {"UGX", 0}, {"UYI", 0}, {"VND", 0}, {"VUV", 0},
	{"XAF", 0}, {"XOF", 0}, {"XPF", 0}, {"BHD", 3}, {"IQD", 3}, {"JOD", 3}, {"KWD", 3},
	{"LYD", 3}, {"OMR", 3}, {"TND", 3}, {"CLF", 4}, {"UYW", 4},
};

/* Signs that name one currency and no other; "$" stands for the dollar of the first market. */
static const struct {
	const char *currency, *sign;
} sign_of[] = {
	{"USD", "$"}, {"GBP", "£"}, {"EUR", "€"}, {"JPY", "¥"},
};

unsigned money_digits(struct str currency)
{
	for (size_t i = 0; i < sizeof(odd_currency) / sizeof(*odd_currency); i++)
		if (str_eq_nocase(currency, str_of(odd_currency[i].currency)))
			return odd_currency[i].digits;
	return 2;
}

static size_t count_digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* Splits a plain decimal, [-] (0 | 1-9 digits) [. digits]; false if @s is none. */
static bool split(struct str s, bool *negative, struct str *whole, struct str *fraction)
{
	*negative = str_starts(s, S("-"));
	s = str_sub(s, *negative, s.n);
	*whole = str_sub(s, 0, count_digits(s));
	*fraction = (struct str){"", 0};
	if (!whole->n || (whole->n > 1 && whole->p[0] == '0'))
		return false;
	s = str_sub(s, whole->n, s.n);
	if (!s.n)
		return true;
	if (s.p[0] != '.')
		return false;
	*fraction = str_sub(s, 1, s.n);
	return fraction->n && count_digits(*fraction) == fraction->n;
}

static bool add_digit(uint64_t *amount, unsigned digit)
{
	return !__builtin_mul_overflow(*amount, 10, amount)
		&& !__builtin_add_overflow(*amount, digit, amount);
}

bool money_minor(struct str amount, struct str currency, int64_t *minor)
{
	size_t digits = money_digits(currency);
	uint64_t value = 0;
	struct str whole, fraction;
	bool negative;

	if (!split(amount, &negative, &whole, &fraction))
		return false;
	for (size_t i = 0; i < whole.n; i++)
		if (!add_digit(&value, (unsigned)(whole.p[i] - '0')))
			return false;
	for (size_t i = 0; i < digits; i++)
		if (!add_digit(&value, i < fraction.n ? (unsigned)(fraction.p[i] - '0') : 0))
			return false;
	for (size_t i = digits; i < fraction.n; i++)
		if (fraction.p[i] != '0')
			return false;
	if (value > (uint64_t)INT64_MAX + negative)
		return false;
	*minor = (int64_t)(negative ? 0 - value : value);
	return true;
}

static uint64_t magnitude(int64_t minor)
{
	return minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
}

static uint64_t power_of_ten(unsigned n)
{
	uint64_t power = 1;

	while (n--)
		power *= 10;
	return power;
}

static void add_fraction(uint64_t amount, unsigned digits, struct buf *out)
{
	if (digits)
		buf_addf(out, ".%0*llu", (int)digits,
			(unsigned long long)(amount % power_of_ten(digits)));
}

void money_plain(int64_t minor, struct str currency, struct buf *out)
{
	unsigned digits = money_digits(currency);
	uint64_t amount = magnitude(minor);

	buf_addf(out, "%s%llu", minor < 0 ? "-" : "",
		(unsigned long long)(amount / power_of_ten(digits)));
	add_fraction(amount, digits, out);
}

/* "1234567" -> "1,234,567". */
static void add_grouped(uint64_t whole, struct buf *out)
{
	uint64_t group = 1;

	while (whole / group >= 1000)
		group *= 1000;
	buf_addf(out, "%llu", (unsigned long long)(whole / group));
	for (group /= 1000; group; group /= 1000)
		buf_addf(out, ",%03llu", (unsigned long long)(whole / group % 1000));
}

void money_show(struct str amount, struct str currency, struct buf *out)
{
	unsigned digits = money_digits(currency);
	const char *sign = NULL;
	int64_t minor;

	if (!money_minor(amount, currency, &minor)) {
		buf_add(out, amount);
		return;
	}
	for (size_t i = 0; i < sizeof(sign_of) / sizeof(*sign_of); i++)
		if (str_eq_nocase(currency, str_of(sign_of[i].currency)))
			sign = sign_of[i].sign;
	buf_adds(out, minor < 0 ? "-" : "");
	buf_adds(out, sign);
	add_grouped(magnitude(minor) / power_of_ten(digits), out);
	add_fraction(magnitude(minor), digits, out);
	if (!sign && currency.n)
		buf_addf(out, " %.*s", STR(currency));
}

bool money_parse(struct str text, struct str *currency, int64_t *minor)
{
	long blank = str_find(text, S(" "));

	if (blank < 0)
		return false;
	*currency = str_sub(text, (size_t)blank + 1, text.n);
	for (size_t i = 0; i < currency->n; i++)
		if (currency->p[i] < 'A' || currency->p[i] > 'Z')
			return false;
	return currency->n == 3 && money_minor(str_sub(text, 0, (size_t)blank), *currency, minor) &&
	       *minor > 0;
}

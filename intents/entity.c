/* What a message names: order numbers, money, dates, e-mail, phone, ordinals, numbers. */
#include <string.h>

#include "bot/base/date.h"
#include "intents/message.h"

const char *const entity_name[] = {
	[ENTITY_ORDER_NUMBER] = "order_number",
	[ENTITY_ORDINAL] = "ordinal",
	[ENTITY_NUMBER] = "number",
	[ENTITY_MONEY] = "money",
	[ENTITY_DATE] = "date",
	[ENTITY_EMAIL] = "email",
	[ENTITY_PHONE] = "phone",
	[ENTITY_URL] = "url",
	[ENTITY_CAPTURE] = "capture",
};

bool entity_type_of(struct str name, unsigned *type)
{
	if (str_is(name, "order")) {
		*type = ENTITY_ORDER_NUMBER;
		return true;
	}
	for (unsigned i = 0; i < ENTITY_CAPTURE; i++)
		if (str_is(name, entity_name[i])) {
			*type = i;
			return true;
		}
	return false;
}

static void add(struct message *m, enum entity_type type, unsigned first, unsigned end,
	const struct value *value)
{
	struct entity *entity;
	uint32_t from = m->token[first].from, to = m->token[end - 1].to;

	if (m->n_entities == max_entities)
		return;
	m->entity_place[m->n_entities] = (struct entity_place){first, end};
	entity = &m->entity[m->n_entities++];
	*entity = (struct entity){
		.type = type,
		.name = str_of(entity_name[type]),
		.raw = str_sub(m->raw, from, to > from ? to - from : 0),
		.value = value,
	};
	for (unsigned i = first; i < end; i++)
		m->token[i].entity = true;
	m->mask |= lexicon_key_mask(type + 1);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t count_digits(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += is_digit(s.p[i]);
	return n;
}

static bool all_digits(struct str s)
{
	return s.n && count_digits(s) == s.n;
}

static bool free_at(const struct message *m, unsigned i)
{
	return i < m->n_tokens && !m->token[i].entity;
}

static bool has_flag(const struct message *m, unsigned i, uint32_t flag)
{
	return i < m->n_tokens && (m->token[i].flags & flag);
}

static int32_t word_value(const struct message *m, unsigned i)
{
	return lexicon_at(m->set->lexicon, m->token[i].word)->value;
}

/* --- e-mail, links --- */

static void find_addresses(struct message *m)
{
	for (unsigned i = 0; i < m->n_tokens; i++) {
		struct str text = m->token[i].text;

		if (m->token[i].plain || !text.n)
			continue;
		if (str_find(text, S("://")) > 0 || str_starts(text, S("www.")))
			add(m, ENTITY_URL, i, i + 1, value_text(m->arena, text));
		else if (memchr(text.p, '@', text.n))
			add(m, ENTITY_EMAIL, i, i + 1, value_text(m->arena, text));
	}
}

/* --- money --- */

/* "1,234.50" -> "1234.50"; false if it is no amount. */
static bool plain_amount(struct arena *arena, struct str s, struct str *out)
{
	char *p = arena_alloc(arena, s.n + 1);
	size_t n = 0, after_point = 0;
	bool point = false;

	if (!s.n || s.n > 15 || !is_digit(s.p[0]) || !is_digit(s.p[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == ',' && !point && s.n - i > 3 && all_digits(str_sub(s, i + 1, 3)))
			continue;
		if (c == '.' && !point)
			point = true;
		else if (!is_digit(c))
			return false;
		else
			after_point += point;
		p[n++] = c;
	}
	*out = (struct str){p, n};
	return after_point <= 2;
}

/* The currency that a word or sign names, or the empty slice. */
static struct str currency_of(const struct message *m, struct str text)
{
	uint32_t number = text.n ? lexicon_find(m->set->lexicon, text) : 0;
	const struct word *word;

	if (!number)
		return (struct str){0};
	word = lexicon_at(m->set->lexicon, number);
	if (!(word->flags & WORD_CURRENCY))
		return (struct str){0};
	return m->set->language.currency[word->value];
}

static void add_money(struct message *m, unsigned first, unsigned end, struct str amount,
	struct str currency)
{
	struct str plain;

	if (plain_amount(m->arena, amount, &plain))
		add(m, ENTITY_MONEY, first, end, value_money(m->arena, plain, currency));
}

static void find_money(struct message *m)
{
	for (unsigned i = 0; i < m->n_tokens; i++) {
		struct str text = m->token[i].text, currency;
		size_t head = 0, tail = 0;

		if (!m->token[i].digits || m->token[i].entity)
			continue;
		while (head < text.n && !is_digit(text.p[head]))
			head++;
		while (tail < text.n - head && !is_digit(text.p[text.n - 1 - tail]))
			tail++;
		currency = currency_of(m, str_sub(text, 0, head));
		if (!currency.n && tail)
			currency = currency_of(m, str_sub(text, text.n - tail, tail));
		text = str_sub(text, head, text.n - head - tail);
		if (currency.n)
			add_money(m, i, i + 1, text, currency);
		else if (!head && !tail && has_flag(m, i + 1, WORD_CURRENCY))
			add_money(m, i, i + 2, text, currency_of(m, m->token[i + 1].text));
		else if (!head && !tail && i && has_flag(m, i - 1, WORD_CURRENCY))
			add_money(m, i - 1, i + 1, text, currency_of(m, m->token[i - 1].text));
	}
}

/* --- ordinals and numbers --- */

static bool ordinal_of(const struct message *m, unsigned i, int64_t *out)
{
	struct str text = m->token[i].text;

	if (m->token[i].flags & WORD_ORDINAL) {
		*out = word_value(m, i);
		return true;
	}
	if (text.n < 3 || text.n > 5 || !all_digits(str_sub(text, 0, text.n - 2)))
		return false;
	if (!str_ends(text, S("st")) && !str_ends(text, S("nd")) && !str_ends(text, S("rd"))
		&& !str_ends(text, S("th")))
		return false;
	return str_int(str_sub(text, 0, text.n - 2), out);
}

static bool number_of(const struct message *m, unsigned i, int64_t *out)
{
	if (m->token[i].flags & WORD_NUMBER) {
		*out = word_value(m, i);
		return true;
	}
	return m->token[i].digits && m->token[i].text.n <= 9 && str_int(m->token[i].text, out);
}

static void find_numbers(struct message *m)
{
	for (unsigned i = 0; i < m->n_tokens; i++) {
		int64_t number;

		if (m->token[i].entity)
			continue;
		if (ordinal_of(m, i, &number))
			add(m, ENTITY_ORDINAL, i, i + 1, value_int(m->arena, number));
		else if (!(m->token[i].flags & WORD_STOP) && number_of(m, i, &number))
			add(m, ENTITY_NUMBER, i, i + 1, value_int(m->arena, number));
	}
}

/* --- dates --- */

enum { day_seconds = 24 * 3600 };

static void add_date(struct message *m, unsigned first, unsigned end, struct date date)
{
	date.hour = date.minute = date.second = 0;
	add(m, ENTITY_DATE, first, end, value_int(m->arena, date_unix(date)));
}

static void add_days_from_now(struct message *m, unsigned first, unsigned end, int64_t days)
{
	add_date(m, first, end, date_of(m->context->now + days * day_seconds));
}

/* The 1st to 31st as "3" or "3rd". */
static bool day_of_month(const struct message *m, unsigned i, unsigned *day)
{
	int64_t n;

	if (!free_at(m, i) || !m->token[i].digits
		|| (!number_of(m, i, &n) && !ordinal_of(m, i, &n)) || n < 1 || n > 31)
		return false;
	*day = (unsigned)n;
	return true;
}

static bool year_at(const struct message *m, unsigned i, int64_t *year)
{
	return free_at(m, i) && m->token[i].text.n == 4 && number_of(m, i, year) && *year >= 1990
		&& *year <= 2100;
}

/* A date without a year is the last such day: buyers speak of what they ordered. */
static void add_day(struct message *m, unsigned first, unsigned end, unsigned month, unsigned day)
{
	struct date date = date_of(m->context->now);
	int64_t year;

	date.month = month;
	date.day = day;
	if (year_at(m, end, &year)) {
		date.year = year;
		end++;
	} else if (date_unix(date) > m->context->now + day_seconds) {
		date.year--;
	}
	add_date(m, first, end, date);
}

/* "2025-03-01", "3/12/2025", "3/12". */
static bool find_written_date(struct message *m, unsigned i)
{
	struct str text = m->token[i].text, rest = text, part[3];
	int64_t n[3] = {0}, unix_seconds;
	struct date date = date_of(m->context->now);
	size_t parts = 0;

	if (text.n == 10 && date_parse(text, &unix_seconds)) {
		add_date(m, i, i + 1, date_of(unix_seconds));
		return true;
	}
	while (rest.n && parts < 3) {
		part[parts] = str_cut(&rest, '/');
		if (!str_int(part[parts], &n[parts]))
			return false;
		parts++;
	}
	if (rest.n || parts < 2 || n[0] < 1 || n[1] < 1 || n[0] > 31 || n[1] > 31
		|| (n[0] > 12 && n[1] > 12))
		return false;
	date.month = (unsigned)(n[0] > 12 ? n[1] : n[0]);
	date.day = (unsigned)(n[0] > 12 ? n[0] : n[1]);
	if (parts == 3)
		date.year = n[2] < 100 ? 2000 + n[2] : n[2];
	else if (date_unix(date) > m->context->now + day_seconds)
		date.year--;
	if (date.year > 2100 || date.year < 1990)
		return false;
	add_date(m, i, i + 1, date);
	return true;
}

/* The last such day of the week; with "next" before it the coming one. */
static void add_weekday(struct message *m, unsigned i)
{
	int64_t today = date_of(m->context->now).weekday;
	int64_t back = (today - word_value(m, i) + 7) % 7;
	bool next = i && str_is(m->token[i - 1].text, "next");

	add_days_from_now(m, i, i + 1, next ? 7 - back : back ? -back : -7);
}

static void find_date_at(struct message *m, unsigned i)
{
	uint32_t flags = m->token[i].flags;
	unsigned day;
	int64_t n;

	if (m->token[i].digits && find_written_date(m, i))
		return;
	if (flags & WORD_DAY) {
		add_days_from_now(m, i, i + 1, word_value(m, i));
	} else if ((flags & WORD_MONTH) && day_of_month(m, i + 1, &day)) {
		add_day(m, i, i + 2, (unsigned)word_value(m, i), day);
	} else if (day_of_month(m, i, &day) && has_flag(m, i + 1, WORD_MONTH)) {
		add_day(m, i, i + 2, (unsigned)word_value(m, i + 1), day);
	} else if (day_of_month(m, i, &day) && has_flag(m, i + 2, WORD_MONTH)
		&& str_is(m->token[i + 1].text, "of")) {
		add_day(m, i, i + 3, (unsigned)word_value(m, i + 2), day);
	} else if (number_of(m, i, &n) && has_flag(m, i + 1, WORD_UNIT)
		&& has_flag(m, i + 2, WORD_AGO)) {
		add_days_from_now(m, i, i + 3, -n * word_value(m, i + 1));
	} else if ((flags & WORD_ORDINAL) && word_value(m, i) == -1
		&& has_flag(m, i + 1, WORD_UNIT)) {
		add_days_from_now(m, i, i + 2, -word_value(m, i + 1));
	} else if ((flags & WORD_WEEKDAY) && m->token[i].text.n > 3) {
		add_weekday(m, i);
	}
}

static void find_dates(struct message *m)
{
	for (unsigned i = 0; i < m->n_tokens; i++)
		if (!m->token[i].entity
			&& (m->token[i].digits
				|| (m->token[i].flags & (WORD_TIMED | WORD_ORDINAL | WORD_NUMBER))))
			find_date_at(m, i);
}

/* --- phone --- */

static bool phone_bytes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && !strchr("+-.", s.p[i]))
			return false;
	return true;
}

static bool after_order_word(const struct message *m, unsigned i)
{
	unsigned back = 0;

	for (; i && back < 3; back++) {
		i--;
		if (m->token[i].flags & WORD_ORDER)
			return true;
		if (!(m->token[i].flags & WORD_STOP))
			return false;
	}
	return false;
}

static const struct value *phone_value(struct message *m, unsigned first, unsigned end)
{
	char digits[32];
	size_t n = 0;

	for (unsigned i = first; i < end; i++) {
		struct str text = m->token[i].text;

		for (size_t k = 0; k < text.n && n < sizeof(digits); k++)
			if (is_digit(text.p[k]) || (text.p[k] == '+' && !n))
				digits[n++] = text.p[k];
	}
	return value_text(m->arena, (struct str){digits, n});
}

/* "+1 415 555 2671", "415-555-2671", "(415) 555-2671". */
static void find_phones(struct message *m)
{
	for (unsigned i = 0; i < m->n_tokens; i++) {
		bool plus = m->token[i].text.n && m->token[i].text.p[0] == '+';
		size_t digits = 0;
		unsigned end = i;

		for (; end < m->n_tokens && end < i + 5; end++) {
			struct str text = m->token[end].text;

			if (!free_at(m, end) || !m->token[end].digits || !phone_bytes(text)
				|| m->token[end].sentence != m->token[i].sentence
				|| digits + count_digits(text) > 15)
				break;
			digits += count_digits(text);
		}
		if (digits < (plus ? 7u : 10u) || m->token[i].hash || after_order_word(m, i))
			continue;
		add(m, ENTITY_PHONE, i, end, phone_value(m, i, end));
		i = end - 1;
	}
}

/* --- order numbers --- */

static bool order_bytes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '-')
			return false;
	return s.n >= 3 && s.n <= 32 && is_digit(s.p[s.n - 1]);
}

static bool looks_like_year(struct str s)
{
	int64_t n;

	return s.n == 4 && str_int(s, &n) && n >= 1990 && n <= 2040;
}

static bool is_order_number(const struct message *m, unsigned i)
{
	struct str text = m->token[i].text;
	size_t digits = count_digits(text);

	if (!order_bytes(text))
		return false;
	if (m->token[i].hash || after_order_word(m, i))
		return true;
	if (looks_like_year(text))
		return false;
	if (digits == text.n)
		return digits >= 4;
	return digits >= 3 && text.p[0] >= 'a' && text.p[0] <= 'z';
}

static struct str upper_copy(struct arena *arena, struct str s)
{
	char *p = arena_alloc(arena, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i];
	return (struct str){p, s.n};
}

/* A bare row of ten to fifteen digits may be either; what the question was decides. */
static void find_order_numbers(struct message *m)
{
	for (unsigned i = 0; i < m->n_tokens; i++) {
		struct str text = m->token[i].text;
		bool maybe_phone = m->token[i].entity && all_digits(text) && text.n >= 10;

		if (!m->token[i].digits || (m->token[i].entity && !maybe_phone))
			continue;
		if (is_order_number(m, i))
			add(m, ENTITY_ORDER_NUMBER, i, i + 1,
				value_text(m->arena, upper_copy(m->arena, text)));
	}
}

void entities_find(struct message *m)
{
	uint32_t flags = 0;

	for (unsigned i = 0; i < m->n_tokens; i++)
		flags |= m->token[i].flags;
	m->flags = flags;
	if (m->any_at)
		find_addresses(m);
	if (m->any_digits)
		find_money(m);
	if (m->any_digits || (flags & WORD_TIMED))
		find_dates(m);
	if (m->any_digits) {
		find_phones(m);
		find_order_numbers(m);
	}
	if (m->any_digits || (flags & (WORD_ORDINAL | WORD_NUMBER)))
		find_numbers(m);
}

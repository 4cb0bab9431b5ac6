/* The kinds of values: one function each that reads, checks and keeps. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/base/date.h"
#include "bot/base/money.h"
#include "bot/base/text.h"
#include "bot/common/log.h"
#include "bot/common/web_name.h"
#include "bot/config/config_field.h"

#define ZONES "/usr/share/zoneinfo/"

enum { max_items = 100 };

/* A finding at the value. */
#define wrong(r, node, code, hint, ...)                                                            \
	json_error((r)->diags, (r)->doc, (node), (code), (hint), __VA_ARGS__)

typedef void read_function(
	struct config_reading *r, const struct config_field *f, const struct json *node);

static void *place_of(struct config_reading *r, const struct config_field *f)
{
	return (char *)(r->base ? r->base : r->config) + f->at;
}

static void keep_text(struct config_reading *r, const struct config_field *f, struct str text)
{
	*(struct str *)place_of(r, f) = arena_str(r->arena, text);
}

/* None is negative, so that signed and unsigned members hold it alike. */
static void keep_number(struct config_reading *r, const struct config_field *f, int64_t number)
{
	int32_t narrow = (int32_t)number;

	if (f->size == sizeof(narrow))
		memcpy(place_of(r, f), &narrow, sizeof(narrow));
	else
		memcpy(place_of(r, f), &number, sizeof(number));
}

/* --- numbers, durations, words --- */

static void read_number(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	int64_t number;

	if (!json_int(node, &number) || number < f->min || number > f->max)
		wrong(r, node, "G004", S(""), "'%s' is a whole number from %lld to %lld", f->name,
			(long long)f->min, (long long)f->max);
	else
		keep_number(r, f, number);
}

static void read_switch(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	*(bool *)place_of(r, f) = json_bool(node);
}

static const struct str level_word[] = {
	[LOG_DEBUG] = S("debug"),
	[LOG_INFO] = S("info"),
	[LOG_WARNING] = S("warning"),
	[LOG_ERROR] = S("error"),
};
enum { n_levels = sizeof(level_word) / sizeof(*level_word) };

static void read_level(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	struct str hint = diag_nearest(r->arena, json_text(node), level_word, n_levels);

	for (int i = 0; i < n_levels; i++)
		if (str_eq(json_text(node), level_word[i])) {
			keep_number(r, f, i);
			return;
		}
	wrong(r, node, "G013", hint.n ? hint : S("debug, info, warning or error"),
		"unknown level '%.*s'", STR(json_text(node)));
}

static void read_duration(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	int64_t ms;
	struct buf range;

	if (f->kind == KIND_SECONDS && str_is(json_text(node), "never")) {
		keep_number(r, f, 0);
		return;
	}
	if (!date_duration_ms(json_text(node), &ms)) {
		wrong(r, node, "G012", S("a number and its unit, like '30s', '15m', '8h'"),
			"'%.*s' is no duration", STR(json_text(node)));
		return;
	}
	if (ms >= f->min && ms <= f->max) {
		keep_number(r, f, f->kind == KIND_SECONDS ? ms / 1000 : ms);
		return;
	}
	buf_init(&range, 200);
	config_kind_show(f, &range);
	wrong(r, node, "G004", S(""), "'%s' is %.*s", f->name, STR(buf_str(&range)));
	buf_release(&range);
}

/* --- texts --- */

/* Texts are shown to buyers: whole lines without controls. */
static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7F)
			return true;
	return false;
}

static void read_text(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	struct str text = json_text(node);

	if (has_control(text))
		wrong(r, node, "G005", S("one line without control characters"),
			"'%s' has a line end, a tab or another control character", f->name);
	else if (!str_trim(text).n)
		wrong(r, node, "G005", S("leave the key away to have the usual text"),
			"'%s' is empty", f->name);
	else if (text_length(text) > (size_t)f->max)
		wrong(r, node, "G005", S(""), "'%s' has %zu characters; at most %lld fit", f->name,
			text_length(text), (long long)f->max);
	else
		keep_text(r, f, text);
}

static void read_colour(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	struct str text = json_text(node);
	bool good = text.n == 7 && text.p[0] == '#';

	for (size_t i = 1; good && i < text.n; i++)
		good = strchr("0123456789abcdefABCDEF", text.p[i]) != NULL;
	if (good)
		keep_text(r, f, text);
	else
		wrong(r, node, "G008", S("'#' and six hexadecimal digits, like '#1d4ed8'"),
			"'%.*s' is no colour", STR(text));
}

/* --- places on the web --- */

static void read_address(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	const char *fault = address_fault(json_text(node));

	if (fault)
		wrong(r, node, "G006", str_of(fault), "'%.*s' is no address", STR(json_text(node)));
	else
		keep_text(r, f, json_text(node));
}

/* The URL may hold a secret (many services' do): it is not repeated. */
static void read_hook_url(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	const char *fault = hook_url_fault(json_text(node));

	if (fault)
		wrong(r, node, "G011", str_of(fault), "the URL of '%s' cannot be used", f->name);
	else
		keep_text(r, f, json_text(node));
}

static const char *amount_fault(struct str text)
{
	struct str currency;
	int64_t minor;

	return money_parse(text, &currency, &minor)
		       ? NULL
		       : "a decimal above 0 and its currency, like '100.00 USD'";
}

/* The wire words of flows/OPERATIONS.md. */
static const char *status_fault(struct str text)
{
	static const char *const word[] = {"UNPAID", "ON_HOLD", "AWAITING_SHIPMENT",
		"PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED",
		"CANCELLED"};

	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		if (str_is(text, word[i]))
			return NULL;
	return "UNPAID, ON_HOLD, AWAITING_SHIPMENT, PARTIALLY_SHIPPING, AWAITING_COLLECTION, "
	       "IN_TRANSIT, DELIVERED, COMPLETED or CANCELLED";
}

/* As the platform writes them: ISO 3166-1 alpha-2. */
static const char *market_fault(struct str text)
{
	bool two = text.n == 2 && text.p[0] >= 'A' && text.p[0] <= 'Z' && text.p[1] >= 'A' &&
		   text.p[1] <= 'Z';

	return two ? NULL : "the two capital letters of a country, like 'US' or 'GB'";
}

/* A list of what; with what finding. */
static const struct item_kind {
	enum config_kind list;
	const char *(*fault)(struct str text);
	const char *code, *noun;
} item_kind[] = {
	{KIND_ORIGINS, origin_fault, "G007", "origin"},
	{KIND_ADDRESSES, address_fault, "G006", "address"},
	{KIND_AMOUNTS, amount_fault, "G031", "amount"},
	{KIND_STATUSES, status_fault, "G033", "state of an order"},
	{KIND_MARKETS, market_fault, "G034", "market"},
};

static const struct item_kind *kind_of_items(const struct config_field *f)
{
	size_t i = 0;

	while (item_kind[i].list != f->kind)
		i++;
	return &item_kind[i];
}

static bool item_is_good(struct config_reading *r, const struct config_field *f,
	const struct json *item, const struct str *before, size_t n_before)
{
	const struct item_kind *of = kind_of_items(f);
	struct str text = json_text(item);
	const char *fault;

	if (!json_is(item, JSON_TEXT)) {
		wrong(r, item, "G002", S(""), "'%s' is a list of texts, and this is %s", f->name,
			json_type_name(json_type(item)));
		return false;
	}
	fault = of->fault(text);
	if (fault) {
		wrong(r, item, of->code, str_of(fault), "'%.*s' is no %s", STR(text), of->noun);
		return false;
	}
	for (size_t i = 0; i < n_before; i++)
		if (str_eq(before[i], text)) {
			wrong(r, item, "G023", S(""), "'%.*s' is there twice", STR(text));
			return false;
		}
	return true;
}

static void read_list(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	struct str *list = arena_array(r->arena, struct str, json_count(node) + 1);
	size_t n = 0;

	if (json_count(node) > max_items) {
		wrong(r, node, "G023", S(""), "'%s' has %zu entries; at most %d are taken", f->name,
			json_count(node), max_items);
		return;
	}
	for (const struct json *item = json_first(node); item; item = json_next(item))
		if (item_is_good(r, f, item, list, n))
			list[n++] = arena_str(r->arena, json_text(item));
	*(const struct str **)place_of(r, f) = list;
	memcpy((char *)r->config + f->size, &n, sizeof(n));
}

/* --- files --- */

/* Where systemd puts what LoadCredential= names. */
static const char *credentials_for(struct str name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	return folder && *folder && name.n && name.p[0] != '/' ? folder : NULL;
}

static const char *path_of(struct config_reading *r, struct str name)
{
	const char *credentials = credentials_for(name);

	if (name.n && name.p[0] == '/')
		return arena_cstr(r->arena, name);
	if (credentials)
		return arena_printf(r->arena, "%s/%.*s", credentials, STR(name)).p;
	return arena_printf(r->arena, "%.*s/%.*s", STR(r->folder), STR(name)).p;
}

static bool is_path(struct config_reading *r, const struct config_field *f, const struct json *node)
{
	struct str name = json_text(node);

	if (name.n && !has_control(name))
		return true;
	wrong(r, node, "G005", S(""), "'%s' names no file", f->name);
	return false;
}

/* systemd's own files are guarded by their folder and by an access list, which shows as rights of
 * the group. */
static void warn_open_file(
	struct config_reading *r, const struct json *node, const char *path, struct str name)
{
	if (!credentials_for(name) && secret_file_is_open(path))
		diag_add(r->diags, DIAG_WARNING, "G018", json_source(r->doc),
			json_where(r->doc, node).offset, json_where(r->doc, node).length,
			S("chmod 600"), "others than its owner may use the file '%.*s'", STR(name));
}

/* 0 or the error number. */
static int try_file(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int error = 0;

	if (descriptor < 0)
		return errno;
	if (fstat(descriptor, &st) < 0)
		error = errno;
	else if (S_ISDIR(st.st_mode))
		error = EISDIR;
	close(descriptor);
	return error;
}

static void read_file(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	const char *path;
	int error;

	if (!is_path(r, f, node))
		return;
	path = path_of(r, json_text(node));
	error = try_file(path);
	if (error) {
		wrong(r, node, "G021", S(""), "cannot read '%.*s': %s", STR(json_text(node)),
			strerror(error));
		return;
	}
	if (f->kind == KIND_KEY_FILE)
		warn_open_file(r, node, path, json_text(node));
	keep_text(r, f, str_of(path));
}

/* --- secrets --- */

static bool is_variable(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", name.p[i]) || !name.p[i])
			return false;
	return name.n && (name.p[0] < '0' || name.p[0] > '9');
}

/* Leaves one line about what is wrong, or nothing. */
static void secret_from(
	struct config_reading *r, const struct json *source, struct secret *secret, struct buf *why)
{
	bool good;

	if (str_is(json_key(source), "env"))
		good = secret_from_variable(
			arena_cstr(r->arena, json_text(source)), r->arena, secret, why);
	else
		good = secret_from_file(path_of(r, json_text(source)), r->arena, secret, why);
	if (!good)
		secret->bytes = (struct str){0};
}

static bool is_visible(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] >= 0x7F)
			return false;
	return true;
}

/* There, and not to be read. */
static bool is_kept_from_us(struct config_reading *r, const struct json *source)
{
	const char *path = path_of(r, json_text(source));

	return str_is(json_key(source), "file") && access(path, F_OK) == 0 && access(path, R_OK);
}

static void take_secret(
	struct config_reading *r, const struct config_field *f, const struct json *source)
{
	struct secret secret = {{0}};
	struct buf why;

	buf_init(&why, 500);
	secret_from(r, source, &secret, &why);
	if (why.n)
		wrong(r, source, "G016",
			is_kept_from_us(r, source)
				? S("it has to be readable for the user that the server runs as; "
				    "with systemd: LoadCredential=")
				: S("openssl rand -base64 32 makes a good one"),
			"the secret '%s.%s' cannot be taken from '%.*s': %.*s", f->section, f->name,
			STR(json_text(source)), STR(buf_str(&why)));
	else if (f->kind == KIND_TOKEN && !is_visible(secret.bytes))
		wrong(r, source, "G017", S("letters, digits and signs of ASCII, without blanks"),
			"the secret '%s.%s' has a blank or another byte that a header cannot hold",
			f->section, f->name);
	else
		*(struct secret *)place_of(r, f) = secret;
	buf_release(&why);
	if (secret.bytes.n && str_is(json_key(source), "file"))
		warn_open_file(r, source, path_of(r, json_text(source)), json_text(source));
}

static void read_secret(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	static const struct str hint = S("{\"file\": PATH} or {\"env\": NAME}");
	const struct json *source = json_first(node);

	if (json_is(node, JSON_TEXT)) {
		wrong(r, node, "G014", hint,
			"the secret '%s.%s' stands in this file, where backups and colleagues find "
			"it",
			f->section, f->name);
		return;
	}
	if (json_count(node) != 1 || !json_is(source, JSON_TEXT) ||
		(!str_is(json_key(source), "file") && !str_is(json_key(source), "env"))) {
		wrong(r, node, "G015", hint, "the secret '%s.%s' is not told in the right form",
			f->section, f->name);
		return;
	}
	if (str_is(json_key(source), "env") && !is_variable(json_text(source)))
		wrong(r, source, "G015", S("capital letters, digits and '_'"),
			"this is not the name of a variable of the environment");
	else if (str_is(json_key(source), "env") || is_path(r, f, source))
		take_secret(r, f, source);
}

/* --- when somebody is there --- */

/* The file begins with "TZif" (RFC 8536); a name with ".." would leave the folder. */
static bool is_timezone(struct config_reading *r, struct str name)
{
	char magic[4] = {0};
	ssize_t n = 0;
	int descriptor;

	if (!name.n || name.p[0] == '/' || has_control(name) || str_find(name, S("..")) >= 0)
		return false;
	descriptor = open(arena_printf(r->arena, ZONES "%.*s", STR(name)).p, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return false;
	n = read(descriptor, magic, sizeof(magic));
	close(descriptor);
	return n == sizeof(magic) && memcmp(magic, "TZif", sizeof(magic)) == 0;
}

static void read_timezone(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	if (is_timezone(r, json_text(node)))
		keep_text(r, f, json_text(node));
	else
		wrong(r, node, "G010",
			access(ZONES, F_OK) == 0
				? S("a name of the tz database, like 'Europe/Berlin'")
				: S("this machine has no time zones: the package is tzdata"),
			"unknown time zone '%.*s'", STR(json_text(node)));
}

static bool read_day(struct config_reading *r, const struct json *node, struct opening *hours)
{
	int day = opening_weekday(json_key(node));

	if (day < 0)
		json_error_key(r->diags, r->doc, node, "G003",
			diag_nearest(r->arena, json_key(node), opening_weekday_name, 7),
			"unknown weekday '%.*s'", STR(json_key(node)));
	else if (!json_is(node, JSON_TEXT) || !opening_read(json_text(node), &hours[day]))
		wrong(r, node, "G009",
			S("from-to of one day, like '09:00-18:00' or '00:00-24:00', or 'closed'"),
			"these are no opening hours");
	else
		return hours[day].from < hours[day].to;
	return false;
}

static void read_hours(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	size_t n_errors = r->diags->n_errors;
	bool any = false;

	for (const struct json *day = json_first(node); day; day = json_next(day))
		any = read_day(r, day, place_of(r, f)) || any;
	if (!any && r->diags->n_errors == n_errors)
		wrong(r, node, "G009", S("without 'hours' somebody is there at all times"),
			"by these hours nobody is ever there");
	r->config->has_hours = true;
}

static void read_span(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	struct opening span;

	if (opening_read_span(json_text(node), &span))
		*(struct opening *)place_of(r, f) = span;
	else
		wrong(r, node, "G009", S("from-to, like '22:00-08:00'; not all day"),
			"'%s' is no time of the day", f->name);
}

/* --- the table --- */

static const struct {
	const char *shown;
	enum json_type type;
	read_function *read;
	bool secret;
} kind[n_config_kinds] = {
	[KIND_NUMBER] = {"a whole number", JSON_NUMBER, read_number, false},
	[KIND_SWITCH] = {"true or false", JSON_BOOL, read_switch, false},
	[KIND_TEXT] = {"a text", JSON_TEXT, read_text, false},
	[KIND_LEVEL] = {"\"debug\", \"info\", \"warning\" or \"error\"", JSON_TEXT, read_level,
		false},
	[KIND_MS] = {"a duration", JSON_TEXT, read_duration, false},
	[KIND_SECONDS] = {"\"never\" or a duration", JSON_TEXT, read_duration, false},
	[KIND_ADDRESS] = {"an IP address", JSON_TEXT, read_address, false},
	[KIND_ADDRESSES] = {"a list of IP addresses", JSON_ARRAY, read_list, false},
	[KIND_ORIGINS] = {"a list of origins", JSON_ARRAY, read_list, false},
	[KIND_HOOK_URL] = {"a URL, https://…", JSON_TEXT, read_hook_url, true},
	[KIND_COLOUR] = {"\"#rrggbb\"", JSON_TEXT, read_colour, false},
	[KIND_FILE] = {"a file", JSON_TEXT, read_file, false},
	[KIND_KEY_FILE] = {"a file", JSON_TEXT, read_file, false},
	[KIND_SECRET] = {"a secret", JSON_OBJECT, read_secret, true},
	[KIND_TOKEN] = {"a secret", JSON_OBJECT, read_secret, true},
	[KIND_TIMEZONE] = {"a time zone", JSON_TEXT, read_timezone, false},
	[KIND_HOURS] = {"an object of hours by weekday", JSON_OBJECT, read_hours, false},
	[KIND_SPAN] = {"a time of the day, from-to", JSON_TEXT, read_span, false},
	[KIND_AMOUNTS] = {"a list of amounts, like \"100.00 USD\"", JSON_ARRAY, read_list, false},
	[KIND_STATUSES] = {"a list of states of orders", JSON_ARRAY, read_list, false},
	[KIND_MARKETS] = {"a list of countries, like \"US\"", JSON_ARRAY, read_list, false},
};

bool config_kind_is_secret(enum config_kind which)
{
	return kind[which].secret;
}

void config_kind_show(const struct config_field *f, struct buf *out)
{
	buf_adds(out, kind[f->kind].shown);
	if (f->kind == KIND_TEXT)
		buf_addf(out, " of at most %lld characters", (long long)f->max);
	if (f->kind == KIND_NUMBER)
		buf_addf(out, ", %lld to %lld", (long long)f->min, (long long)f->max);
	if (f->kind == KIND_MS || f->kind == KIND_SECONDS) {
		buf_adds(out, ", ");
		date_duration_show(f->min, out);
		buf_adds(out, " to ");
		date_duration_show(f->max, out);
	}
}

void config_value_read(
	struct config_reading *r, const struct config_field *f, const struct json *node)
{
	/* A secret in plain text has a finding of its own. */
	if (!json_is(node, kind[f->kind].type) &&
		!(kind[f->kind].read == read_secret && json_is(node, JSON_TEXT)))
		wrong(r, node, "G002", S(""), "'%s' is %s, and this is %s", f->name,
			kind[f->kind].shown, json_type_name(json_type(node)));
	else
		kind[f->kind].read(r, f, node);
}

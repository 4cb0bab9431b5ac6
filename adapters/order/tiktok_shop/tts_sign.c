/* Signatures of the TikTok Shop Open Platform. */
#include "adapters/order/tiktok_shop/tts_sign.h"

#include <stdlib.h>

static bool is_signed(const struct tts_param *param)
{
	static const char *const unsigned_name[] = {"sign", "access_token", "x-tts-access-token"};

	for (size_t i = 0; i < sizeof(unsigned_name) / sizeof(*unsigned_name); i++)
		if (str_is(param->name, unsigned_name[i]))
			return false;
	return true;
}

/* By name; a name that stands twice by value, so that the order of arrival does not matter. */
static int compare(const void *a, const void *b)
{
	const struct tts_param *x = a, *y = b;
	int by_name = str_cmp(x->name, y->name);

	return by_name ? by_name : str_cmp(x->value, y->value);
}

/* The caller frees it; NULL when there is none. */
static struct tts_param *sorted(const struct tts_param *param, size_t n, size_t *n_sorted)
{
	struct tts_param *copy = n ? calloc(n, sizeof(*copy)) : NULL;

	if (n && !copy)
		abort();
	*n_sorted = 0;
	for (size_t i = 0; i < n; i++)
		if (is_signed(&param[i]))
			copy[(*n_sorted)++] = param[i];
	if (*n_sorted)
		qsort(copy, *n_sorted, sizeof(*copy), compare);
	return copy;
}

static size_t length_of(const struct tts_param *param, size_t n)
{
	size_t length = 0;

	for (size_t i = 0; i < n; i++)
		length += param[i].name.n + param[i].value.n;
	return length;
}

void tts_sign(struct str secret, struct str path, const struct tts_param *param, size_t n,
	struct str body, char hex[65])
{
	size_t n_sorted;
	struct tts_param *in_order = sorted(param, n, &n_sorted);
	struct buf text;

	buf_init(&text, 2 * secret.n + path.n + length_of(in_order, n_sorted) + body.n + 1);
	buf_add(&text, secret);
	buf_add(&text, path);
	for (size_t i = 0; i < n_sorted; i++) {
		buf_add(&text, in_order[i].name);
		buf_add(&text, in_order[i].value);
	}
	buf_add(&text, body);
	buf_add(&text, secret);
	digest_hex(digest_hmac(secret, buf_str(&text)), hex);
	buf_release(&text);
	free(in_order);
}

bool tts_sign_is(struct str secret, struct str path, const struct tts_param *param, size_t n,
	struct str body, struct str given)
{
	char hex[65];

	tts_sign(secret, path, param, n, body, hex);
	return digest_same(str_of(hex), given);
}

void tts_webhook_sign(struct str app_key, struct str secret, struct str body, char hex[65])
{
	struct buf text;

	buf_init(&text, app_key.n + body.n + 1);
	buf_add(&text, app_key);
	buf_add(&text, body);
	digest_hex(digest_hmac(secret, buf_str(&text)), hex);
	buf_release(&text);
}

bool tts_webhook_sign_is(struct str app_key, struct str secret, struct str body, struct str given)
{
	char hex[65];

	tts_webhook_sign(app_key, secret, body, hex);
	return digest_same(str_of(hex), given);
}

/* What a seller's consent gives an app. */
#include "adapters/order/tiktok_shop/tts_grant.h"

#include "bot/base/json_out.h"
#include "bot/base/percent.h"

enum { max_shops = 100, max_url_bytes = 8192, max_token_bytes = 2048 };

/* --- addresses --- */

struct field_of_url {
	const char *name;
	struct str value;
};

static struct str address(
	struct arena *arena, struct str head, const struct field_of_url *field, size_t n)
{
	struct buf url;
	struct str result;

	buf_init(&url, max_url_bytes);
	buf_add(&url, head);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&url, "%c%s=", i ? '&' : '?', field[i].name);
		percent_encode(field[i].value, &url);
	}
	result = arena_str(arena, buf_str(&url));
	buf_release(&url);
	return result;
}

struct str tts_grant_link(
	struct arena *arena, struct str page, struct str service_id, struct str state)
{
	struct field_of_url field[] = {{"service_id", service_id}, {"state", state}};

	return address(arena, page, field, 2);
}

struct str tts_grant_exchange_url(struct arena *arena, struct str host, struct str app_key,
	struct str secret, struct str code)
{
	struct field_of_url field[] = {{"app_key", app_key}, {"app_secret", secret},
		{"auth_code", code}, {"grant_type", S("authorized_code")}};

	return address(arena, arena_printf(arena, "%.*s/api/v2/token/get", STR(host)), field, 4);
}

struct str tts_grant_refresh_url(struct arena *arena, struct str host, struct str app_key,
	struct str secret, struct str refresh_token)
{
	struct field_of_url field[] = {{"app_key", app_key}, {"app_secret", secret},
		{"refresh_token", refresh_token}, {"grant_type", S("refresh_token")}};

	return address(
		arena, arena_printf(arena, "%.*s/api/v2/token/refresh", STR(host)), field, 4);
}

/* --- answers --- */

/* It goes into a header: visible ASCII. */
static bool is_token(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] >= 0x7F)
			return false;
	return text.n && text.n <= max_token_bytes;
}

static bool is_good(const struct tts_grant *grant)
{
	return is_token(grant->access) && is_token(grant->refresh) && grant->access_until > 0;
}

bool tts_grant_take(struct arena *arena, const struct tts_answer *answer, struct tts_grant *grant)
{
	const struct value *data = answer->data;
	struct tts_grant taken = *grant;

	if (answer->meaning != TTS_OK)
		return false;
	taken.access = arena_str(arena, value_get_text(data, "access_token"));
	taken.refresh = arena_str(arena, value_get_text(data, "refresh_token"));
	taken.access_until = value_get_int(data, "access_token_expire_in");
	taken.refresh_until = value_get_int(data, "refresh_token_expire_in");
	taken.seller = arena_str(arena, value_get_text(data, "seller_name"));
	taken.region = arena_str(arena, value_get_text(data, "seller_base_region"));
	if (!is_good(&taken))
		return false;
	*grant = taken;
	return true;
}

void tts_grant_ask_shops(struct tts_request *request)
{
	*request = (struct tts_request){
		.method = "GET", .path = S("/authorization/202309/shops"), .without_shop = true};
}

static void read_shops(struct arena *arena, const struct value *list, struct tts_grant *grant)
{
	struct tts_shop *shop = arena_array(arena, struct tts_shop, max_shops);
	size_t n = 0;

	for (size_t i = 0; i < value_count(list) && n < max_shops; i++) {
		const struct value *one = value_at(list, i);

		shop[n] = (struct tts_shop){
			.id = arena_str(arena, value_get_text(one, "id")),
			.name = arena_str(arena, value_get_text(one, "name")),
			.region = arena_str(arena, value_get_text(one, "region")),
			.cipher = arena_str(arena, value_get_text(one, "cipher")),
		};
		n += shop[n].cipher.n > 0;
	}
	grant->shop = shop;
	grant->n_shops = n;
}

bool tts_grant_take_shops(
	struct arena *arena, const struct tts_answer *answer, struct tts_grant *grant)
{
	if (answer->meaning != TTS_OK)
		return false;
	read_shops(arena, value_get(answer->data, "shops"), grant);
	return grant->n_shops > 0;
}

/* --- the file --- */

void tts_grant_write(const struct tts_grant *grant, struct buf *out)
{
	json_out_start(out, '{');
	json_out_member(out, "access_token", grant->access);
	json_out_member_int(out, "access_token_until", grant->access_until);
	json_out_member(out, "refresh_token", grant->refresh);
	json_out_member_int(out, "refresh_token_until", grant->refresh_until);
	json_out_member(out, "seller", grant->seller);
	json_out_member(out, "region", grant->region);
	json_out_key(out, "shops");
	json_out_open(out, '[');
	for (size_t i = 0; i < grant->n_shops; i++) {
		json_out_open(out, '{');
		json_out_member(out, "id", grant->shop[i].id);
		json_out_member(out, "name", grant->shop[i].name);
		json_out_member(out, "region", grant->shop[i].region);
		json_out_member(out, "cipher", grant->shop[i].cipher);
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
	json_out_close(out, '}');
	buf_addc(out, '\n');
}

bool tts_grant_read(struct arena *arena, struct str text, struct tts_grant *grant)
{
	struct source source = {"tokens", text};
	struct json_doc *doc = json_parse(&source, 0, NULL, NULL);
	const struct value *root = doc ? value_from_json(arena, json_root(doc)) : &value_none;

	json_doc_free(doc);
	*grant = (struct tts_grant){
		.access = value_get_text(root, "access_token"),
		.refresh = value_get_text(root, "refresh_token"),
		.access_until = value_get_int(root, "access_token_until"),
		.refresh_until = value_get_int(root, "refresh_token_until"),
		.seller = value_get_text(root, "seller"),
		.region = value_get_text(root, "region"),
	};
	read_shops(arena, value_get(root, "shops"), grant);
	return is_good(grant);
}

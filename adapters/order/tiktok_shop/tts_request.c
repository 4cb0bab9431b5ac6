/* A request to the platform. */
#include "adapters/order/tiktok_shop/tts_request.h"

#include "bot/base/percent.h"

enum { max_url_bytes = 16 << 10 };

void tts_request_param(
	struct arena *arena, struct tts_request *request, const char *name, struct str value)
{
	struct tts_param *param = arena_grow(
		arena, (struct tts_param *)request->param, request->n_params, struct tts_param);

	param[request->n_params++] = (struct tts_param){str_of(name), value};
	request->param = param;
}

static struct tts_request with_common(struct arena *arena, const struct tts_request *request,
	const struct tts_pass *pass, int64_t timestamp)
{
	struct tts_request all = *request;

	all.param = NULL;
	all.n_params = 0;
	for (size_t i = 0; i < request->n_params; i++)
		tts_request_param(arena, &all, request->param[i].name.p, request->param[i].value);
	tts_request_param(arena, &all, "app_key", pass->app_key);
	tts_request_param(
		arena, &all, "timestamp", arena_printf(arena, "%lld", (long long)timestamp));
	if (!request->without_shop)
		tts_request_param(arena, &all, "shop_cipher", pass->cipher);
	return all;
}

static void write_query(const struct tts_request *request, struct buf *url)
{
	for (size_t i = 0; i < request->n_params; i++) {
		buf_addc(url, i ? '&' : '?');
		percent_encode(request->param[i].name, url);
		buf_addc(url, '=');
		percent_encode(request->param[i].value, url);
	}
}

void tts_request_write(struct arena *arena, const struct tts_request *request,
	const struct tts_pass *pass, int64_t timestamp, struct tts_wire *wire)
{
	struct tts_request all = with_common(arena, request, pass, timestamp);
	struct buf url;
	char sign[65];

	tts_sign(pass->secret, all.path, all.param, all.n_params, all.type.n ? S("") : all.body,
		sign);
	buf_init(&url, max_url_bytes);
	buf_add(&url, pass->host);
	buf_add(&url, all.path);
	write_query(&all, &url);
	buf_addf(&url, "&sign=%s", sign);
	*wire = (struct tts_wire){
		.url = arena_str(arena, buf_str(&url)),
		.header = {arena_printf(arena, "x-tts-access-token: %.*s", STR(pass->token)),
			all.type.n ? arena_printf(arena, "Content-Type: %.*s", STR(all.type))
				   : S("Content-Type: application/json")},
		.n_headers = 2,
	};
	buf_release(&url);
}

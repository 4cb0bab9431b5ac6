/* The files that the server serves. */
#include "bot/web/assets.h"

const char asset_page_policy[] =
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src "
	"'self'; "
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
	"require-trusted-types-for 'script'; trusted-types 'none'";

static const struct {
	const char *ending, *type;
} kind[] = {
	{".js", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".html", "text/html; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".ts", "text/plain; charset=utf-8"},
};

static const char *type_of(struct str path)
{
	for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
		if (str_ends(path, str_of(kind[i].ending)))
			return kind[i].type;
	return "text/html; charset=utf-8"; /* "/" */
}

bool asset_find(struct str path, struct asset *asset)
{
	for (unsigned i = 0; i < n_embedded_assets; i++) {
		const struct embedded_asset *e = &embedded_asset[i];

		if (!str_is(path, e->path))
			continue;
		*asset = (struct asset){
			.path = str_of(e->path),
			.type = str_of(type_of(path)),
			.bytes = {e->begin, (size_t)(e->end - e->begin)},
			.gzip = {e->gzip_begin, (size_t)(e->gzip_end - e->gzip_begin)},
			.tag = str_of(e->tag),
			.demo = !str_starts(path, S("/chat/")),
			.shop = str_starts(path, S("/shop/")),
		};
		return true;
	}
	return false;
}

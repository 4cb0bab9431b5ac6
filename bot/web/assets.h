/* The files that the server serves and that travel inside the program: the widget, its languages,
 * the plain form's style, the demo page. */
#ifndef TENSTEP_WEB_ASSETS_H
#define TENSTEP_WEB_ASSETS_H

#include "bot/base/str.h"

struct embedded_asset { /* as the build writes it; see embed.cmake */
	const char *path;
	const char *begin, *end;
	const char *gzip_begin, *gzip_end;
	const char *tag;
};
extern const struct embedded_asset embedded_asset[];
extern const unsigned n_embedded_assets;

struct asset {
	struct str path; /* "/chat/widget.js" */
	struct str type; /* "text/javascript; charset=utf-8" */
	struct str bytes, gzip;
	struct str tag; /* "\"0123456789abcdef\"": changes with the bytes */
	bool demo;      /* served with --demo only */
	bool shop;      /* the page of `tenstep shop`, served by nobody else */
};

/* The header that says what a page of ours may do: nothing but what comes from here. */
extern const char asset_page_policy[];

/* False: there is no such file. */
bool asset_find(struct str path, struct asset *asset) MUST_CHECK;

#endif

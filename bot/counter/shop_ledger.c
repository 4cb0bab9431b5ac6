/* The ledger: a file that only grows. */
#include "bot/counter/shop_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/base/json_out.h"

enum { max_line_bytes = 16 << 20 };

struct shop_ledger {
	int file;
	struct buf line;
};

struct shop_ledger *shop_ledger_open(const char *path, struct buf *error)
{
	struct shop_ledger *ledger = calloc(1, sizeof *ledger);

	if (!ledger)
		abort();
	ledger->file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (ledger->file < 0) {
		buf_addf(error, "cannot open '%s': %s", path, strerror(errno));
		free(ledger);
		return NULL;
	}
	buf_init(&ledger->line, max_line_bytes);
	return ledger;
}

void shop_ledger_close(struct shop_ledger *ledger)
{
	if (!ledger)
		return;
	close(ledger->file);
	buf_release(&ledger->line);
	free(ledger);
}

/* A disk that is full ends the ledger's truth, so it ends the shop. */
static void put(struct shop_ledger *ledger)
{
	size_t written = 0;

	buf_addc(&ledger->line, '\n');
	while (written < ledger->line.n) {
		ssize_t n = write(ledger->file, ledger->line.p + written, ledger->line.n - written);

		if (n < 0 && errno != EINTR)
			abort();
		written += n > 0 ? (size_t)n : 0;
	}
	buf_clear(&ledger->line);
}

static bool is_secret(struct str name)
{
	static const char *const secret[] = {
		"app_secret", "auth_code", "refresh_token", "access_token", "x-tts-access-token"};

	for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
		if (str_is(name, secret[i]))
			return true;
	return false;
}

static void put_query(struct buf *line, struct str query)
{
	json_out_key(line, "query");
	json_out_begin_text(line);
	while (query.n) {
		struct str pair = str_cut(&query, '&'), rest = pair, name = str_cut(&rest, '=');

		if (is_secret(name)) {
			json_write_characters(name, line);
			buf_adds(line, "=***");
		} else {
			json_write_characters(pair, line);
		}
		if (query.n)
			buf_addc(line, '&');
	}
	buf_addc(line, '"');
}

static void put_token(struct buf *line, struct str token)
{
	char hex[65];

	if (!token.n)
		return;
	digest_hex(digest_of(token), hex);
	json_out_member(line, "token", (struct str){hex, 12});
}

static void put_body(struct buf *line, const struct wire_request *r)
{
	if (str_find(r->content_type, S("multipart/")) >= 0)
		json_out_member_int(line, "body_bytes", (int64_t)r->body.n);
	else
		json_out_member(line, "body", r->body);
}

void shop_ledger_request(struct shop_ledger *ledger, const struct ledger_request *r)
{
	struct buf *line = &ledger->line;

	json_out_start(line, '{');
	json_out_member(line, "kind", S("request"));
	json_out_member_int(line, "wall_ms", r->wall_ms);
	json_out_member_int(line, "at", r->shop_now);
	json_out_member(line, "operation", str_of(r->operation));
	json_out_member(line, "method", r->request->method);
	json_out_member(line, "path", r->request->path);
	put_query(line, r->query);
	put_token(line, r->request->token);
	json_out_member_if(line, "content_type", r->request->content_type);
	put_body(line, r->request);
	json_out_member_if(line, "mischief", str_of(r->mischief));
	if (r->answer) {
		json_out_member(line, "request_id", str_of(r->answer->request_id));
		json_out_member_int(line, "status", r->answer->status);
		json_out_member_int(line, "code", r->answer->code);
		json_out_member_bool(line, "changed", r->answer->changed);
		json_out_member(line, "answer",
			str_starts(str_of(r->operation), S("token.")) ? S("***") : r->answer->body);
	}
	json_out_close(line, '}');
	put(ledger);
}

void shop_ledger_effect(void *self, struct str text)
{
	struct shop_ledger *ledger = self;

	buf_add(&ledger->line, text);
	put(ledger);
}

void shop_ledger_delivery(
	struct shop_ledger *ledger, int64_t id, int type, unsigned tries, unsigned status)
{
	struct buf *line = &ledger->line;

	json_out_start(line, '{');
	json_out_member(line, "kind", S("webhook"));
	json_out_member_int(line, "event", id);
	json_out_member_int(line, "type", type);
	json_out_member_int(line, "try", tries);
	json_out_member_int(line, "status", status);
	json_out_close(line, '}');
	put(ledger);
}

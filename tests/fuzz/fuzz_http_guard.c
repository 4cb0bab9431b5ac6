/* The strict check of heads.  Lines of input: method, path, query, version, host, Content-Length,
 * origin, Upgrade, Connection, version and key of the WebSocket.  What is accepted keeps the
 * promises of guard.h, checked here in another way. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/net/address.h"
#include "adapters/net/guard.h"
#include "bot/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct guard_value value(struct str *rest)
{
	struct str line = str_cut(rest, '\n');

	return (struct guard_value){
		.text = line, .there = line.n > 0, .twice = line.n > 0 && line.p[0] == '2'};
}

static void check(const struct guard_head *head, uint64_t bytes)
{
	assert(head->path.p[0] == '/');
	assert(str_find(head->path, S("//")) < 0 && str_find(head->path, S("/../")) < 0);
	assert(text_valid_up_to(head->path) == head->path.n);
	assert(head->path.n + head->query.n <= GUARD_MAX_PATH);
	assert(!memchr(head->path.p, 0, head->path.n));
	assert(head->host.text.n && !head->host.twice);
	assert(str_find(head->host.text, S(",")) < 0 && str_find(head->host.text, S(" ")) < 0);
	assert(bytes < 1000000000000000);
	assert(bytes == 0 || head->content_length.there);
	for (size_t i = 0; i < head->content_length.text.n; i++)
		assert(strchr("0123456789", head->content_length.text.p[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size}, other;
	struct guard_head head = {0};
	struct guard_upgrade up = {{{0}}};
	struct guard_fault fault;
	struct address address;
	char text[ADDRESS_TEXT];
	uint64_t bytes;

	head.method = str_cut(&rest, '\n');
	head.path = str_cut(&rest, '\n');
	head.query = str_cut(&rest, '\n');
	head.version = str_cut(&rest, '\n');
	head.host = value(&rest);
	head.content_length = value(&rest);
	head.origin = value(&rest);
	up.upgrade = value(&rest);
	up.connection = value(&rest);
	up.version = value(&rest);
	up.key = value(&rest);
	other = rest;
	head.value = &other;
	head.n_values = 1;
	fault = guard_request(&head, &bytes);
	assert(!fault.status == !fault.why);
	if (!fault.status)
		check(&head, bytes);
	fault = guard_websocket(&head, &up);
	if (!fault.status)
		assert(up.key.text.n == 24 && str_is(up.version.text, "13") &&
			str_is(head.method, "GET"));
	if (address_parse(head.host.text, &address)) {
		struct address again;

		assert(address_parse(address_text(address, text), &again));
		assert(address_eq(address, again));
	}
	address_forwarded(address_party(address = (struct address){{0}}), other, &address, 1);
	return 0;
}

/* Telling the platform where a shop's webhooks go. */
#include "bot/shop/shop_enroll.h"

#include <stdlib.h>
#include <string.h>

#include "bot/base/json_out.h"

enum { max_arena_bytes = 1 << 20, within_ms = 20 * 1000, max_address_bytes = 255 };

/* What is told, in this order.  "Refund success" has no name there: it is switched on in Partner
 * Center. */
static const struct wish {
	const char *what; /* kind of webhook; NULL: that the chat is answered */
	bool of_chat;
} wish[] = {
	{"ORDER_STATUS_CHANGE", false},
	{"CANCELLATION_STATUS_CHANGE", false},
	{"RETURN_STATUS_CHANGE", false},
	{"SELLER_DEAUTHORIZATION", false},
	{"UPCOMING_AUTHORIZATION_EXPIRATION", false},
	{"NEW_MESSAGE", true},
	{NULL, true},
};
enum { n_wishes = sizeof wish / sizeof *wish };

struct enrolment {
	struct shop_enroll_setup setup;
	struct arena *arena;
	struct tts_request request;
	size_t shop, at; /* in the list of wishes */
	bool good;
};

static void tell_next(struct enrolment *e);

static const char *word_of(const struct wish *w)
{
	return w->what ? w->what : "the chat is answered";
}

static void told(void *self, const struct tts_answer *answer)
{
	struct enrolment *e = self;
	const struct tts_grant *grant = shop_grant_now(e->setup.grant);
	bool good = answer->meaning == TTS_OK;
	struct str why = arena_printf(
		e->arena, "%s %.*s", tts_meaning_name(answer->meaning), STR(answer->message));

	e->good = e->good && good;
	if (grant && e->shop < grant->n_shops)
		e->setup.each(e->setup.self, grant->shop[e->shop].id, word_of(&wish[e->at]),
			good ? (struct str){0} : str_trim(why));
	e->at++;
	tell_next(e);
}

static struct str body_of(struct enrolment *e, const struct wish *w)
{
	struct str body;
	struct buf out;

	if (!w->what)
		return S("{\"can_accept_chat\":true}");
	buf_init(&out, 1024);
	json_out_start(&out, '{');
	json_out_member(&out, "event_type", str_of(w->what));
	json_out_member(&out, "address", e->setup.address);
	json_out_close(&out, '}');
	body = arena_str(e->arena, buf_str(&out));
	buf_release(&out);
	return body;
}

static void tell_one(struct enrolment *e, const struct wish *w)
{
	struct shop_send send = {
		.request = &e->request, .shop = e->shop, .within_ms = within_ms, .arena = e->arena};

	e->request = (struct tts_request){
		.method = "PUT",
		.path = w->what ? S("/event/202309/webhooks")
				: S("/customer_service/202309/agents/settings"),
		.body = body_of(e, w),
	};
	shop_link_send(e->setup.link, &send, told, e);
}

static void end(struct enrolment *e)
{
	struct enrolment was = *e;

	arena_free(e->arena);
	free(e);
	was.setup.done(was.setup.self, was.good);
}

static void tell_next(struct enrolment *e)
{
	const struct tts_grant *grant = shop_grant_now(e->setup.grant);

	while (e->at < n_wishes && wish[e->at].of_chat && !e->setup.chat)
		e->at++;
	if (e->at == n_wishes) {
		e->at = 0;
		e->shop++;
	}
	if (grant && e->shop < grant->n_shops)
		tell_one(e, &wish[e->at]);
	else
		end(e);
}

void shop_enroll(const struct shop_enroll_setup *setup)
{
	struct enrolment *e = calloc(1, sizeof *e);

	if (!e)
		abort();
	e->setup = *setup;
	e->arena = arena_new(max_arena_bytes);
	e->good = true;
	tell_next(e);
}

static bool is_number(struct str host)
{
	for (size_t i = 0; i < host.n; i++)
		if (!strchr("0123456789.", host.p[i]) || !host.p[i])
			return false;
	return true;
}

const char *shop_enroll_fault(struct str address)
{
	struct str rest = address, host;

	if (address.n > max_address_bytes)
		return "it is longer than 255 bytes";
	if (str_starts(address, S("http://127.0.0.1:")) ||
		str_starts(address, S("http://localhost:")))
		return NULL;
	if (!str_starts(address, S("https://")))
		return "it does not begin with https://";
	rest = str_sub(rest, S("https://").n, rest.n);
	host = str_cut(&rest, '/');
	if (!host.n || is_number(host) || host.p[0] == '[')
		return "it has no name of a host";
	if (str_find(host, S(":")) >= 0)
		return "it names a port";
	if (str_find(host, S("@")) >= 0)
		return "it names a user";
	return NULL;
}

/* What whoever operates the server asks for: whether it is well, and its metrics. */
#include "bot/app/routes_inside.h"

#include "adapters/store/store_peers.h"
#include "bot/base/digest.h"
#include "bot/desk/promise.h"
#include "bot/web/page_origin.h"

void routes_get_health(struct server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	(void)server, (void)head, (void)body;
	routes_answer_text(exchange, 200, "ok\n");
}

void routes_get_ready(struct server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	(void)head, (void)body;
	if (server->draining)
		routes_answer_text(exchange, 503, "draining\n");
	else if (!dispatcher_ready(server->dispatcher))
		routes_answer_text(exchange, 503, "the store takes nothing\n");
	else if (server->front && !shop_front_can_ask(server->front)) /* why not is in the log */
		routes_answer_text(exchange, 200, "ready, but the shop cannot be asked\n");
	else
		routes_answer_text(exchange, 200, "ready\n");
}

static bool may_see_metrics(const struct server *server, const struct http_head *head)
{
	struct str token = server->config.metrics_token.bytes;

	return token.n ? digest_same(bearer_of(head), token) : head_is_local(head);
}

static void measure_shop(struct server *server)
{
	if (server->front)
		metrics_set(server->metrics, "tenstep_shop_consent_good", NULL, NULL,
			shop_front_can_ask(server->front) ? 1 : 0);
}

static void measure_channels(struct server *server)
{
	struct store_account counts;

	for (size_t i = 0; i < server->config.n_channels; i++) {
		struct str name = server->config.channel[i].account.name;

		if (store_account(server->store, name, &counts) != STORE_OK)
			continue;
		metrics_set(server->metrics, "tenstep_channel_waiting", name.p, NULL,
			(double)counts.waiting);
		metrics_set(server->metrics, "tenstep_channel_dead_letters", name.p, NULL,
			(double)counts.dead);
	}
}

static void measure(struct server *server)
{
	struct store_sizes sizes;
	struct promise_sums promises;

	if (store_measure(server->store, &sizes) == STORE_OK) {
		metrics_set(
			server->metrics, "tenstep_store_bytes", NULL, NULL, (double)sizes.bytes);
		metrics_set(server->metrics, "tenstep_handoff_queue_length", "orders", NULL,
			(double)sizes.cards_open);
		metrics_set(server->metrics, "tenstep_webhook_sends", "open", NULL,
			(double)sizes.sends_open);
		metrics_set(server->metrics, "tenstep_webhook_sends", "dead", NULL,
			(double)sizes.sends_dead);
		metrics_set(server->metrics, "tenstep_effects", "open", NULL,
			(double)sizes.effects_open);
		metrics_set(server->metrics, "tenstep_effects", "human", NULL,
			(double)sizes.effects_human);
	}
	if (promise_count(server->store, &server->config, loop_now_ms(server->loop), &promises)) {
		metrics_set(
			server->metrics, "tenstep_promises", "open", NULL, (double)promises.open);
		metrics_set(server->metrics, "tenstep_promises", "overdue", NULL,
			(double)promises.overdue);
	}
	measure_shop(server);
	measure_channels(server);
	metrics_set(server->metrics, "tenstep_store_journal_rows", NULL, NULL,
		(double)store_journal(server->store));
	metrics_set(server->metrics, "tenstep_connections", "all", NULL,
		(double)listener_connections(server->listener));
}

void routes_get_metrics(struct server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	(void)body;
	if (!may_see_metrics(server, head)) {
		routes_answer_text(exchange, 403,
			"metrics are for this machine, asked at localhost and not through a proxy, "
			"or "
			"need their token\n");
		return;
	}
	measure(server);
	buf_clear(&server->page);
	metrics_write(server->metrics, &server->page);
	routes_answer(exchange, 200, S("text/plain; version=0.0.4; charset=utf-8"),
		buf_str(&server->page));
}

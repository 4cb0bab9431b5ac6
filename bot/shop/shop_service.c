/* A shop on TikTok Shop as an order service. */
#include "bot/shop/shop_service.h"

#include <stdio.h>
#include <stdlib.h>

enum { max_path_bytes = 4096 };

struct shop_service {
	char path[max_path_bytes];
	struct shop_grant *grant;
	struct shop_link *link;
	struct order_api *api;
};

static void open_parts(struct shop_service *service, const struct shop_service_setup *setup)
{
	struct shop_grant_setup grant = {
		setup->loop, setup->client, setup->log, setup->account, service->path};
	struct shop_link_setup link = {.loop = setup->loop,
		.client = setup->client,
		.log = setup->log,
		.metrics = setup->metrics,
		.account = setup->account};
	struct shop_client_setup client = {
		.loop = setup->loop, .log = setup->log, .account = setup->account};

	service->grant = shop_grant_new(&grant);
	link.grant = client.grant = service->grant;
	service->link = shop_link_new(&link);
	client.link = service->link;
	service->api = shop_client_new(&client);
}

struct shop_service *shop_service_new(const struct shop_service_setup *setup)
{
	struct shop_service *service = calloc(1, sizeof *service);

	if (!service)
		abort();
	snprintf(service->path, sizeof(service->path), "%s/" SHOP_TOKENS, setup->folder);
	open_parts(service, setup);
	if (!shop_grant_now(service->grant))
		LOG(setup->log, LOG_ERROR, loop_now_ms(setup->loop), "the shop cannot be asked",
			log_word("error", str_of(shop_grant_fault(service->grant))));
	return service;
}

void shop_service_free(struct shop_service *service)
{
	if (!service)
		return;
	service->api->free(service->api);
	shop_link_free(service->link);
	shop_grant_free(service->grant);
	free(service);
}

struct order_api *shop_service_api(struct shop_service *service)
{
	return service->api;
}

struct shop_link *shop_service_link(struct shop_service *service)
{
	return service->link;
}

struct shop_grant *shop_service_grant(struct shop_service *service)
{
	return service->grant;
}

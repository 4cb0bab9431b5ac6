/* What a dispatcher stands on: a loop, the shipped content, the demo shop and a real store. */
#ifndef TENSTEP_TESTS_GROUND_H
#define TENSTEP_TESTS_GROUND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/common/content.h"
#include "bot/dispatch/dispatcher.h"
#include "tests/unit/store_path.h"

struct ground {
	struct arena *arena;
	struct loop *loop;
	struct content *content;
	struct model *model;
	struct sandbox *sandbox;
	struct order_api *shop; /* the sandbox's; a test may put another before it */
	struct store *store;
	struct dispatcher *dispatcher; /* the test opens it */
};

/* @path: NULL for a store in memory. */
static inline void ground_open_store(struct ground *g, const char *path)
{
	struct buf error;

	buf_init(&error, 400);
	assert_int_equal(store_open(path, &g->store, &error), STORE_OK);
	buf_release(&error);
}

static inline void ground_open(struct ground *g, const char *fixture, const char *path)
{
	struct diags diags;
	struct buf error;

	*g = (struct ground){.arena = arena_new(1 << 20), .loop = loop_new()};
	buf_init(&error, 400);
	diags_init(&diags, g->arena);
	g->content = content_open(SOURCE_DIR, "en", NULL, &diags);
	g->model = content_model(g->content, &diags, NULL);
	assert_non_null(g->model);
	g->sandbox = sandbox_open(str_of(fixture), loop_now_ms(g->loop) / 1000, &error);
	assert_non_null(g->sandbox);
	g->shop = sandbox_api(g->sandbox);
	buf_release(&error);
	ground_open_store(g, path);
}

/* For dispatcher_new(), with what a test may add to it. */
static inline struct dispatcher_setup ground_setup(const struct ground *g)
{
	return (struct dispatcher_setup){
		.loop = g->loop,
		.store = g->store,
		.shop = g->shop,
		.model = g->model,
		.language = S("en"),
		.seed = 1,
	};
}

/* As if the program had been killed: the dispatcher is gone, the shop went on, the store is opened
 * again. */
static inline void ground_restart(struct ground *g, const char *path)
{
	dispatcher_free(g->dispatcher);
	g->dispatcher = NULL;
	store_close(g->store);
	loop_free(g->loop);
	g->loop = loop_new();
	ground_open_store(g, path);
}

static inline void ground_close(struct ground *g)
{
	dispatcher_free(g->dispatcher);
	store_close(g->store);
	g->shop->free(g->shop);
	loop_free(g->loop);
	model_unref(g->model);
	content_free(g->content);
	arena_free(g->arena);
}

#endif

/* A host is opened, put to rest, woken and closed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bot/host/host_inside.h"

static void *checked(void *p)
{
	if (!p)
		abort();
	return p;
}

/* --- the bench --- */

void host_remember(struct host *host, struct str bytes)
{
	enum { step = 256 }; /* it grows and shrinks a little with each turn */
	size_t room = (bytes.n / step + 1) * step;

	if (host->rest_room != room) {
		host->rest = checked(realloc(host->rest, room));
		host->rest_room = room;
	}
	host->n_rest = bytes.n;
	memcpy(host->rest, bytes.p, bytes.n);
	host->rest_is_old = false;
}

/* Its session leaves the bench. */
static void rest(struct host *host)
{
	if (host->rest_is_old) {
		buf_clear(&host->bench->bytes);
		session_encode(host->session, &host->bench->bytes);
		host_remember(host, buf_str(&host->bench->bytes));
	}
	host->session = NULL;
}

void host_get_to_work(struct host *host)
{
	struct workbench *bench = host->bench;

	if (bench->at_work == host)
		return;
	if (bench->at_work)
		rest(bench->at_work);
	bench->at_work = host;
	workbench_clear(bench);
	if (!host->rest)
		return;
	host->session =
		session_decode(workbench_next(bench), (struct str){host->rest, host->n_rest});
	assert(host->session); /* what was encoded decodes */
}

void host_put_to_rest(struct host *host)
{
	if (host->bench->at_work != host)
		return;
	rest(host);
	host->bench->at_work = NULL;
}

struct arena *host_next_arena(struct host *host)
{
	return workbench_next(host->bench);
}

/* --- opened and closed --- */

static void begin_session(struct host *host, int64_t now_ms)
{
	/* A conversation that begins anew is another one to the shop: its decisions have keys of
	 * their own, although the name is the same. */
	struct str id = arena_printf(host->bench->lists, "%.*s-%llx", STR(host->conversation),
		(unsigned long long)now_ms);

	host->session = session_new(host_next_arena(host), id, host->channel, host->language);
}

static bool load(struct host *host, const struct host_setup *setup)
{
	host_get_to_work(host);
	arena_reset(host->bench->lists);
	host->rest_is_old = true;
	if (setup->fresh && !keep_forget(host->store, host->conversation, &host->error))
		return false;
	if (!keep_load(host->store, host->conversation, host_next_arena(host), &host->session,
		    host_add_kept, host, &host->error))
		return false;
	if (!keep_last_post(host->store, host->conversation, &host->last_post, &host->error))
		return false;
	host->taken_up = host->session != NULL;
	if (!host->taken_up) {
		workbench_clear(host->bench);
		begin_session(host, setup->now_ms);
	}
	host->now_ms = host->taken_up ? host->session->now_ms : setup->now_ms;
	host->watch_mark = keep_watch_mark(host->session);
	host_keep_values(host);
	return true;
}

static struct str keep_name(char **to, struct str name)
{
	struct str kept = {*to, name.n};

	if (name.n)
		memcpy(*to, name.p, name.n);
	*to += name.n + 1;
	return kept;
}

static void keep_names(struct host *host, const struct host_setup *setup)
{
	char *to = checked(
		calloc(1, setup->conversation.n + setup->channel.n + setup->language.n + 3));

	host->names = to;
	host->conversation = keep_name(&to, setup->conversation);
	host->channel = keep_name(&to, setup->channel);
	host->language = keep_name(&to, setup->language);
}

struct host *host_open(const struct host_setup *setup, struct buf *error)
{
	struct host *host = checked(calloc(1, sizeof *host));

	host->model = model_ref(setup->model);
	host->shop = setup->shop;
	host->store = setup->store;
	host->seed = setup->seed;
	host->served = setup->served;
	host->commit = setup->commit;
	host->bench = setup->bench ? setup->bench : workbench_new();
	host->own_bench = !setup->bench;
	keep_names(host, setup);
	buf_init(&host->error, max_error_bytes);
	if (load(host, setup))
		return host;
	buf_add(error, buf_str(&host->error));
	host_close(host);
	return NULL;
}

void host_close(struct host *host)
{
	if (!host)
		return;
	if (host->bench->at_work == host)
		host->bench->at_work = NULL;
	if (host->own_bench)
		workbench_free(host->bench);
	free(host->pending);
	free(host->names);
	free(host->rest);
	for (int i = 0; i < 2; i++)
		if (host->late[i])
			arena_free(host->late[i]);
	buf_release(&host->error);
	model_unref(host->model);
	free(host);
}

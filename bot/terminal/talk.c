/* A chat on the command line: opened, gone on with, closed. */
#include "bot/terminal/talk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/store/store.h"

enum { max_session_bytes = 1 << 20, max_error_bytes = 400 };

static bool complain(const struct buf *error)
{
	fprintf(stderr, "tenstep: %.*s\n", STR(buf_str(error)));
	return false;
}

static char *file_in(const char *folder, const char *name, const char *suffix)
{
	size_t n = strlen(folder) + strlen(name) + strlen(suffix) + 2;
	char *path = malloc(n);

	if (!path)
		abort();
	snprintf(path, n, "%s/%s%s", folder, name, suffix);
	return path;
}

/* The store is open, so nobody else uses the shop's file. */
static void forget_shop(const struct talk *talk)
{
	static const char *const suffix[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
		char *path = file_in(talk->folder, "shop.db", suffix[i]);

		unlink(path);
		free(path);
	}
}

static bool open_store(struct talk *talk, struct buf *error)
{
	char *path;

	if (talk->memory)
		return true;
	talk->folder = options_data_folder(&talk->options);
	if (!talk->folder)
		return false;
	path = file_in(talk->folder, "sessions.db", "");
	switch (store_open(path, &talk->store, error)) {
	case STORE_OK:
		free(path);
		return true;
	case STORE_BUSY:
		buf_clear(error);
		buf_addf(error,
			"another tenstep is using the folder '%s'; --data names another one",
			talk->folder);
		break;
	case STORE_NONE:
	case STORE_TAKEN:
	case STORE_FULL:
	case STORE_BROKEN:
		break;
	}
	free(path);
	talk->store = NULL;
	return complain(error);
}

/* A mistyped fixture gets the nearest name. */
static void hint_fixture(struct talk *talk, struct buf *error)
{
	const struct sandbox_fixture *fixture;
	size_t n = sandbox_fixtures(&fixture);
	struct str *name = arena_array(talk->arena, struct str, n + 1), hint;

	for (size_t i = 0; i < n; i++)
		name[i] = str_of(fixture[i].name);
	hint = diag_nearest(talk->arena, str_of(talk->fixture), name, n);
	buf_addf(error, hint.n ? "; %.*s" : "%.*s", STR(hint));
}

static bool open_shop(struct talk *talk, struct buf *error)
{
	int64_t now = talk->start_ms / 1000;
	char *path;

	if (talk->memory) {
		talk->sandbox =
			sandbox_open(str_of(talk->fixture ? talk->fixture : "demo"), now, error);
	} else {
		if (talk->fresh)
			forget_shop(talk);
		path = file_in(talk->folder, "shop.db", "");
		talk->sandbox = sandbox_create(path, now, error);
		free(path);
	}
	if (!talk->sandbox && talk->fixture)
		hint_fixture(talk, error);
	if (!talk->sandbox)
		return complain(error);
	talk->shop = sandbox_api(talk->sandbox);
	/* A kept shop may be ahead of us: time was moved on by ":after". */
	if (sandbox_now(talk->sandbox) * 1000 > talk->start_ms)
		talk->start_ms = sandbox_now(talk->sandbox) * 1000;
	return true;
}

static bool know_buyer(struct talk *talk, struct buf *error)
{
	if (!talk->buyer ||
		sandbox_buyer(talk->sandbox, str_of(talk->buyer), talk->arena, &talk->buyer_name))
		return true;
	buf_addf(error,
		"the demo shop has no buyer '%s'; README.md lists them, the first is buyer-open",
		talk->buyer);
	return complain(error);
}

/* Each buyer has a conversation of their own, and so has the one whom nobody vouches for. */
static struct str conversation(const struct talk *talk)
{
	if (talk->name)
		return str_of(talk->name);
	return talk->buyer ? arena_printf(talk->arena, "terminal-%s", talk->buyer) : S("terminal");
}

static bool open_host(struct talk *talk, struct buf *error)
{
	struct host_setup setup = {
		.model = talk->model,
		.shop = talk->shop,
		.store = talk->store,
		.conversation = conversation(talk),
		.channel = S("terminal"),
		.language = str_of(talk->options.language),
		.now_ms = talk->start_ms,
		.seed = talk->seed,
		.fresh = talk->fresh,
	};

	talk->host = host_open(&setup, error);
	return talk->host || complain(error);
}

/* Under a name that was given, somebody else may have talked: what was theirs is not shown to the
 * next. */
static bool keep_apart(struct talk *talk, struct buf *error)
{
	const struct session *session = host_session(talk->host);

	if (!session->buyer_by_channel || str_eq(session->buyer, str_of(talk->buyer)))
		return true;
	host_close(talk->host);
	talk->fresh = true;
	return open_host(talk, error);
}

static void begin_record(struct talk *talk)
{
	record_begin(&talk->record, talk->buyer, talk->fixture, talk->start_ms,
		talk->memory ? NULL
			     : "from a shop that is kept: 'tenstep chat --shop demo' begins as "
			       "tests do");
}

bool talk_open(struct talk *talk)
{
	struct buf error;
	bool good;

	buf_init(&error, max_error_bytes);
	record_init(&talk->record);
	talk->arena = arena_new(1 << 16);
	talk->model = options_model(&talk->options, false, &talk->content);
	good = talk->model && open_store(talk, &error) && open_shop(talk, &error) &&
	       know_buyer(talk, &error) && open_host(talk, &error) && keep_apart(talk, &error);
	begin_record(talk);
	buf_release(&error);
	return good;
}

static void forget_past(struct talk *talk, size_t n)
{
	while (n-- && talk->n_past)
		buf_release(&talk->past[--talk->n_past]);
}

void talk_close(struct talk *talk)
{
	forget_past(talk, talk->n_past);
	record_release(&talk->record);
	host_close(talk->host);
	if (talk->shop)
		talk->shop->free(talk->shop);
	store_close(talk->store);
	model_unref(talk->model);
	content_free(talk->content);
	arena_free(talk->arena);
	free(talk->folder);
}

static const struct host_turn *sign_in(struct talk *talk)
{
	struct event event = {.kind = EVENT_BUYER, .name = str_of(talk->buyer)};
	struct value_builder known = value_build(talk->arena);

	value_put_text(&known, "name", talk->buyer_name);
	event.value = value_record(&known);
	return host_turn(talk->host, &event);
}

bool talk_begin(
	struct talk *talk, void (*each)(void *self, const struct host_turn *turn), void *self)
{
	const struct host_turn *turn = host_recover(talk->host, talk->start_ms);

	if (turn)
		each(self, turn);
	if (host_taken_up(talk->host) && host_now(talk->host) < talk->start_ms) {
		turn = host_advance(talk->host, talk->start_ms);
		if (!turn)
			return false;
		each(self, turn);
	}
	if (talk->buyer && !str_is(host_session(talk->host)->buyer, talk->buyer)) {
		turn = sign_in(talk);
		if (!turn)
			return false;
		each(self, turn);
	}
	return !*host_error(talk->host);
}

/* Keeps where the conversation stands, for going back to it. */
static void remember(struct talk *talk)
{
	if (talk->n_past == max_turns_back) {
		buf_release(&talk->past[0]);
		memmove(talk->past, talk->past + 1, --talk->n_past * sizeof *talk->past);
	}
	buf_init(&talk->past[talk->n_past], max_session_bytes);
	session_encode(host_session(talk->host), &talk->past[talk->n_past++]);
}

const struct host_turn *talk_turn(struct talk *talk, const struct event *event)
{
	const struct host_turn *turn;

	remember(talk);
	turn = host_turn(talk->host, event);
	if (turn)
		record_event(&talk->record, event, turn);
	else
		forget_past(talk, 1);
	return turn;
}

const struct host_turn *talk_after(struct talk *talk, int64_t ms)
{
	const struct host_turn *turn;

	remember(talk);
	turn = host_advance(talk->host, host_now(talk->host) + ms);
	if (turn)
		record_after(&talk->record, ms, turn);
	else
		forget_past(talk, 1);
	return turn;
}

bool talk_back(struct talk *talk, size_t n)
{
	struct arena *arena;
	struct session *session;
	bool good;

	if (!n || n > talk->n_past)
		return false;
	arena = arena_new(max_session_bytes);
	session = session_decode(arena, buf_str(&talk->past[talk->n_past - n]));
	good = session && host_put_session(talk->host, session);
	arena_free(arena);
	if (!good)
		return false;
	forget_past(talk, n);
	record_drop(&talk->record, n);
	return true;
}

bool talk_restart(struct talk *talk)
{
	struct buf error;
	bool good;

	talk->start_ms = host_now(talk->host) + 1; /* its name at the shop holds the time */
	host_close(talk->host);
	forget_past(talk, talk->n_past);
	begin_record(talk);
	buf_init(&error, max_error_bytes);
	talk->fresh = true;
	good = open_host(talk, &error);
	buf_release(&error);
	return good && (!talk->buyer || sign_in(talk));
}

bool talk_reload(struct talk *talk, struct diags *diags)
{
	struct content *content =
		content_open(talk->options.content, talk->options.language, talk->content, diags);
	struct model *model = NULL;

	if (content) {
		/* Even what is broken stays until the end: findings point into it. */
		talk->content = content;
		model = content_model(content, diags, talk->model);
	}
	if (!model)
		return false;
	host_use_model(talk->host, model);
	model_unref(talk->model);
	talk->model = model;
	return true;
}

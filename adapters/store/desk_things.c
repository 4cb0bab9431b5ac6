/* Notes, hand-off cards, and messages to other programs. */
#include "adapters/store/store_sqlite.h"

/* Notes */

void sqlite_add_note(struct store *store, const struct store_note *note)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into note(name, at, conversation, json) values (?, ?, ?, ?)");

	sql_bind_text(q, note->name);
	sql_bind_int(q, note->at);
	sql_bind_text(q, note->conversation);
	sql_bind_text(q, note->json);
	(void)sql_run(q);
}

enum store_status sqlite_notes(
	struct store *store, struct str name, int64_t after, store_note_function *each, void *self)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select * from note where id > ?1 and (?2 = '' or name = ?2) order by id");

	sql_bind_int(q, after);
	sql_bind_text(q, name);
	while (sql_next(q))
		each(self, &(struct store_note){
				   .id = sql_int(q, "id"),
				   .name = sql_text(q, "name"),
				   .at = sql_int(q, "at"),
				   .conversation = sql_text(q, "conversation"),
				   .json = sql_text(q, "json"),
			   });
	sql_end(q);
	return sqlite_read_status(store);
}

/* Cards */

int64_t sqlite_add_card(struct store *store, const struct store_card *card)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into card(conversation, queue, at, json) values (?, ?, ?, ?) returning id");

	sql_bind_text(q, card->conversation);
	sql_bind_text(q, card->queue);
	sql_bind_int(q, card->at);
	sql_bind_text(q, card->json);
	return sql_number(q);
}

static struct store_card read_card(struct sql_query *q)
{
	return (struct store_card){
		.id = sql_int(q, "id"),
		.conversation = sql_text(q, "conversation"),
		.queue = sql_text(q, "queue"),
		.at = sql_int(q, "at"),
		.closed = sql_int(q, "closed"),
		.json = sql_text(q, "json"),
		.version = sql_int(q, "version"),
		.person = sql_text(q, "person"),
		.claimed = sql_int(q, "claimed"),
	};
}

/* One statement decides who was quicker. */
bool sqlite_claim_card(
	struct store *store, int64_t id, int64_t version, struct str person, int64_t at)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update card set person = ?, claimed = ?, version = version + 1"
		" where id = ? and version = ? and closed is null");

	sql_bind_text(q, person);
	sql_bind_time(q, at);
	sql_bind_int(q, id);
	sql_bind_int(q, version);
	return sql_run(q) == 1;
}

void sqlite_close_card(struct store *store, int64_t id, int64_t at)
{
	struct sql_query *q =
		sql_query(sqlite_writing(store), "update card set closed = ?, version = version + 1"
						 " where id = ? and closed is null");

	sql_bind_int(q, at);
	sql_bind_int(q, id);
	(void)sql_run(q);
}

enum store_status sqlite_card(
	struct store *store, int64_t id, struct arena *arena, struct store_card *card)
{
	struct sql_query *q = sql_query(sqlite_reading(store), "select * from card where id = ?");
	bool found;

	*card = (struct store_card){0};
	sql_bind_int(q, id);
	found = sql_next(q);
	if (found) {
		*card = read_card(q);
		card->conversation = arena_str(arena, card->conversation);
		card->queue = arena_str(arena, card->queue);
		card->json = arena_str(arena, card->json);
		card->person = arena_str(arena, card->person);
	}
	sql_end(q);
	return sqlite_found(store, found);
}

static enum store_status show_cards(
	struct store *store, struct sql_query *q, store_card_function *each, void *self)
{
	while (sql_next(q)) {
		struct store_card card = read_card(q);

		each(self, &card);
	}
	sql_end(q);
	return sqlite_read_status(store);
}

enum store_status sqlite_cards(
	struct store *store, bool closed_too, store_card_function *each, void *self)
{
	struct sql *sql = sqlite_reading(store);

	if (closed_too)
		return show_cards(
			store, sql_query(sql, "select * from card order by id"), each, self);
	return show_cards(store,
		sql_query(sql, "select * from card where closed is null order by id"), each, self);
}

/* Messages to other programs */

int64_t sqlite_add_send(struct store *store, struct str conversation, const struct store_send *send)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into send(key, conversation, body, at, tries, next_at, error)"
		" values (?, ?, ?, ?, 0, ?, '') on conflict(key) do nothing returning id");

	sql_bind_text(q, send->key);
	sql_bind_text(q, conversation);
	sql_bind_text(q, send->body);
	sql_bind_int(q, send->at);
	sql_bind_time(q, send->next_at);
	return sql_number(q);
}

void sqlite_mark_send(struct store *store, const struct store_send *send)
{
	struct sql_query *q =
		sql_query(sqlite_writing(store), "update send set tries = ?, next_at = ?, sent = "
						 "?, dead = ?, error = ? where id = ?");

	sql_bind_int(q, send->tries);
	sql_bind_time(q, send->next_at);
	sql_bind_time(q, send->sent);
	sql_bind_time(q, send->dead);
	sql_bind_text(q, send->error);
	sql_bind_int(q, send->id);
	(void)sql_run(q);
}

static enum store_status show_sends(
	struct store *store, struct sql_query *q, store_send_function *each, void *self)
{
	while (sql_next(q))
		each(self, &(struct store_send){
				   .id = sql_int(q, "id"),
				   .key = sql_text(q, "key"),
				   .body = sql_text(q, "body"),
				   .at = sql_int(q, "at"),
				   .tries = sql_int(q, "tries"),
				   .next_at = sql_int(q, "next_at"),
				   .sent = sql_int(q, "sent"),
				   .dead = sql_int(q, "dead"),
				   .error = sql_text(q, "error"),
			   });
	sql_end(q);
	return sqlite_read_status(store);
}

enum store_status sqlite_sends(struct store *store, bool all, store_send_function *each, void *self)
{
	struct sql *sql = sqlite_reading(store);

	if (all)
		return show_sends(store,
			sql_query(sql, "select * from send order by id desc limit 1000"), each,
			self);
	return show_sends(store,
		sql_query(sql, "select * from send where next_at is not null order by next_at, id"),
		each, self);
}

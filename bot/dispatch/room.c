/* Conversations in memory. */
#include "bot/dispatch/room.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static void *checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct room *rooms_find(struct rooms *rooms, struct str name)
{
	struct room *room;

	HASH_FIND(hh, rooms->by_name, name.p, name.n, room);
	return room;
}

struct room *rooms_make(struct rooms *rooms, struct str name, struct dispatcher *dispatcher)
{
	struct room *room = rooms_find(rooms, name);

	if (room)
		return room;
	room = checked(calloc(1, sizeof *room + name.n + 1));
	room->dispatcher = dispatcher;
	room->n_name = name.n;
	memcpy(room->name, name.p, name.n);
	HASH_ADD(hh, rooms->by_name, name, name.n, room);
	return room;
}

struct str room_name(const struct room *room)
{
	return (struct str){room->name, room->n_name};
}

void rooms_use(struct rooms *rooms, struct room *room, int64_t now_ms)
{
	room->used_ms = now_ms;
	DL_DELETE2(rooms->awake, room, before, after);
	DL_APPEND2(rooms->awake, room, before, after);
}

void rooms_take_host(struct rooms *rooms, struct room *room, struct host *host)
{
	room->host = host;
	DL_APPEND2(rooms->awake, room, before, after);
	rooms->n_awake++;
}

void rooms_drop_host(struct rooms *rooms, struct room *room)
{
	if (!room->host)
		return;
	host_close(room->host);
	room->host = NULL;
	DL_DELETE2(rooms->awake, room, before, after);
	rooms->n_awake--;
}

void rooms_free(struct rooms *rooms, struct room *room)
{
	rooms_drop_host(rooms, room);
	HASH_DEL(rooms->by_name, room);
	free(room->person);
	free(room);
}

void room_set_person(struct room *room, struct str person)
{
	free(room->person);
	room->person = NULL;
	if (person.n) {
		room->person = checked(calloc(1, person.n + 1));
		memcpy(room->person, person.p, person.n);
	}
}

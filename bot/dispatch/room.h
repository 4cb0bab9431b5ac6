/* A conversation that the server has in memory: its host while it is awake, and those who show it.
 */
#ifndef TENSTEP_DISPATCH_ROOM_H
#define TENSTEP_DISPATCH_ROOM_H

#include "bot/base/table.h"
#include "bot/dispatch/dispatcher.h"
#include "bot/host/host.h"

struct room {
	struct dispatcher *dispatcher;
	UT_hash_handle hh;
	struct host *host; /* NULL: asleep, all is in the store */
	struct hearer *hearers;
	struct room *before, *after; /* those awake, the one used longest ago first */
	struct loop_timer timer;     /* the next thing that is due by itself */
	int64_t used_ms;
	uint32_t told; /* the last post that hearers were given */
	enum owner owner;
	char *person;               /* who has it; NULL: nobody */
	struct series *messages[2]; /* in and out; NULL: none was counted yet */
	bool sealed;                /* the proof has ended */
	bool touched;               /* has something in the open transaction */
	bool flying;                /* in the one that is being committed */
	bool leaving;               /* is about to be erased: asleep, and stays so */
	size_t n_name;
	char name[];
};

struct rooms {
	struct room *by_name; /* uthash */
	struct room *awake;   /* utlist */
	size_t n_awake;
};

struct room *rooms_find(struct rooms *rooms, struct str name); /* NULL: not in memory */
/* The one with the name, made if need be. */
struct room *rooms_make(struct rooms *rooms, struct str name, struct dispatcher *dispatcher);
struct str room_name(const struct room *room);
/* It was used now: last to be put to sleep. */
void rooms_use(struct rooms *rooms, struct room *room, int64_t now_ms);
void rooms_take_host(struct rooms *rooms, struct room *room, struct host *host);
void rooms_drop_host(struct rooms *rooms, struct room *room); /* fine without one */
void rooms_free(struct rooms *rooms, struct room *room);
void room_set_person(struct room *room, struct str person);

#endif

/* A conversation written down as a .chat test (tests/chats/FORMAT.md). */
#ifndef TENSTEP_TERMINAL_TALK_RECORD_H
#define TENSTEP_TERMINAL_TALK_RECORD_H

#include "bot/host/host.h"

/* The lines of each turn, so that going back can drop them. */
struct record {
	struct buf *turn;
	size_t n;
	struct buf head;
};

void record_init(struct record *record);
void record_release(struct record *record);

/* The settings of the test, and a comment above them (may be NULL). */
void record_begin(struct record *record, const char *buyer, const char *fixture, int64_t start_ms,
	const char *remark);
void record_event(struct record *record, const struct event *event, const struct host_turn *turn);
void record_after(struct record *record, int64_t ms, const struct host_turn *turn);
void record_drop(struct record *record, size_t n);

/* Writes the file, which must not exist yet.  False with one line in @error. */
bool record_save(const struct record *record, const char *path, struct buf *error) MUST_CHECK;

#endif

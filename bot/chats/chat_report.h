/* How the outcome of conversation tests is told: to people, as TAP 14, as JUnit XML. */
#ifndef TENSTEP_CHATS_CHAT_REPORT_H
#define TENSTEP_CHATS_CHAT_REPORT_H

#include "bot/chats/chat_run.h"

/* A failed play for people: where, the conversation so far, expected against got by kind, and why
 * the last turn was understood as it was.  A passed one gives nothing but its notes. */
void chat_report_play(const struct chat_play *play, bool colour, struct buf *out);
/* One line "ok 3 - name" or "not ok 3 - name" with the failure as a YAML block (TAP 14). */
void chat_report_tap(const struct chat_play *play, size_t number, struct buf *out);
/* A <testcase>; the caller writes what stands around it. */
void chat_report_junit(const struct chat_play *play, struct buf *out);
void chat_report_junit_begin(size_t n_tests, size_t n_failed, struct buf *out);
void chat_report_junit_end(struct buf *out);

#endif

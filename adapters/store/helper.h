/* A second thread that does one thing at a time: what may take a while and needs nothing of the
 * first but to be left alone.  It is made when it is first needed. */
#ifndef TENSTEP_ADAPTERS_STORE_HELPER_H
#define TENSTEP_ADAPTERS_STORE_HELPER_H

#include "bot/base/str.h"

struct helper;

/* Whether it is waited for and mostly waits itself, or has time: see thread.h. */
enum helper_manner { HELPER_BRIEF, HELPER_PATIENT };

/* @name: at most 15 bytes, for those who look at the process; static. */
struct helper *helper_new(const char *name, enum helper_manner manner) MUST_CHECK;
void helper_free(struct helper *helper); /* after its work is done; NULL is fine */

typedef void helper_work(void *self);
/* Begins @work and returns; not while the last one is not waited for.  False: there can be no
 * thread, and nothing was begun. */
bool helper_begin(struct helper *helper, helper_work *work, void *self) MUST_CHECK;
/* Whether waiting would return at once. */
bool helper_is_done(struct helper *helper) MUST_CHECK;
/* When this returns, all that the work did can be seen here. */
void helper_wait(struct helper *helper);

#endif

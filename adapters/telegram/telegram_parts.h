/* What the files of this codec share. */
#ifndef TENSTEP_ADAPTERS_TELEGRAM_PARTS_H
#define TENSTEP_ADAPTERS_TELEGRAM_PARTS_H

#include "adapters/telegram/telegram.h"
#include "bot/base/json_out.h"

enum { TELEGRAM_TOKEN, TELEGRAM_SECRET, TELEGRAM_POLLING, TELEGRAM_API, n_telegram_settings };

/* Whether the account asks for updates instead of having them brought. */
bool telegram_asks(const struct channel_account *account);

struct channel_taken telegram_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena);
struct channel_judgement telegram_judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena);
bool telegram_pull(const struct channel_account *account, struct str cursor, struct arena *arena,
	struct channel_call *call);
struct channel_pulled telegram_pulled(const struct channel_account *account, struct str cursor,
	const struct channel_answer *answer, struct arena *arena);

/* A call of the Bot API with the JSON that is in @body, which is released. */
struct channel_call telegram_call(const struct channel_account *account, const char *method,
	struct buf *body, struct arena *arena);
/* A member: the sorts of updates that we take. */
void telegram_write_wanted(struct buf *body);

#endif

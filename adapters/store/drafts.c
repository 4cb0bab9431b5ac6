/* What the open transaction has added to conversations. */
#include "adapters/store/drafts.h"

#include <stdlib.h>

#include "bot/base/table.h"

enum { ARENA_MAX = 1 << 30, BODY_MAX = 1 << 20 };

struct named {
	struct draft draft; /* first */
	UT_hash_handle hh;
};

struct drafts {
	struct arena *arena; /* of everything in this transaction */
	struct named *by_name;
	struct named *latest; /* that was looked for: a turn asks for the same again and again */
	struct buf body;      /* while it is encoded */
};

struct drafts *drafts_new(void)
{
	struct drafts *drafts = calloc(1, sizeof(*drafts));

	if (!drafts)
		abort();
	drafts->arena = arena_new(ARENA_MAX);
	buf_init(&drafts->body, BODY_MAX);
	return drafts;
}

void drafts_clear(struct drafts *drafts)
{
	HASH_CLEAR(hh, drafts->by_name);
	drafts->latest = NULL;
	arena_reset(drafts->arena);
}

void drafts_free(struct drafts *drafts)
{
	if (!drafts)
		return;
	drafts_clear(drafts);
	arena_free(drafts->arena);
	buf_release(&drafts->body);
	free(drafts);
}

struct draft *drafts_find(struct drafts *drafts, struct str conversation)
{
	struct named *found = drafts->latest;

	if (found && str_eq(found->draft.conversation, conversation))
		return &found->draft;
	HASH_FIND(hh, drafts->by_name, conversation.p, conversation.n, found);
	if (found)
		drafts->latest = found;
	return found ? &found->draft : NULL;
}

struct draft *drafts_add(struct drafts *drafts, struct str conversation,
	const struct kept_place *place, uint32_t last_post)
{
	struct named *made = arena_new_of(drafts->arena, struct named);

	made->draft.conversation = arena_str(drafts->arena, conversation);
	made->draft.place = *place;
	made->draft.last_post = last_post;
	HASH_ADD_KEYPTR(
		hh, drafts->by_name, made->draft.conversation.p, made->draft.conversation.n, made);
	drafts->latest = made;
	return &made->draft;
}

void draft_save(struct drafts *drafts, struct draft *draft, const struct kept_session *session)
{
	draft->row.has_session = true;
	draft->row.session = *session;
	draft->row.session.bytes = arena_str(drafts->arena, session->bytes);
}

static bool body_bytes(struct drafts *drafts, const struct post *post, struct str *bytes)
{
	if (post->bytes.n) {
		*bytes = arena_str(drafts->arena, post->bytes);
		return true;
	}
	buf_clear(&drafts->body);
	value_encode(post->body ? post->body : &value_none, &drafts->body);
	*bytes = arena_str(drafts->arena, buf_str(&drafts->body));
	return !drafts->body.over;
}

bool draft_add_post(struct drafts *drafts, struct draft *draft, const struct post *post)
{
	struct journal_row *row = &draft->row;
	struct kept_post kept = {
		.n = post->n,
		.at_ms = post->at_ms,
		.who = post->who,
		.name = arena_str(drafts->arena, post->name),
		.mid = arena_str(drafts->arena, post->mid),
	};

	if (!body_bytes(drafts, post, &kept.body))
		return false;
	row->post = arena_grow(drafts->arena, row->post, row->n_posts, struct kept_post);
	row->post[row->n_posts++] = kept;
	draft->last_post = post->n;
	return true;
}

void draft_add_mid(struct drafts *drafts, struct draft *draft, struct str mid, int64_t at_ms)
{
	struct journal_row *row = &draft->row;

	row->mid = arena_grow(drafts->arena, row->mid, row->n_mids, struct kept_mid);
	row->mid[row->n_mids++] = (struct kept_mid){arena_str(drafts->arena, mid), at_ms};
}

struct arena *drafts_arena(const struct drafts *drafts)
{
	return drafts->arena;
}

void drafts_each(struct drafts *drafts, draft_function *each, void *self)
{
	for (struct named *one = drafts->by_name; one; one = one->hh.next)
		each(self, &one->draft);
}

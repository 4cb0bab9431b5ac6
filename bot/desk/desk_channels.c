/* How the accounts on messaging platforms stand. */
#include "adapters/store/store_peers.h"
#include "bot/channels/channels.h"
#include "bot/desk/desk_ask.h"

enum { max_letters = 200 };

static const char *state_of(const struct outbox_account *now, const struct store_account *counts)
{
	if (now->lost)
		return "refused"; /* the platform refuses the account */
	return counts->waiting ? "sending" : "good";
}

static struct json *account_json(
	const struct desk *desk, const struct channel_seat *seat, size_t index)
{
	struct outbox_account now = outbox_account(desk->setup.outbox, index);
	struct store_account counts = {0};
	struct json *json = json_new_object();

	if (store_account(desk->setup.store, seat->account.name, &counts) != STORE_OK)
		counts = (struct store_account){0};
	json_put_text(json, "name", seat->account.name);
	json_put_text(json, "platform", str_of(seat->codec->name));
	json_put_text(json, "state", str_of(state_of(&now, &counts)));
	json_put_int(json, "conversations", counts.peers);
	json_put_int(json, "waiting", counts.waiting);
	json_put_int(json, "oldest", counts.oldest_ms / 1000);
	json_put_int(json, "dead", counts.dead);
	json_put_int(json, "not_before", now.free_ms / 1000);
	json_put_int(json, "error_at", now.error_ms / 1000);
	json_put_text(json, "error", str_of(now.error));
	return json;
}

struct letters {
	struct json *array;
	size_t n;
};

static void list_letter(void *self, const struct store_dead_letter *letter)
{
	struct letters *letters = self;
	struct json *json;

	if (letters->n++ >= max_letters)
		return;
	json = json_new_object();
	json_put_int(json, "id", letter->id);
	json_put_text(json, "channel", letter->account);
	json_put_text(json, "conversation", letter->conversation);
	json_put_int(json, "post", letter->post);
	json_put_int(json, "at", letter->at_ms / 1000);
	json_put_text(json, "why", letter->why);
	json_push(letters->array, json);
}

void ask_list_channels(struct ask *ask)
{
	struct desk *desk = ask->desk;
	const struct serve_config *config = desk->setup.config;
	struct json *json = json_new_object(), *accounts = json_new_array();
	struct letters letters = {json_new_array(), 0};

	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_dead_letters(desk->setup.store, S(""), list_letter, &letters) != STORE_OK) {
		json_free(json);
		json_free(accounts);
		json_free(letters.array);
		ask_refuse_store(ask);
		return;
	}
	for (size_t i = 0; desk->setup.outbox && i < config->n_channels; i++)
		json_push(accounts, account_json(desk, &config->channel[i], i));
	json_put_int(json, "now", desk_now(desk));
	json_put(json, "channels", accounts);
	json_put(json, "letters", letters.array);
	ask_reply(ask, 200, json);
}

/* Pictures of ours in the buyer chat. */
#include "bot/shop/shop_pictures.h"

#include <stdlib.h>

#include "adapters/store/store_peers.h"
#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/base/digest.h"

enum {
	max_errands = 8, /* at once */
	max_errand_bytes = 1 << 20,
	max_form_bytes = 2 * (tiktok_chat_picture_bytes + 8192),
	max_address_bytes = 2048,
	fetch_ms = 20 * 1000,
	keep_ms = 10 * 60 * 1000,    /* where it is, once that is known */
	despair_ms = 10 * 60 * 1000, /* that it cannot be brought */
	first_wait_ms = 2 * 1000,
	longest_wait_ms = 60 * 1000,
};

/* How long the platform keeps a picture is written nowhere: after this time it is brought anew. */
static const int64_t remembered_ms = INT64_C(30) * 86400 * 1000;

enum errand_state {
	ERRAND_FREE,
	ERRAND_UNDER_WAY, /* being fetched, or uploaded */
	ERRAND_WAITING,   /* for another try, at until_ms */
	ERRAND_DONE,      /* forgotten at until_ms, as the next one */
	ERRAND_HOPELESS,
};

struct errand {
	struct shop_pictures *pictures;
	enum errand_state state;
	struct arena *arena;
	struct str name; /* of what is brought: an address, or a file of a conversation */
	struct str address, conversation, file;
	char digest[65];
	const struct value *there;
	struct str why;
	unsigned tries;
	int64_t until_ms; /* steady */
};

struct shop_pictures {
	struct shop_pictures_setup setup;
	struct errand errand[max_errands];
};

static int64_t steady_ms(const struct shop_pictures *pictures)
{
	return loop_steady_ms(pictures->setup.loop);
}

static void count(const struct shop_pictures *pictures, const char *result)
{
	metrics_add(pictures->setup.metrics, "tenstep_channel_pictures_total",
		pictures->setup.seat->account.name.p, result, 1);
}

/* --- how it ends --- */

static void release(struct errand *errand)
{
	if (errand->arena)
		arena_free(errand->arena);
	*errand = (struct errand){.state = ERRAND_FREE};
}

static void log_end(const struct errand *errand, enum log_level level, const char *what)
{
	const struct shop_pictures_setup *setup = &errand->pictures->setup;

	LOG(setup->log, level, loop_now_ms(setup->loop), what,
		log_word("channel", setup->seat->account.name), log_id("picture", errand->name),
		log_int("tries", errand->tries), log_word("error", errand->why));
}

static void despair(struct errand *errand, struct str why)
{
	errand->state = ERRAND_HOPELESS;
	errand->until_ms = steady_ms(errand->pictures) + despair_ms;
	errand->why = arena_str(errand->arena, why);
	count(errand->pictures, "failed");
	log_end(errand, LOG_ERROR, "a picture cannot be brought to the platform");
}

static void try_later(struct errand *errand, struct str why)
{
	int64_t wait = first_wait_ms;

	for (unsigned i = 1; i < errand->tries && wait < longest_wait_ms; i++)
		wait *= 2;
	errand->state = ERRAND_WAITING;
	errand->until_ms =
		steady_ms(errand->pictures) + (wait < longest_wait_ms ? wait : longest_wait_ms);
	errand->why = arena_str(errand->arena, why);
	count(errand->pictures, "again");
	log_end(errand, LOG_WARNING, "a picture was not brought to the platform");
}

static void be_there(struct errand *errand, const struct value *there)
{
	errand->state = ERRAND_DONE;
	errand->until_ms = steady_ms(errand->pictures) + keep_ms;
	errand->there = there;
}

/* --- what is remembered --- */

static bool recall(struct errand *errand)
{
	struct shop_pictures *pictures = errand->pictures;
	struct value_builder there = value_build(errand->arena);
	struct store_picture known;

	if (store_picture(pictures->setup.store, pictures->setup.seat->account.name,
		    str_of(errand->digest), errand->arena, &known) != STORE_OK ||
		known.at_ms + remembered_ms < loop_now_ms(pictures->setup.loop))
		return false;
	value_put_text(&there, "url", known.url);
	value_put_int(&there, "width", known.width);
	value_put_int(&there, "height", known.height);
	be_there(errand, value_record(&there));
	count(pictures, "known");
	return true;
}

/* In the transaction that is open: what shows it is committed with this or later. */
static void remember(struct errand *errand, const struct value *there)
{
	struct shop_pictures *pictures = errand->pictures;
	struct store_picture picture = {
		.account = pictures->setup.seat->account.name,
		.digest = str_of(errand->digest),
		.url = value_get_text(there, "url"),
		.width = value_get_int(there, "width"),
		.height = value_get_int(there, "height"),
		.at_ms = loop_now_ms(pictures->setup.loop),
	};

	if (pictures->setup.write(pictures->setup.self))
		store_put_picture(pictures->setup.store, &picture);
}

/* --- bringing --- */

static void read_upload(struct errand *errand, const struct value *data)
{
	const struct value *there = tiktok_chat_read_upload(data, errand->arena);

	if (!there) {
		try_later(errand, S("the platform's answer cannot be read"));
		return;
	}
	remember(errand, there);
	be_there(errand, there);
	count(errand->pictures, "brought");
}

/* A code that came with trouble is believed when all tries have brought it. */
static bool is_refused(const struct tts_answer *answer)
{
	return answer->meaning == TTS_NO || answer->meaning == TTS_MISTAKEN ||
	       (answer->meaning == TTS_UNCLEAR && tiktok_chat_is_refusal(answer->code));
}

static void uploaded(void *self, const struct tts_answer *answer)
{
	struct errand *errand = self;

	if (answer->meaning == TTS_OK)
		read_upload(errand, answer->data);
	else if (is_refused(answer))
		despair(errand,
			arena_printf(errand->arena, "the platform does not take the picture: %.*s",
				STR(answer->message)));
	else
		try_later(errand, str_of(tts_meaning_name(answer->meaning)));
}

static void upload(struct errand *errand, struct str bytes)
{
	struct shop_pictures *pictures = errand->pictures;
	struct arena *arena = arena_new(max_form_bytes);
	struct channel_call call = tiktok_chat_upload(&pictures->setup.seat->account, bytes, arena);

	shop_line_upload(pictures->setup.line, &call, uploaded, errand);
	arena_free(arena);
}

static void bring(struct errand *errand, struct str bytes)
{
	if (bytes.n > tiktok_chat_picture_bytes) {
		despair(errand, S("the picture is larger than 10 MiB"));
	} else if (!tiktok_chat_picture_type(bytes)) {
		despair(errand, S("it is no JPEG, PNG, WebP or GIF picture"));
	} else {
		digest_hex(digest_of(bytes), errand->digest);
		if (!recall(errand))
			upload(errand, bytes);
	}
}

static void fetched(void *self, const struct http_result *result)
{
	struct errand *errand = self;
	bool answered = result->outcome == HTTP_ANSWERED;

	if (answered && result->status == 200)
		bring(errand, result->body);
	else if (answered && result->status < 500 && result->status != 429)
		despair(errand, arena_printf(errand->arena, "the picture's address answered %u",
					result->status));
	else if (answered)
		try_later(errand, S("the picture's server has trouble"));
	else
		try_later(errand, str_of(result->error));
}

static void fetch(struct errand *errand)
{
	struct http_call call = {
		.method = S("GET"),
		.url = errand->address,
		.total_ms = fetch_ms,
		.max_answer_bytes = tiktok_chat_picture_bytes + 1,
	};

	http_client_call(errand->pictures->setup.client, &call, fetched, errand);
}

static void bring_file(struct errand *errand)
{
	struct uploads *uploads = errand->pictures->setup.uploads;
	const char *type;
	struct buf bytes;

	buf_init(&bytes, tiktok_chat_picture_bytes + 1);
	if (uploads && uploads_read(uploads, errand->conversation, errand->file, &bytes, &type))
		bring(errand, buf_str(&bytes));
	else
		despair(errand, S("the picture is not there any more"));
	buf_release(&bytes);
}

static void set_out(struct errand *errand)
{
	errand->state = ERRAND_UNDER_WAY;
	errand->tries++;
	if (errand->address.n)
		fetch(errand);
	else
		bring_file(errand);
}

/* --- looking --- */

static struct errand *find(struct shop_pictures *pictures, struct str name)
{
	for (size_t i = 0; i < max_errands; i++) {
		struct errand *errand = &pictures->errand[i];

		if (errand->state >= ERRAND_DONE && steady_ms(pictures) >= errand->until_ms)
			release(errand);
		if (errand->state != ERRAND_FREE && str_eq(errand->name, name))
			return errand;
	}
	return NULL;
}

/* A free one, else the one that is forgotten soonest; NULL: all are under way. */
static struct errand *find_room(struct shop_pictures *pictures)
{
	struct errand *found = NULL;

	for (size_t i = 0; i < max_errands; i++) {
		struct errand *errand = &pictures->errand[i];

		if (errand->state == ERRAND_FREE)
			return errand;
		if (errand->state >= ERRAND_DONE && (!found || errand->until_ms < found->until_ms))
			found = errand;
	}
	if (found)
		release(found);
	return found;
}

static struct errand *begin(struct shop_pictures *pictures, struct str name,
	struct str conversation, const struct value *picture)
{
	struct errand *errand = find_room(pictures);

	if (!errand)
		return NULL;
	errand->pictures = pictures;
	errand->arena = arena_new(max_errand_bytes);
	errand->name = arena_str(errand->arena, name);
	errand->address = arena_str(errand->arena, value_get_text(picture, "address"));
	errand->conversation = arena_str(errand->arena, conversation);
	errand->file = arena_str(errand->arena, value_get_text(value_get(picture, "file"), "id"));
	set_out(errand);
	return errand;
}

static struct str name_of(struct str conversation, const struct value *picture, struct arena *arena)
{
	struct str address = value_get_text(picture, "address");

	if (address.n)
		return str_sub(address, 0, max_address_bytes);
	return arena_printf(arena, "%.*s %.*s", STR(conversation),
		STR(value_get_text(value_get(picture, "file"), "id")));
}

enum outbox_picture shop_pictures_look(struct shop_pictures *pictures, struct str conversation,
	const struct value *picture, struct arena *arena, const struct value **there,
	struct str *why)
{
	struct str name = name_of(conversation, picture, arena);
	struct errand *errand = find(pictures, name);

	if (!errand)
		errand = begin(pictures, name, conversation, picture);
	else if (errand->state == ERRAND_WAITING && steady_ms(pictures) >= errand->until_ms)
		set_out(errand);
	if (errand && errand->state == ERRAND_DONE) {
		*there = value_copy(arena, errand->there);
		return OUTBOX_PICTURE;
	}
	if (errand && errand->state == ERRAND_HOPELESS) {
		*why = arena_str(arena, errand->why);
		return OUTBOX_PICTURE_NOT;
	}
	return OUTBOX_PICTURE_ASKED;
}

/* --- the door --- */

struct shop_pictures *shop_pictures_new(const struct shop_pictures_setup *setup)
{
	struct shop_pictures *pictures = calloc(1, sizeof *pictures);

	if (!pictures)
		abort();
	pictures->setup = *setup;
	return pictures;
}

void shop_pictures_free(struct shop_pictures *pictures)
{
	if (!pictures)
		return;
	for (size_t i = 0; i < max_errands; i++) {
		http_client_forget(pictures->setup.client, &pictures->errand[i]);
		shop_line_forget(pictures->setup.line, &pictures->errand[i]);
		release(&pictures->errand[i]);
	}
	free(pictures);
}

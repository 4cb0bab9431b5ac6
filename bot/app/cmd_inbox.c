/* tenstep inbox: who waits for a person, and answering them. */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "bot/app/command.h"
#include "bot/desk/desk_door.h"
#include "bot/desk/desk_json.h"
#include "bot/desk/inbox_picture.h"
#include "bot/desk/inbox_print.h"

enum { KEY_PERSON = 0x400, KEY_ALL, KEY_SAY, KEY_EVERY, KEY_PICTURE, KEY_BECAUSE, KEY_ORDER };
enum { max_words = 3, watch_default_s = 2 };

struct inbox {
	struct desk_door door;
	const char *person, *say, *picture, *because, *order;
	int64_t every_s;
	bool all;
	const char *word[max_words]; /* the action and what it is about */
	int n_words;
	int64_t id;
	struct arena *arena;
};

static const struct argp_option option[] = {
	{"person", KEY_PERSON, "NAME", 0,
		"your name as buyers see it (else TENSTEP_PERSON, else your login name)", 0},
	{"say", KEY_SAY, "TEXT", 0,
		"back, queue: last words before the bot or somebody else goes on", 0},
	{"picture", KEY_PICTURE, "FILE", 0,
		"reply: a picture (JPEG, PNG, WebP or GIF, at most 5 MiB), with TEXT or without",
		0},
	{"because", KEY_BECAUSE, "TEXT", 0,
		"settle refused: why it was not done, as the buyer is to read it", 0},
	{"order", KEY_ORDER, "NUMBER", 0, "settle: of which order, when several are left", 0},
	{"all", KEY_ALL, NULL, 0, "list: closed ones too", 0},
	{"every", KEY_EVERY, "SECONDS", 0, "watch: how often the server is asked (2)", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct inbox *inbox = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &inbox->door;
		return 0;
	case KEY_PERSON:
		inbox->person = arg;
		return 0;
	case KEY_SAY:
		inbox->say = arg;
		return 0;
	case KEY_BECAUSE:
		inbox->because = arg;
		return 0;
	case KEY_ORDER:
		inbox->order = arg;
		return 0;
	case KEY_PICTURE:
		inbox->picture = arg;
		return 0;
	case KEY_ALL:
		inbox->all = true;
		return 0;
	case KEY_EVERY:
		if (!str_int(str_of(arg), &inbox->every_s) || inbox->every_s < 1 ||
			inbox->every_s > 3600)
			argp_error(state, "--every is 1 to 3600 seconds, not '%s'", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (inbox->n_words == max_words)
			argp_error(
				state, "'%s' is too much; a text of several words is quoted", arg);
		else
			inbox->word[inbox->n_words++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child child[] = {{&desk_door_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {option, parse,
	"[list]\nshow CARD\nclaim CARD\nreply CARD [TEXT] [--picture FILE]\nback CARD "
	"[FLOW[/STEP]]\nqueue "
	"CARD\nsettle CARD done|refused\nclose CARD\n"
	"watch [CARD]\nsends\nagain SEND",
	"Who waits for a person, and answering them, at the desk of a running server.\v"
	"claim takes a conversation over: from then on the bot is silent in it, until back gives "
	"it to the bot again, at FLOW or a question of it if you name one. TEXT may be - to read "
	"it from stdin. queue leaves a conversation to somebody else. close is for what was dealt "
	"with in another way. watch shows who comes, "
	"or one conversation as it goes on; Ctrl-C ends it. sends are the hand-offs that the "
	"webhook has not delivered; again tries one that was given up.\n\n"
	"Exit status: 0 done, 1 not done (somebody was quicker, no such card …), 2 cannot run.",
	child, NULL, NULL};

/* --- requests --- */

static int get(struct inbox *inbox, const char *path, print_function *print)
{
	struct inbox_answer answer = inbox_client_ask(&inbox->door.client, path, NULL);

	return desk_door_finish(&inbox->door, &answer, print);
}

static struct json *body_of(const struct inbox *inbox)
{
	struct json *body = json_new_object();

	json_put_text(body, "person", str_of(inbox->person));
	return body;
}

static int post(struct inbox *inbox, const char *what, struct json *body)
{
	char path[80];
	struct inbox_answer answer;

	snprintf(path, sizeof path, "/desk/cards/%lld/%s", (long long)inbox->id, what);
	answer = inbox_client_ask(&inbox->door.client, path, body);
	json_free(body);
	return desk_door_finish(&inbox->door, &answer, inbox_print_change);
}

static void card_path(const struct inbox *inbox, int64_t after, char path[80])
{
	snprintf(path, 80, "/desk/cards/%lld?after=%lld", (long long)inbox->id, (long long)after);
}

/* --- the actions --- */

static int list(struct inbox *inbox)
{
	return get(inbox, inbox->all ? "/desk/cards?all=1" : "/desk/cards", inbox_print_cards);
}

static int show(struct inbox *inbox)
{
	char path[80];

	card_path(inbox, 0, path);
	return get(inbox, path, inbox_print_card);
}

/* What changes a card names the version that was seen: here the newest.  That a claim comes between
 * is what the version finds out. */
static int change(struct inbox *inbox, const char *what)
{
	struct json *body = body_of(inbox);
	struct inbox_answer answer;
	int64_t version = 0;
	bool json = inbox->door.json;
	char path[80];
	int status;

	card_path(inbox, UINT32_MAX - 1, path);
	answer = inbox_client_ask(&inbox->door.client, path, NULL);
	inbox->door.json = json && answer.status != 200;
	status = desk_door_check(&inbox->door, &answer);
	inbox->door.json = json;
	if (status == EXIT_GOOD && json_int(json_get(answer.root, "version"), &version))
		json_put_int(body, "version", version);
	inbox_answer_release(&answer);
	if (status == EXIT_GOOD)
		return post(inbox, what, body);
	json_free(body);
	return status;
}

static int claim(struct inbox *inbox)
{
	return change(inbox, "claim");
}

static int close_card(struct inbox *inbox)
{
	return change(inbox, "close");
}

static void read_all(FILE *from, struct buf *text)
{
	int c;

	while ((c = getc(from)) != EOF)
		buf_addc(text, (char)c);
}

/* A new id a text: whatever is sent again because an answer got lost is known by it. */
static void make_id(char id[17])
{
	unsigned char chance[8];

	if (getrandom(chance, sizeof chance, 0) != sizeof chance)
		abort();
	for (size_t i = 0; i < sizeof chance; i++)
		snprintf(id + 2 * i, 3, "%02x", chance[i]);
}

/* False after a message. */
static bool put_words(const struct inbox *inbox, struct json *body)
{
	const char *word = inbox->word[2];
	struct buf text;
	bool good;

	buf_init(&text, desk_text_bytes + 1);
	if (strcmp(word, "-") == 0)
		read_all(stdin, &text);
	else
		buf_adds(&text, word);
	good = !text.over && text.n <= desk_text_bytes && str_trim(buf_str(&text)).n;
	if (good)
		json_put_text(body, "text", buf_str(&text));
	else
		fprintf(stderr, "tenstep inbox: a reply is 1 to %d bytes long\n", desk_text_bytes);
	buf_release(&text);
	return good;
}

static int put_picture(struct inbox *inbox, struct json *body)
{
	struct str file = {0};
	int status = inbox_picture_bring(&inbox->door, inbox->id, inbox->picture, &file);

	if (status == EXIT_GOOD)
		json_put_text(body, "file", file);
	return status;
}

static int reply(struct inbox *inbox)
{
	struct json *body = body_of(inbox);
	int status = EXIT_GOOD;
	char id[17];

	if (inbox->n_words == 3 && !put_words(inbox, body))
		status = EXIT_CANNOT;
	else if (inbox->picture)
		status = put_picture(inbox, body);
	if (status == EXIT_GOOD) {
		make_id(id);
		json_put_text(body, "id", str_of(id));
		return post(inbox, "reply", body);
	}
	json_free(body);
	return status;
}

static int back(struct inbox *inbox)
{
	struct json *body = body_of(inbox);

	if (inbox->n_words == 3)
		json_put_text(body, "to", str_of(inbox->word[2]));
	if (inbox->say)
		json_put_text(body, "text", str_of(inbox->say));
	return post(inbox, "back", body);
}

static int settle(struct inbox *inbox)
{
	struct json *body = body_of(inbox);

	json_put_text(body, "outcome", str_of(inbox->word[2]));
	if (inbox->because)
		json_put_text(body, "because", str_of(inbox->because));
	if (inbox->order)
		json_put_text(body, "order", str_of(inbox->order));
	return post(inbox, "settle", body);
}

static int put_back(struct inbox *inbox)
{
	struct json *body = body_of(inbox);

	if (inbox->say)
		json_put_text(body, "text", str_of(inbox->say));
	return post(inbox, "queue", body);
}

static int sends(struct inbox *inbox)
{
	return get(inbox, "/desk/sends", inbox_print_sends);
}

static void print_again(FILE *to, const struct json *answer)
{
	(void)answer;
	fprintf(to, "It is tried again now.\n");
}

static int again(struct inbox *inbox)
{
	struct json *body = json_new_object();
	struct inbox_answer answer;
	char path[80];

	snprintf(path, sizeof path, "/desk/sends/%lld/again", (long long)inbox->id);
	answer = inbox_client_ask(&inbox->door.client, path, body);
	json_free(body);
	return desk_door_finish(&inbox->door, &answer, print_again);
}

/* --- watching --- */

/* True: there is something to show.  A server that is started anew is waited for, but it must have
 * been there once. */
static bool look(
	struct inbox *inbox, const char *path, bool first, struct inbox_answer *answer, int *status)
{
	*answer = inbox_client_ask(&inbox->door.client, path, NULL);
	*status = EXIT_GOOD;
	if (answer->answered && answer->status == 200 && answer->root)
		return true;
	if (first || answer->answered)
		*status = desk_door_check(&inbox->door, answer);
	return false;
}

static void wait_a_while(struct inbox *inbox, struct inbox_answer *answer)
{
	inbox_answer_release(answer);
	if (fflush(stdout) == 0)
		inbox_client_wait(&inbox->door.client, inbox->every_s * 1000);
}

static void show_news(
	const struct inbox *inbox, const struct inbox_answer *answer, bool first, int64_t *last)
{
	const struct json *posts = json_get(answer->root, "posts");

	if (inbox->door.json && (first || json_count(posts)))
		printf("%.*s\n", STR(answer->text));
	else if (!inbox->door.json && first)
		inbox_print_card(stdout, answer->root);
	else if (!inbox->door.json)
		inbox_print_posts(stdout, posts);
	for (const struct json *post = json_first(posts); post; post = json_next(post))
		if (!json_int(json_get(post, "n"), last))
			return;
}

/* One conversation: new lines as they come. */
static int watch_card(struct inbox *inbox)
{
	int64_t last = 0;
	int status = EXIT_GOOD;

	for (bool first = true; status == EXIT_GOOD && !ferror(stdout);) {
		struct inbox_answer answer;
		char path[80];

		card_path(inbox, last, path);
		if (look(inbox, path, first, &answer, &status)) {
			show_news(inbox, &answer, first, &last);
			first = false;
		}
		wait_a_while(inbox, &answer);
	}
	return status;
}

/* Two lists with the same mark differ in nothing but the time. */
static uint64_t mark_of(const struct json *answer)
{
	uint64_t mark = 1;

	for (const struct json *card = json_first(json_get(answer, "cards")); card;
		card = json_next(card)) {
		int64_t id = 0, version = 0;

		if (json_int(json_get(card, "id"), &id) &&
			json_int(json_get(card, "version"), &version))
			mark = mark * 1000003 + (uint64_t)id * 31 + (uint64_t)version;
		mark = mark * 31 + str_hash(json_text(json_get(card, "state")));
	}
	return mark;
}

/* The list again, whenever it has changed. */
static int watch_all(struct inbox *inbox)
{
	uint64_t before = 0;
	int status = EXIT_GOOD;

	for (bool first = true; status == EXIT_GOOD && !ferror(stdout);) {
		struct inbox_answer answer;

		if (look(inbox, "/desk/cards", first, &answer, &status)) {
			uint64_t mark = mark_of(answer.root);

			if (mark != before && inbox->door.json)
				printf("%.*s\n", STR(answer.text));
			else if (mark != before)
				inbox_print_cards(stdout, answer.root);
			before = mark;
			first = false;
		}
		wait_a_while(inbox, &answer);
	}
	return status;
}

static int watch(struct inbox *inbox)
{
	return inbox->id ? watch_card(inbox) : watch_all(inbox);
}

static const struct action {
	const char *name;
	int min_words, max_words; /* the name is one of them */
	int (*run)(struct inbox *inbox);
	const char *usage;
} action[] = {
	{"list", 1, 1, list, "list"},
	{"show", 2, 2, show, "show CARD"},
	{"claim", 2, 2, claim, "claim CARD"},
	{"reply", 2, 3, reply, "reply CARD TEXT"},
	{"back", 2, 3, back, "back CARD [FLOW[/STEP]]"},
	{"queue", 2, 2, put_back, "queue CARD"},
	{"settle", 3, 3, settle, "settle CARD done|refused [--because TEXT]"},
	{"close", 2, 2, close_card, "close CARD"},
	{"watch", 1, 2, watch, "watch [CARD]"},
	{"sends", 1, 1, sends, "sends"},
	{"again", 2, 2, again, "again SEND"},
};
enum { n_actions = sizeof action / sizeof *action };

static const struct action *find_action(const struct inbox *inbox)
{
	const char *name = inbox->n_words ? inbox->word[0] : "list";
	struct str names[n_actions], hint;

	for (int i = 0; i < n_actions; i++) {
		if (strcmp(action[i].name, name) == 0)
			return &action[i];
		names[i] = str_of(action[i].name);
	}
	hint = diag_nearest(inbox->arena, str_of(name), names, n_actions);
	fprintf(stderr, "tenstep inbox: unknown action '%s'%s%.*s\n", name,
		hint.n ? "; " : "; 'tenstep inbox --help' lists them", STR(hint));
	return NULL;
}

static bool fits(struct inbox *inbox, const struct action *wanted)
{
	int n = inbox->n_words ? inbox->n_words : 1;

	if (n < wanted->min_words || n > wanted->max_words) {
		fprintf(stderr, "tenstep inbox: usage: tenstep inbox %s\n", wanted->usage);
		return false;
	}
	if (wanted->run == reply && n == 2 && !inbox->picture) {
		fprintf(stderr, "tenstep inbox: usage: tenstep inbox reply CARD TEXT\n");
		return false;
	}
	if (n > 1 && (!str_int(str_of(inbox->word[1]), &inbox->id) || inbox->id < 1)) {
		fprintf(stderr,
			"tenstep inbox: '%s' is no number of a card; `tenstep inbox` lists "
			"them\n",
			inbox->word[1]);
		return false;
	}
	return true;
}

/* --- who asks --- */

static const char *person_of(const char *given)
{
	const char *set = getenv("TENSTEP_PERSON");
	const struct passwd *entry = getpwuid(getuid());

	if (given || (set && *set))
		return given ? given : set;
	return entry && entry->pw_name ? entry->pw_name : "desk";
}

static int run(struct inbox *inbox)
{
	const struct action *wanted = find_action(inbox);

	if (!wanted || !fits(inbox, wanted) || !desk_door_open(&inbox->door))
		return EXIT_CANNOT;
	inbox->person = person_of(inbox->person);
	return wanted->run(inbox);
}

int cmd_inbox(int argc, char **argv)
{
	struct inbox inbox = {.door = {.command = "inbox", .options = OPTIONS_DEFAULT},
		.every_s = watch_default_s};
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &inbox);
	inbox.arena = arena_new(1 << 20);
	status = run(&inbox);
	desk_door_close(&inbox.door);
	arena_free(inbox.arena);
	return status;
}

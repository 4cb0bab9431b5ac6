/* A chat with a person at a terminal. */
#include "bot/terminal/parley.h"

#include "bot/base/date.h"
#include "flows/template.h"

enum { max_why_bytes = 1 << 18, max_screen_bytes = 1 << 20, max_error_bytes = 400 };

void parley_init(struct parley *parley, struct talk *talk)
{
	*parley = (struct parley){
		.talk = talk,
		.view = {stdout, options_colour(&talk->options, stdout), view_width(stdout)},
		.screen = arena_new(max_screen_bytes),
	};
	buf_init(&parley->why, max_why_bytes);
}

void parley_release(struct parley *parley)
{
	arena_free(parley->screen);
	buf_release(&parley->why);
}

/* --- what is on screen --- */

static void keep_choices(struct parley *parley, const struct choice *from, size_t n)
{
	struct choice *copy;

	arena_reset(parley->screen);
	copy = arena_array(parley->screen, struct choice, n + 1);
	for (size_t i = 0; i < n; i++) {
		copy[i].id = arena_str(parley->screen, from[i].id);
		copy[i].label = arena_str(parley->screen, from[i].label);
	}
	parley->choice = copy;
	parley->n_choices = n;
}

static void explain(struct parley *parley, const struct host_turn *turn)
{
	buf_clear(&parley->why);
	for (size_t i = 0; i < turn->n_traces; i++)
		trace_explain(&turn->trace[i], true, &parley->why);
	for (size_t i = 0; i < turn->n_calls; i++)
		buf_addf(&parley->why, "call     %s -> %s\n", turn->call[i].op->name,
			turn->call[i].answered ? outcome_name[turn->call[i].outcome] : "under way");
}

static void show_why(const struct parley *parley)
{
	if (parley->why.n)
		fwrite(parley->why.p, 1, parley->why.n, stdout);
	else
		puts("nothing was said yet");
}

void parley_show(struct parley *parley, const struct host_turn *turn)
{
	const struct choice *choice;
	size_t n;

	if (!turn) {
		fprintf(stderr, "tenstep: %s; nothing was done\n", host_error(parley->talk->host));
		parley->failed = true;
		return;
	}
	if (draw_turn(&parley->view, turn, &choice, &n))
		keep_choices(parley, choice, n);
	if (turn->n_traces)
		explain(parley, turn);
	if (parley->tracing)
		show_why(parley);
	fflush(stdout);
}

/* --- words with ':' --- */

static void word_why(struct parley *parley, struct str rest)
{
	(void)rest;
	show_why(parley);
}

static void word_trace(struct parley *parley, struct str rest)
{
	(void)rest;
	parley->tracing = !parley->tracing;
	draw_aside(&parley->view, "(each turn is explained: %s)", parley->tracing ? "yes" : "no");
}

/* A value as a person reads it, on one line. */
static void show_value(struct str name, const struct value *value)
{
	struct buf out;

	buf_init(&out, max_why_bytes);
	if (value->type == VALUE_LIST)
		buf_addf(&out, "%zu: ", value->list.n);
	for (size_t i = 0; value->type == VALUE_LIST && i < value->list.n; i++) {
		buf_adds(&out, i ? ", " : "");
		value_print(value->list.item[i], &out);
	}
	if (value->type != VALUE_LIST)
		value_print(value, &out);
	printf("  %.*s = %.*s\n", STR(name), STR(buf_str(&out)));
	buf_release(&out);
}

static void word_vars(struct parley *parley, struct str rest)
{
	const struct session *s = host_session(parley->talk->host);
	struct arena *arena = arena_new(max_screen_bytes);
	const struct value *slots = session_slots(s, true, arena);

	(void)rest;
	for (size_t i = 0; i < s->n_frames; i++)
		printf("%.*s/%.*s\n", STR(s->frame[i].flow_name), STR(s->frame[i].step_name));
	for (size_t i = 0; slots->type == VALUE_RECORD && i < slots->record.n; i++)
		show_value(slots->record.field[i].name, slots->record.field[i].value);
	if (s->buyer.n)
		printf("buyer %.*s, with %s\n", STR(s->buyer), owner_name[s->owner]);
	else
		printf("buyer not known, with %s\n", owner_name[s->owner]);
	for (size_t i = 0; i < s->n_watched; i++)
		printf("watching %.*s of %.*s\n", STR(s->watched[i].event), STR(s->watched[i].of));
	arena_free(arena);
}

static void word_back(struct parley *parley, struct str rest)
{
	int64_t n = 1;

	if (rest.n && (!str_int(rest, &n) || n < 1)) {
		puts(":back takes a number of turns");
		return;
	}
	if (!talk_back(parley->talk, (size_t)n)) {
		puts("there is no such turn to go back to");
		return;
	}
	keep_choices(parley, NULL, 0);
	draw_aside(&parley->view, "(%lld turn%s back; what the shop did stays done)", (long long)n,
		n == 1 ? "" : "s");
	if (host_session(parley->talk->host)->said.n)
		draw_bubble(&parley->view, host_session(parley->talk->host)->said);
}

static void word_reload(struct parley *parley, struct str rest)
{
	struct arena *arena = arena_new(max_screen_bytes);
	struct diags diags;
	bool good;

	(void)rest;
	diags_init(&diags, arena);
	good = talk_reload(parley->talk, &diags);
	options_print_findings(&parley->talk->options, &diags, stdout);
	draw_aside(&parley->view, good ? "(reloaded)" : "(the content before stays in use)");
	arena_free(arena);
}

static void word_save_test(struct parley *parley, struct str rest)
{
	char path[4096];
	struct buf error;

	if (!rest.n || rest.n >= sizeof path) {
		puts(":save-test takes the name of a file, say tests/chats/mine.chat");
		return;
	}
	snprintf(path, sizeof path, "%.*s", STR(rest));
	buf_init(&error, max_error_bytes);
	if (record_save(&parley->talk->record, path, &error))
		draw_aside(&parley->view, "(saved; try 'tenstep test %s')", path);
	else
		printf("%.*s\n", STR(buf_str(&error)));
	buf_release(&error);
}

static void word_goto(struct parley *parley, struct str rest)
{
	const struct flow *flow;
	struct str step = rest;
	size_t at = rest.n;
	struct event event = {.kind = EVENT_AGENT, .action = AGENT_HANDED_BACK, .reference = rest};

	while (at && rest.p[at - 1] != '/')
		at--;
	flow = model_flow(parley->talk->model, str_sub(rest, 0, at ? at - 1 : rest.n));
	step = str_sub(rest, at, rest.n);
	if (!model_flow(parley->talk->model, rest) && (!flow || !flow_step(flow, step))) {
		printf("there is no step '%.*s'; name it like cancel_order/reason\n", STR(rest));
		return;
	}
	parley_show(parley, talk_turn(parley->talk, &event));
}

static void word_after(struct parley *parley, struct str rest)
{
	int64_t ms;

	if (!date_duration_ms(rest, &ms) || ms < 0) {
		puts(":after takes a time like 90s, 15m, 8h or 3d");
		return;
	}
	parley_show(parley, talk_after(parley->talk, ms));
	if (!parley->failed) {
		struct date now = date_of(host_now(parley->talk->host) / 1000);

		draw_aside(&parley->view, "(it is %u %s %lld, %02u:%02u UTC)", now.day,
			date_month_name[now.month], (long long)now.year, now.hour, now.minute);
	}
}

/* "order=A-1001 state=paid" */
static const struct value *fields_of(struct arena *arena, struct str rest)
{
	struct value_builder fields = value_build(arena);

	while ((rest = str_trim(rest)).n) {
		struct str word = str_cut(&rest, ' '), name = str_cut(&word, '=');

		value_put_text(&fields, arena_cstr(arena, name), word);
	}
	return value_record(&fields);
}

static void word_event(struct parley *parley, struct str rest)
{
	struct arena *arena = arena_new(max_screen_bytes);
	struct event event = {.kind = EVENT_NOTICE, .name = str_cut(&rest, ' ')};

	if (event.name.n) {
		const struct host_turn *turn;

		event.value = fields_of(arena, rest);
		turn = talk_turn(parley->talk, &event);
		parley_show(parley, turn);
		if (turn && turn->ignored)
			draw_aside(&parley->view, "(nobody waits for that)");
	} else {
		puts(":event takes a name and fields, say: :event refund.updated order=A-1001 "
		     "state=paid");
	}
	arena_free(arena);
}

static void word_photo(struct parley *parley, struct str rest)
{
	parley_show(parley, talk_turn(parley->talk, &(struct event){.kind = EVENT_ATTACHMENT,
							    .text = S("image"),
							    .reference = rest.n ? rest : S("photo.jpg")}));
}

static void word_restart(struct parley *parley, struct str rest)
{
	(void)rest;
	if (!talk_restart(parley->talk)) {
		parley->failed = parley->quit = true;
		return;
	}
	keep_choices(parley, NULL, 0);
	buf_clear(&parley->why);
	draw_aside(&parley->view, "(a new conversation; the shop stays as it is)");
}

static void word_quit(struct parley *parley, struct str rest)
{
	(void)rest;
	parley->quit = true;
}

static void word_help(struct parley *parley, struct str rest);

static const struct {
	const char *name, *takes, *about;
	void (*run)(struct parley *parley, struct str rest);
} word[] = {
	{":why", "", "why the last message was understood so", word_why},
	{":trace", "", "explain every turn, or stop it", word_trace},
	{":vars", "", "open flows and what they know", word_vars},
	{":back", "[N]", "go back N turns and try other words", word_back},
	{":goto", "FLOW/STEP", "go on at that step", word_goto},
	{":after", "15m", "let time pass", word_after},
	{":event", "NAME a=b", "the shop tells us something", word_event},
	{":photo", "[NAME]", "send a picture", word_photo},
	{":reload", "", "read intents and flows again", word_reload},
	{":save-test", "FILE", "write this conversation down as a .chat test", word_save_test},
	{":restart", "", "a new conversation", word_restart},
	{":help", "", "this list", word_help},
	{":quit", "", "leave; the conversation is kept", word_quit},
};
enum { n_words = sizeof word / sizeof *word };

static void word_help(struct parley *parley, struct str rest)
{
	(void)parley;
	(void)rest;
	for (int i = 0; i < n_words; i++)
		printf("  %-10s %-10s %s\n", word[i].name, word[i].takes, word[i].about);
	puts("Anything else is said to the bot; a number picks one of its choices.");
}

static void unknown_word(struct str name)
{
	struct arena *arena = arena_new(1 << 16);
	struct str names[n_words], hint;

	for (int i = 0; i < n_words; i++)
		names[i] = str_of(word[i].name);
	hint = diag_nearest(arena, name, names, n_words);
	printf("there is no '%.*s'; %.*s\n", STR(name),
		STR(hint.n ? hint : S("':help' lists what there is")));
	arena_free(arena);
}

static void take_word(struct parley *parley, struct str line)
{
	struct str name = str_cut(&line, ' ');

	for (int i = 0; i < n_words; i++)
		if (str_is(name, word[i].name)) {
			word[i].run(parley, str_trim(line));
			fflush(stdout);
			return;
		}
	unknown_word(name);
}

/* --- what is typed --- */

/* A label as written wins over a number, because a label may be one. */
static const struct choice *choice_of(const struct parley *parley, struct str line)
{
	int64_t number;

	for (size_t i = 0; i < parley->n_choices; i++)
		if (str_eq_nocase(line, parley->choice[i].label))
			return &parley->choice[i];
	if (str_int(line, &number) && number >= 1 && (uint64_t)number <= parley->n_choices)
		return &parley->choice[number - 1];
	return NULL;
}

void parley_take(struct parley *parley, struct str line)
{
	struct event event = {.kind = EVENT_TEXT, .text = line};
	const struct choice *choice;

	line = str_trim(line);
	if (!line.n)
		return;
	if (line.p[0] == ':' && line.n > 1 && line.p[1] >= 'a' && line.p[1] <= 'z') {
		take_word(parley, line);
		return;
	}
	choice = choice_of(parley, line);
	if (choice) {
		event.kind = EVENT_PRESS;
		event.text = choice->id;
	}
	parley_show(parley, talk_turn(parley->talk, &event));
}

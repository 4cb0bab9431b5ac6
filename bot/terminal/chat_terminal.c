/* A chat in a terminal: line editing and history through libedit, and a clock that runs while
 * somebody thinks.  From a pipe: the same without prompts, and time stands still. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "bot/common/lines.h"
#include "bot/terminal/chat_mode.h"
#include "bot/terminal/edit_late.h"
#include "bot/terminal/parley.h"

enum { history_lines = 500, longest_wait_ms = 60 * 1000 };

struct terminal {
	struct parley parley;
	EditLine *edit;
	History *past;
	char *history_file;          /* NULL: none */
	int64_t virtual_ms, real_ms; /* the clocks when they were last set side by side */
};

/* --- time --- */

/* Goes on while the machine sleeps, and nobody can set it back. */
static int64_t elapsed_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void set_clocks(struct terminal *terminal)
{
	terminal->virtual_ms = host_now(terminal->parley.talk->host);
	terminal->real_ms = elapsed_ms();
}

static int64_t time_now(const struct terminal *terminal)
{
	return terminal->virtual_ms + elapsed_ms() - terminal->real_ms;
}

static int until_due(const struct terminal *terminal)
{
	int64_t due, wait;

	if (!host_next_due(terminal->parley.talk->host, &due))
		return longest_wait_ms;
	wait = due - time_now(terminal);
	return wait < 0 ? 0 : wait > longest_wait_ms ? longest_wait_ms : (int)wait;
}

static bool speaks(const struct host_turn *turn)
{
	for (size_t i = 0; turn && i < turn->n_effects; i++)
		if (turn->effect[i].kind == EFFECT_SAY)
			return true;
	return !turn;
}

/* What became due while somebody was thinking; true if something was printed. */
static bool catch_up(struct terminal *terminal, const char *before)
{
	const struct host_turn *turn =
		host_advance(terminal->parley.talk->host, time_now(terminal));

	if (!speaks(turn))
		return false;
	fputs(before, stdout);
	parley_show(&terminal->parley, turn);
	return true;
}

/* --- the editor --- */

static const char *prompt(EditLine *edit)
{
	(void)edit;
	return "> ";
}

/* One character for the editor.  While none is there, time passes. */
static int read_character(EditLine *edit, wchar_t *out)
{
	struct terminal *terminal;
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	mbstate_t state = {0};

	el_get(edit, EL_CLIENTDATA, &terminal);
	for (;;) {
		int ready = poll(&in, 1, until_due(terminal));
		char c;

		if (ready < 0 && errno == EINTR)
			continue; /* the editor has dealt with the signal */
		if (ready < 0)
			return -1;
		if (ready == 0) {
			if (catch_up(terminal, "\r\033[K"))
				el_set(edit, EL_REFRESH);
			continue;
		}
		if (read(STDIN_FILENO, &c, 1) != 1)
			return 0;
		switch (mbrtowc(out, &c, 1, &state)) {
		case (size_t)-1: /* no UTF-8: dropped */
			memset(&state, 0, sizeof state);
			continue;
		case (size_t)-2: /* more is to come */
			continue;
		default:
			return 1;
		}
	}
}

static void load_history(struct terminal *terminal)
{
	const struct talk *talk = terminal->parley.talk;
	HistEvent event;
	size_t n;

	terminal->past = history_init();
	history(terminal->past, &event, H_SETSIZE, history_lines);
	history(terminal->past, &event, H_SETUNIQUE, 1);
	el_set(terminal->edit, EL_HIST, history, terminal->past);
	if (!talk->folder)
		return;
	n = strlen(talk->folder) + sizeof "/history";
	terminal->history_file = malloc(n);
	if (!terminal->history_file)
		abort();
	snprintf(terminal->history_file, n, "%s/history", talk->folder);
	history(terminal->past, &event, H_LOAD, terminal->history_file);
}

static void open_editor(struct terminal *terminal)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
	terminal->edit = el_init("tenstep", stdin, stdout, stderr);
	el_set(terminal->edit, EL_CLIENTDATA, terminal);
	el_set(terminal->edit, EL_PROMPT, prompt);
	el_set(terminal->edit, EL_EDITOR, "emacs");
	el_set(terminal->edit, EL_SIGNAL, 1);
	el_set(terminal->edit, EL_GETCFN, read_character);
	el_source(terminal->edit, NULL);
	load_history(terminal);
}

static void close_editor(struct terminal *terminal)
{
	HistEvent event;
	mode_t mask = umask(077);

	if (terminal->history_file)
		history(terminal->past, &event, H_SAVE, terminal->history_file);
	umask(mask);
	free(terminal->history_file);
	history_end(terminal->past);
	el_end(terminal->edit);
}

/* --- the two ways in --- */

static void greet(const struct terminal *terminal)
{
	const struct talk *talk = terminal->parley.talk;
	const struct session *session = host_session(talk->host);

	if (talk->buyer)
		draw_aside(&terminal->parley.view,
			"Tenstep on the demo shop; you are %s. Write as a buyer would; :help lists "
			"the rest.",
			talk->buyer);
	else
		draw_aside(&terminal->parley.view, "Tenstep on the demo shop. Write as a buyer "
						   "would, say \"cancel my order\"; "
						   ":help lists the rest.");
	if (host_taken_up(talk->host) && session->n_frames && session->said.n) {
		draw_aside(&terminal->parley.view, "(we were talking; --fresh begins anew)");
		draw_bubble(&terminal->parley.view, session->said);
	}
	fflush(stdout);
}

static void talk_with_person(struct terminal *terminal)
{
	struct parley *parley = &terminal->parley;
	HistEvent event;
	const char *line;
	int n;

	signal(SIGINT, SIG_DFL); /* Ctrl-C leaves, whoever started us */
	open_editor(terminal);
	set_clocks(terminal);
	while (!parley->quit && (line = el_gets(terminal->edit, &n)) != NULL && n > 0) {
		if (n > 1)
			history(terminal->past, &event, H_ENTER, line);
		catch_up(terminal, "");
		parley->view.width = view_width(stdout);
		parley_take(parley, (struct str){line, (size_t)n});
		set_clocks(terminal);
	}
	if (!parley->quit)
		putchar('\n');
	close_editor(terminal);
}

static void talk_with_pipe(struct parley *parley)
{
	struct buf line;

	buf_init(&line, max_line_bytes);
	while (!parley->quit && !ferror(stdout) && line_read(stdin, &line))
		parley_take(parley, buf_str(&line));
	buf_release(&line);
}

static void show(void *self, const struct host_turn *turn)
{
	parley_show(self, turn);
}

int chat_terminal(struct talk *talk)
{
	struct terminal terminal = {.edit = NULL};
	bool person = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	bool failed;

	parley_init(&terminal.parley, talk);
	if (person)
		greet(&terminal);
	if (!talk_begin(talk, show, &terminal.parley))
		parley_show(&terminal.parley, NULL);
	if (person)
		talk_with_person(&terminal);
	else
		talk_with_pipe(&terminal.parley);
	failed = terminal.parley.failed;
	parley_release(&terminal.parley);
	return failed ? EXIT_CANNOT : EXIT_GOOD;
}

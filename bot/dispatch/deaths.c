/* What the program was at when it died. */
#include "bot/dispatch/deaths.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	max_name = 255,
	max_lines = 1000, /* the file begins anew when there are more */
	stack_bytes = 64 << 10,
	hex_digits = 16,
	line_bytes = 2 * hex_digits + 2,
};

struct name {
	size_t n;
	char bytes[max_name];
};

struct death {
	uint64_t conversation, what;
};

struct deaths {
	int file; /* -1: none */
	volatile sig_atomic_t busy;
	struct name conversation, what;
	struct death *death;
	size_t n;
	void *stack; /* of the handler: the usual one may be what ran out */
};

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { n_deadly = sizeof deadly / sizeof *deadly };

/* A handler is given nothing else. */
static struct deaths *watched;
static _Thread_local bool is_watched_thread; /* what another one dies of is no message's fault */
static struct sigaction before[n_deadly];

static uint64_t hash_of(const struct name *name)
{
	return str_hash((struct str){name->bytes, name->n});
}

static void put_hex(char to[hex_digits], uint64_t number)
{
	for (size_t i = hex_digits; i-- > 0; number >>= 4)
		to[i] = "0123456789abcdef"[number & 15];
}

static void note(struct deaths *deaths)
{
	char line[line_bytes];

	deaths->busy = 0;
	put_hex(line, hash_of(&deaths->conversation));
	line[hex_digits] = ' ';
	put_hex(line + hex_digits + 1, hash_of(&deaths->what));
	line[line_bytes - 1] = '\n';
	if (write(deaths->file, line, line_bytes) == line_bytes)
		(void)fsync(deaths->file);
}

/* Whoever was there before goes on with it: the same fault happens again, or abort() ends it. */
static void dying(int number)
{
	for (size_t i = 0; i < n_deadly; i++)
		(void)sigaction(deadly[i], &before[i], NULL);
	if (watched && is_watched_thread && watched->busy && watched->file >= 0)
		note(watched);
	if (number != SIGABRT)
		(void)raise(number);
}

static void watch(struct deaths *deaths)
{
	struct sigaction action = {.sa_handler = dying, .sa_flags = SA_ONSTACK | SA_NODEFER};
	stack_t stack = {.ss_size = stack_bytes};

	watched = deaths;
	is_watched_thread = true;
	stack.ss_sp = deaths->stack = calloc(1, stack_bytes);
	if (!deaths->stack || sigaltstack(&stack, NULL) != 0)
		action.sa_flags &= ~SA_ONSTACK;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < n_deadly; i++)
		(void)sigaction(deadly[i], &action, &before[i]);
}

static void unwatch(void)
{
	stack_t none = {.ss_flags = SS_DISABLE};

	for (size_t i = 0; i < n_deadly; i++)
		(void)sigaction(deadly[i], &before[i], NULL);
	(void)sigaltstack(&none, NULL);
	watched = NULL;
}

/* --- the file --- */

static bool read_hex(const char *from, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < hex_digits; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = from[i] ? strchr(digits, from[i]) : NULL;

		if (!at)
			return false;
		*number = *number << 4 | (uint64_t)(at - digits);
	}
	return true;
}

/* What is no line of ours is passed over: a last one may be torn. */
static void read_lines(struct deaths *deaths, FILE *from)
{
	char line[128];
	struct death death;

	while (deaths->n < max_lines && fgets(line, sizeof line, from))
		if (strlen(line) == line_bytes && read_hex(line, &death.conversation) &&
			read_hex(line + hex_digits + 1, &death.what))
			deaths->death[deaths->n++] = death;
}

struct deaths *deaths_open(const char *path)
{
	struct deaths *deaths = calloc(1, sizeof *deaths);
	FILE *from = fopen(path, "re");
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;

	if (!deaths)
		abort();
	deaths->death = calloc(max_lines, sizeof *deaths->death);
	if (!deaths->death)
		abort();
	if (from) {
		read_lines(deaths, from);
		fclose(from);
	}
	deaths->file = open(path, deaths->n == max_lines ? flags | O_TRUNC : flags, 0600);
	watch(deaths);
	return deaths;
}

bool deaths_are_kept(const struct deaths *deaths)
{
	return deaths->file >= 0;
}

void deaths_close(struct deaths *deaths)
{
	if (!deaths)
		return;
	unwatch();
	if (deaths->file >= 0)
		close(deaths->file);
	free(deaths->stack);
	free(deaths->death);
	free(deaths);
}

/* --- what is being done --- */

static void set(struct name *name, struct str to)
{
	name->n = to.n < max_name ? to.n : max_name;
	if (name->n)
		memcpy(name->bytes, to.p, name->n);
}

void deaths_begin(struct deaths *deaths, struct str conversation, struct str what)
{
	if (!deaths)
		return;
	set(&deaths->conversation, conversation);
	set(&deaths->what, what);
	deaths->busy = 1;
}

void deaths_end(struct deaths *deaths)
{
	if (deaths)
		deaths->busy = 0;
}

bool deaths_enough_of(const struct deaths *deaths, struct str conversation, struct str what)
{
	uint64_t of, by;
	unsigned times = 0;

	if (!deaths || !deaths->n)
		return false;
	of = str_hash(str_sub(conversation, 0, max_name));
	by = str_hash(str_sub(what, 0, max_name));
	for (size_t i = 0; i < deaths->n; i++)
		times += deaths->death[i].conversation == of && deaths->death[i].what == by;
	return times >= deaths_enough;
}

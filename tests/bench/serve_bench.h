/* The parts of bench_serve: servers to compare with, the load that is put on them, and what a
 * process costs.  All in processes of their own, so that CPU can be told apart. */
#ifndef TENSTEP_TESTS_SERVE_BENCH_H
#define TENSTEP_TESTS_SERVE_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

_Noreturn void die(const char *what, const char *why);
void must(bool good, const char *what);
double seconds_now(void);

/* --- serve_process.c: children --- */

struct server {
	pid_t pid;
	int port;
	char folder[1024]; /* its own; empty: none */
};
/* The bare libwebsockets server: echoes what a WebSocket says, takes and drops a POST. */
struct server server_echo(void);
/* `tenstep serve` with a new shop in @folder and limits that do not bite.  @keep: what is in the
 * folder stays. */
struct server server_tenstep(const char *program, const char *folder, bool keep);
/* nginx that returns 200; pid 0: there is no nginx. */
struct server server_nginx(const char *folder);
void server_stop(struct server *server);

double process_cpu(pid_t pid);    /* seconds so far, user and system */
double process_memory(pid_t pid); /* bytes of its own that it has written to */

/* --- serve_echo.c --- */
_Noreturn void echo_run(int tell_port);

/* --- serve_load.c: whoever talks to a server --- */

enum load_kind {
	LOAD_ECHO,   /* WebSocket: one frame there, one back */
	LOAD_CHAT,   /* WebSocket: flows of the shop; done when acknowledged and answered */
	LOAD_POST,   /* HTTP: 1 KB to any path, 200 */
	LOAD_DIRECT, /* HTTP: 1 KB as a Direct Line activity under a token of its own */
	LOAD_HOOK    /* HTTP: 1 KB as a signed webhook of a platform (HMAC-SHA256) */
};

/* Of both servers alike: libwebsockets walks through a table of as many descriptors as are allowed
 * whenever a connection ends. */
#define BENCH_CONNECTIONS 12000
#define LOAD_HOOK_SECRET "for-the-benchmark-only-abcdefghij"

struct load {
	pid_t pid;
	int pipe;
};
struct load_result {
	size_t n, failed;                    /* turns */
	double seconds, cpu;                 /* of the load itself */
	double median_us, late_us, worst_us; /* 50, 95, 99 of 100 are faster */
	double longest_us;                   /* all */
};
struct load load_start(enum load_kind kind, const struct server *server);
/* Opens connections until there are @n; seconds that it took. */
double load_open(struct load *load, size_t n);
/* All connections, or the first @active of them, one message under way on each, for so long. */
struct load_result load_run(struct load *load, size_t active, double seconds);
/* The same in two halves. */
void load_run_begin(struct load *load, size_t active, double seconds);
struct load_result load_run_end(struct load *load);
/* CHAT: the first connection has its conversation erased, and is closed then; seconds that it took.
 */
double load_forget(struct load *load);
/* One turn on each connection. */
struct load_result load_once(struct load *load);
/* Answers pings and nothing else. */
void load_idle(struct load *load, double seconds);
/* CHAT: all connections end; and all take up their conversations at a server that is there again
 * after it was @away for so many seconds, each after the widget's wait by chance.  The times are
 * those from the call to each welcome. */
void load_leave(struct load *load);
struct load_result load_return(struct load *load, const struct server *server, double away);
void load_stop(struct load *load);

/* --- serve_many.c --- */

struct many_cost {
	double wall, cpu; /* seconds a durable turn */
};
/* Turns of conversations picked at random among @stored, none of them in memory; makes the file in
 * @folder first if it is not there. */
struct many;
struct many *many_open(const char *folder, size_t stored);
/* Of all that are stored, or of 1,000 of them that are talked in all the time. */
enum many_turns { MANY_UNDER_WAY, MANY_LEFT_ALONE };
struct many_cost many_run(struct many *many, enum many_turns which, size_t turns);
void many_close(struct many *many);

#endif

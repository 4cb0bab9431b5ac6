/* The benchmark of the server: beside a bare libwebsockets echo, a raw append with fdatasync and
 * nginx, each in a process of its own, measured in turns (rounds are interleaved, medians printed).
 *
 *   cmake --preset bench && cmake --build --preset bench
 *   build/bench/tests/bench_serve FOLDER [part ...]
 *
 * FOLDER holds what is stored: the disk that is measured.  Parts: turns, idle, many, start, post,
 * return, forget; none named: all.  ROUNDS, SECONDS (of one round), MANY (conversations) and
 * CONNECTIONS (only turns of so many) come from the environment. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/serve_bench.h"

enum { max_rounds = 31, record_bytes = 200, max_path = 2048 };

struct bench {
	const char *folder;
	char program[PATH_MAX + 16]; /* tenstep, beside this one */
	char work[max_path];         /* the server's folder */
	size_t rounds, many;
	size_t only; /* so many connections; 0: 1, 100, 1,000 and 10,000 */
	double seconds;
};

/* --- numbers --- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *value, size_t n)
{
	qsort(value, n, sizeof(*value), by_size);
	return n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}

static const char *verdict(bool met)
{
	return met ? "met" : "NOT met";
}

/* --- append and fdatasync --- */

/* Seconds of one append of @n records and one fdatasync; CPU of it in *@cpu. */
static double append(const char *folder, size_t n, double seconds, double *cpu)
{
	static char records[64 * record_bytes];
	char path[max_path];
	double started = seconds_now(), took;
	clock_t cpu_started = clock();
	size_t times = 0;
	int file;

	snprintf(path, sizeof(path), "%s/append", folder);
	file = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_APPEND, 0600);
	must(file >= 0, path);
	for (; seconds_now() - started < seconds; times++) {
		must(write(file, records, n * record_bytes) == (ssize_t)(n * record_bytes), path);
		must(fdatasync(file) == 0, "fdatasync");
	}
	took = (seconds_now() - started) / (double)times;
	*cpu = (double)(clock() - cpu_started) / CLOCKS_PER_SEC / (double)times;
	close(file);
	(void)unlink(path);
	return took;
}

/* --- one part: a load on a server, told apart by CPU --- */

struct side {
	struct server server;
	struct load load;
	double rate[max_rounds], cpu[max_rounds], median_us[max_rounds], worst_us[max_rounds];
	size_t failed;
};

static void measure(struct side *side, size_t round, size_t active, double seconds)
{
	double cpu = process_cpu(side->server.pid);
	struct load_result result = load_run(&side->load, active, seconds);

	side->rate[round] = (double)result.n / result.seconds;
	side->cpu[round] =
		(process_cpu(side->server.pid) - cpu) * 1e6 / (double)(result.n ? result.n : 1);
	side->median_us[round] = result.median_us;
	side->worst_us[round] = result.worst_us;
	side->failed += result.failed;
}

struct figures {
	double rate, cpu, median_us, worst_us;
};

static struct figures figures_of(struct side *side, size_t rounds)
{
	return (struct figures){median(side->rate, rounds), median(side->cpu, rounds),
		median(side->median_us, rounds), median(side->worst_us, rounds)};
}

static void show(const char *name, size_t n, struct figures f, size_t failed)
{
	printf("%6zu  %-26s %9.0f /s  %7.1f us CPU  %8.0f us  %8.0f us", n, name, f.rate, f.cpu,
		f.median_us, f.worst_us);
	printf(failed ? "  %zu FAILED\n" : "\n", failed);
}

/* --- turns --- */

static void show_turns(size_t n, struct side *echo, struct side *ours, double *fsync_us,
	double *fsync_cpu, size_t rounds)
{
	static const struct {
		size_t n;
		double ratio;
	} target[] = {{100, 0.50}, {1000, 0.50}, {10000, 0.70}};
	struct figures e = figures_of(echo, rounds), o = figures_of(ours, rounds);
	double fsync = median(fsync_us, rounds);

	show("bare echo", n, e, echo->failed);
	printf("%6zu  %-26s %9.0f /s  %7.1f us CPU  %8.0f us\n", n, "append + fdatasync",
		1e6 / fsync, median(fsync_cpu, rounds), fsync);
	show("tenstep, durable turns", n, o, ours->failed);
	if (n == 1)
		printf("        alone: %.0f us a turn; %.2f x (echo + fdatasync); target 1.30: "
		       "%s\n",
			1e6 / o.rate, 1e6 / o.rate / (1e6 / e.rate + fsync),
			verdict(1e6 / o.rate <= 1.3 * (1e6 / e.rate + fsync)));
	for (size_t i = 0; i < sizeof(target) / sizeof(target[0]); i++)
		if (target[i].n == n)
			printf("        ours / echo: %.2f; target %.2f: %s\n", o.rate / e.rate,
				target[i].ratio, verdict(o.rate / e.rate >= target[i].ratio));
}

static void turns_at(struct bench *b, size_t n, struct side *echo, struct side *ours)
{
	double fsync_us[max_rounds], fsync_cpu[max_rounds];

	echo->failed = ours->failed = 0;
	load_open(&echo->load, n);
	load_open(&ours->load, n);
	(void)load_once(&ours->load);
	for (size_t r = 0; r < b->rounds; r++) {
		measure(echo, r, n, b->seconds);
		fsync_us[r] = append(b->folder, 1, b->seconds / 3, &fsync_cpu[r]) * 1e6;
		fsync_cpu[r] *= 1e6;
		measure(ours, r, n, b->seconds);
	}
	show_turns(n, echo, ours, fsync_us, fsync_cpu, b->rounds);
}

static void part_turns(struct bench *b)
{
	static const size_t n[] = {1, 100, 1000, 10000};
	static struct side echo, ours;

	printf("\nDurable turns over WebSocket, closed loop: answered when acknowledged and the "
	       "bot "
	       "has spoken.\nFlows: greeting, menu, cancel, order status, return, stop, thanks; a "
	       "quarter are buttons.\n conns  what                             rate     server's "
	       "CPU    median      99 of 100\n");
	echo.server = server_echo();
	ours.server = server_tenstep(b->program, b->work, false);
	echo.load = load_start(LOAD_ECHO, &echo.server);
	ours.load = load_start(LOAD_CHAT, &ours.server);
	for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++)
		if (!b->only || b->only == n[i])
			turns_at(b, n[i], &echo, &ours);
	load_stop(&echo.load);
	load_stop(&ours.load);
	server_stop(&echo.server);
	server_stop(&ours.server);
}

/* --- idle --- */

static double idle_cpu(struct server *server, struct load *load)
{
	double cpu = process_cpu(server->pid);

	load_idle(load, 10);
	return process_cpu(server->pid) - cpu;
}

static void part_idle(struct bench *b)
{
	enum { before = 100, n = 10000 };
	struct server server = server_tenstep(b->program, b->work, false);
	struct load load = load_start(LOAD_CHAT, &server);
	double first, connected, talked;

	printf("\nIdle conversations, %d of them connected\n", n);
	load_open(&load, before);
	for (int i = 0; i < 20; i++)
		(void)load_once(&load);
	load_idle(&load, 3);
	first = process_memory(server.pid);
	load_open(&load, n);
	load_idle(&load, 3);
	connected = (process_memory(server.pid) - first) / (n - before);
	printf("        user memory of one that is connected: %.0f bytes; target 2560: %s\n",
		connected, verdict(connected <= 2560));
	printf("        CPU of all in 10 s: %.2f s (%.1f %% of a core)\n", idle_cpu(&server, &load),
		idle_cpu(&server, &load) * 10);
	(void)load_once(&load);
	load_idle(&load, 30);
	talked = (process_memory(server.pid) - first) / (n - before);
	printf("        the same after a turn of each and 30 s: %.0f bytes, %.2f s CPU in 10 s\n",
		talked, idle_cpu(&server, &load));
	load_stop(&load);
	server_stop(&server);
}

/* --- many stored --- */

static void compare_many(struct bench *b, struct many *many[2], const size_t stored[2],
	enum many_turns which, const char *what)
{
	double wall[2][max_rounds], cpu[2][max_rounds], mid[2];

	printf("\nDurable turns of %s, 64 a commit, folding included\n", what);
	for (size_t r = 0; r < b->rounds + 1; r++)
		for (int k = 0; k < 2; k++) {
			struct many_cost cost = many_run(many[k], which, 6400);

			if (r) { /* the first warms up */
				wall[k][r - 1] = cost.wall * 1e6;
				cpu[k][r - 1] = cost.cpu * 1e6;
			}
		}
	for (int k = 0; k < 2; k++) {
		mid[k] = median(wall[k], b->rounds);
		printf("%8zu stored: %7.1f us a turn, %7.1f us CPU\n", stored[k], mid[k],
			median(cpu[k], b->rounds));
	}
	printf("        many / few: %.2f; target 1.50: %s\n", mid[1] / mid[0],
		verdict(mid[1] <= 1.5 * mid[0]));
}

static void part_many(struct bench *b)
{
	const size_t stored[2] = {1000, b->many};
	struct many *many[2];

	for (int k = 0; k < 2; k++)
		many[k] = many_open(b->folder, stored[k]);
	compare_many(b, many, stored, MANY_UNDER_WAY, "1,000 conversations that are under way");
	compare_many(b, many, stored, MANY_LEFT_ALONE,
		"conversations picked at random among all that are stored");
	for (int k = 0; k < 2; k++)
		many_close(many[k]);
}

/* --- everybody comes back --- */

/* Goal W12 of the widget: within a second of the server's return for 95 of 100. */
static void part_return(struct bench *b)
{
	enum { n = 10000, away = 10 };
	double late[max_rounds], mid[max_rounds], worst[max_rounds], listens[max_rounds];

	printf("\n%d conversations under way, the server killed and away for %d s; then each "
	       "client "
	       "waits by chance as the widget does, and takes up its conversation\n",
		n, away);
	for (size_t r = 0; r < b->rounds; r++) {
		struct server server = server_tenstep(b->program, b->work, false);
		struct load load = load_start(LOAD_CHAT, &server);
		struct load_result back;

		load_open(&load, n);
		(void)load_once(&load);
		load_leave(&load);
		server_stop(&server);
		sleep(away);
		listens[r] = seconds_now();
		server = server_tenstep(b->program, b->work, true);
		listens[r] = (seconds_now() - listens[r]) * 1e3;
		back = load_return(&load, &server, away);
		must(back.n == n, "everybody");
		mid[r] = back.median_us / 1e3;
		late[r] = back.late_us / 1e3;
		worst[r] = back.worst_us / 1e3;
		load_stop(&load);
		server_stop(&server);
	}
	printf("        the server reads what it had not folded and listens after %.0f ms; taken "
	       "up "
	       "again then after %.0f ms (median),\n        %.0f ms (95 of 100), %.0f ms (99 of "
	       "100); target 1000 for 95: %s\n",
		median(listens, b->rounds), median(mid, b->rounds), median(late, b->rounds),
		median(worst, b->rounds), verdict(median(late, b->rounds) <= 1000));
}

/* --- forgetting --- */

/* Somebody has what they said erased in the middle of a run; what others wait for meanwhile. */
static void forget_at(struct bench *b, struct server *server, size_t n)
{
	double calm[max_rounds], beside[max_rounds], took[max_rounds];
	struct load load = load_start(LOAD_CHAT, server), one;

	load_open(&load, n);
	(void)load_run(&load, n, 2 * b->seconds); /* the journal is as long as it gets */
	for (size_t r = 0; r < b->rounds; r++) {
		calm[r] = load_run(&load, n, b->seconds).longest_us / 1e3;
		one = load_start(LOAD_CHAT, server);
		load_open(&one, 1);
		(void)load_once(&one);
		load_run_begin(&load, n, b->seconds);
		usleep((useconds_t)(b->seconds * 0.3e6));
		took[r] = load_forget(&one) * 1e3;
		beside[r] = load_run_end(&load).longest_us / 1e3;
		load_stop(&one);
	}
	printf("%6zu  erased after %.0f ms; the longest turn of the others meanwhile %.0f ms, else "
	       "%.0f ms\n",
		n, median(took, b->rounds), median(beside, b->rounds), median(calm, b->rounds));
	load_stop(&load);
}

static void part_forget(struct bench *b)
{
	struct server server = server_tenstep(b->program, b->work, false);

	printf("\nA buyer's \"forget\" in the middle of a run of so many connections.\n");
	forget_at(b, &server, 100);
	forget_at(b, &server, 1000);
	server_stop(&server);
}

/* --- start --- */

static void part_start(struct bench *b)
{
	double first[max_rounds], listening[max_rounds];

	for (size_t r = 0; r < b->rounds + 1; r++) {
		double started = seconds_now();
		struct server server = server_tenstep(b->program, b->work, r > 0);
		double listens = seconds_now() - started;
		struct load load = load_start(LOAD_CHAT, &server);

		load_open(&load, 1);
		(void)load_once(&load);
		if (r) {
			listening[r - 1] = listens * 1e3;
			first[r - 1] = (seconds_now() - started) * 1e3;
		}
		load_stop(&load);
		server_stop(&server);
	}
	printf("\nStart, with a store that is there: listens after %.1f ms, first answer after "
	       "%.1f ms; target 20: %s\n",
		median(listening, b->rounds), median(first, b->rounds),
		verdict(median(first, b->rounds) <= 20));
}

/* --- a signed POST --- */

static void part_post(struct bench *b)
{
	enum { n = 100, n_sides = 4 };
	static struct side side[n_sides];
	static const char *const name[n_sides] = {"bare libwebsockets", "nginx return 200",
		"tenstep, Direct Line", "tenstep, signed webhook"};
	static const enum load_kind kind[n_sides] = {LOAD_POST, LOAD_POST, LOAD_DIRECT, LOAD_HOOK};
	struct figures f[n_sides] = {{0}};
	char other[max_path + 8];

	printf("\n1 KB POST, one a connection (our server ends each after its answer).  Ours are "
	       "a Direct Line activity and a platform's signed webhook:\nthe HMAC is verified, and "
	       "the message with the bot's whole turn is on disk before the 200.\n");
	side[0].server = server_echo();
	side[1].server = server_nginx(b->folder);
	side[2].server = server_tenstep(b->program, b->work, false);
	snprintf(other, sizeof(other), "%s-hook", b->work);
	side[3].server = server_tenstep(b->program, other, false);
	for (int i = 0; i < n_sides; i++) {
		if (!side[i].server.pid)
			continue;
		side[i].load = load_start(kind[i], &side[i].server);
		load_open(&side[i].load, n);
	}
	for (size_t r = 0; r < b->rounds; r++)
		for (int i = 0; i < n_sides; i++)
			if (side[i].server.pid)
				measure(&side[i], r, n, b->seconds);
	for (int i = 0; i < n_sides; i++) {
		if (!side[i].server.pid) {
			printf("%6d  %-26s is not installed\n", n, name[i]);
			continue;
		}
		f[i] = figures_of(&side[i], b->rounds);
		show(name[i], n, f[i], side[i].failed);
		load_stop(&side[i].load);
		server_stop(&side[i].server);
	}
	printf("        ours / libwebsockets: %.2f; target 0.75: %s\n", f[2].rate / f[0].rate,
		verdict(f[2].rate >= 0.75 * f[0].rate));
	if (f[1].rate > 0)
		printf("        ours / nginx: %.2f; target 0.40: %s\n", f[2].rate / f[1].rate,
			verdict(f[2].rate >= 0.40 * f[1].rate));
	printf("        signed webhook / libwebsockets: %.2f", f[3].rate / f[0].rate);
	if (f[1].rate > 0)
		printf(", / nginx: %.2f", f[3].rate / f[1].rate);
	printf("\n");
}

/* --- all --- */

static const struct {
	const char *name;
	void (*run)(struct bench *bench);
} part[] = {
	{"turns", part_turns},
	{"post", part_post},
	{"start", part_start},
	{"forget", part_forget},
	{"return", part_return},
	{"idle", part_idle},
	{"many", part_many},
};

static double setting(const char *name, double otherwise)
{
	const char *text = getenv(name);

	return text ? strtod(text, NULL) : otherwise;
}

static bool wanted(int argc, char **argv, const char *name)
{
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc <= 2;
}

static void find_program(struct bench *b)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	must(n > 0, "/proc/self/exe");
	self[n] = 0;
	*strrchr(self, '/') = 0;
	snprintf(b->program, sizeof(b->program), "%s/../tenstep", self);
}

static void tell_machine(const struct bench *b)
{
	char date[32];
	time_t now = time(NULL);
	double load[1] = {0};

	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", gmtime(&now));
	(void)getloadavg(load, 1);
	printf("%s, %ld cores (load before: %.1f), %zu rounds of %.1f s, interleaved; medians\n",
		date, sysconf(_SC_NPROCESSORS_ONLN), load[0], b->rounds, b->seconds);
}

int main(int argc, char **argv)
{
	struct bench b = {
		.folder = argc > 1 ? argv[1] : "/tmp",
		.rounds = (size_t)setting("ROUNDS", 5),
		.seconds = setting("SECONDS", 3),
		.many = (size_t)setting("MANY", 1000000),
		.only = (size_t)setting("CONNECTIONS", 0),
	};

	if (b.folder[0] == '-')
		die("usage", "bench_serve FOLDER [turns|post|start|forget|return|idle|many ...]");
	if (b.rounds < 1 || b.rounds > max_rounds)
		die("ROUNDS", "1 to 31");
	setvbuf(stdout, NULL, _IOLBF, 0);
	(void)mkdir(b.folder, 0700);
	snprintf(b.work, sizeof(b.work), "%s/served", b.folder);
	find_program(&b);
	tell_machine(&b);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		if (wanted(argc, argv, part[i].name))
			part[i].run(&b);
	return 0;
}

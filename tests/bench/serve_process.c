/* Servers as children, and what they cost. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/serve_bench.h"

enum { max_line = 512, max_path = 2048 };

void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_serve: %s: %s\n", what, why);
	exit(1);
}

void must(bool good, const char *what)
{
	if (!good)
		die(what, errno ? strerror(errno) : "failed");
}

double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- children --- */

/* In the child: 0.  It goes when this program goes. */
static pid_t child(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	must(pid >= 0, "fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return pid;
}

void server_stop(struct server *server)
{
	if (server->pid <= 0)
		return;
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	server->pid = 0;
}

struct server server_echo(void)
{
	struct server server = {0};
	int ends[2];

	must(pipe(ends) == 0, "pipe");
	server.pid = child();
	if (!server.pid)
		echo_run(ends[1]);
	must(read(ends[0], &server.port, sizeof(server.port)) == sizeof(server.port),
		"the echo's port");
	close(ends[0]);
	close(ends[1]);
	return server;
}

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[max_path];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	must(file != NULL, path);
	must(fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, 0600) == 0, path);
}

static void drop_kept(const char *folder)
{
	static const char *const file[] = {"store.db", "store.db-wal", "store.db-shm",
		"store.db-journal", "store.db-turns1", "store.db-turns2", "shop.db", "shop.db-wal",
		"shop.db-shm"};
	char path[max_path];

	for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		snprintf(path, sizeof(path), "%s/server/%s", folder, file[i]);
		(void)unlink(path);
	}
}

#define TEXT_OF(number) TEXT(number)
#define TEXT(number) #number
static const char *const config =
	"{\"demo\": true, \"log\": \"error\", \"listen\": {\"port\": 1},\n"
	"\"directline\": {\"secret\": {\"file\": \"directline.secret\"}},\n"
	"\"channels\": {\"bench\": {\"platform\": \"hook\", \"secret\": {\"file\": "
	"\"hook.secret\"},\n"
	"\"url\": \"http://127.0.0.1:9/\"}},\n" /* nothing listens there: intake alone is measured
						 */
	"\"limits\": {\"connections\": " TEXT_OF(BENCH_CONNECTIONS) ", \"connects_per_second\": 100000,\n"
	"\"messages_per_minute\": 6000000, \"conversations_per_minute\": 60000}}\n";

/* Reads until the line that names the address. */
static int port_in(int out)
{
	FILE *file = fdopen(out, "r");
	char line[max_line];
	int port = 0;

	must(file != NULL, "reading what the server says");
	while (!port && fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, "127.0.0.1:");

		port = at ? (int)strtol(at + strlen("127.0.0.1:"), NULL, 10) : 0;
	}
	fclose(file);
	return port;
}

static _Noreturn void become_tenstep(const char *program, const char *folder, int out)
{
	char path[max_path], log[max_path];
	int error;

	snprintf(path, sizeof(path), "%s/serve.json", folder);
	snprintf(log, sizeof(log), "%s/serve.log", folder);
	error = open(log, O_CREAT | O_WRONLY | O_APPEND, 0600);
	must(error >= 0 && dup2(out, 1) == 1 && dup2(error, 2) == 2, "dup");
	execl(program, program, "serve", "--config", path, "--port", "0", "--data", folder,
		(char *)NULL);
	die(program, strerror(errno));
}

struct server server_tenstep(const char *program, const char *folder, bool keep)
{
	struct server server = {0};
	int ends[2];

	snprintf(server.folder, sizeof(server.folder), "%s", folder);
	(void)mkdir(folder, 0700);
	if (!keep)
		drop_kept(folder);
	write_file(folder, "directline.secret", "for-the-benchmark-only-0123456789\n");
	write_file(folder, "hook.secret", LOAD_HOOK_SECRET "\n");
	write_file(folder, "serve.json", config);
	must(pipe(ends) == 0, "pipe");
	server.pid = child();
	if (!server.pid)
		become_tenstep(program, folder, ends[1]);
	close(ends[1]);
	server.port = port_in(ends[0]);
	must(server.port > 0, "tenstep serve did not start; see serve.log in the folder");
	return server;
}

struct server server_nginx(const char *folder)
{
	struct server server = {.port = 18000 + (int)getpid() % 1000};
	char text[max_path], path[max_path];

	snprintf(text, sizeof(text),
		"daemon off; master_process off; error_log /dev/null; pid %s/nginx.pid;\n"
		"events { worker_connections 4096; }\n"
		"http { access_log off; keepalive_requests 100000000; client_body_temp_path "
		"%s/body;\n"
		"server { listen 127.0.0.1:%d; location / { return 200; } } }\n",
		folder, folder, server.port);
	write_file(folder, "nginx.conf", text);
	snprintf(path, sizeof(path), "%s/nginx.conf", folder);
	server.pid = child();
	if (!server.pid) {
		int nowhere = open("/dev/null", O_WRONLY);

		(void)dup2(nowhere, 2);
		execlp("nginx", "nginx", "-c", path, "-p", folder, (char *)NULL);
		_exit(127);
	}
	usleep(300 * 1000);
	if (waitpid(server.pid, NULL, WNOHANG) != 0)
		server.pid = 0;
	return server;
}

/* --- what they cost --- */

double process_cpu(pid_t pid)
{
	char path[64], line[1024];
	unsigned long user = 0, system = 0;
	const char *at;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	must(file != NULL, path);
	must(fgets(line, sizeof(line), file) != NULL, path);
	fclose(file);
	at = strrchr(line, ')');
	must(at && sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			   &system) == 2,
		path);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double field_of(const char *path, const char *name)
{
	char line[max_line];
	double bytes = -1;
	FILE *file = fopen(path, "r");

	while (file && bytes < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			bytes = strtod(line + strlen(name), NULL) * 1024;
	if (file)
		fclose(file);
	return bytes;
}

/* The server does not let itself be looked into, so that smaps is for root only; the status says
 * nearly the same. */
double process_memory(pid_t pid)
{
	char path[64];
	double bytes;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	bytes = field_of(path, "Private_Dirty:");
	if (bytes >= 0)
		return bytes;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return field_of(path, "RssAnon:");
}

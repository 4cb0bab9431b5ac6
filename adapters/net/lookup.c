/* Names looked up in a thread.  All that thread and loop have in common is a pair of sockets; the
 * thread owns its end and its copy of the name. */
#include "adapters/net/lookup.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/thread/thread.h"

struct lookup {
	struct loop *loop;
	struct loop_io io;
	struct loop_timer timer;
	lookup_done *done;
	void *self;
	int socket;
};

struct question {
	int socket;
	char host[];
};

struct finding {
	int error; /* of getaddrinfo; 0: none */
	struct address address;
};

static struct finding look_up(const char *host)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct finding finding = {0};
	struct addrinfo *found = NULL;

	finding.error = getaddrinfo(host, NULL, &hints, &found);
	if (!finding.error && found)
		finding.address = address_of(found->ai_addr);
	if (!finding.error)
		freeaddrinfo(found);
	return finding;
}

static void *ask(void *given)
{
	struct question *question = given;
	struct finding finding = look_up(question->host);

	/* Whoever asked may be gone. */
	(void)send(question->socket, &finding, sizeof(finding), MSG_NOSIGNAL);
	close(question->socket);
	free(question);
	return NULL;
}

static void finish(struct lookup *lookup, struct address address, const char *error)
{
	lookup_done *done = lookup->done;
	void *self = lookup->self;

	lookup_forget(lookup);
	done(self, address, error);
}

static void answered(void *self, int descriptor, unsigned what)
{
	struct lookup *lookup = self;
	struct finding finding = {.error = EAI_SYSTEM};

	(void)what;
	if (recv(descriptor, &finding, sizeof(finding), MSG_DONTWAIT) != sizeof(finding))
		finding.error = EAI_SYSTEM;
	finish(lookup, finding.address, finding.error ? gai_strerror(finding.error) : NULL);
}

static void no_thread(void *self)
{
	finish(self, (struct address){{0}}, "no thread can be started");
}

static bool start_thread(int socket, const char *host)
{
	struct question *question = malloc(sizeof(*question) + strlen(host) + 1);
	pthread_t thread;

	if (!question)
		abort();
	question->socket = socket;
	memcpy(question->host, host, strlen(host) + 1);
	if (!thread_begin(&thread, "tenstep-lookup", ask, question)) {
		free(question);
		return false;
	}
	pthread_detach(thread);
	return true;
}

struct lookup *lookup_start(struct loop *loop, const char *host, lookup_done *done, void *self)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	int pair[2];

	if (!lookup)
		abort();
	*lookup = (struct lookup){.loop = loop, .done = done, .self = self, .socket = -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
		lookup->socket = pair[0];
		if (start_thread(pair[1], host)) {
			loop_io_start(loop, &lookup->io, pair[0], LOOP_READ, answered, lookup);
			return lookup;
		}
		close(pair[1]);
	}
	loop_timer_start(loop, &lookup->timer, 0, no_thread, lookup);
	return lookup;
}

void lookup_forget(struct lookup *lookup)
{
	if (!lookup)
		return;
	loop_timer_stop(lookup->loop, &lookup->timer);
	if (lookup->socket >= 0) {
		loop_io_stop(lookup->loop, &lookup->io);
		close(lookup->socket);
	}
	free(lookup);
}

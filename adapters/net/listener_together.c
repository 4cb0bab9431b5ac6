/* Together and apart: whose thread runs the network's loop.
 *
 *  - Apart: the network's own.  Nobody else touches the loop, the connections, or what is theirs.
 *  - Called (listener.calls): the same, but it has been told to rest.  The caller waits for nothing.
 *  - Together (listener.together): the network's thread waits in together_rest(), the caller's loop
 *    has taken in the network's, and all of it is the caller's.
 *
 * The caller alone decides, in network.rest, under the lock.  That the network rests it believes
 * when it hears so with the number of its latest word (n_rests): what was said of an earlier one
 * may not be true any more.  Only at first it need not hear: a network that has opened and shall
 * rest touches nothing before it is told to run.
 *
 * listener.calls is the caller's.  So is listener.together, but the network's thread reads it, while
 * it runs: it is only changed while that thread rests. */
#include "adapters/net/listener_inside.h"

enum {
	MOST_TOGETHER = 256, /* connections; measured: tests/bench/serve.txt */
	TOGETHER_AGAIN = 128,
};

/* --- the caller --- */

static void set_rest(struct network *network, bool rest)
{
	pthread_mutex_lock(&network->lock);
	network->rest = rest;
	network->n_rests++;
	pthread_cond_broadcast(&network->changed);
	pthread_mutex_unlock(&network->lock);
}

static void come_together(struct listener *listener)
{
	listener->calls = false;
	listener->together = true;
	loop_take_in(listener->setup.loop, listener->network.loop);
}

static void go_apart(struct listener *listener)
{
	loop_let_out(listener->setup.loop);
	listener->together = false;
	mailbox_knock(listener->network.mail); /* what was bid until now */
	set_rest(&listener->network, false);
}

static void call_to_rest(struct listener *listener)
{
	listener->calls = true;
	set_rest(&listener->network, true);
	listener_bid(listener, &(struct letter){.kind = BID_REST});
}

/* What the network may have said of its rest until now is no longer true. */
static void call_off(struct listener *listener)
{
	listener->calls = false;
	set_rest(&listener->network, false);
}

static bool is_to_move(const struct listener *listener)
{
	size_t n;

	if (listener->setup.apart || listener->network.refuses)
		return false;
	n = connections_count(listener->network.connections);
	if (listener->together)
		return n > MOST_TOGETHER;
	return n < TOGETHER_AGAIN && !listener->calls && !loop_has_taken_in(listener->setup.loop);
}

static void move(void *self)
{
	struct listener *listener = self;

	if (!is_to_move(listener))
		return;
	if (listener->together)
		go_apart(listener);
	else
		call_to_rest(listener);
}

void together_prepare(struct listener *listener)
{
	listener->setup.apart |= listener->setup.certificate != NULL;
	listener->network.rest = !listener->setup.apart;
}

void together_begin(struct listener *listener)
{
	listener->setup.apart |= loop_has_taken_in(listener->setup.loop);
	if (listener->setup.apart)
		set_rest(&listener->network, false);
	else
		come_together(listener);
}

void together_end(struct listener *listener)
{
	loop_finish_not(listener->setup.loop, &listener->move);
	if (listener->together)
		go_apart(listener);
	else
		call_off(listener);
}

void together_look(struct listener *listener)
{
	if (is_to_move(listener))
		loop_finish(listener->setup.loop, &listener->move, move, listener);
}

void together_hear(struct listener *listener, const struct letter *letter)
{
	if (!listener->calls || letter->number != listener->network.n_rests)
		return;
	if (loop_has_taken_in(listener->setup.loop))
		call_off(listener);
	else
		come_together(listener);
}

void together_not_now(struct listener *listener)
{
	if (listener->calls)
		call_off(listener);
}

/* --- the network's thread --- */

void together_rest(struct listener *listener)
{
	struct network *network = &listener->network;

	pthread_mutex_lock(&network->lock);
	while (network->rest) {
		mailbox_put(listener->mail,
			&(struct letter){.kind = TOLD_RESTS, .number = network->n_rests});
		pthread_cond_wait(&network->changed, &network->lock);
	}
	pthread_mutex_unlock(&network->lock);
}

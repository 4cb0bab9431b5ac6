/* What the files of the channels share. */
#ifndef TENSTEP_CHANNELS_CHANNELS_PARTS_H
#define TENSTEP_CHANNELS_CHANNELS_PARTS_H

#include "bot/channels/channel_pull.h"
#include "bot/common/rate.h"

/* A request whose letters are on their way to the disk. */
struct intake {
	struct channels *channels;
	struct intake *prev, *next;
	const struct channel_seat *seat;
	struct arena *arena; /* what take() gave is in it */
	struct channel_taken taken;
	channels_answer_function *answer;
	void *self;
	size_t waiting;
	bool failed;
	bool calm; /* asked for by us: nobody floods us with it */
};

struct channels {
	struct channels_setup setup;
	struct outbox *outbox;
	struct dispatcher *dispatcher;
	struct rate *messages;
	struct intake *intakes;
	struct channel_pull **pull; /* one an account, NULL where all is brought */
};

static inline int64_t channels_now(const struct channels *channels)
{
	return loop_now_ms(channels->setup.outbox.loop);
}

/* Whoever waits is answered, and the intake is gone (channel_intake.c). */
void channels_end_intake(struct intake *intake);

#endif

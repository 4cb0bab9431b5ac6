/* The two ways to chat: with people and with scripts. */
#ifndef TENSTEP_TERMINAL_CHAT_MODE_H
#define TENSTEP_TERMINAL_CHAT_MODE_H

#include "bot/terminal/talk.h"

/* Both read stdin to its end and return an exit status.  @talk is open. */

/* A line editor when stdin and stdout are terminals, and real time moves the virtual clock then;
 * from a pipe the same without prompts, and only ":after" moves it. */
int chat_terminal(struct talk *talk);

/* One message a line in, one JSON object a turn out. */
int chat_json(struct talk *talk);

#endif

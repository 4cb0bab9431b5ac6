/* The subcommands: one cmd_*.c each. */
#ifndef TENSTEP_APP_COMMAND_H
#define TENSTEP_APP_COMMAND_H

/* Each gets its own name as argv[0] ("tenstep chat") and returns an exit status (options.h). */
int cmd_chat(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_authorize(int argc, char **argv);
int cmd_inbox(int argc, char **argv);
int cmd_channels(int argc, char **argv);
int cmd_promises(int argc, char **argv);
int cmd_match(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_graph(int argc, char **argv);
int cmd_read(int argc, char **argv);
int cmd_shop(int argc, char **argv);

#endif

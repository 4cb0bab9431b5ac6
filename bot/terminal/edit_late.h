/* libedit, loaded when somebody sits at a terminal.  It brings three other libraries, and only one
 * command of the program ever talks to a person.  The functions have libedit's own names and types;
 * nothing else includes its header. */
#ifndef TENSTEP_TERMINAL_EDIT_LATE_H
#define TENSTEP_TERMINAL_EDIT_LATE_H

#include <histedit.h>

struct edit_late {
	__typeof__(el_init) *init;
	__typeof__(el_end) *end;
	__typeof__(el_set) *set;
	__typeof__(el_get) *get;
	__typeof__(el_gets) *gets;
	__typeof__(el_source) *source;
	__typeof__(history_init) *hist_init;
	__typeof__(history_end) *hist_end;
	__typeof__(history) *hist;
};

/* Loads it the first time; without it the program ends with a line that says so, because it is part
 * of the installation. */
const struct edit_late *edit_late(void);

#define el_init (edit_late()->init)
#define el_end (edit_late()->end)
#define el_set (edit_late()->set)
#define el_get (edit_late()->get)
#define el_gets (edit_late()->gets)
#define el_source (edit_late()->source)
#define history_init (edit_late()->hist_init)
#define history_end (edit_late()->hist_end)
#define history (edit_late()->hist)

#endif

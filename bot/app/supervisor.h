/* Who started the server is told how it stands, as systemd wants to hear it (sd_notify(3)). */
#ifndef TENSTEP_APP_SUPERVISOR_H
#define TENSTEP_APP_SUPERVISOR_H

/* "READY=1", "STOPPING=1".  Nothing happens without NOTIFY_SOCKET in the environment. */
void supervisor_tell(const char *state);

#endif

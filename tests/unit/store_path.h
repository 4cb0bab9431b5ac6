/* A store's file of this process, and all that stands beside it. */
#ifndef TENSTEP_TESTS_STORE_PATH_H
#define TENSTEP_TESTS_STORE_PATH_H

#include <stdio.h>
#include <unistd.h>

enum { max_store_path = 80 };

static inline void store_path_remove(const char *path)
{
	static const char *const behind[] = {"", "-wal", "-shm", "-turns1", "-turns2"};
	char name[max_store_path + 8];

	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
		snprintf(name, sizeof name, "%s%s", path, behind[i]);
		unlink(name);
	}
}

/* One that is not there yet. */
static inline void store_path_fresh(char path[max_store_path], const char *name)
{
	snprintf(path, max_store_path, "/tmp/tenstep-%s-%d.db", name, (int)getpid());
	store_path_remove(path);
}

#endif

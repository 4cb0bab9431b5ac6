/* What this process uses: /proc/self/stat, /proc/self/fd and the limits. */
#include "bot/common/process_stats.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Fields of /proc/self/stat counted after the command's name, which ends with the last ")" and may
 * hold anything, blanks too: state is 0. */
enum { FIELD_UTIME = 11, FIELD_STIME = 12, FIELD_START = 19, FIELD_VSIZE = 20, FIELD_RSS = 21 };
enum { n_fields = FIELD_RSS + 1 };

static bool read_fields(double field[n_fields])
{
	char text[1024];
	FILE *file = fopen("/proc/self/stat", "r");
	size_t n;
	char *p;

	if (!file)
		return false;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	p = strrchr(text, ')');
	if (!p || strlen(p) < 5)
		return false;
	p += 3; /* ") S" */
	for (int i = 1; i < n_fields; i++)
		field[i] = strtod(p, &p);
	return true;
}

static double clock_s(clockid_t clock)
{
	struct timespec now = {0};

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A newer Linux (6.2) tells the number as the size of the folder; else it is counted, which takes
 * milliseconds with 10,000 connections. */
static double open_fds(void)
{
	struct stat st;
	double n = 0;
	DIR *folder;

	if (stat("/proc/self/fd", &st) == 0 && st.st_size > 0)
		return (double)st.st_size;
	folder = opendir("/proc/self/fd");
	if (!folder)
		return -1;
	while (readdir(folder))
		n++;
	closedir(folder);
	return n - 3; /* ".", ".." and the folder's own */
}

static double max_fds(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : -1;
}

struct process_stats process_stats_read(void)
{
	struct process_stats stats = {-1, -1, -1, -1, open_fds(), max_fds()};
	double ticks_per_s = (double)sysconf(_SC_CLK_TCK), field[n_fields];

	if (!read_fields(field))
		return stats;
	stats.cpu_s = (field[FIELD_UTIME] + field[FIELD_STIME]) / ticks_per_s;
	stats.start_s = clock_s(CLOCK_REALTIME) - clock_s(CLOCK_BOOTTIME) +
			field[FIELD_START] / ticks_per_s;
	stats.virtual_bytes = field[FIELD_VSIZE];
	stats.resident_bytes = field[FIELD_RSS] * (double)sysconf(_SC_PAGESIZE);
	return stats;
}

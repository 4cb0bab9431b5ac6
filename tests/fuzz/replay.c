/* Stands in for libFuzzer: runs a fuzz target once over every file given, or in a folder given, in
 * the order of the names.  A folder that is missing or empty is a fault: a test that ran nothing
 * must not look like one that passed. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Noreturn void die(const char *what, const char *path)
{
	fprintf(stderr, "replay: %s '%s'\n", what, path);
	exit(1);
}

/* The bytes are copied to a block of exactly their size, so that AddressSanitizer sees the first
 * step past the end. */
static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		die("cannot read", path);
	rewind(file);
	data = malloc(size ? (size_t)size : 1);
	if (!data || fread(data, 1, (size_t)size, file) != (size_t)size)
		die("cannot read", path);
	fclose(file);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static size_t run(const char *path)
{
	struct dirent **entry;
	struct stat about;
	size_t files = 0;
	int n;

	if (stat(path, &about))
		die("there is no", path);
	if (!S_ISDIR(about.st_mode)) {
		run_file(path);
		return 1;
	}
	n = scandir(path, &entry, is_visible, by_name);
	if (n < 0)
		die("cannot list", path);
	for (int i = 0; i < n; i++) {
		size_t size = strlen(path) + strlen(entry[i]->d_name) + 2;
		char *inner = malloc(size);

		if (!inner)
			die("out of memory at", path);
		snprintf(inner, size, "%s/%s", path, entry[i]->d_name);
		files += run(inner);
		free(inner);
		free(entry[i]);
	}
	free(entry);
	if (!files)
		die("there is nothing in", path);
	return files;
}

int main(int argc, char **argv)
{
	size_t files = 0;

	for (int i = 1; i < argc; i++)
		files += run(argv[i]);
	if (!files)
		die("usage:", "fuzz_x FILE_OR_FOLDER…");
	printf("%zu inputs, no fault\n", files);
	return 0;
}

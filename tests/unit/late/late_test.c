/* A library that is loaded late: its functions work; one that is not there is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/late/late.h"

struct maths {
	double (*root)(double);
	double (*power)(double, double);
};

static const struct late_function function[] = {
	{"sqrt", offsetof(struct maths, root)},
	{"pow", offsetof(struct maths, power)},
	{"no_such_function", 0},
};

static void late__functions_are_found__and_work(void **state)
{
	struct late_library library = {"libm.so.6", "libc6", function, 2};
	struct maths maths = {.root = NULL};

	(void)state;
	late_load(&library, &maths);
	assert_true(maths.root(49) == 7);
	assert_true(maths.power(2, 10) == 1024);
}

/* What a program says that cannot load @library, and how it ends. */
static int end_of(const struct late_library *library, char *said, size_t size)
{
	struct maths maths;
	size_t n = 0;
	ssize_t more;
	int status, end[2];
	pid_t child;

	assert_int_equal(pipe(end), 0);
	child = fork();
	if (!child) {
		dup2(end[1], STDERR_FILENO);
		late_load(library, &maths);
		_exit(0);
	}
	close(end[1]);
	while ((more = read(end[0], said + n, size - 1 - n)) > 0)
		n += (size_t)more;
	said[n] = '\0';
	close(end[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void late__a_library_that_is_missing__is_named_with_its_package(void **state)
{
	struct late_library library = {"libnowhere.so.7", "libnowhere7", function, 1};
	char said[1000];

	(void)state;
	assert_int_equal(end_of(&library, said, sizeof said), 2);
	assert_non_null(strstr(said, "libnowhere.so.7: cannot open"));
	assert_non_null(strstr(said, "install libnowhere7 (libnowhere.so.7)"));
}

static void late__a_library_that_lacks_a_function__is_named_too(void **state)
{
	struct late_library library = {"libm.so.6", "libc6", function, 3};
	char said[1000];

	(void)state;
	assert_int_equal(end_of(&library, said, sizeof said), 2);
	assert_non_null(strstr(said, "no_such_function"));
	assert_non_null(strstr(said, "install libc6 (libm.so.6)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late__functions_are_found__and_work),
		cmocka_unit_test(late__a_library_that_is_missing__is_named_with_its_package),
		cmocka_unit_test(late__a_library_that_lacks_a_function__is_named_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The program says the same where no memory may be made executable (MemoryDenyWriteExecute= of the
 * systemd unit): there PCRE2's compiler fails and patterns are interpreted. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "bot/base/str.h"

/* prctl(2), since Linux 6.3; the C library's headers are older. */
enum { SET_MDWE = 65, REFUSE_EXEC_GAIN = 1 };
enum { cannot_deny = 77 };

static const char message[] = "pls cacel my order 12345\nwhere is my refund??\n"
			      "i want to send back the blue shoes\n";

/* The folder of the tests is in the folder of the program. */
static void run_program(bool deny)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 20);

	if (n <= 0)
		_exit(2);
	path[n] = '\0';
	for (int i = 0; i < 2; i++)
		*strrchr(path, '/') = '\0';
	strcat(path, "/tenstep");
	if (deny && prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) < 0)
		_exit(cannot_deny);
	execl(path, "tenstep", "match", "--content", SOURCE_DIR, (char *)NULL);
	_exit(2);
}

/* What `tenstep match` says of the messages; returns its exit status. */
static int run(bool deny, char *said, size_t max)
{
	int in[2], out[2], status = 0;
	size_t n = 0;
	ssize_t got;

	assert_int_equal(pipe(in) + pipe(out), 0);
	if (fork() == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		run_program(deny);
	}
	close(in[0]);
	close(out[1]);
	assert_int_equal(write(in[1], message, strlen(message)), strlen(message));
	close(in[1]);
	while (n + 1 < max && (got = read(out[0], said + n, max - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(out[0]);
	wait(&status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void program__says_the_same__where_nothing_may_become_executable(void **state)
{
	static char usual[1 << 16], denied[1 << 16];
	int status;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run(false, usual, sizeof(usual)), 0);
	assert_non_null(strstr(usual, "cancel_order"));
	status = run(true, denied, sizeof(denied));
	if (status == cannot_deny) {
		print_message("this Linux has no PR_SET_MDWE\n");
		skip();
	}
	assert_int_equal(status, 0);
	assert_string_equal(denied, usual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program__says_the_same__where_nothing_may_become_executable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

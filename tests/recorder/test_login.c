/* SPDX-License-Identifier: ISC */
/* Which shell is run, and how, for each way of being called.  "The recorder" is
 * this test: /proc/self/exe. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../recorder/login.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"

static struct options o;
static struct program prog;

static void setup(void)
{
	unsetenv("SSH_ORIGINAL_COMMAND");
	setenv("SHELL", "/bin/dash", 1);
	memset(&o, 0, sizeof(o));
	o.name = "shellac-rec";
}

static void login(void)
{
	const struct inherited in = {.privilege = PRIVILEGE_NONE, .environ = environ};

	login_program(&prog, &o, &in);
}

static char *own_path(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	return path;
}

START_TEST(login_shell_of_the_environment)
{
	setup();
	login();
	ck_assert_str_eq(prog.path, "/bin/dash");
	ck_assert_str_eq(prog.argv[0], "-dash");
	ck_assert_ptr_null(prog.argv[1]);
}
END_TEST

START_TEST(command_with_arguments)
{
	char command[] = "echo", zero[] = "zero", one[] = "one";
	char *const args[] = { zero, one, NULL };

	setup();
	o.command = command;
	o.args = args;
	login();
	ck_assert_str_eq(prog.argv[0], "dash");
	ck_assert_str_eq(prog.argv[1], "-c");
	ck_assert_ptr_eq(prog.argv[2], command);
	ck_assert_ptr_eq(prog.argv[3], zero);
	ck_assert_ptr_eq(prog.argv[4], one);
	ck_assert_ptr_null(prog.argv[5]);
}
END_TEST

START_TEST(command_of_a_login_shell)
{
	char command[] = "echo";

	setup();
	o.name = "-shellac-sh";
	o.command = command;
	login();
	ck_assert_str_eq(prog.argv[0], "-sh");
	ck_assert_str_eq(prog.argv[1], "-c");
}
END_TEST

START_TEST(name_tells_the_shell)
{
	static const char *const names[] = { "shellac-sh", "-shellac-sh", "/usr/bin/shellac-sh" };
	size_t i;

	for (i = 0; i < 3; i++) {
		setup();
		o.name = names[i];
		login();
		ck_assert_str_eq(prog.path + strlen(prog.path) - 3, "/sh");
		ck_assert_str_eq(prog.argv[0], "-sh");
	}
}
END_TEST

START_TEST(no_name_of_a_shell)
{
	static const char *const names[] = {
		"", "shellac-", "shellac-rec", "shellac-true", "shellac-../../bin/true",
		"/tmp/shellac-/bin/sh", "xshellac-sh",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		setup();
		o.name = names[i];
		login();
		ck_assert_str_eq(prog.path, "/bin/dash");
	}
}
END_TEST

START_TEST(users_own_of_that_name_first)
{
	char folder[PATH_MAX - 20], path[PATH_MAX];

	setup();
	scratch_enter();
	ck_assert_ptr_nonnull(getcwd(folder, sizeof(folder)));
	snprintf(path, sizeof(path), "%s/sh", folder);
	ck_assert_int_eq(symlink("/bin/sh", path), 0);
	setenv("SHELL", path, 1);
	o.name = "shellac-sh";
	login();
	ck_assert_str_eq(prog.path, path);
}
END_TEST

START_TEST(never_the_recorder)
{
	setup();
	setenv("SHELL", own_path(), 1);
	login();
	ck_assert_str_ne(prog.path, own_path());
	ck_assert_str_eq(getenv("SHELL"), prog.path);
}
END_TEST

START_TEST(link_in_the_environment)
{
	char folder[PATH_MAX - 20], path[PATH_MAX];

	setup();
	scratch_enter();
	ck_assert_ptr_nonnull(getcwd(folder, sizeof(folder)));
	snprintf(path, sizeof(path), "%s/shellac-sh", folder);
	ck_assert_int_eq(symlink(own_path(), path), 0);
	setenv("SHELL", path, 1);
	login();
	ck_assert_str_eq(prog.argv[0], "-sh");
	ck_assert_str_eq(getenv("SHELL"), prog.path);
}
END_TEST

START_TEST(named_twice)
{
	char first[PATH_MAX + 8], second[PATH_MAX + 8];
	char *env[] = { first, second, NULL };
	const struct inherited in = { .privilege = PRIVILEGE_NONE, .environ = env };

	setup();
	o.name = "shellac-sh";
	snprintf(first, sizeof(first), "SHELL=%s", own_path());
	snprintf(second, sizeof(second), "SHELL=%s", own_path());
	login_program(&prog, &o, &in);
	ck_assert_str_eq(env[0] + sizeof("SHELL=") - 1, prog.path);
	ck_assert_str_eq(env[1] + sizeof("SHELL=") - 1, prog.path);
}
END_TEST

START_TEST(login_shell_asks_not_the_environment)
{
	setup();
	setenv("SHELL", "/bin/true", 1);
	o.name = "-shellac-rec";
	login();
	ck_assert_str_ne(prog.path, "/bin/true");
	ck_assert_str_eq(getenv("SHELL"), "/bin/true");
}
END_TEST

START_TEST(forced_without_a_command)
{
	setup();
	o.forced = 1;
	login();
	ck_assert_str_eq(prog.argv[0], "-dash");
	ck_assert_ptr_null(prog.argv[1]);
}
END_TEST

START_TEST(forced_command)
{
	setup();
	o.forced = 1;
	setenv("SSH_ORIGINAL_COMMAND", "make 'all'", 1);
	login();
	ck_assert_str_eq(prog.argv[0], "dash");
	ck_assert_str_eq(prog.argv[1], "-c");
	ck_assert_str_eq(prog.argv[2], "make 'all'");
	ck_assert_ptr_null(prog.argv[3]);
}
END_TEST

START_TEST(only_forced_takes_the_original)
{
	char command[] = "/bin/true --forced";

	setup();
	setenv("SSH_ORIGINAL_COMMAND", "other", 1);
	login();
	ck_assert_ptr_null(prog.argv[1]);
	o.command = command;
	login();
	ck_assert_ptr_eq(prog.argv[2], command);
}
END_TEST

START_TEST(forced_by_the_recorder_as_login_shell)
{
	char command[PATH_MAX + 20];

	setup();
	snprintf(command, sizeof(command), "%s --forced", own_path());
	o.command = command;
	setenv("SSH_ORIGINAL_COMMAND", "other", 1);
	login();
	ck_assert_str_eq(prog.argv[2], "other");
	unsetenv("SSH_ORIGINAL_COMMAND");
	login();
	ck_assert_str_eq(prog.argv[0], "-dash");
	ck_assert_ptr_null(prog.argv[1]);
}
END_TEST

START_TEST(internal_sftp)
{
	static const char server[] = "/sftp-server -l INFO";

	setup();
	o.forced = 1;
	setenv("SSH_ORIGINAL_COMMAND", "internal-sftp2", 1);
	login();
	ck_assert_str_eq(prog.argv[2], "internal-sftp2");
	if (access("/usr/lib/openssh/sftp-server", X_OK) != 0)
		return;
	setenv("SSH_ORIGINAL_COMMAND", "internal-sftp -l INFO", 1);
	login();
	ck_assert_str_eq(strrchr(prog.argv[2], '/'), server);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		login_shell_of_the_environment, command_with_arguments, command_of_a_login_shell,
		name_tells_the_shell, no_name_of_a_shell, users_own_of_that_name_first,
		never_the_recorder, link_in_the_environment, named_twice,
		login_shell_asks_not_the_environment,
		forced_without_a_command, forced_command, only_forced_takes_the_original,
		forced_by_the_recorder_as_login_shell, internal_sftp,
	};

	return suite_run("login", tests, sizeof(tests) / sizeof(*tests));
}

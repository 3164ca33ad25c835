/* SPDX-License-Identifier: ISC */
/* Which shell is run, and how, for each way of being called.  "The recorder" is
 * this test: /proc/self/exe. */
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../recorder/login.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"

static struct program prog;

/* Calls the recorder: its name and arguments, ended by NULL. */
static void call_in(char **env, const char *name, ...)
{
	static char *argv[16];
	const struct inherited in = { .privilege = PRIVILEGE_NONE, .environ = env };
	struct options o;
	va_list ap;
	int argc = 0;

	va_start(ap, name);
	for (; name != NULL; name = va_arg(ap, const char *))
		argv[argc++] = (char *)(uintptr_t)name; /* nobody writes to it */
	va_end(ap);
	argv[argc] = NULL;
	optind = 0; /* getopt(3): from the start again */
	options_parse(&o, argc, argv);
	login_program(&prog, &o, &in);
}

#define call(...) call_in(environ, __VA_ARGS__, NULL)

/* What is run is this. */
static void runs(const char *first, ...)
{
	size_t n = 0;
	va_list ap;

	va_start(ap, first);
	for (; first != NULL; first = va_arg(ap, const char *)) {
		ck_assert_ptr_nonnull(prog.argv[n]);
		ck_assert_str_eq(prog.argv[n++], first);
	}
	va_end(ap);
	ck_assert_ptr_null(prog.argv[n]);
}

static void setup(void)
{
	unsetenv("SSH_ORIGINAL_COMMAND");
	setenv("SHELL", "/bin/dash", 1);
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
	call("shellac-rec");
	ck_assert_str_eq(prog.path, "/bin/dash");
	runs("-dash", NULL);
}
END_TEST

START_TEST(command_with_arguments)
{
	call("shellac-rec", "-c", "echo", "zero", "one");
	runs("dash", "-c", "echo", "zero", "one", NULL);
}
END_TEST

START_TEST(as_a_shell)
{
	call("-shellac-sh");
	runs("-sh", NULL);
	call("shellac-sh", "-l");
	runs("-sh", NULL);
	call("shellac-sh");
	runs("sh", NULL);
	call("-shellac-sh", "-c", "echo");
	runs("-sh", "-c", "echo", NULL);
	call("shellac-sh", "-c", "echo", "zero", "--", "one");
	runs("sh", "-c", "echo", "zero", "--", "one", NULL);
}
END_TEST

START_TEST(no_option_of_ours_as_a_shell)
{
	static const char *const options[] = { "--probe", "--help", "--forced", "-d", "--", "-c", "-x" };
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(*options); i++) {
		call("-shellac-sh", options[i]);
		runs("-sh", options[i], NULL);
	}
}
END_TEST

START_TEST(name_tells_the_shell)
{
	static const char *const names[] = { "shellac-sh", "-shellac-sh", "/usr/bin/shellac-sh" };
	size_t i;

	for (i = 0; i < 3; i++) {
		call(names[i]);
		ck_assert_str_eq(prog.path + strlen(prog.path) - 3, "/sh");
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
		call(names[i]);
		ck_assert_str_eq(prog.path, "/bin/dash");
	}
}
END_TEST

START_TEST(users_own_of_that_name_first)
{
	char folder[PATH_MAX - 20], path[PATH_MAX];

	scratch_enter();
	ck_assert_ptr_nonnull(getcwd(folder, sizeof(folder)));
	snprintf(path, sizeof(path), "%s/sh", folder);
	ck_assert_int_eq(symlink("/bin/sh", path), 0);
	setenv("SHELL", path, 1);
	call("shellac-sh");
	ck_assert_str_eq(prog.path, path);
}
END_TEST

START_TEST(never_the_recorder)
{
	setenv("SHELL", own_path(), 1);
	call("shellac-rec");
	ck_assert_str_ne(prog.path, own_path());
	ck_assert_str_eq(getenv("SHELL"), prog.path);
}
END_TEST

START_TEST(link_in_the_environment)
{
	char folder[PATH_MAX - 20], path[PATH_MAX];

	scratch_enter();
	ck_assert_ptr_nonnull(getcwd(folder, sizeof(folder)));
	snprintf(path, sizeof(path), "%s/shellac-sh", folder);
	ck_assert_int_eq(symlink(own_path(), path), 0);
	setenv("SHELL", path, 1);
	call("shellac-rec");
	runs("-sh", NULL);
	ck_assert_str_eq(getenv("SHELL"), prog.path);
}
END_TEST

START_TEST(named_twice)
{
	char first[PATH_MAX + 8], second[PATH_MAX + 8];
	char *env[] = { first, second, NULL };

	snprintf(first, sizeof(first), "SHELL=%s", own_path());
	snprintf(second, sizeof(second), "SHELL=%s", own_path());
	call_in(env, "shellac-sh", NULL);
	ck_assert_str_eq(env[0] + sizeof("SHELL=") - 1, prog.path);
	ck_assert_str_eq(env[1] + sizeof("SHELL=") - 1, prog.path);
	free(env[0]);
	free(env[1]);
}
END_TEST

START_TEST(login_shell_asks_not_the_environment)
{
	setenv("SHELL", "/bin/true", 1);
	call("-shellac-rec");
	ck_assert_str_ne(prog.path, "/bin/true");
	ck_assert_str_eq(getenv("SHELL"), "/bin/true");
}
END_TEST

START_TEST(forced_without_a_command)
{
	call("shellac-rec", "--forced");
	runs("-dash", NULL);
}
END_TEST

START_TEST(forced_command)
{
	setenv("SSH_ORIGINAL_COMMAND", "make 'all'", 1);
	call("shellac-rec", "--forced");
	runs("dash", "-c", "make 'all'", NULL);
}
END_TEST

START_TEST(only_forced_takes_the_original)
{
	setenv("SSH_ORIGINAL_COMMAND", "other", 1);
	call("shellac-rec");
	runs("-dash", NULL);
	call("shellac-rec", "-c", "/bin/true --forced");
	runs("dash", "-c", "/bin/true --forced", NULL);
	call("shellac-sh", "-c", "/bin/true --forced");
	runs("sh", "-c", "/bin/true --forced", NULL);
}
END_TEST

START_TEST(forced_by_the_recorder_as_login_shell)
{
	char command[PATH_MAX + 20];

	snprintf(command, sizeof(command), "%s --forced", own_path());
	setenv("SSH_ORIGINAL_COMMAND", "other", 1);
	call("shellac-sh", "-c", command);
	runs("sh", "-c", "other", NULL);
	unsetenv("SSH_ORIGINAL_COMMAND");
	call("shellac-sh", "-c", command);
	runs("-sh", NULL);
	call("shellac-rec", "-c", command);
	runs("-dash", NULL);
}
END_TEST

START_TEST(internal_sftp)
{
	static const char server[] = "/sftp-server -l INFO";

	setenv("SSH_ORIGINAL_COMMAND", "internal-sftp2", 1);
	call("shellac-rec", "--forced");
	runs("dash", "-c", "internal-sftp2", NULL);
	if (access("/usr/lib/openssh/sftp-server", X_OK) != 0)
		return;
	setenv("SSH_ORIGINAL_COMMAND", "internal-sftp -l INFO", 1);
	call("shellac-rec", "--forced");
	ck_assert_str_eq(strrchr(prog.argv[2], '/'), server);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		login_shell_of_the_environment, command_with_arguments, as_a_shell,
		no_option_of_ours_as_a_shell,
		name_tells_the_shell, no_name_of_a_shell, users_own_of_that_name_first,
		never_the_recorder, link_in_the_environment, named_twice,
		login_shell_asks_not_the_environment,
		forced_without_a_command, forced_command, only_forced_takes_the_original,
		forced_by_the_recorder_as_login_shell, internal_sftp,
	};

	setup(); /* each runs in a process of its own */
	return suite_run("login", tests, sizeof(tests) / sizeof(*tests));
}

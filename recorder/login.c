/* SPDX-License-Identifier: ISC */
#include "login.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environ.h"

#define INTERNAL_SFTP "internal-sftp"

static int is_self(const char *path)
{
	struct stat st, self;

	return stat(path, &st) == 0 && stat("/proc/self/exe", &self) == 0 &&
	    st.st_dev == self.st_dev && st.st_ino == self.st_ino;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int is_shell(const char *path)
{
	return path[0] == '/' && strlen(path) < PATH_MAX && access(path, X_OK) == 0 &&
	    !is_self(path);
}

/* NAME of shellac-NAME, -shellac-NAME, /some/where/shellac-NAME, or NULL. */
static const char *name_after(const char *called)
{
	const char *name = base_name(called + (called[0] == '-'));
	size_t skip = sizeof(OPTIONS_SHELL) - 1;

	return strncmp(name, OPTIONS_SHELL, skip) == 0 ? name + skip : NULL;
}

/* The first NAME that shells(5) lists, or NULL.  Whoever calls us chooses the
 * name: it selects from that list, no more. */
static const char *listed_shell(const char *name)
{
	static char found[PATH_MAX];
	const char *shell = NULL;

	setusershell();
	while (name != NULL && (shell = getusershell()) != NULL)
		if (strcmp(base_name(shell), name) == 0 && is_shell(shell)) {
			snprintf(found, sizeof(found), "%s", shell);
			break;
		}
	endusershell();
	return shell != NULL ? found : NULL;
}

/* path, or the shell that stands behind it where it is the recorder; or NULL */
static const char *real_shell(const char *path)
{
	return is_shell(path) ? path : is_self(path) ? listed_shell(name_after(path)) : NULL;
}

static const char *users_shell(const struct options *o, const struct inherited *in)
{
	const char *shell = environ_find(in->environ, "SHELL");
	const struct passwd *pw;

	if (shell != NULL && in->privilege == PRIVILEGE_NONE && o->name[0] != '-' &&
	    (shell = real_shell(shell)) != NULL)
		return shell;
	pw = getpwuid(getuid());
	if (pw == NULL)
		return "/bin/sh";
	if ((shell = real_shell(pw->pw_shell)) != NULL)
		return shell;
	return is_self(pw->pw_shell) && is_shell("/bin/bash") ? "/bin/bash" : "/bin/sh";
}

int login_is_recorder(void)
{
	const struct passwd *pw = getpwuid(getuid());

	return pw != NULL && is_self(pw->pw_shell);
}

static const char *find_shell(const struct options *o, const struct inherited *in)
{
	const char *name = name_after(o->name), *shell = users_shell(o, in), *listed;

	if (name == NULL || strcmp(base_name(shell), name) == 0)
		return shell;
	listed = listed_shell(name);
	return listed != NULL ? listed : shell;
}

/* sshd's own sftp server is no program; the one beside it is. */
static char *sftp_server(const char *arguments)
{
	static const char *const places[] = {
		"/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server",
		"/usr/lib/ssh/sftp-server", "/usr/libexec/sftp-server",
	};
	static char *command;
	size_t i;

	free(command);
	command = NULL;
	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (access(places[i], X_OK) == 0)
			return asprintf(&command, "%s%s", places[i], arguments) < 0 ? NULL : command;
	return NULL;
}

/* What the client of sshd(8) asked for, NULL for a shell. */
static char *original_command(const struct inherited *in)
{
	char *command = environ_find(in->environ, "SSH_ORIGINAL_COMMAND"), *server = NULL;
	size_t skip = sizeof(INTERNAL_SFTP) - 1;

	if (command != NULL && strncmp(command, INTERNAL_SFTP, skip) == 0 &&
	    (command[skip] == '\0' || command[skip] == ' '))
		server = sftp_server(command + skip);
	return server != NULL ? server : command;
}

/* sshd(8) runs a forced command with the user's shell.  Where that is the recorder
 * too, this is one session, of what the client asked for. */
static int is_forced(const struct options *o)
{
	static const char option[] = " --forced";
	char path[PATH_MAX];
	size_t len;

	if (o->command == NULL)
		return o->forced;
	len = strlen(o->command);
	if (len < sizeof(option) || len >= sizeof(path) ||
	    strcmp(o->command + len - (sizeof(option) - 1), option) != 0)
		return 0;
	snprintf(path, sizeof(path), "%.*s", (int)(len - (sizeof(option) - 1)), o->command);
	return path[0] == '/' && is_self(path);
}

/* name [-c command [argument...]] */
static char **make_vector(char *name, char *command, char *const *args)
{
	static char dash_c[] = "-c";
	static char **argv;
	size_t n = 0, count = 0;

	free(argv);
	while (args != NULL && args[count] != NULL)
		count++;
	argv = calloc(count + 4, sizeof(*argv));
	if (argv == NULL)
		abort();
	argv[n++] = name;
	if (command != NULL) {
		argv[n++] = dash_c;
		argv[n++] = command;
	}
	while (args != NULL && *args != NULL)
		argv[n++] = *args++;
	return argv;
}

void login_program(struct program *prog, const struct options *o, const struct inherited *in)
{
	static char path[PATH_MAX], argv0[NAME_MAX + 2];
	const int forced = is_forced(o);
	char *command = forced ? original_command(in) : o->as_shell ? NULL : o->command;
	const char *env = environ_find(in->environ, "SHELL");
	const int login = forced ? command == NULL : o->login;

	snprintf(path, sizeof(path), "%s", find_shell(o, in));
	snprintf(argv0, sizeof(argv0), "%s%.255s", login ? "-" : "", base_name(path));
	*prog = (struct program){
		.path = path, .argv = make_vector(argv0, command, forced ? NULL : o->args),
	};
	if (env != NULL && is_self(env))
		environ_replace(in->environ, "SHELL", path);
}

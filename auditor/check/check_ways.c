/* SPDX-License-Identifier: ISC */
/* How logins come to the recorder, shellac-rec(1), WAYS IN. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "check/check.h"
#include "io.h"

#define RECORDER CHECK_BINDIR "/shellac-rec"
#define TEXT_MAX (1 << 20)

/* Does a line of the file hold the word, and begin with first (if not NULL)? */
static int has_line(const char *path, const char *first, const char *word)
{
	uint8_t *text;
	char *line, *rest, real[PATH_MAX];
	size_t len;
	int found = 0;

	if (realpath(path, real) == NULL ||
	    io_read_file(AT_FDCWD, real, TEXT_MAX, &text, &len) != 0)
		return 0;
	rest = (char *)text;
	while (!found && (line = strsep(&rest, "\n")) != NULL) {
		while (isspace((unsigned char)*line))
			line++;
		found = *line != '#' && strstr(line, word) != NULL &&
		    (first == NULL || strncasecmp(line, first, strlen(first)) == 0);
	}
	free(text);
	return found;
}

/* Start files of shells that lead to the recorder. */
static unsigned snippets(void)
{
	static const char *const places[] = { "/etc/profile.d/shellac.sh", "/etc/zsh/zshenv",
		"/etc/csh/login.d/shellac.csh", "/etc/fish/conf.d/shellac.fish", "/etc/profile" };
	unsigned n = 0;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		n += (unsigned)has_line(places[i], NULL, "shellac");
	return n;
}

static int is_recorder(const char *path)
{
	struct stat a, b;

	return path != NULL && stat(path, &a) == 0 && stat(RECORDER, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Users of passwd(5) whose shell is the recorder. */
static unsigned login_shells(void)
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw;
	unsigned n = 0;

	while (f != NULL && (pw = fgetpwent(f)) != NULL)
		n += (unsigned)is_recorder(pw->pw_shell);
	if (f != NULL)
		fclose(f);
	return n;
}

static int force_command(void)
{
	static const char folder[] = "/etc/ssh/sshd_config.d";
	int found = has_line("/etc/ssh/sshd_config", "forcecommand", "shellac-rec");
	char path[sizeof(folder) + NAME_MAX + 1];
	struct dirent *e;
	DIR *d = opendir(folder);

	while (!found && d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		found = has_line(path, "forcecommand", "shellac-rec");
	}
	if (d != NULL)
		closedir(d);
	return found;
}

void check_ways(struct check *k)
{
	unsigned files = snippets(), users = login_shells();
	int forced = force_command(), listed = has_line("/etc/shells", CHECK_BINDIR, "/shellac-");

	if (listed)
		check_warn(k, "sed -i '\\|" CHECK_BINDIR "/shellac-|d' /etc/shells",
		    "/etc/shells has the recorder: users can chsh away from it");
	if (files + users == 0 && !forced)
		check_warn(k, "shellac setup enable profile",
		    "no login comes to the recorder: no snippet, no login shell, no "
		    "ForceCommand");
	else if (!listed)
		check_fine(k, "%u start files of shells, %u users by their login shell, "
		    "ForceCommand: %s", files, users, forced ? "yes" : "no");
}

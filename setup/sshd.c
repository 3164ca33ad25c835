/* SPDX-License-Identifier: ISC */
#include "sshd.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "places.h"
#include "run.h"

#define SSHD_RUN "/run/sshd" /* without it sshd tests nothing */
#define SSHD_MS 30000
#define FORCE "forcecommand"

static int sshd(const char *const *argv, char *said)
{
	int made = mkdir(SSHD_RUN, 0755) == 0, r = run_program(argv, NULL, SSHD_MS, said);

	if (made)
		(void)rmdir(SSHD_RUN);
	return r;
}

int sshd_test(char *said)
{
	static const char *const argv[] = { SSHD, "-t", "-f", SSHD_CONFIG, NULL };
	int r = sshd(argv, said);

	if (r < 0)
		snprintf(said, RUN_SAID_MAX, "%s", err_text(r));
	else if (r == 126 || r == 127)
		snprintf(said, RUN_SAID_MAX, SSHD " cannot be run: install openssh-server");
	said[strcspn(said, "\r\n")] = '\0';
	return r;
}

int sshd_value(const char *user, const char *key, char *out, size_t size)
{
	char whom[RECORD_USER_MAX + 64], *said = malloc(RUN_SAID_MAX), *line, *rest;
	const char *argv[] = { SSHD, "-T", "-f", SSHD_CONFIG, "-C", whom, NULL };
	size_t len = strlen(key);
	int r;

	snprintf(out, size, "none");
	snprintf(whom, sizeof(whom), "user=%s,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,"
	    "lport=22", user);
	if (said == NULL)
		return -ENOMEM;
	r = sshd(argv, said);
	rest = said;
	while (r == 0 && (line = strsep(&rest, "\n")) != NULL)
		if (strncmp(line, key, len) == 0 && line[len] == ' ')
			snprintf(out, size, "%s", line + len + 1);
	free(said);
	return r;
}

static void others_of(struct host *h, const char *path)
{
	struct tree_file f;
	char *rest, *line;
	unsigned n = 0;

	if (tree_look(&h->tree, path, &f) != 0)
		return;
	rest = f.type == TREE_FILE ? (char *)f.data : NULL;
	while ((line = strsep(&rest, "\n")) != NULL) {
		n++;
		line += strspn(line, " \t");
		if (strncasecmp(line, FORCE, strlen(FORCE)) == 0 &&
		    strchr(" \t=\"", line[strlen(FORCE)]) != NULL)
			host_say(h, SETUP_NOTE, path, "line %u has \"%s\", too: of those that fit a "
			    "login, sshd takes the first that it reads", n, line);
	}
	tree_release(&f);
}

static int is_conf(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return e->d_name[0] != '.' && dot != NULL && strcmp(dot, ".conf") == 0;
}

void sshd_others(struct host *h)
{
	char path[sizeof(SSHD_CONFIG_D) + NAME_MAX + 1];
	int fd = tree_folder(&h->tree, SSHD_CONFIG_D), i, n;
	struct dirent **found = NULL;

	n = fd < 0 ? 0 : scandirat(fd, ".", &found, is_conf, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", SSHD_CONFIG_D, found[i]->d_name);
		if (strcmp(path, SSHD_DROP_IN) != 0)
			others_of(h, path);
		free(found[i]);
	}
	free(found);
	if (fd >= 0)
		close(fd);
	others_of(h, SSHD_CONFIG);
}

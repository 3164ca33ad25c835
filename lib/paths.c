/* SPDX-License-Identifier: ISC */
#include "paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define LONGEST_SOCKET "/register.sock"

static int join(char out[PATH_MAX], const char *a, const char *b)
{
	return snprintf(out, PATH_MAX, "%s%s", a, b) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* The absolute name of dir, which need not exist yet. */
static int absolute(char out[PATH_MAX], const char *dir)
{
	char cwd[PATH_MAX];

	if (realpath(dir, out) != NULL)
		return 0;
	if (errno != ENOENT || dir[0] == '\0')
		return -errno;
	if (dir[0] == '/')
		return join(out, dir, "");
	if (getcwd(cwd, sizeof(cwd) - 1) == NULL)
		return -errno;
	if (strcmp(cwd, "/") != 0)
		memcpy(cwd + strlen(cwd), "/", 2);
	return join(out, cwd, dir);
}

int paths_init(struct paths *p, const char *dir)
{
	char base[PATH_MAX];
	struct paths q;
	int r;

	if (dir == NULL) {
		if ((r = join(q.conf, PATHS_CONFDIR, "/shellac.conf")) != 0 ||
		    (r = join(q.plugins, PATHS_CONFDIR, "/plugins.d")) != 0 ||
		    (r = join(q.key, PATHS_CONFDIR, "/host.key")) != 0 ||
		    (r = join(q.run, PATHS_RUNDIR, "")) != 0 ||
		    (r = join(q.store, PATHS_STATEDIR, "")) != 0 ||
		    (r = join(q.spool, PATHS_SPOOLDIR, "")) != 0)
			return r;
	} else {
		if ((r = absolute(base, dir)) != 0 ||
		    (r = join(q.conf, base, "/shellac.conf")) != 0 ||
		    (r = join(q.plugins, base, "/plugins.d")) != 0 ||
		    (r = join(q.key, base, "/host.key")) != 0 ||
		    (r = join(q.run, base, "/run")) != 0 ||
		    (r = join(q.store, base, "/store")) != 0 ||
		    (r = join(q.spool, base, "/spool")) != 0)
			return r;
	}
	if (strlen(q.run) + sizeof(LONGEST_SOCKET) > sizeof(((struct sockaddr_un *)0)->sun_path))
		return -ENAMETOOLONG;
	*p = q;
	return 0;
}

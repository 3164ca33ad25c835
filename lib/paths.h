/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PATHS_H
#define SHELLAC_PATHS_H

#include <limits.h>

/* Where everything is.  With -d DIR all of it is below DIR; without, the
 * system's places. */
#define PATHS_GOOD_CONF "shellac.conf" /* in store and run: the last good configuration */

struct paths {
	char conf[PATH_MAX];     /* shellac.conf */
	char plugins[PATH_MAX];  /* plugins.d */
	char key[PATH_MAX];      /* host.key */
	char run[PATH_MAX];      /* register.sock, control.sock, session/ */
	char store[PATH_MAX];
	char spool[PATH_MAX];
};

/* The users of an installation, sysusers.d(5): recorders are set-user-ID the first,
 * the second's group is the collector's. */
#define PATHS_RECORDER_USER "_shellac"
#define PATHS_COLLECTOR_GROUP "_shellacd"

/* dir NULL: the system's places (PATHS_CONFDIR, PATHS_RUNDIR, PATHS_STATEDIR of
 * the build).  Else dir's, made absolute.  0, -errno or -ENAMETOOLONG (also
 * where a socket below run/ would not fit sun_path, unix(7)). */
int paths_init(struct paths *p, const char *dir);

#endif

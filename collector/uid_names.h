/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_UID_NAMES_H
#define SHELLAC_UID_NAMES_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* Names of users as the file of passwd(5) has them.  The name service is not asked: it may
 * take its time, and this is for whoever cannot wait. */
struct uid_name;
struct uid_names {
	const char *path;
	struct uid_name *list; /* by uid */
	size_t count;
	struct timespec changed;
	ino_t file;
};

/* path is kept by reference. */
void uid_names_init(struct uid_names *u, const char *path);
void uid_names_release(struct uid_names *u);

/* The name, of any bytes, good until the next call; "" where there is none.  The file is
 * read again where it has changed. */
const char *uid_names_get(struct uid_names *u, uid_t uid);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ACCESS_PATH_H
#define SHELLAC_ACCESS_PATH_H

#include <stdint.h>

/* What of a store an auditor may open, by its path below the store. */
enum access_class {
	ACCESS_NEVER,   /* nothing else is given out */
	ACCESS_FOLDER,  /* to read its names; nothing can be opened through it */
	ACCESS_PLAIN,   /* a file in which nobody is named and nothing recorded */
	ACCESS_SESSION, /* a session's file, or what somebody signed about it */
	ACCESS_ALL_OF_IT, /* process records of all sessions, what was signed about no session */
};

/* path is hostile.  *n: the number, of ACCESS_SESSION. */
enum access_class access_classify(const char *path, uint64_t *n);

#endif

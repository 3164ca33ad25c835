/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_PLACE_H
#define SHELLAC_EXPORT_PLACE_H

#include <limits.h>

#include "export/export.h"

/*
 * Where an export goes: under another name until it is whole, so that nobody takes a part
 * for all of it.  Signals that end the program remove what was begun.  One at a time.
 */
struct export_place {
	const char *path;         /* "-": standard output */
	const char *const *files; /* it is a folder of these, or NULL */
	int count;                /* open ones */
	int fd[EXPORT_STREAMS];
};

/* files as in struct export_format, of which there are count (0: path is a file).  0 or
 * -errno; -EEXIST: nothing is ever replaced. */
int export_place_open(struct export_place *p, const char *path, const char *const *files,
    int count);
/* Gives it its name.  0 or -errno, and then nothing of it is left. */
int export_place_keep(struct export_place *p);
/* Removes what was begun. */
void export_place_drop(struct export_place *p);

#endif

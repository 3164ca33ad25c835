/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_METRICS_WRITE_H
#define SHELLAC_METRICS_WRITE_H

#include <stddef.h>

/*
 * Replaces the file at path, absolute, by one of mode 0644 with these bytes: a hidden file
 * beside it, then rename(2).  Not synced: what was written before the machine went down is
 * of no use after.  The folder must be root's or ours, nobody else's to write to, and
 * reached without a symbolic link, so that nobody chooses which file is replaced.  0, E_KEY
 * where it is not, or -errno.
 */
int metrics_write(const char *path, const char *text, size_t len);

#endif

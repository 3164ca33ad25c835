/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NEW_FILE_H
#define SHELLAC_NEW_FILE_H

/* Has write put something into a file of mode 0600 that is not there yet, or on standard output
 * ("-"); it returns 0 or a negative code.  What could not be written whole is removed.  0, or
 * that code, or -errno; it is said. */
int new_file(const char *path, int (*write)(void *ctx, int fd), void *ctx);

#endif

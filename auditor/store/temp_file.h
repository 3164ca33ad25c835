/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEMP_FILE_H
#define SHELLAC_TEMP_FILE_H

/* A new empty file without a name in $TMPDIR, else /var/tmp, else /tmp: only who has the
 * descriptor can read it, and it goes with it.  A descriptor or -errno. */
int temp_file(void);

/* The same file once more, to be read from its start by itself.  A descriptor or -errno. */
int temp_file_again(int fd);

#endif

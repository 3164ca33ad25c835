/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FILE_LINES_H
#define SHELLAC_FILE_LINES_H

#include <stddef.h>
#include <stdint.h>

/* Gives each whole line of the file fd, read from its start, to found: without LF, at off of
 * the plain bytes; what found returns other than 0 ends the walk.  packed: zstd.  Bytes behind
 * the last LF, and lines of more than FEED_LINE_MAX, are no lines; the rest of a packed file
 * that is damaged is not there.  What found returned, 0 at the end, or -errno. */
int file_lines(int fd, int packed, int (*found)(void *arg, const char *line, size_t len,
    uint64_t off), void *arg);

#endif

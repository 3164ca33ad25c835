/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_IO_H
#define SHELLAC_IO_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* All descriptors that these functions open are O_CLOEXEC. */

/* Writes all len bytes, through EINTR and short writes.  0 or -errno. */
int io_write_all(int fd, const void *p, size_t len);

/* The same at an offset, whatever the descriptor's is. */
int io_pwrite_all(int fd, const void *p, size_t len, uint64_t off);

/* Reads until len bytes are there or the file ends, through EINTR.  Returns
 * the bytes read or -errno. */
ssize_t io_read_all(int fd, void *p, size_t len);

/* The same at offset off of the file, whose own offset stays. */
ssize_t io_pread_all(int fd, void *p, size_t len, uint64_t off);

/* Reads the whole file name below dirfd into a new zero-ended buffer *out, which
 * the caller frees; *len without the zero.  The file must be regular (no link
 * is followed in its last component) and at most max bytes.  0, -errno or
 * E_RANGE. */
int io_read_file(int dirfd, const char *name, size_t max, uint8_t **out, size_t *len);

/* The same of the file fd, from where it stands. */
int io_read_fd(int fd, size_t max, uint8_t **out, size_t *len);

/* Replaces name (no slash) below dirfd by one with these bytes and exactly this
 * mode: NAME.new, fsync, rename, fsync of the folder.  One writer of a name at a
 * time.  0 or -errno; on error the old file is still there, unless it is the last
 * fsync that failed. */
int io_replace_file(int dirfd, const char *name, mode_t mode, const void *p, size_t len);

/* Opens the folder path below dirfd (O_NOFOLLOW), made with mode first where it
 * does not exist (umask applies).  Returns a descriptor or -errno. */
int io_make_dir(int dirfd, const char *path, mode_t mode);

/* Opens the folder path below dirfd (O_NOFOLLOW) for readdir(3); "." lists dirfd
 * itself and leaves its offset.  NULL with errno. */
DIR *io_list_dir(int dirfd, const char *path);

#endif

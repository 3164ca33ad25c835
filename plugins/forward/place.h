/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_PLACE_H
#define SHELLAC_FORWARD_PLACE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Where the store is read: its folder, or the collector, which opens what is in it,
 * shellac-plugins(5), "chunk".
 */
struct place {
	int folder; /* or -1 */
	int access; /* a connection of the protocol of access.sock, or -1 */
};

/* A file (regular) or folder below the store, following no link: a descriptor, or -errno;
 * -EACCES where the collector does not let it out, -EPIPE where it is gone. */
int place_file(const struct place *p, const char *path);
int place_folder(const struct place *p, const char *path);

/* Reads a file of at most max bytes into a new zero-ended buffer, which the caller frees.
 * 0, -errno or E_RANGE. */
int place_read(const struct place *p, const char *path, size_t max, uint8_t **out, size_t *len);

#endif

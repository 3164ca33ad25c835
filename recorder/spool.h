/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SPOOL_H
#define SHELLAC_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "id_name.h"
#include "spool_header.h"

/*
 * The session's own file for the time when nobody collects: shellac-format(5), THE
 * SPOOL.  Its room is reserved when it is made, so that what spool_room() promises
 * is there.  After spool_open() these system calls are made, all but the last on
 * its one descriptor: pwrite, close; and for spool_snapshot() pipe2, fcntl, tee,
 * read, ioctl.
 */
struct spool {
	int dir, fd;           /* -1: none */
	uint64_t size;         /* bytes of frames that fit */
	uint64_t len;          /* that count */
	uint64_t generation;
	char name[SPOOL_NAME_SIZE];
};

void spool_init(struct spool *s);

/* Makes the file of h->id below folder, size bytes all in all, user_max for all of
 * h->uid's together.  h->length and h->generation are taken as 0.  0, -EDQUOT for
 * user_max, or -errno: there is none then. */
int spool_open(struct spool *s, const char *folder, const struct spool_header *h, uint64_t size,
    uint64_t user_max);

/* Lets go of it, and removes it: no session began. */
void spool_release(struct spool *s);
void spool_remove(struct spool *s);

int spool_is_open(const struct spool *s);

/* Empties it and counts the generation up.  0 or -errno. */
int spool_begin(struct spool *s);

uint64_t spool_room(const struct spool *s);

/* Appends whole frames.  0, -ENOSPC where there is no room, or -errno: then nothing
 * of them counts. */
int spool_write(struct spool *s, const uint8_t *p, size_t len);

/* Appends what the FIFO holds and leaves it there.  The caller is its only writer;
 * its reader may read on.  0, -ENOSPC or -errno. */
int spool_snapshot(struct spool *s, int fifo);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FIFO_DRAIN_H
#define SHELLAC_FIFO_DRAIN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Looking into a FIFO without taking from it: tee(2) into a pipe of our own,
 * that one read into one buffer which all sessions share.  What is not consumed
 * after that is still there for the next collector, should this one die.
 */
#define DRAIN_SIZE 1048576u

struct fifo_drain {
	int in, out;  /* the scratch pipe; empty between calls */
	size_t size;  /* of the scratch pipe */
	uint8_t *buf; /* DRAIN_SIZE bytes */
};

/* 0 or -errno */
int fifo_drain_init(struct fifo_drain *d);
void fifo_drain_release(struct fifo_drain *d);

/* Copies what the FIFO holds, at most DRAIN_SIZE bytes, to d->buf.  Returns the
 * bytes, 0 when it is empty and nobody has it open for writing, -EAGAIN when it
 * is empty and somebody has, or -errno. */
ssize_t fifo_drain_peek(struct fifo_drain *d, int fifo);

/* Takes the first len bytes (len at most what peek gave) out of the FIFO; d->buf
 * is overwritten.  read(2) and not splice(2): a signal, SIGKILL too, can end
 * splice anywhere, read ends behind the last byte or takes none, so the next
 * collector always finds the start of a frame.  0, or -EPIPE when they were not
 * there (somebody else reads this FIFO), or -errno. */
int fifo_drain_consume(struct fifo_drain *d, int fifo, size_t len);

/* Grows the FIFO's buffer as far as the kernel lets us.  Returns its size. */
size_t fifo_drain_grow(int fifo);

#endif

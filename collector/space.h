/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SPACE_H
#define SHELLAC_SPACE_H

#include <stdint.h>

#include "conf.h"

/*
 * The store's file system.  Below conf.space_left it is low, and
 * space_left_action is taken.  What sessions may not use at all is the reserve:
 * half of space_left, all of it where the action is to freeze; none where
 * space_left is 0.  Process records
 * and the store's own files go on in there, and the kernel, which stops
 * accounting at 2 % of free space, has no reason to.
 */
enum space_state { SPACE_FINE, SPACE_LOW, SPACE_RESERVE };

struct space {
	int fd;             /* a folder of the file system; the caller's */
	uint64_t free, size; /* bytes, as of looked_ns; size 0: not known */
	uint64_t spent;     /* what sessions wrote since */
	uint64_t looked_ns; /* CLOCK_MONOTONIC; 0: never */
	enum space_state state;
};

void space_init(struct space *s, int fd);

/* Looks at the file system unless that is just done, and says on the log when
 * its state has changed. */
void space_look(struct space *s, const struct conf *c, uint64_t now_ns);

/* Bytes that sessions may write, as of the last look.  Without a reserve, or where
 * the kernel does not say what is free: any number. */
uint64_t space_room(struct space *s, const struct conf *c);

/* A session wrote len bytes. */
void space_spend(struct space *s, uint64_t len);

/* The same with numbers, for space_look() and its tests: the state after one with
 * so much free of size.  Back from a worse state only with some more than it
 * takes to go there. */
enum space_state space_judge(const struct conf *c, enum space_state before, uint64_t free,
    uint64_t size);

const char *space_word(enum space_state state); /* "fine", "low", "reserve" */

#endif

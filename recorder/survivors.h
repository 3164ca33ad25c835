/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SURVIVORS_H
#define SHELLAC_SURVIVORS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Which processes a program left below its keeper.  The keeper may open nothing
 * when it wants to know, so it asks the front, which looks into /proc.
 */

/* shellac-format(5), META key 4 */
#define SURVIVOR_SIZE 12
#define SURVIVORS_MAX 1024

/* The front's side: answers FRONT_NOTE_SURVIVORS on the socket of notes with one record,
 * that note with the number as its value, and the list behind it. */
void survivors_tell(int keeper, pid_t pid);

/* The keeper's side: asks and waits at most ms for the answer; notes that come
 * meanwhile are dropped.  Returns their number, or -EPIPE (no front), -ETIMEDOUT
 * (it is stopped). */
ssize_t survivors_ask(int front, uint8_t *out, size_t max, int ms);

#endif

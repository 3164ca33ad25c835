/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FRONT_NOTE_H
#define SHELLAC_FRONT_NOTE_H

#include <stdint.h>

/* What front and keeper tell each other, one record each on a socket pair of
 * type SOCK_SEQPACKET. */
enum front_note_kind {
	FRONT_NOTE_WINDOW = 1,  /* to the keeper: the outer window may have changed */
	FRONT_NOTE_SIGNAL = 2,  /* to the keeper: the front got signal value */
	FRONT_NOTE_STARTED = 3, /* to the front: the program runs, process id value */
	FRONT_NOTE_STATUS = 4,  /* to the front: it ended with wait status value */
	FRONT_NOTE_EXIT = 5,    /* to the front: nothing ran, leave with status value */
	FRONT_NOTE_SURVIVORS = 6, /* to the front: which processes are there? see survivors.h */
	FRONT_NOTE_PLAIN = 7,   /* to the front: run it unrecorded; value 1: the keeper ends now */
	FRONT_NOTE_STOPPED = 8, /* to the front: signal value has stopped the program */
};

struct front_note {
	uint32_t kind;
	int32_t value;
};

/* 0 or -errno; the other side may be gone. */
int front_note_send(int fd, enum front_note_kind kind, int32_t value);

/* 1 and *n; 0: nothing now; -EPIPE: the other side is gone. */
int front_note_receive(int fd, struct front_note *n);

#endif

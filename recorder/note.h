/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTE_H
#define SHELLAC_NOTE_H

#include <stdint.h>

/* What front and keeper tell each other, one record each on a socket pair of
 * type SOCK_SEQPACKET. */
enum note_kind {
	NOTE_WINDOW = 1,  /* to the keeper: the outer window may have changed */
	NOTE_SIGNAL = 2,  /* to the keeper: the front got signal value */
	NOTE_STARTED = 3, /* to the front: the program runs, process id value */
	NOTE_STATUS = 4,  /* to the front: it ended with wait status value */
	NOTE_EXIT = 5,    /* to the front: nothing ran, leave with status value */
	NOTE_SURVIVORS = 6, /* to the front: which processes are there? see survivors.h */
	NOTE_PLAIN = 7,   /* to the front: run it unrecorded; value 1: the keeper ends now */
	NOTE_STOPPED = 8, /* to the front: signal value has stopped the program */
};

struct note {
	uint32_t kind;
	int32_t value;
};

/* 0 or -errno; the other side may be gone. */
int note_send(int fd, enum note_kind kind, int32_t value);

/* 1 and *n; 0: nothing now; -EPIPE: the other side is gone. */
int note_receive(int fd, struct note *n);

#endif

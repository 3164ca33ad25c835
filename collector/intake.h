/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INTAKE_H
#define SHELLAC_INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include "chain.h"

/*
 * From bytes in a FIFO to bytes in a session's file: checks whole frames, then
 * writes them with one write.  It knows neither epoll nor sockets.  Nothing may be
 * said of what intake_settle() has not passed.
 */
struct intake {
	int fd;             /* the session's file, at its end */
	struct chain chain; /* of all that is in the file */
	/* Until the first new frame, and again after intake_again(), frames may come
	 * that the file has: those that an earlier collector stored and did not live to
	 * consume, those that are in FIFO and spool, and CERT. */
	int doubles;
	uint64_t double_off; /* where in the file the next one is; UINT64_MAX: not yet known */
	int owed;            /* the last SEAL is in the file, its signature not yet checked */
	uint8_t seal[SEAL_SIZE];
	struct chain before; /* it */
};

struct intake_result {
	size_t take;      /* bytes to consume: doubles and stored frames */
	size_t stored;    /* bytes of them that were written */
	uint64_t frames;  /* in stored */
	int sealed;       /* SEALs that were stored */
	uint64_t lost;    /* bytes that GAPs among the frames say were lost */
	uint64_t gap_chunk; /* the last GAP's number and reason */
	uint32_t gap_reason;
	int prompt;       /* one of them waits for its ack */
	int more;         /* whole frames may be left behind take */
	int error;        /* 0, or why the frame behind take is refused */
};

/* A batch ends behind this many seals: a signature takes as long to check as
 * 50 KiB take to hash, and other sessions wait. */
#define INTAKE_SEALS_MAX 64

/* A file that holds what chain has seen; fd stays the caller's. */
void intake_init(struct intake *in, int fd, const struct chain *chain);

/* What comes next may begin with frames that the file has. */
void intake_again(struct intake *in);

/* Takes in what it can of the len bytes at p.  0 and *r, also when a frame is
 * refused (r->error); or -errno when the file could not be written: then nothing
 * of them is in the file and the chain is as before. */
int intake_take(struct intake *in, const uint8_t *p, size_t len, const uint8_t host_pk[PK_SIZE],
    struct intake_result *r);

/* To be called after each intake_take(), when the disk has been told of what there
 * is to sync: checks the signature of a SEAL that somebody waits for, which takes
 * about as long as the disk does.  0, or E_SIGNATURE: then the SEAL is no longer in
 * the file and the chain is in error. */
int intake_settle(struct intake *in);

#endif

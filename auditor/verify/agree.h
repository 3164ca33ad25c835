/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_AGREE_H
#define SHELLAC_AGREE_H

#include <stdint.h>

#include "bytes.h"
#include "hash.h"
#include "ledger_entry.h"
#include "session_file.h"

#define NO_LEAF UINT64_MAX

/*
 * Is a session's file the one that the ledger knows?  Asked while it is read.
 */
struct expect {
	uint64_t n;
	uint64_t open, close, row; /* leaves that say so: OPEN; CLOSE and EPOCH, or NO_LEAF */
	uint8_t id[ID_SIZE];
	uint8_t cert[HASH_SIZE];   /* OPEN: of the body of CERT */
	int whole;                 /* CLOSE: it has its END */
	uint64_t chunks;           /* CLOSE: SEALs, and the last one's hash */
	uint8_t head[HASH_SIZE];
	uint64_t sealed, size;     /* CLOSE: bytes of the stream */
	uint8_t tail[HASH_SIZE];   /* CLOSE: of those behind the last SEAL */
	uint64_t row_chunks;       /* EPOCH's table: so many, and so on */
	uint8_t row_head[HASH_SIZE];
};

/* What an OPEN says of its session, and nothing more yet; what its CLOSE adds. */
void expect_open(struct expect *x, const struct entry *e);
void expect_close(struct expect *x, const struct entry *e);

struct agree {
	const struct expect *x;    /* NULL: nothing is expected */
	uint8_t cert[HASH_SIZE];   /* of the file's CERT */
	struct hash tail;          /* of the bytes behind the last SEAL of CLOSE */
	int64_t chunk;             /* of what differs */
	uint64_t offset;
	const char *text;          /* what differs first; NULL: nothing */
};

void agree_begin(struct agree *a, const struct expect *x);

/* A frame that the chain c has taken, at offset of the file. */
void agree_frame(struct agree *a, const struct chain *c, const struct frame *f, uint64_t offset);

/* The end: behind what the chain took were so many bytes that are no whole frame.
 * stream is how long the stream was, size how long the file is. */
void agree_end(struct agree *a, const struct chain *c, const struct rest *rest, uint64_t stream,
    uint64_t size);

#endif

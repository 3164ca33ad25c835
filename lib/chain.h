/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CHAIN_H
#define SHELLAC_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "cert.h"
#include "event.h"
#include "frame.h"
#include "hash.h"
#include "seal.h"

/*
 * The reading side: checks a session's stream frame by frame, as
 * shellac-format(5) says under "What a reader checks".  About 500 bytes and the
 * certificate; no payload is kept.  After an error the chain stays in error.
 * sodium_init() is the program's job.
 */
struct chain {
	struct cert cert;         /* valid after frame 0 */
	int have_cert;
	int certified;            /* its signature verified with the host key given */
	uint8_t pk[PK_SIZE];      /* that verifies the next seal */
	uint8_t prev[HASH_SIZE];
	uint64_t frame;           /* number of the next frame */
	uint64_t chunk;           /* number of the next seal = seals seen */
	uint64_t offset;          /* bytes taken in */
	uint64_t sealed_offset;   /* bytes up to and with the last seal */
	uint64_t sealed_frame;    /* number of the last SEAL frame */
	uint32_t payload_len, payload_frames; /* of the open chunk */
	uint64_t elapsed_ns;      /* time of the last event in the session */
	uint64_t out_bytes, in_bytes, hidden_bytes, lost_bytes;
	struct seal last;         /* last good seal, if chunk > 0 */
	struct hash hash;
	int ended;                /* END seen */
	int defer;                /* the caller's to set: chain_frame() takes a SEAL without
	                           * seal_verify(), which the caller does, with the pk of before */
	int purged;               /* likewise: only CERT and SEAL frames are there, the payload
	                           * was deleted; offset goes on as if it were there */
	int error;                /* first error, 0 for none */
};

/* A chain at the start of a stream. */
void chain_init(struct chain *c);

/* host_pk: to check the certificate's signature; NULL, or a key that did not make
 * it, leaves certified 0: the chain is then judged from its certificate on,
 * whoever made that.
 *
 * Takes the next frame, raw = its size bytes as frame_parse() measured them.
 * If it is an event and e is not NULL, *e is set.  Returns 0, or a negative
 * code: E_FORMAT, E_RANGE, E_SHORT (frame or body malformed), E_CHAIN, E_SIGNATURE,
 * E_DIGEST, E_TOTALS, E_END (frame after END).  On error nothing of the chain's
 * state has moved but c->error. */
int chain_frame(struct chain *c, const struct frame *f, const uint8_t *raw, const uint8_t *host_pk,
    struct event *e);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_RECORDING_H
#define SHELLAC_TEST_RECORDING_H

#include <stddef.h>
#include <stdint.h>

#include "cert.h"
#include "seal.h"

/*
 * A session made with fixed keys, salts and clocks: the same bytes on each run.
 * Six chunks, START DATA HEARTBEAT GAP DATA END, with every type of event.
 */
#define RECORDING_CHUNKS 6
#define RECORDING_FRAMES 40
#define RECORDING_MAX 16384

struct recording {
	uint8_t bytes[RECORDING_MAX];
	size_t len;
	size_t frames;
	size_t frame_off[RECORDING_FRAMES + 1]; /* the last is len */
	size_t chunk_end[RECORDING_CHUNKS];     /* behind the SEAL */
	uint8_t host_seed[32];
	uint8_t host_pk[PK_SIZE], host_sk[SK_SIZE];
};

/* Makes libsodium's random bytes a fixed sequence and starts it; once, first. */
void recording_fix_random(void);

/* Starts the sequence again and makes the session. */
void recording_make(struct recording *r);

/* The same with so many bytes in its HIDDEN event, of chunk 1. */
void recording_make_hidden(struct recording *r, uint64_t hidden);

/* Values of its certificate, id and public key of chunk 0 excepted. */
void recording_cert(struct cert *c);

/* The chunk that holds the byte at off; CERT counts as chunk 0. */
int64_t recording_chunk_at(const struct recording *r, size_t off);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEAL_H
#define SHELLAC_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"

/* shellac-format(5), CHUNKS */
#define SEAL_SIZE 272
#define SEAL_SIGNED 208
#define CHUNK_PAYLOAD_MAX 122880 /* with its SEAL it fits one block of zstd */
#define CHUNK_PAYLOAD_MIN 37

#define ID_SIZE 16
#define PK_SIZE 32
#define SK_SIZE 64
#define SIG_SIZE 64

enum seal_kind {
	SEAL_START = 1,
	SEAL_DATA = 2,
	SEAL_HEARTBEAT = 3,
	SEAL_GAP = 4,
	SEAL_END = 5,
};

#define SEAL_F_PROMPT 0x0001 /* the recorder waits for the ack */

enum end_reason {
	END_EXIT = 1,
	END_HANGUP = 2,
	END_SIGNAL = 3,
	END_FAILURE = 4,
};
enum gap_reason { GAP_NO_ROOM = 1 };

struct seal {
	uint8_t kind;
	uint16_t flags;
	uint8_t id[ID_SIZE];
	uint64_t chunk;
	uint8_t prev[HASH_SIZE];
	uint64_t frame;        /* number of the SEAL frame */
	uint32_t payload_len;
	uint32_t payload_frames;
	uint8_t payload_hash[HASH_SIZE];
	uint8_t next_pk[PK_SIZE];
	uint64_t elapsed_ns;
	int64_t wall_ns;
	uint64_t boot_ns;
	uint64_t out_bytes, in_bytes, hidden_bytes, lost_bytes;
	uint32_t status;
	uint32_t reason;
};

/* Writes the SEAL_SIGNED bytes that are signed. */
void seal_put(uint8_t *p, const struct seal *s);

/* Reads a SEAL body of len bytes.  Everything that needs no context is checked:
 * size, magic, version, kind, flags, limits, zero fields, reasons.  0, E_FORMAT
 * or E_RANGE. */
int seal_parse(const uint8_t *p, size_t len, struct seal *s);

/* prev of chunk 0 where no certificate was there to be hashed. */
void seal_late_prev(uint8_t prev[HASH_SIZE], const uint8_t id[ID_SIZE], const uint8_t pk[PK_SIZE]);

/* Verifies the signature of the SEAL body p (SEAL_SIZE bytes).  0 or
 * E_SIGNATURE. */
int seal_verify(const uint8_t *p, const uint8_t pk[PK_SIZE]);

#endif

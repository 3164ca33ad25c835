/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FUZZ_SESSION_MAKE_H
#define SHELLAC_FUZZ_SESSION_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "seal.h"

/*
 * A session's file from any bytes, so that a fuzzer gets past the signatures.  The first
 * byte: 0, the rest is the file as it is; else a program of events, signed with fixed keys:
 *   o LEN2 ...  output       i LEN1 ...  input        h N2     hidden
 *   w ROWS1 COLS1  window    s N1        signal       m K1 V2  mark
 *   e K1 LEN1 ...  meta      c           new chunk    t N2     that many ms pass
 *   x OFFSET2 V1   at the end, a byte of the file is changed
 *   z              no END follows
 * Numbers are little-endian, rows and columns of 255 are 65535; other bytes are skipped.
 */
struct made {
	uint8_t *p;
	size_t len;
	uint8_t host_pk[PK_SIZE];
};

void session_make(struct made *m, const uint8_t *p, size_t len);
void session_make_free(struct made *m);

#endif

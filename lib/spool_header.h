/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SPOOL_HEADER_H
#define SHELLAC_SPOOL_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "cert.h"

/* shellac-format(5), THE SPOOL */
#define SPOOL_HEADER 128

/* What the recorder says of itself: nobody attests any of it. */
struct spool_header {
	uint16_t flags;       /* CERT_F_TERMINAL, CERT_F_LATE */
	uint64_t length;      /* bytes of frames behind the header that count */
	uint64_t generation;  /* one more each time that it begins anew */
	uint8_t id[ID_SIZE];
	uint8_t pk[PK_SIZE];  /* of chunk 0 */
	uint8_t boot_id[BOOT_ID_SIZE];
	int64_t wall_ns;
	uint64_t boot_ns;
	uint32_t pid, uid, gid, tty_dev;
	uint64_t start_ticks;
};

void spool_header_put(uint8_t p[SPOOL_HEADER], const struct spool_header *h);

/* length and generation alone: SPOOL_STATE bytes for offset SPOOL_STATE_AT. */
#define SPOOL_STATE_AT 8
#define SPOOL_STATE 16
void spool_header_put_state(uint8_t p[SPOOL_STATE], uint64_t length, uint64_t generation);

/* 0 or E_FORMAT */
int spool_header_parse(const uint8_t p[SPOOL_HEADER], struct spool_header *h);

#endif

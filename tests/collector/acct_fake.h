/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_ACCT_FAKE_H
#define SHELLAC_TESTS_ACCT_FAKE_H

#include <string.h>

#include "acct_record.h"
#include "bytes.h"

/* A record as the kernel writes it; faults 0 makes it a marker. */
static inline void fake_record(uint8_t raw[ACCT_SIZE], uint32_t pid, uint32_t ppid, uint16_t tty,
    uint32_t btime, uint16_t faults)
{
	memset(raw, 0, ACCT_SIZE);
	raw[1] = 3;
	put_u16(raw + 2, tty);
	put_u32(raw + 16, pid);
	put_u32(raw + 20, ppid);
	put_u32(raw + 24, btime);
	put_u16(raw + 36, faults > 0 ? 1000 : 0);
	put_u16(raw + 42, faults);
	memcpy(raw + 48, "fake", 4);
}

#endif

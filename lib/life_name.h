/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LIFE_NAME_H
#define SHELLAC_LIFE_NAME_H

#include <stdint.h>

#include "cert.h"

/*
 * The name of one life of a process, shellac(1), "LIVES": BOOTID:PID:START[:ORDINAL], or
 * without BOOTID in the boot that runs.  Of one life there is one name: numbers without
 * leading zeros, no ordinal where it is 0.
 */
struct life_name {
	uint8_t boot_id[BOOT_ID_SIZE];
	int has_boot;
	uint32_t pid;
	uint64_t start_ticks; /* since boot, at most 2^63 - 1, as field 22 of /proc/PID/stat */
	uint16_t ordinal;     /* among the lives of that pid and tick */
};

/* 32 hexadecimal digits, 10, 20 and 5 decimal ones, and what parts and ends them */
#define LIFE_NAME_SIZE (32 + 10 + 20 + 5 + 4)

/* Returns out, which has room for LIFE_NAME_SIZE chars. */
char *life_name_format(char *out, const struct life_name *n);

/* 0; E_FORMAT for all that life_name_format() would not write; *n is written only on
 * success. */
int life_name_parse(const char *text, struct life_name *n);

#endif

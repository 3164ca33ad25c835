/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ACCT_RECORD_H
#define SHELLAC_ACCT_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "tty_name.h"

/* struct acct_v3 of acct(5), <linux/acct.h>, 64 bytes as the kernel writes it */
#define ACCT_SIZE 64
#define ACCT_COMM 16

struct acct_record {
	uint8_t flags;         /* ACCT_F_ */
	uint16_t tty;          /* old encoding: see acct_tty_is() */
	uint32_t status;       /* wait status of the leader */
	uint32_t uid, gid, pid, ppid; /* pids 0 before version 3, which do not have them */
	uint32_t btime;        /* start, seconds since 1970, rounded either way */
	double elapsed_s;
	double user_s, system_s;
	uint64_t memory, minor_faults, major_faults;
	uint64_t io;           /* chars moved, where a kernel counts them; Linux does not */
	char comm[ACCT_COMM + 1]; /* hostile bytes */
};

#define ACCT_F_FORK 0x01 /* never exec'd */
#define ACCT_F_SU 0x02   /* used a capability */

/* Reads one record.  0; E_FORMAT for another version or byte order. */
int acct_record_parse(const uint8_t p[ACCT_SIZE], struct acct_record *r);

/* Reads one record of any version, from whatever file, of the len bytes at p: struct acct
 * of versions 0 to 2 (0: with ids of 16 bits), struct acct_v3; all little endian.  Its
 * size; E_SHORT: there are fewer bytes; E_BYTE_ORDER: a big-endian machine wrote it;
 * E_FORMAT: no such version.  Version 0 has no mark at all: any record whose second byte is
 * zero is taken for one. */
int acct_record_parse_any(const uint8_t *p, size_t len, struct acct_record *r);

/* The record that the kernel appends about whoever calls acct(2): it is no
 * process.  mem, faults and CPU all 0 and not a child of kthreadd (pid 2). */
int acct_record_is_marker(const struct acct_record *r);

/* Does a 16-bit terminal number of a record fit the device (major << 20 |
 * minor)?  pts/2048 and pts/0 are the same number to the kernel. */
int acct_tty_is(uint16_t tty, uint32_t dev);

/* The device (major << 20 | minor) of such a number, as far as that says it; 0 for none. */
uint32_t acct_tty_device(uint16_t tty);

/* "pts/3", "tty1", "?" for none or unknown; out has room for TTY_NAME_SIZE chars. */
char *acct_tty_name(char *out, uint16_t tty);

#endif

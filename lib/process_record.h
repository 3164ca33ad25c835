/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_RECORD_H
#define SHELLAC_PROCESS_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "acct_record.h"
#include "cert.h"

/* shellac-format(5), PROCESS RECORDS */
#define PROCESS_HEADER 32
#define PROCESS_SIZE 128

enum process_reason {
	REASON_RECORDER = 1,
	REASON_ANCESTRY = 2,
	REASON_ANCESTRY_LIVE = 3,
	REASON_NO_RECORDER = 4,
	REASON_NO_RECORDER_TERMINAL = 5,
	REASON_BROKEN = 6,
};

#define PROCESS_F_OTHER_TTY 0x0001

struct process_record {
	uint8_t raw[ACCT_SIZE];
	uint32_t kernel_file, place;
	uint64_t session, outer;
	int64_t read_wall_ns;
	uint8_t reason;
	uint16_t flags;
	uint32_t keeper_pid;
};

#define PROCESS_NAME_MAX 32

/* Names of segments in the store's folder process: "<k>.shlp" into out
 * (PROCESS_NAME_MAX chars), which is returned; and k of such a name, 0 for
 * anything that process_file_name() would not write. */
char *process_file_name(char *out, uint64_t k);
uint64_t process_file_number(const char *name);

void process_header_put(uint8_t p[PROCESS_HEADER], const uint8_t boot_id[BOOT_ID_SIZE], uint64_t k);
/* 0 or E_FORMAT */
int process_header_parse(const uint8_t p[PROCESS_HEADER], uint8_t boot_id[BOOT_ID_SIZE], uint64_t *k);

void process_record_put(uint8_t p[PROCESS_SIZE], const struct process_record *r);
/* 0 or E_FORMAT */
int process_record_parse(const uint8_t p[PROCESS_SIZE], struct process_record *r);

/* "ancestry", "no-recorder", ...; "?" for others */
const char *process_reason_name(uint8_t reason);

#endif

/* SPDX-License-Identifier: ISC */
#include "process_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "err.h"

/* Offsets of shellac-format(5), PROCESS RECORDS; first the header's */
enum {
	AT_BOOT_ID = 8,
	AT_K = 24,
	AT_KERNEL_FILE = 64,
	AT_PLACE = 68,
	AT_SESSION = 72,
	AT_OUTER = 80,
	AT_READ_WALL = 88,
	AT_REASON = 96,
	AT_ZERO_1 = 97,
	AT_FLAGS = 98,
	AT_KEEPER_PID = 100,
	AT_ZERO_2 = 104,
};

static const uint8_t head[AT_BOOT_ID] = { 'S', 'H', 'L', 'P', 1, 0, 0, 0 };

char *process_file_name(char *out, uint64_t k)
{
	snprintf(out, PROCESS_NAME_MAX, "%08" PRIu64 ".shlp", k);
	return out;
}

uint64_t process_file_number(const char *name)
{
	char again[PROCESS_NAME_MAX];
	uint64_t k;

	if (sscanf(name, "%18" SCNu64 ".shlp", &k) != 1)
		return 0;
	return strcmp(process_file_name(again, k), name) == 0 ? k : 0;
}

void process_header_put(uint8_t p[PROCESS_HEADER], const uint8_t boot_id[BOOT_ID_SIZE], uint64_t k)
{
	memcpy(p, head, sizeof(head));
	memcpy(p + AT_BOOT_ID, boot_id, BOOT_ID_SIZE);
	put_u64(p + AT_K, k);
}

int process_header_parse(const uint8_t p[PROCESS_HEADER], uint8_t boot_id[BOOT_ID_SIZE], uint64_t *k)
{
	if (memcmp(p, head, sizeof(head)) != 0 || get_u64(p + AT_K) == 0)
		return E_FORMAT;
	memcpy(boot_id, p + AT_BOOT_ID, BOOT_ID_SIZE);
	*k = get_u64(p + AT_K);
	return 0;
}

void process_record_put(uint8_t p[PROCESS_SIZE], const struct process_record *r)
{
	memset(p, 0, PROCESS_SIZE);
	memcpy(p, r->raw, ACCT_SIZE);
	put_u32(p + AT_KERNEL_FILE, r->kernel_file);
	put_u32(p + AT_PLACE, r->place);
	put_u64(p + AT_SESSION, r->session);
	put_u64(p + AT_OUTER, r->outer);
	put_u64(p + AT_READ_WALL, (uint64_t)r->read_wall_ns);
	p[AT_REASON] = r->reason;
	put_u16(p + AT_FLAGS, r->flags);
	put_u32(p + AT_KEEPER_PID, r->keeper_pid);
}

int process_record_parse(const uint8_t p[PROCESS_SIZE], struct process_record *r)
{
	uint16_t flags = get_u16(p + AT_FLAGS);

	if (p[AT_REASON] < REASON_RECORDER || p[AT_REASON] > REASON_BROKEN ||
	    p[AT_ZERO_1] != 0 || (flags & ~PROCESS_F_OTHER_TTY) != 0 ||
	    !all_zero(p + AT_ZERO_2, PROCESS_SIZE - AT_ZERO_2))
		return E_FORMAT;
	memcpy(r->raw, p, ACCT_SIZE);
	r->kernel_file = get_u32(p + AT_KERNEL_FILE);
	r->place = get_u32(p + AT_PLACE);
	r->session = get_u64(p + AT_SESSION);
	r->outer = get_u64(p + AT_OUTER);
	r->read_wall_ns = (int64_t)get_u64(p + AT_READ_WALL);
	r->reason = p[AT_REASON];
	r->flags = flags;
	r->keeper_pid = get_u32(p + AT_KEEPER_PID);
	return 0;
}

const char *process_reason_name(uint8_t reason)
{
	static const char *const names[] = {
		[REASON_RECORDER] = "recorder",
		[REASON_ANCESTRY] = "ancestry",
		[REASON_ANCESTRY_LIVE] = "ancestry-live",
		[REASON_NO_RECORDER] = "no-recorder",
		[REASON_NO_RECORDER_TERMINAL] = "no-recorder-terminal",
		[REASON_BROKEN] = "broken",
	};

	if (reason < REASON_RECORDER || reason > REASON_BROKEN)
		return "?";
	return names[reason];
}

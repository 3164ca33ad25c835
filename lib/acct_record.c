/* SPDX-License-Identifier: ISC */
#include "acct_record.h"

#include <math.h>
#include <string.h>

#include "bytes.h"
#include "err.h"

/* The version byte has bit 7 (ACCT_BYTEORDER) set on big-endian machines. */
#define VERSION_3_LITTLE 0x03
#define TICKS_PER_S 100 /* AHZ, whatever the kernel's own rate */
#define KTHREADD 2

/* Offsets of struct acct_v3, <linux/acct.h> */
enum {
	AT_FLAG = 0,
	AT_VERSION = 1,
	AT_TTY = 2,
	AT_EXITCODE = 4,
	AT_UID = 8,
	AT_GID = 12,
	AT_PID = 16,
	AT_PPID = 20,
	AT_BTIME = 24,
	AT_ETIME = 28,
	AT_UTIME = 32,
	AT_STIME = 34,
	AT_MEM = 36,
	AT_MINFLT = 42,
	AT_MAJFLT = 44,
	AT_COMM = 48,
};

/* comp_t: 3 bits of exponent, base 8, and 13 of fraction */
static uint64_t get_comp(const uint8_t *p)
{
	unsigned c = get_u16(p);

	return (uint64_t)(c & 0x1fff) << (3 * (c >> 13));
}

static double get_ticks(const uint8_t *p)
{
	uint32_t bits = get_u32(p);
	float f;

	_Static_assert(sizeof(f) == sizeof(bits), "float is 32 bits");
	memcpy(&f, &bits, sizeof(f));
	return isfinite(f) && f > 0 ? (double)f : 0;
}

int acct_record_parse(const uint8_t p[ACCT_SIZE], struct acct_record *r)
{
	if (p[AT_VERSION] != VERSION_3_LITTLE)
		return E_FORMAT;
	r->flags = p[AT_FLAG];
	r->tty = get_u16(p + AT_TTY);
	r->status = get_u32(p + AT_EXITCODE);
	r->uid = get_u32(p + AT_UID);
	r->gid = get_u32(p + AT_GID);
	r->pid = get_u32(p + AT_PID);
	r->ppid = get_u32(p + AT_PPID);
	r->btime = get_u32(p + AT_BTIME);
	r->elapsed_s = get_ticks(p + AT_ETIME) / TICKS_PER_S;
	r->user_s = (double)get_comp(p + AT_UTIME) / TICKS_PER_S;
	r->system_s = (double)get_comp(p + AT_STIME) / TICKS_PER_S;
	r->memory = get_comp(p + AT_MEM);
	r->minor_faults = get_comp(p + AT_MINFLT);
	r->major_faults = get_comp(p + AT_MAJFLT);
	memcpy(r->comm, p + AT_COMM, ACCT_COMM);
	r->comm[ACCT_COMM] = '\0';
	return 0;
}

int acct_record_is_marker(const struct acct_record *r)
{
	return r->memory == 0 && r->minor_faults == 0 && r->major_faults == 0 &&
	    !(r->user_s > 0) && !(r->system_s > 0) && r->ppid != KTHREADD;
}

/* The kernel's old_encode_dev(): major << 8 | minor, cut to 16 bits. */
int acct_tty_is(uint16_t tty, uint32_t dev)
{
	uint32_t major = dev >> 20, minor = dev & 0xfffff;

	return tty != 0 && dev != 0 && tty == ((major << 8 | minor) & 0xffff);
}

char *acct_tty_name(char *out, uint16_t tty)
{
	if (tty_name(out, tty >> 8, tty & 0xff) != 0)
		memcpy(out, "?", 2);
	return out;
}

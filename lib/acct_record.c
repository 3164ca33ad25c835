/* SPDX-License-Identifier: ISC */
#include "acct_record.h"

#include <math.h>
#include <string.h>

#include "bytes.h"
#include "err.h"

#define BIG_ENDIAN_BIT 0x80 /* ACCT_BYTEORDER, in the version byte */
#define VERSION_3_LITTLE 0x03
#define VERSION_OLD_MAX 2
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
	AT_IO = 38,
	AT_MINFLT = 42,
	AT_MAJFLT = 44,
	AT_COMM = 48,
};

/* Offsets of struct acct, <linux/acct.h>; flag and version as above */
enum {
	OLD_UID_16 = 2,
	OLD_GID_16 = 4,
	OLD_TTY = 6,
	OLD_BTIME = 8,
	OLD_UTIME = 12,
	OLD_STIME = 14,
	OLD_ETIME = 16,
	OLD_MEM = 18,
	OLD_IO = 20,
	OLD_MINFLT = 24,
	OLD_MAJFLT = 26,
	OLD_AHZ = 30,
	OLD_EXITCODE = 32,
	OLD_COMM = 36,
	OLD_ETIME_HIGH = 53,
	OLD_ETIME_LOW = 54,
	OLD_UID = 56,
	OLD_GID = 60,
	OLD_SIZE = 64,
};

/* comp_t: 3 bits of exponent, base 8, and 13 of fraction */
static uint64_t get_comp(const uint8_t *p)
{
	unsigned c = get_u16(p);

	return (uint64_t)(c & 0x1fff) << (3 * (c >> 13));
}

/* comp2_t, of 24 bits: 5 of exponent, base 2, and 19 of fraction, before which a 1 is left
 * out where the exponent is not 0 */
static uint64_t get_comp_2(uint32_t c)
{
	uint64_t fraction = c & 0x7ffff;
	unsigned exponent = c >> 19 & 0x1f;

	return exponent == 0 ? fraction : (fraction | 0x80000) << (exponent - 1);
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
	r->io = get_comp(p + AT_IO);
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

static void parse_old(const uint8_t p[OLD_SIZE], struct acct_record *r)
{
	unsigned version = p[AT_VERSION], hz = version == 2 ? get_u16(p + OLD_AHZ) : TICKS_PER_S;
	uint64_t elapsed = version == 0 ? get_comp(p + OLD_ETIME) :
	    get_comp_2((uint32_t)p[OLD_ETIME_HIGH] << 16 | get_u16(p + OLD_ETIME_LOW));

	if (hz == 0)
		hz = TICKS_PER_S;
	*r = (struct acct_record){ .flags = p[AT_FLAG], .tty = get_u16(p + OLD_TTY),
		.status = get_u32(p + OLD_EXITCODE), .btime = get_u32(p + OLD_BTIME),
		.uid = version == 0 ? get_u16(p + OLD_UID_16) : get_u32(p + OLD_UID),
		.gid = version == 0 ? get_u16(p + OLD_GID_16) : get_u32(p + OLD_GID) };
	r->elapsed_s = (double)elapsed / hz;
	r->user_s = (double)get_comp(p + OLD_UTIME) / hz;
	r->system_s = (double)get_comp(p + OLD_STIME) / hz;
	r->memory = get_comp(p + OLD_MEM);
	r->io = get_comp(p + OLD_IO);
	r->minor_faults = get_comp(p + OLD_MINFLT);
	r->major_faults = get_comp(p + OLD_MAJFLT);
	memcpy(r->comm, p + OLD_COMM, ACCT_COMM);
}

int acct_record_parse_any(const uint8_t *p, size_t len, struct acct_record *r)
{
	_Static_assert((int)OLD_SIZE == ACCT_SIZE, "all versions are of one size");
	if (len < ACCT_SIZE)
		return E_SHORT;
	if (p[AT_VERSION] & BIG_ENDIAN_BIT)
		return E_BYTE_ORDER;
	if (p[AT_VERSION] <= VERSION_OLD_MAX)
		parse_old(p, r);
	else if (acct_record_parse(p, r) != 0)
		return E_FORMAT;
	return ACCT_SIZE;
}

/* The kernel's old_encode_dev(): major << 8 | minor, cut to 16 bits. */
int acct_tty_is(uint16_t tty, uint32_t dev)
{
	uint32_t major = dev >> 20, minor = dev & 0xfffff;

	return tty != 0 && dev != 0 && tty == ((major << 8 | minor) & 0xffff);
}

uint32_t acct_tty_device(uint16_t tty)
{
	if ((tty & 0xf800) == 0x8800)
		return 136u << 20 | (tty & 0x7ffu);
	return tty == 0 ? 0 : (uint32_t)(tty >> 8) << 20 | (tty & 0xffu);
}

char *acct_tty_name(char *out, uint16_t tty)
{
	if (tty_name(out, tty >> 8, tty & 0xff) != 0)
		memcpy(out, "?", 2);
	return out;
}

/* SPDX-License-Identifier: ISC */
#include "spool_header.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

/* Offsets: shellac-format(5), THE SPOOL. */
enum {
	AT_VERSION = 4,
	AT_ZERO = 5,
	AT_FLAGS = 6,
	AT_ID = 24,
	AT_PK = 40,
	AT_BOOT_ID = 72,
	AT_WALL = 88,
	AT_BOOT = 96,
	AT_PID = 104,
	AT_UID = 108,
	AT_GID = 112,
	AT_TTY_DEV = 116,
	AT_START = 120,
};

#define SPOOL_VERSION 1

static const uint8_t magic[4] = { 'S', 'H', 'S', 'P' };

void spool_header_put_state(uint8_t p[SPOOL_STATE], uint64_t length, uint64_t generation)
{
	put_u64(p, length);
	put_u64(p + 8, generation);
}

void spool_header_put(uint8_t p[SPOOL_HEADER], const struct spool_header *h)
{
	memcpy(p, magic, sizeof(magic));
	p[AT_VERSION] = SPOOL_VERSION;
	p[AT_ZERO] = 0;
	put_u16(p + AT_FLAGS, h->flags);
	spool_header_put_state(p + SPOOL_STATE_AT, h->length, h->generation);
	memcpy(p + AT_ID, h->id, ID_SIZE);
	memcpy(p + AT_PK, h->pk, PK_SIZE);
	memcpy(p + AT_BOOT_ID, h->boot_id, BOOT_ID_SIZE);
	put_u64(p + AT_WALL, (uint64_t)h->wall_ns);
	put_u64(p + AT_BOOT, h->boot_ns);
	put_u32(p + AT_PID, h->pid);
	put_u32(p + AT_UID, h->uid);
	put_u32(p + AT_GID, h->gid);
	put_u32(p + AT_TTY_DEV, h->tty_dev);
	put_u64(p + AT_START, h->start_ticks);
}

int spool_header_parse(const uint8_t p[SPOOL_HEADER], struct spool_header *h)
{
	const uint16_t flags = get_u16(p + AT_FLAGS);

	if (memcmp(p, magic, sizeof(magic)) != 0 || p[AT_VERSION] != SPOOL_VERSION || p[AT_ZERO] != 0 ||
	    (flags & ~(CERT_F_TERMINAL | CERT_F_LATE)) != 0)
		return E_FORMAT;
	*h = (struct spool_header){
		.flags = flags,
		.length = get_u64(p + SPOOL_STATE_AT),
		.generation = get_u64(p + SPOOL_STATE_AT + 8),
		.wall_ns = (int64_t)get_u64(p + AT_WALL),
		.boot_ns = get_u64(p + AT_BOOT),
		.pid = get_u32(p + AT_PID),
		.uid = get_u32(p + AT_UID),
		.gid = get_u32(p + AT_GID),
		.tty_dev = get_u32(p + AT_TTY_DEV),
		.start_ticks = get_u64(p + AT_START),
	};
	memcpy(h->id, p + AT_ID, ID_SIZE);
	memcpy(h->pk, p + AT_PK, PK_SIZE);
	memcpy(h->boot_id, p + AT_BOOT_ID, BOOT_ID_SIZE);
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include "seal.h"

#include <sodium.h>

#include "bytes.h"
#include "err.h"

#define SEAL_VERSION 1

/* Offsets: shellac-format(5), CHUNKS. */
enum {
	AT_VERSION = 4,
	AT_KIND = 5,
	AT_FLAGS = 6,
	AT_ID = 8,
	AT_CHUNK = 24,
	AT_PREV = 32,
	AT_FRAME = 64,
	AT_PAYLOAD_LEN = 72,
	AT_PAYLOAD_FRAMES = 76,
	AT_PAYLOAD_HASH = 80,
	AT_NEXT_PK = 112,
	AT_ELAPSED = 144,
	AT_WALL = 152,
	AT_BOOT = 160,
	AT_OUT = 168,
	AT_IN = 176,
	AT_HIDDEN = 184,
	AT_LOST = 192,
	AT_STATUS = 200,
	AT_REASON = 204,
	AT_SIGNATURE = SEAL_SIGNED,
};

static const uint8_t magic[4] = { 'S', 'H', 'L', 'C' };

void seal_put(uint8_t *p, const struct seal *s)
{
	memcpy(p, magic, sizeof(magic));
	p[AT_VERSION] = SEAL_VERSION;
	p[AT_KIND] = s->kind;
	put_u16(p + AT_FLAGS, s->flags);
	memcpy(p + AT_ID, s->id, ID_SIZE);
	put_u64(p + AT_CHUNK, s->chunk);
	memcpy(p + AT_PREV, s->prev, HASH_SIZE);
	put_u64(p + AT_FRAME, s->frame);
	put_u32(p + AT_PAYLOAD_LEN, s->payload_len);
	put_u32(p + AT_PAYLOAD_FRAMES, s->payload_frames);
	memcpy(p + AT_PAYLOAD_HASH, s->payload_hash, HASH_SIZE);
	memcpy(p + AT_NEXT_PK, s->next_pk, PK_SIZE);
	put_u64(p + AT_ELAPSED, s->elapsed_ns);
	put_u64(p + AT_WALL, (uint64_t)s->wall_ns);
	put_u64(p + AT_BOOT, s->boot_ns);
	put_u64(p + AT_OUT, s->out_bytes);
	put_u64(p + AT_IN, s->in_bytes);
	put_u64(p + AT_HIDDEN, s->hidden_bytes);
	put_u64(p + AT_LOST, s->lost_bytes);
	put_u32(p + AT_STATUS, s->status);
	put_u32(p + AT_REASON, s->reason);
}

static int reason_fits(const struct seal *s)
{
	switch (s->kind) {
	case SEAL_END:
		return s->reason >= END_EXIT && s->reason <= END_FAILURE;
	case SEAL_GAP:
		return s->reason == GAP_NO_ROOM;
	default:
		return s->reason == 0;
	}
}

static int check(const struct seal *s)
{
	if (s->kind < SEAL_START || s->kind > SEAL_END || (s->flags & ~SEAL_F_PROMPT) != 0)
		return E_FORMAT;
	if ((s->kind == SEAL_START) != (s->chunk == 0))
		return E_FORMAT;
	if (s->payload_len < CHUNK_PAYLOAD_MIN || s->payload_len > CHUNK_PAYLOAD_MAX)
		return E_RANGE;
	if (s->payload_frames < 1 || (s->kind == SEAL_HEARTBEAT && s->payload_frames != 1))
		return E_RANGE;
	if (s->kind == SEAL_END ? !all_zero(s->next_pk, PK_SIZE) : s->status != 0)
		return E_FORMAT;
	return reason_fits(s) ? 0 : E_FORMAT;
}

int seal_parse(const uint8_t *p, size_t len, struct seal *s)
{
	struct seal v;
	int r;

	if (len != SEAL_SIZE || memcmp(p, magic, sizeof(magic)) != 0 ||
	    p[AT_VERSION] != SEAL_VERSION)
		return E_FORMAT;
	v.kind = p[AT_KIND];
	v.flags = get_u16(p + AT_FLAGS);
	memcpy(v.id, p + AT_ID, ID_SIZE);
	v.chunk = get_u64(p + AT_CHUNK);
	memcpy(v.prev, p + AT_PREV, HASH_SIZE);
	v.frame = get_u64(p + AT_FRAME);
	v.payload_len = get_u32(p + AT_PAYLOAD_LEN);
	v.payload_frames = get_u32(p + AT_PAYLOAD_FRAMES);
	memcpy(v.payload_hash, p + AT_PAYLOAD_HASH, HASH_SIZE);
	memcpy(v.next_pk, p + AT_NEXT_PK, PK_SIZE);
	v.elapsed_ns = get_u64(p + AT_ELAPSED);
	v.wall_ns = (int64_t)get_u64(p + AT_WALL);
	v.boot_ns = get_u64(p + AT_BOOT);
	v.out_bytes = get_u64(p + AT_OUT);
	v.in_bytes = get_u64(p + AT_IN);
	v.hidden_bytes = get_u64(p + AT_HIDDEN);
	v.lost_bytes = get_u64(p + AT_LOST);
	v.status = get_u32(p + AT_STATUS);
	v.reason = get_u32(p + AT_REASON);
	if ((r = check(&v)) != 0)
		return r;
	*s = v;
	return 0;
}

int seal_verify(const uint8_t *p, const uint8_t pk[PK_SIZE])
{
	if (crypto_sign_verify_detached(p + AT_SIGNATURE, p, SEAL_SIGNED, pk) != 0)
		return E_SIGNATURE;
	return 0;
}

void seal_late_prev(uint8_t prev[HASH_SIZE], const uint8_t id[ID_SIZE], const uint8_t pk[PK_SIZE])
{
	uint8_t both[ID_SIZE + PK_SIZE];

	memcpy(both, id, ID_SIZE);
	memcpy(both + ID_SIZE, pk, PK_SIZE);
	hash_of(prev, both, sizeof(both));
}

/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "array.h"
#include "bytes.h"
#include "container.h"
#include "err.h"
#include "frame.h"
#include "hash.h"
#include "io.h"
#include "segment.h"

#define PACK_LEVEL 3 /* 8 : 1 on text at 2 CPU seconds a gigabyte */

struct packer {
	int fd_in, fd_out;
	uint8_t *plain;      /* CONTAINER_SEGMENT_MAX bytes of the stream from `off` on */
	size_t have;
	uint64_t off;
	uint8_t *packed;
	size_t room;
	ZSTD_CCtx *cctx;
	uint8_t *table;      /* grows: CONTAINER_ENTRY bytes a segment */
	size_t segments, table_room;
};

static int open_packer(struct packer *k, int fd_in, int fd_out)
{
	*k = (struct packer){ .fd_in = fd_in, .fd_out = fd_out };
	k->room = ZSTD_compressBound(CONTAINER_SEGMENT_MAX);
	k->plain = malloc(CONTAINER_SEGMENT_MAX);
	k->packed = malloc(k->room);
	k->cctx = ZSTD_createCCtx();
	return k->plain != NULL && k->packed != NULL && k->cctx != NULL ? 0 : -ENOMEM;
}

static void close_packer(struct packer *k)
{
	free(k->plain);
	free(k->packed);
	free(k->table);
	ZSTD_freeCCtx(k->cctx);
}

static int fill(struct packer *k)
{
	ssize_t n = io_pread_all(k->fd_in, k->plain + k->have, CONTAINER_SEGMENT_MAX - k->have,
	    k->off + k->have);

	if (n < 0)
		return (int)n;
	k->have += (size_t)n;
	return 0;
}

static int add_entry(struct packer *k, const struct segment *s)
{
	int r;

	if (k->segments == UINT32_MAX)
		return E_RANGE;
	r = array_room(&k->table, k->segments, &k->table_room, CONTAINER_ENTRY);
	if (r != 0)
		return r;
	segment_put(k->table + CONTAINER_ENTRY * k->segments++, s);
	return 0;
}

/* Packs the first len bytes of the buffer. */
static int put_segment(struct packer *k, size_t len)
{
	size_t n = ZSTD_compressCCtx(k->cctx, k->packed, k->room, k->plain, len, PACK_LEVEL);
	struct segment s;
	int r;

	if (ZSTD_isError(n))
		return -ENOMEM; /* room there is for any input */
	/* what the library writes by itself is what a reader takes: else say so here */
	if ((r = segment_describe(&s, k->packed, n)) != 0)
		return r;
	if ((r = add_entry(k, &s)) != 0 || (r = io_write_all(k->fd_out, k->packed, n)) != 0)
		return r;
	memmove(k->plain, k->plain + len, k->have - len);
	k->have -= len;
	k->off += len;
	return 0;
}

/* Why no segment can be made of what the buffer holds. */
static int refuse(const struct packer *k, size_t whole)
{
	struct frame f;
	int r;

	if (k->have == CONTAINER_SEGMENT_MAX && whole + FRAME_MAX > k->have)
		return E_RANGE;
	r = frame_parse(k->plain + whole, k->have - whole, &f);
	return r < 0 ? r : E_FORMAT;
}

static int pack_segments(struct packer *k)
{
	size_t whole;
	int sealed, r;

	for (;;) {
		if ((r = fill(k)) != 0)
			return r;
		if (k->have == 0)
			return k->segments > 0 ? 0 : E_SHORT;
		whole = segment_frames(k->plain, k->have, 1, &sealed);
		if (!sealed && (whole < k->have || whole == CONTAINER_SEGMENT_MAX))
			return refuse(k, whole);
		if ((r = put_segment(k, whole)) != 0)
			return r;
	}
}

static int put_end(struct packer *k)
{
	uint8_t head[CONTAINER_HEADER] = { 0 }, digest[HASH_SIZE];
	size_t len = CONTAINER_ENTRY * k->segments;
	struct hash h;
	int r;

	memcpy(head, CONTAINER_MAGIC, 4);
	head[4] = CONTAINER_VERSION;
	head[5] = CONTAINER_CODEC_ZSTD;
	put_u64(head + 8, k->off);
	put_u32(head + 16, (uint32_t)k->segments);
	hash_begin(&h);
	hash_add(&h, head, sizeof(head), k->table, len);
	hash_get(&h, digest);
	if ((r = io_write_all(k->fd_out, k->table, len)) != 0 ||
	    (r = io_write_all(k->fd_out, digest, sizeof(digest))) != 0)
		return r;
	if (lseek(k->fd_out, 0, SEEK_SET) < 0)
		return -errno;
	return io_write_all(k->fd_out, head, sizeof(head));
}

int container_pack(int fd_in, int fd_out)
{
	static const uint8_t blank[CONTAINER_HEADER];
	struct packer k;
	int r;

	if ((r = open_packer(&k, fd_in, fd_out)) == 0 &&
	    (r = io_write_all(fd_out, blank, sizeof(blank))) == 0 &&
	    (r = pack_segments(&k)) == 0)
		r = put_end(&k);
	close_packer(&k);
	return r;
}

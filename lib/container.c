/* SPDX-License-Identifier: ISC */
#include "container.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "bytes.h"
#include "container_damage.h"
#include "err.h"
#include "frame.h"
#include "hash.h"
#include "io.h"
#include "segment.h"

struct container {
	struct layout l;
	int packed, purged;
	struct purged was;
	uint64_t end;         /* plain and purged: frames end there at the latest */
	uint64_t pos;         /* in the file: of the next segment, of buf in a plain one */
	uint32_t given;       /* segments given so far */
	struct damage damage; /* code 0: none */
	uint8_t *buf;         /* CONTAINER_SEGMENT_MAX bytes */
	size_t have, used;    /* plain file: bytes in buf, bytes of them given */
	uint8_t *in;          /* SEGMENT_PACKED_MAX bytes */
	ZSTD_DCtx *dctx;
};

static int read_header(struct layout *l)
{
	const uint8_t *p = l->header;
	ssize_t n = io_pread_all(l->fd, l->header, CONTAINER_HEADER, 0);

	if (n < 0)
		return (int)n;
	if (n < CONTAINER_HEADER)
		return E_SHORT;
	if (memcmp(p, CONTAINER_MAGIC, 4) != 0 || p[4] != CONTAINER_VERSION ||
	    p[5] != CONTAINER_CODEC_ZSTD || get_u16(p + 6) != 0 || get_u32(p + 20) != 0)
		return E_FORMAT;
	l->length = get_u64(p + 8);
	l->segments = get_u32(p + 16);
	return l->segments > 0 ? 0 : E_RANGE;
}

/* Hashes the file up to its last HASH_SIZE bytes and compares these. */
static int check_purged(struct container *c, uint64_t size)
{
	uint64_t off, len = size - HASH_SIZE;
	uint8_t digest[HASH_SIZE];
	struct hash h;
	ssize_t n;

	hash_begin(&h);
	for (off = 0; off < len; off += (uint64_t)n) {
		n = io_pread_all(c->l.fd, c->buf, len - off < CONTAINER_SEGMENT_MAX ?
		    (size_t)(len - off) : CONTAINER_SEGMENT_MAX, off);
		if (n <= 0)
			return n < 0 ? (int)n : E_SHORT;
		hash_add(&h, c->buf, (size_t)n, NULL, 0);
	}
	hash_get(&h, digest);
	n = io_pread_all(c->l.fd, c->buf, HASH_SIZE, len);
	if (n != HASH_SIZE)
		return n < 0 ? (int)n : E_SHORT;
	return memcmp(digest, c->buf, HASH_SIZE) == 0 ? 0 : E_DIGEST;
}

static int open_purged(struct container *c, uint64_t *where)
{
	uint8_t tail[PURGED_TRAILER];
	struct stat st;
	uint64_t size;
	ssize_t n;
	int r;

	*where = 0;
	if (fstat(c->l.fd, &st) < 0)
		return -errno;
	size = (uint64_t)st.st_size;
	if (size <= PURGED_HEADER + PURGED_TRAILER)
		return E_SHORT;
	c->end = c->pos = PURGED_HEADER;
	if ((r = check_purged(c, size)) != 0)
		return r;
	*where = size - PURGED_TRAILER;
	n = io_pread_all(c->l.fd, tail, sizeof(tail), *where);
	if (n != sizeof(tail))
		return n < 0 ? (int)n : E_SHORT;
	c->end = *where;
	c->was.length = get_u64(tail);
	c->was.wall_ns = (int64_t)get_u64(tail + 8);
	return 0;
}

static int open_packed(struct container *c, uint64_t *where)
{
	struct stat st;
	int r;

	*where = 0;
	c->in = malloc(SEGMENT_PACKED_MAX);
	c->dctx = ZSTD_createDCtx();
	if (c->in == NULL || c->dctx == NULL)
		return -ENOMEM;
	if (fstat(c->l.fd, &st) < 0)
		return -errno;
	c->l.size = (uint64_t)st.st_size;
	c->pos = CONTAINER_HEADER;
	if ((r = read_header(&c->l)) != 0)
		return r;
	r = layout_check(&c->l, c->in, where);
	if (r != E_DIGEST && r != E_SHORT)
		return r;
	/* the table is not what was written: is one segment or entry to blame? */
	r = damage_find(&c->l, c->in, &c->damage, where);
	if (r == 0 && c->damage.code == E_SHORT)
		c->given = c->damage.segment; /* no table: nothing before it either */
	return r;
}

int container_open(struct container **out, int fd, uint64_t *where)
{
	struct container *c = calloc(1, sizeof(*c));
	uint8_t first[PURGED_HEADER] = { 0 };
	ssize_t n;
	int r = -ENOMEM;

	*where = 0;
	if (c == NULL)
		return -ENOMEM;
	c->l.fd = fd;
	c->buf = malloc(CONTAINER_SEGMENT_MAX);
	if (c->buf == NULL)
		goto out;
	c->end = UINT64_MAX;
	n = io_pread_all(fd, first, sizeof(first), 0);
	r = n < 0 ? (int)n : 0;
	c->purged = memcmp(first, PURGED_START, sizeof(first)) == 0;
	c->packed = !c->purged && n > 0 && first[0] == (uint8_t)CONTAINER_MAGIC[0];
	if (c->purged)
		r = open_purged(c, where);
	else if (c->packed)
		r = open_packed(c, where);
	if (r != 0)
		goto out;
	*out = c;
	c = NULL;
out:
	container_free(c);
	return r;
}

void container_free(struct container *c)
{
	if (c == NULL)
		return;
	ZSTD_freeDCtx(c->dctx);
	free(c->buf);
	free(c->in);
	free(c);
}

int container_packed(const struct container *c)
{
	return c->packed;
}

int container_purged(const struct container *c, struct purged *p)
{
	if (c->purged)
		*p = c->was;
	return c->purged;
}

uint32_t container_given(const struct container *c)
{
	return c->given;
}

static int next_plain(struct container *c, const uint8_t **p, size_t *len, uint64_t *file_off,
    uint64_t *where)
{
	size_t room;
	ssize_t n;
	int sealed;

	c->pos += c->used;
	c->have -= c->used;
	memmove(c->buf, c->buf + c->used, c->have);
	c->used = 0;
	*where = c->pos + c->have;
	room = CONTAINER_SEGMENT_MAX - c->have;
	if (room > c->end - *where)
		room = (size_t)(c->end - *where);
	n = io_pread_all(c->l.fd, c->buf + c->have, room, *where);
	if (n < 0)
		return (int)n;
	c->have += (size_t)n;
	if (c->have == 0)
		return 0;
	c->used = segment_frames(c->buf, c->have, 0, &sealed);
	if (c->used == 0)
		c->used = c->have;
	*p = c->buf;
	*len = c->used;
	*file_off = c->pos;
	return 1;
}

/* A segment ends behind its only SEAL, or is the last and has none.  A malformed
 * frame is left to the reader of frames. */
static int check_shape(const struct container *c, size_t len)
{
	struct frame f;
	int sealed;
	size_t whole = segment_frames(c->buf, len, 1, &sealed);

	if (whole < len)
		return sealed || frame_parse(c->buf + whole, len - whole, &f) == E_SHORT ?
		    E_FORMAT : 0;
	return sealed || c->given + 1 == c->l.segments ? 0 : E_FORMAT;
}

static int unpack(struct container *c, const struct segment *s)
{
	struct segment is;
	ssize_t n;
	int r;

	n = io_pread_all(c->l.fd, c->in, s->packed, c->pos);
	if (n != (ssize_t)s->packed)
		return n < 0 ? (int)n : E_SHORT;
	crypto_generichash(is.digest, SEGMENT_DIGEST, c->in, s->packed, NULL, 0);
	if (memcmp(is.digest, s->digest, SEGMENT_DIGEST) != 0)
		return E_DIGEST;
	if ((r = segment_lengths(&is, c->in, s->packed)) != 0)
		return r;
	if (is.plain != s->plain || ZSTD_decompressDCtx(c->dctx, c->buf, CONTAINER_SEGMENT_MAX,
	    c->in, s->packed) != s->plain)
		return E_FORMAT;
	return check_shape(c, s->plain);
}

static int next_packed(struct container *c, const uint8_t **p, size_t *len, uint64_t *file_off,
    uint64_t *where)
{
	struct segment s;
	int r;

	if (c->damage.code != 0 && c->given == c->damage.segment) {
		*where = c->damage.where;
		return c->damage.code;
	}
	if (c->given == c->l.segments)
		return 0;
	*where = layout_entry(&c->l, c->given);
	if ((r = layout_read_entry(&c->l, c->given, &s)) != 0)
		return r;
	if (!layout_fits(&c->l, c->pos, &s))
		return E_RANGE;
	*where = c->pos;
	if ((r = unpack(c, &s)) != 0)
		return r;
	*p = c->buf;
	*len = s.plain;
	*file_off = c->pos;
	c->pos += s.packed;
	c->given++;
	return 1;
}

int container_next(struct container *c, const uint8_t **p, size_t *len, uint64_t *file_off,
    uint64_t *where)
{
	if (c->packed)
		return next_packed(c, p, len, file_off, where);
	return next_plain(c, p, len, file_off, where);
}

struct container_mark container_tell(const struct container *c)
{
	return (struct container_mark){ .off = c->pos + c->used, .given = c->given };
}

void container_seek(struct container *c, const struct container_mark *m)
{
	c->pos = m->off;
	c->given = m->given;
	c->have = c->used = 0;
}

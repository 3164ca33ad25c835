/* SPDX-License-Identifier: ISC */
#include "pieces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "io.h"
#include "segment.h"

#define WINDOW (2 * PIECE_MAX)

/* Containers are read from their start. */
static int skip(struct pieces *p, uint64_t count)
{
	struct piece one;
	int r = 1;

	while (r == 1 && p->seq < count)
		r = pieces_next(p, &one);
	return r < 0 ? r : 0;
}

int pieces_open(struct pieces *p, int fd, int final, uint64_t seq, uint64_t off)
{
	uint8_t first = 0;
	uint64_t where;
	ssize_t n;
	int r;

	*p = (struct pieces){.fd = fd, .final = final};
	n = io_pread_all(fd, &first, 1, 0);
	if (n < 0)
		return (int)n;
	if (n == 1 && first == (uint8_t)CONTAINER_MAGIC[0]) {
		if ((r = container_open(&p->container, fd, &where)) != 0)
			return r;
		p->purged = container_purged(p->container, &p->was);
		return p->purged ? 0 : skip(p, seq);
	}
	p->buf = malloc(WINDOW);
	p->seq = seq;
	p->off = off;
	return p->buf != NULL ? 0 : -ENOMEM;
}

void pieces_release(struct pieces *p)
{
	container_free(p->container);
	free(p->buf);
	p->container = NULL;
	p->buf = NULL;
}

/* Does a SEAL end it?  Whoever checks signatures checks what it says. */
static int ends_sealed(const uint8_t *p, size_t len, struct seal *s)
{
	struct frame f;
	const size_t size = FRAME_HEADER + SEAL_SIZE;

	return len >= size && frame_parse(p + len - size, size, &f) == (int)size &&
	    f.type == FRAME_SEAL && seal_parse(f.body, f.len, s) == 0;
}

static int give(struct pieces *p, struct piece *out, const uint8_t *at, size_t len, int sealed)
{
	*out = (struct piece){.p = at, .len = len, .seq = p->seq, .off = p->off};
	out->sealed = sealed && ends_sealed(at, len, &out->seal);
	p->seq++;
	p->off += len;
	return 1;
}

static int next_packed(struct pieces *p, struct piece *out)
{
	const uint8_t *at;
	uint64_t off, where;
	size_t len;
	int r = container_next(p->container, &at, &len, &off, &where);

	return r == 1 ? give(p, out, at, len, 1) : r;
}

/* More of the file behind what is there. */
static int fill(struct pieces *p)
{
	ssize_t n;

	p->have -= p->pos;
	memmove(p->buf, p->buf + p->pos, p->have);
	p->pos = 0;
	n = io_pread_all(p->fd, p->buf + p->have, WINDOW - p->have, p->off + p->have);
	if (n < 0)
		return (int)n;
	p->ended = (size_t)n < WINDOW - p->have;
	p->have += (size_t)n;
	return 0;
}

static int give_plain(struct pieces *p, struct piece *out, size_t len, int sealed)
{
	const uint8_t *at = p->buf + p->pos;

	p->pos += len;
	return give(p, out, at, len, sealed);
}

static int next_plain(struct pieces *p, struct piece *out)
{
	size_t len, left;
	int sealed = 0, r;

	len = p->raw ? 0 : segment_frames(p->buf + p->pos, p->have - p->pos, 1, &sealed);
	if ((!sealed || len > PIECE_MAX) && !p->ended) {
		if ((r = fill(p)) != 0)
			return r;
		len = p->raw ? 0 : segment_frames(p->buf, p->have, 1, &sealed);
	}
	if (sealed && len <= PIECE_MAX)
		return give_plain(p, out, len, 1);
	left = p->have - p->pos;
	if (!p->final || left == 0)
		return 0;
	p->raw = 1;
	return give_plain(p, out, left < PIECE_MAX ? left : PIECE_MAX, 0);
}

int pieces_next(struct pieces *p, struct piece *out)
{
	return p->container != NULL ? next_packed(p, out) : next_plain(p, out);
}

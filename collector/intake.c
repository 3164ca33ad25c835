/* SPDX-License-Identifier: ISC */
#include "intake.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "frame.h"
#include "io.h"

/*
 * A full pipe is a quarter of a millisecond of work.  Who waits for this CPU
 * meanwhile is most often the kernel's worker that moves the output of the
 * very terminal, so it is let in between.
 */
#define YIELD_FRAMES 4

void intake_init(struct intake *in, int fd, const struct chain *chain)
{
	*in = (struct intake){.fd = fd, .chain = *chain, .doubles = 1, .double_off = UINT64_MAX};
}

void intake_again(struct intake *in)
{
	in->doubles = 1;
	in->double_off = UINT64_MAX; /* those that came may come once more */
}

/* Exactly len bytes of what the file has. */
static int read_stored(const struct intake *in, uint8_t *p, size_t len, uint64_t off)
{
	ssize_t n = io_pread_all(in->fd, p, len, off);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : E_SHORT;
}

/* Where frame number is in the file, which holds at least that many. */
static int find_frame(const struct intake *in, uint64_t number, uint64_t *off)
{
	uint8_t head[FRAME_HEADER + 1];
	uint64_t at = 0, i;
	struct frame f;
	int r;

	for (i = 0; i < number; i++) {
		r = read_stored(in, head, sizeof(head), at);
		if (r != 0)
			return r;
		r = frame_parse(head, sizeof(head), &f);
		if (r == E_SHORT)
			r = FRAME_HEADER + (head[2] | head[3] << 8);
		if (r < 0)
			return r;
		at += (uint64_t)r;
	}
	*off = at;
	return 0;
}

/* A frame that the file has already: it must be the same. */
static int check_double(struct intake *in, const struct frame *f, const uint8_t *raw, size_t size)
{
	uint8_t stored[FRAME_MAX];
	int r;

	if (!in->doubles)
		return E_CHAIN;
	if (in->double_off == UINT64_MAX) {
		r = find_frame(in, f->number, &in->double_off);
		if (r != 0)
			return r;
	}
	if (in->double_off + size > in->chain.offset)
		return E_CHAIN;
	r = read_stored(in, stored, size, in->double_off);
	if (r != 0)
		return r;
	if (memcmp(stored, raw, size) != 0)
		return E_CHAIN;
	in->double_off += size;
	return 0;
}

static int is_waited_for(const struct frame *f)
{
	struct seal s;

	return f->type == FRAME_SEAL && seal_parse(f->body, f->len, &s) == 0 &&
	    (s.flags & SEAL_F_PROMPT) != 0;
}

/* The chain is to take the SEAL that comes next as if it were signed. */
static void owe(struct intake *in, const struct frame *seal)
{
	in->owed = 1;
	in->before = in->chain;
	in->chain.defer = 1;
	memcpy(in->seal, seal->body, SEAL_SIZE);
}

static void note_seal(const struct chain *c, uint64_t lost_before, struct intake_result *r)
{
	r->sealed++;
	r->prompt |= (c->last.flags & SEAL_F_PROMPT) != 0 || c->ended;
	if (c->last.kind != SEAL_GAP)
		return;
	r->lost += c->lost_bytes - lost_before;
	r->gap_chunk = c->last.chunk;
	r->gap_reason = c->last.reason;
}

/* One frame; *skip grows with doubles, which all come before new frames. */
static int take_frame(struct intake *in, const struct frame *f, const uint8_t *raw, size_t size,
    const uint8_t *host_pk, struct intake_result *r, size_t *skip)
{
	uint64_t lost = in->chain.lost_bytes;
	int e;

	if (f->number < in->chain.frame && r->frames == 0) {
		e = check_double(in, f, raw, size);
		if (e == 0)
			*skip += size;
		return e;
	}
	e = chain_frame(&in->chain, f, raw, host_pk, NULL);
	if (e != 0)
		return e;
	in->doubles = 0;
	if (++r->frames % YIELD_FRAMES == 0)
		sched_yield();
	if (f->type == FRAME_SEAL)
		note_seal(&in->chain, lost, r);
	return 0;
}

/* What cannot be cut off is overwritten, or cut off at the next start. */
static void cut_off(int fd, uint64_t at)
{
	if (lseek(fd, (off_t)at, SEEK_SET) < 0 || ftruncate(fd, (off_t)at) < 0)
		return;
}

static int write_frames(const struct intake *in, uint64_t at, const uint8_t *p, size_t len)
{
	int r = io_write_all(in->fd, p, len);

	if (r != 0)
		cut_off(in->fd, at);
	return r;
}

/* Whole frames, until one is refused; *skip bytes of them are in the file already. */
static void take_frames(struct intake *in, const uint8_t *p, size_t len,
    const uint8_t host_pk[PK_SIZE], struct intake_result *r, size_t *skip)
{
	struct frame f;
	int n;

	while (r->error == 0 && !in->chain.ended && r->sealed < INTAKE_SEALS_MAX) {
		n = frame_parse(p + r->take, len - r->take, &f);
		if (n == E_SHORT)
			break;
		if (n > 0 && r->take + (size_t)n == len && is_waited_for(&f))
			owe(in, &f);
		r->error = n < 0 ? n :
		    take_frame(in, &f, p + r->take, (size_t)n, host_pk, r, skip);
		if (r->error == 0)
			r->take += (size_t)n;
	}
	in->chain.defer = 0;
	in->owed &= r->error == 0 && in->chain.frame > in->before.frame;
}

int intake_take(struct intake *in, const uint8_t *p, size_t len, const uint8_t host_pk[PK_SIZE],
    struct intake_result *r)
{
	const struct intake before = *in;
	struct intake_result res = {0};
	size_t skip = 0;
	int e;

	take_frames(in, p, len, host_pk, &res, &skip);
	res.more = res.sealed >= INTAKE_SEALS_MAX;
	res.stored = res.take - skip;
	if (res.stored > 0) {
		e = write_frames(in, before.chain.offset, p + skip, res.stored);
		if (e != 0) {
			*in = before;
			return e;
		}
	}
	*r = res;
	return 0;
}

int intake_settle(struct intake *in)
{
	if (!in->owed)
		return 0;
	in->owed = 0;
	if (seal_verify(in->seal, in->before.pk) == 0)
		return 0;
	in->chain = in->before;
	in->chain.error = E_SIGNATURE;
	cut_off(in->fd, in->chain.offset);
	return E_SIGNATURE;
}

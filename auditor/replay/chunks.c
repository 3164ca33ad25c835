/* SPDX-License-Identifier: ISC */
#include "replay/chunks.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"

void seen_release(struct seen *s)
{
	free(s->digest);
	memset(s, 0, sizeof *s);
}

/* Without memory it is verified again the next time. */
static void seen_add(struct seen *s, const uint8_t digest[HASH_SIZE])
{
	if (s->chunks < SEEN_MAX &&
	    array_room(&s->digest, s->chunks, &s->room, sizeof *s->digest) == 0)
		memcpy(s->digest[s->chunks++], digest, SEEN_DIGEST);
}

int chunks_open(struct chunks *c, int fd, struct seen *seen)
{
	memset(c, 0, sizeof *c);
	c->seen = seen;
	c->tail = 1;
	c->error = session_file_open(&c->file, fd);
	if (c->error == 0)
		session_file_mark(&c->file, &c->border);
	return c->error;
}

void chunks_release(struct chunks *c)
{
	session_file_release(&c->file);
}

int chunks_is_finding(int r)
{
	return r <= E_FORMAT && r >= E_BYTE_ORDER;
}

static int is_torn(const struct chunks *c, int r)
{
	return r == E_SHORT && strcmp(c->file.finding.kind, "torn") == 0;
}

/* The chunk whose seal was just read: is it the one that was verified? */
static int take_seal(struct chunks *c)
{
	const struct chain *chain = &c->file.chain;
	size_t n = (size_t)c->chunk;

	if (chain->defer && memcmp(c->seen->digest[n], chain->prev, SEEN_DIGEST) != 0)
		return E_SIGNATURE;
	if (n == c->seen->chunks)
		seen_add(c->seen, chain->prev);
	c->sealed = 1;
	c->end_ns = chain->last.elapsed_ns;
	c->wall_ns = chain->last.wall_ns;
	session_file_mark(&c->file, &c->border);
	return 1;
}

/* The file ends without a seal. */
static int take_tail(struct chunks *c)
{
	const struct chain *chain = &c->file.chain;

	if (!c->tail)
		chunks_seek(c, &c->border);
	if (c->len == 0)
		return 0;
	c->sealed = 0;
	c->end_ns = chain->elapsed_ns;
	c->wall_ns = (chain->chunk > 0 ? chain->last.wall_ns : chain->cert.wall_ns) +
	    (int64_t)(c->end_ns - (chain->chunk > 0 ? chain->last.elapsed_ns : 0));
	return 1;
}

/* An event; the chain refuses a payload that has no room here. */
static void hold(struct chunks *c, const struct frame *f)
{
	size_t size = (size_t)FRAME_HEADER + f->len;

	if (c->len == 0)
		c->frame = f->number;
	memcpy(c->payload + c->len, f->body - FRAME_HEADER, size);
	c->len += size;
}

static void begin(struct chunks *c)
{
	struct chain *chain = &c->file.chain;

	c->chunk = (int64_t)chain->chunk;
	c->at_ns = c->begin_ns = chain->elapsed_ns;
	c->len = c->pos = 0;
	chain->defer = chain->chunk < c->seen->chunks;
}

static int load(struct chunks *c)
{
	struct frame f;
	int r;

	begin(c);
	while ((r = session_file_next(&c->file, NULL, &f, NULL)) > 0) {
		if (f.type == FRAME_SEAL)
			return take_seal(c);
		if (f.type >= FRAME_BEGIN)
			hold(c, &f);
	}
	return r == 0 || is_torn(c, r) ? take_tail(c) : r;
}

int chunks_load(struct chunks *c)
{
	int r;

	if (c->error != 0)
		return c->error;
	r = load(c);
	if (r > 0)
		return r;
	c->len = c->pos = 0;
	c->error = r;
	return r;
}

int chunks_next(struct chunks *c, struct shown_event *x)
{
	struct frame f;
	int n;

	if (c->pos == c->len)
		return 0;
	n = frame_parse(c->payload + c->pos, c->len - c->pos, &f);
	if (n < 0 || event_parse(&f, &x->e) != 0)
		return 0; /* never: the chain took it */
	c->pos += (size_t)n;
	c->at_ns += x->e.dt;
	x->at_ns = c->at_ns;
	x->frame = c->frame++;
	x->chunk = c->chunk;
	x->sealed = c->sealed;
	return 1;
}

void chunks_seek(struct chunks *c, const struct session_mark *m)
{
	if (m != &c->border)
		c->border = *m;
	session_file_seek(&c->file, m);
	c->len = c->pos = 0;
	c->error = 0;
}

int64_t chunks_wall(const struct chunks *c, uint64_t at_ns)
{
	return c->wall_ns - (int64_t)(c->end_ns - at_ns);
}

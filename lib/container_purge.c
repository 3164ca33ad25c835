/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "bytes.h"
#include "container.h"
#include "err.h"
#include "io.h"
#include "segment.h"
#include "session_file.h"

#define BUFFER 65536

struct writer {
	int fd;
	struct hash hash;
	uint64_t frames; /* bytes of them */
	size_t have;
	uint8_t buf[BUFFER];
};

static int flush(struct writer *w)
{
	int r = io_write_all(w->fd, w->buf, w->have);

	w->have = 0;
	return r;
}

static int put(struct writer *w, const uint8_t *p, size_t len)
{
	int r = 0;

	hash_add(&w->hash, p, len, NULL, 0);
	if (len > sizeof(w->buf) - w->have)
		r = flush(w);
	memcpy(w->buf + w->have, p, len);
	w->have += len;
	return r;
}

static int put_frames(struct writer *w, struct session_file *s)
{
	struct frame f;
	int r;

	while ((r = session_file_next(s, NULL, &f, NULL)) > 0) {
		if (f.type <= FRAME_SEAL) {
			r = put(w, f.body - FRAME_HEADER, (size_t)FRAME_HEADER + f.len);
			if (r != 0)
				return r;
			w->frames += (uint64_t)FRAME_HEADER + f.len;
		}
	}
	if (r == 0 && !s->chain.have_cert)
		r = E_SHORT;
	return r;
}

static int put_trailer(struct writer *w, uint64_t length, int64_t wall_ns)
{
	uint8_t tail[PURGED_TRAILER];
	int r;

	put_u64(tail, length);
	put_u64(tail + 8, (uint64_t)wall_ns);
	if ((r = put(w, tail, 16)) != 0)
		return r;
	hash_get(&w->hash, tail + 16);
	if ((r = put(w, tail + 16, HASH_SIZE)) != 0)
		return r;
	return flush(w);
}

static void count_all(struct purge_count *count, const struct chain *c, uint64_t frames)
{
	memcpy(count->id, c->cert.id, ID_SIZE);
	count->n = c->cert.n;
	count->chunks = c->chunk;
	count->bytes = c->offset - frames;
	count->end_ns = c->chunk > 0 ? c->last.wall_ns : c->cert.wall_ns;
}

int container_purge(int fd_in, int fd_out, int64_t wall_ns, struct purge_count *count)
{
	struct session_file s;
	struct writer w;
	int r;

	w.fd = fd_out;
	w.have = 0;
	w.frames = 0;
	hash_begin(&w.hash);
	r = session_file_open(&s, fd_in);
	if (r == 0 && s.purged)
		r = 1;
	if (r == 0 && (r = put(&w, (const uint8_t *)PURGED_START, PURGED_HEADER)) == 0 &&
	    (r = put_frames(&w, &s)) == 0 &&
	    (r = put_trailer(&w, s.chain.offset, wall_ns)) == 0)
		count_all(count, &s.chain, w.frames);
	session_file_release(&s);
	return r;
}

/* SPDX-License-Identifier: ISC */
#include "file_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "../feed.h"
#include "io.h"

#define READ_BYTES 65536

struct walk {
	int fd;
	ZSTD_DCtx *unpack; /* NULL: plain */
	ZSTD_inBuffer in;
	char packed[READ_BYTES];
	char buf[2 * FEED_LINE_MAX];
	size_t end;   /* of what is in buf */
	uint64_t off; /* of buf in the plain bytes */
};

/* More of the plain bytes at the end of buf: their number, 0 at the end, or -errno. */
static ssize_t more(struct walk *w)
{
	ZSTD_outBuffer out = {w->buf + w->end, sizeof(w->buf) - w->end, 0};
	ssize_t n;

	if (w->unpack == NULL)
		return io_read_all(w->fd, out.dst, out.size < READ_BYTES ? out.size : READ_BYTES);
	while (out.pos == 0) {
		if (w->in.pos == w->in.size) {
			n = io_read_all(w->fd, w->packed, sizeof(w->packed));
			if (n <= 0)
				return n;
			w->in = (ZSTD_inBuffer){w->packed, (size_t)n, 0};
		}
		if (ZSTD_isError(ZSTD_decompressStream(w->unpack, &out, &w->in)))
			return 0;
	}
	return (ssize_t)out.pos;
}

/* Gives out the whole lines in buf and keeps the rest. */
static int give(struct walk *w, int (*found)(void *, const char *, size_t, uint64_t), void *arg)
{
	size_t start = 0;
	const char *lf;
	int r = 0;

	while (r == 0 && (lf = memchr(w->buf + start, '\n', w->end - start)) != NULL) {
		r = found(arg, w->buf + start, (size_t)(lf - w->buf) - start, w->off + start);
		start = (size_t)(lf - w->buf) + 1;
	}
	if (w->end - start >= FEED_LINE_MAX) /* of a line that is none of ours */
		start = w->end;
	memmove(w->buf, w->buf + start, w->end - start);
	w->end -= start;
	w->off += start;
	return r;
}

int file_lines(int fd, int packed, int (*found)(void *arg, const char *line, size_t len,
    uint64_t off), void *arg)
{
	struct walk *w = calloc(1, sizeof(*w));
	ssize_t n;
	int r = 0;

	if (w == NULL || (packed && (w->unpack = ZSTD_createDCtx()) == NULL)) {
		free(w);
		return -ENOMEM;
	}
	w->fd = fd;
	while (r == 0 && (n = more(w)) != 0) {
		if (n > 0)
			w->end += (size_t)n;
		r = n < 0 ? (int)n : give(w, found, arg);
	}
	ZSTD_freeDCtx(w->unpack);
	free(w);
	return r;
}

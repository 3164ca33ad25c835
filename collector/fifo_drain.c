/* SPDX-License-Identifier: ISC */
#include "fifo_drain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"

int fifo_drain_init(struct fifo_drain *d)
{
	int p[2];

	d->in = d->out = -1;
	d->buf = malloc(DRAIN_SIZE);
	if (d->buf == NULL)
		return -ENOMEM;
	/* all pages are there before the first consume: see fifo_drain.h */
	memset(d->buf, 0, DRAIN_SIZE);
	if (pipe2(p, O_CLOEXEC | O_NONBLOCK) < 0) {
		free(d->buf);
		return -errno;
	}
	d->out = p[0];
	d->in = p[1];
	d->size = fifo_drain_grow(d->in);
	return 0;
}

void fifo_drain_release(struct fifo_drain *d)
{
	close(d->in);
	close(d->out);
	free(d->buf);
	d->buf = NULL;
}

ssize_t fifo_drain_peek(struct fifo_drain *d, int fifo)
{
	ssize_t n;

	do
		n = tee(fifo, d->in, DRAIN_SIZE, SPLICE_F_NONBLOCK);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	return io_read_all(d->out, d->buf, (size_t)n);
}

int fifo_drain_consume(struct fifo_drain *d, int fifo, size_t len)
{
	ssize_t n;

	if (len == 0)
		return 0;
	n = io_read_all(fifo, d->buf, len);
	if (n == -EAGAIN || (n >= 0 && (size_t)n < len))
		return -EPIPE;
	return n < 0 ? (int)n : 0;
}

size_t fifo_drain_grow(int fifo)
{
	static const int sizes[] = {1048576, 262144};
	size_t i;
	int n;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (fcntl(fifo, F_GETPIPE_SZ) >= sizes[i] ||
		    fcntl(fifo, F_SETPIPE_SZ, sizes[i]) >= 0)
			break;
	n = fcntl(fifo, F_GETPIPE_SZ);
	return n < 0 ? 0 : (size_t)n;
}

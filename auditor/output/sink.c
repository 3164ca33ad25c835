/* SPDX-License-Identifier: ISC */
#include "output/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"

int sink_init(struct sink *s, int fd)
{
	memset(s, 0, sizeof *s);
	s->fd = fd;
	s->buf = malloc(SINK_SIZE);
	if (s->buf == NULL)
		return -ENOMEM;
	s->size = SINK_SIZE;
	return 0;
}

void sink_release(struct sink *s)
{
	free(s->buf);
	s->buf = NULL;
	s->len = s->size = 0;
}

static void grow(struct sink *s, size_t len)
{
	size_t size = s->size;
	uint8_t *buf;

	while (size - s->len < len)
		size *= 2;
	buf = realloc(s->buf, size);
	if (buf == NULL) {
		s->error = -ENOMEM;
		return;
	}
	s->buf = buf;
	s->size = size;
}

void sink_put(struct sink *s, const void *p, size_t len)
{
	if (s->size - s->len < len) {
		if (s->fd < 0)
			grow(s, len);
		else
			sink_flush(s);
	}
	if (s->error != 0)
		return;
	if (s->size - s->len < len) { /* larger than the whole buffer */
		s->error = io_write_all(s->fd, p, len);
		return;
	}
	memcpy(s->buf + s->len, p, len);
	s->len += len;
}

void sink_str(struct sink *s, const char *text)
{
	sink_put(s, text, strlen(text));
}

int sink_flush(struct sink *s)
{
	if (s->error == 0 && s->fd >= 0) {
		s->error = io_write_all(s->fd, s->buf, s->len);
		s->len = 0;
	}
	return s->error;
}

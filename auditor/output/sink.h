/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SINK_H
#define SHELLAC_SINK_H

#include <stddef.h>
#include <stdint.h>

/* Buffered output whose errors are not lost.  After the first error nothing more
 * is written and sink.error keeps it. */
#define SINK_SIZE 65536

struct sink {
	int fd;       /* -1: everything stays in buf, which grows */
	uint8_t *buf;
	size_t len, size;
	int error;    /* -errno, 0 for none */
};

/* 0 or -ENOMEM */
int sink_init(struct sink *s, int fd);
/* Frees the buffer; does not flush. */
void sink_release(struct sink *s);

void sink_put(struct sink *s, const void *p, size_t len);
void sink_str(struct sink *s, const char *text);

/* Writes out what is buffered.  Returns sink.error. */
int sink_flush(struct sink *s);

#endif

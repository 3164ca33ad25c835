/* SPDX-License-Identifier: ISC */
/* A session file, purged: what comes of it reads as the same chain, and stays. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io.h"
#include "session_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int memory_file(const uint8_t *p, size_t len)
{
	int fd = memfd_create("session", MFD_CLOEXEC);

	if (fd < 0 || io_write_all(fd, p, len) != 0)
		abort();
	return fd;
}

/* To its end: 0 and the chain there, or a negative code. */
static int read_session(int fd, struct chain *c)
{
	struct session_file s;
	struct frame f;
	int r = session_file_open(&s, fd);

	while (r >= 0 && (r = session_file_next(&s, NULL, &f, NULL)) > 0)
		;
	*c = s.chain;
	session_file_release(&s);
	return r;
}

static void check(int was, int is)
{
	struct chain a, b;

	if (read_session(was, &a) != 0 || read_session(is, &b) != 0)
		abort();
	if (a.chunk != b.chunk || memcmp(a.prev, b.prev, HASH_SIZE) != 0 ||
	    a.ended != b.ended || a.sealed_offset != b.sealed_offset ||
	    a.sealed_frame != b.sealed_frame || a.lost_bytes != b.lost_bytes)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memory_file(data, size), out = memory_file(NULL, 0);
	struct purge_count count;

	if (sodium_init() < 0)
		abort();
	if (container_purge(fd, out, 1, &count) == 0) {
		check(fd, out);
		if (container_purge(out, fd, 2, &count) != 1)
			abort();
	}
	close(out);
	close(fd);
	return 0;
}

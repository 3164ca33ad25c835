/* SPDX-License-Identifier: ISC */
/* A session file, plain or packed; what a plain one holds can be packed. */
#include <sodium.h>
#include <stdlib.h>
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

/* Number of frames, or a negative code. */
static long read_session(int fd)
{
	struct session_file s;
	struct frame f;
	struct event e;
	long frames = 0;
	int r = session_file_open(&s, fd);

	while (r >= 0 && (r = session_file_next(&s, NULL, &f, &e)) > 0)
		frames++;
	if ((r < 0) != (s.finding.code != 0) || (r < 0 && s.finding.kind == NULL))
		abort();
	session_file_release(&s);
	return r < 0 ? r : frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memory_file(data, size), packed;
	long frames;

	if (sodium_init() < 0)
		abort();
	frames = read_session(fd);
	packed = memory_file(NULL, 0);
	if (size > 0 && data[0] == FRAME_MAGIC && container_pack(fd, packed) == 0 &&
	    frames > 0 && read_session(packed) != frames)
		abort();
	close(packed);
	close(fd);
	return 0;
}

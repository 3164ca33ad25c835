/* SPDX-License-Identifier: ISC */
#include "judge.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io.h"

int judge_file(const uint8_t *p, size_t len)
{
	int fd = memfd_create("session", MFD_CLOEXEC);

	if (fd < 0 || io_write_all(fd, p, len) != 0)
		abort();
	return fd;
}

long judge_pack(uint8_t *out, size_t room, const uint8_t *p, size_t len)
{
	int in = judge_file(p, len), packed = judge_file(NULL, 0);
	long r = container_pack(in, packed);

	if (r == 0) {
		lseek(packed, 0, SEEK_SET);
		r = io_read_all(packed, out, room);
	}
	close(in);
	close(packed);
	return r;
}

static const char *kind_of_end(const struct session_file *s)
{
	if (s->chain.ended)
		return "";
	if (s->chain.frame == 0)
		return "empty";
	return s->chain.payload_len > 0 ? "unsealed" : "cut";
}

void judge(const uint8_t *p, size_t len, const uint8_t *host_pk, struct finding *f, int *certified)
{
	int fd = judge_file(p, len), r;
	struct session_file s;
	struct frame frame;
	struct event e;

	r = session_file_open(&s, fd);
	while (r >= 0 && (r = session_file_next(&s, host_pk, &frame, &e)) > 0)
		;
	*f = s.finding;
	if (r == 0) {
		f->kind = kind_of_end(&s);
		f->chunk = (int64_t)s.chain.chunk;
		f->offset = s.chain.offset;
	}
	if (certified != NULL)
		*certified = s.chain.certified;
	session_file_release(&s);
	close(fd);
}

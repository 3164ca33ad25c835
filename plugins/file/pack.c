/* SPDX-License-Identifier: ISC */
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "io.h"

#define LEVEL 3
#define PART_BYTES 131072
#define TEMP ".new"

struct buffers {
	char in[PART_BYTES], out[PART_BYTES];
};

/* One part of the input, or the end of it. */
static int pack_part(ZSTD_CCtx *z, struct buffers *b, size_t len, int to)
{
	ZSTD_EndDirective end = len == 0 ? ZSTD_e_end : ZSTD_e_continue;
	ZSTD_inBuffer in = {b->in, len, 0};
	ZSTD_outBuffer out;
	size_t left;
	int r;

	do {
		out = (ZSTD_outBuffer){b->out, sizeof(b->out), 0};
		left = ZSTD_compressStream2(z, &out, &in, end);
		if (ZSTD_isError(left))
			return -ENOMEM;
		if ((r = io_write_all(to, b->out, out.pos)) != 0)
			return r;
	} while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

static int pack_bytes(int from, int to, const atomic_int *stop)
{
	struct buffers *b = malloc(sizeof(*b));
	ZSTD_CCtx *z = ZSTD_createCCtx();
	int r = b != NULL && z != NULL ? 0 : -ENOMEM;
	ssize_t n = 1;

	if (r == 0) {
		ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	}
	while (r == 0 && n > 0) {
		n = *stop ? -ECANCELED : io_read_all(from, b->in, sizeof(b->in));
		r = n < 0 ? (int)n : pack_part(z, b, (size_t)n, to);
	}
	ZSTD_freeCCtx(z);
	free(b);
	return r;
}

static int pack_into(int dir, int from, const char *temp, const atomic_int *stop)
{
	struct stat st;
	int to, r;

	if (fstat(from, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return -EINVAL;
	to = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return -errno;
	r = fchmod(to, st.st_mode & 0777) < 0 ? -errno : pack_bytes(from, to, stop);
	if (r == 0 && fsync(to) < 0)
		r = -errno;
	if (close(to) < 0 && r == 0)
		r = -errno;
	return r;
}

int pack_file(int dir, const char *name, const char *packed, const atomic_int *stop)
{
	char temp[NAME_MAX + 1];
	int from, r;

	if (snprintf(temp, sizeof(temp), ".%s" TEMP, packed) >= (int)sizeof(temp))
		return -ENAMETOOLONG;
	from = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (from < 0)
		return -errno;
	unlinkat(dir, temp, 0); /* of one that was killed */
	r = pack_into(dir, from, temp, stop);
	close(from);
	if (r == 0 && (renameat(dir, temp, dir, packed) < 0 || fsync(dir) < 0 ||
	    unlinkat(dir, name, 0) < 0))
		r = -errno;
	if (r != 0)
		unlinkat(dir, temp, 0);
	return r;
}

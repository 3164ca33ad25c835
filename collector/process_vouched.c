/* SPDX-License-Identifier: ISC */
/* What segments hold behind the bytes that the ledger vouches for. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "process_store.h"

#define PIECE 65536

struct numbers {
	uint64_t *k;
	size_t used, room;
};

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int add(struct numbers *l, uint64_t k)
{
	uint64_t *more;

	if (l->used == l->room) {
		l->room = l->room != 0 ? 2 * l->room : 16;
		more = reallocarray(l->k, l->room, sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		l->k = more;
	}
	l->k[l->used++] = k;
	return 0;
}

static int list(int dir_fd, struct numbers *l)
{
	struct dirent *e;
	uint64_t k;
	int r = 0;
	DIR *d = io_list_dir(dir_fd, ".");

	if (d == NULL)
		return -errno;
	while (r == 0 && (e = readdir(d)) != NULL)
		if ((k = process_file_number(e->d_name)) != 0)
			r = add(l, k);
	closedir(d);
	if (l->used > 0)
		qsort(l->k, l->used, sizeof(*l->k), by_number);
	return r;
}

static int hash_file(struct process_digests *d, int fd, uint64_t off)
{
	uint8_t buf[PIECE];
	ssize_t n;

	while ((n = io_pread_all(fd, buf, sizeof(buf), off)) > 0) {
		process_digests_add(d, buf, (size_t)n);
		off += (uint64_t)n;
	}
	return (int)n;
}

/* The part of segment k that is behind *skip bytes, which goes down by what is not. */
static int take_segment(struct process_digests *d, int dir_fd, uint64_t k, uint64_t *skip)
{
	char name[PROCESS_NAME_MAX];
	struct stat st;
	int fd, r = 0;

	fd = openat(dir_fd, process_file_name(name, k), O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		r = -errno;
	} else if (*skip >= (uint64_t)st.st_size) {
		*skip -= (uint64_t)st.st_size;
	} else {
		r = hash_file(d, fd, *skip);
		*skip = 0;
	}
	close(fd);
	return r;
}

int process_vouched(struct process_digests *d, int dir_fd, uint64_t from)
{
	struct numbers l = {0};
	uint64_t skip = from;
	size_t i;
	int r;

	process_digests_init(d, from);
	r = list(dir_fd, &l);
	for (i = 0; i < l.used && r == 0; i++)
		r = take_segment(d, dir_fd, l.k[i], &skip);
	free(l.k);
	if (r == 0 && skip > 0)
		r = E_SHORT;
	if (r != 0)
		process_digests_init(d, from);
	return r;
}

/* SPDX-License-Identifier: ISC */
#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

#define COPY_SIZE 65536

void spool_init(struct spool *s)
{
	*s = (struct spool){ .dir = -1, .fd = -1 };
}

int spool_is_open(const struct spool *s)
{
	return s->fd >= 0;
}

void spool_release(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->dir >= 0)
		close(s->dir);
	s->fd = s->dir = -1;
}

void spool_remove(struct spool *s)
{
	if (s->fd >= 0)
		unlinkat(s->dir, s->name, 0);
	spool_release(s);
}

/* Bytes of the spool called name, if it is uid's. */
static uint64_t reserved(int dir, const char *name, uint32_t uid)
{
	uint8_t head[SPOOL_HEADER], id[ID_SIZE];
	struct spool_header h;
	struct stat st = { 0 };
	int fd;

	if (spool_name_parse(id, name) != 0)
		return 0;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    io_pread_all(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    spool_header_parse(head, &h) != 0 || h.uid != uid)
		st.st_size = 0;
	close(fd);
	return (uint64_t)st.st_size;
}

static int check_user(int dir, uint32_t uid, uint64_t size, uint64_t user_max)
{
	DIR *d = io_list_dir(dir, ".");
	struct dirent *e;

	if (d == NULL)
		return -errno;
	while (size <= user_max && (e = readdir(d)) != NULL)
		size += reserved(dir, e->d_name, uid);
	closedir(d);
	return size <= user_max ? 0 : -EDQUOT;
}

static int make(struct spool *s, const struct spool_header *h, uint64_t size)
{
	struct spool_header first = *h;
	uint8_t head[SPOOL_HEADER];

	spool_name_format(s->name, h->id);
	s->fd = openat(s->dir, s->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return -errno;
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0)
		return -errno;
	first.length = first.generation = 0;
	spool_header_put(head, &first);
	s->size = size - SPOOL_HEADER;
	if (pwrite(s->fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return -EIO;
	return -posix_fallocate(s->fd, 0, (off_t)size);
}

int spool_open(struct spool *s, const char *folder, const struct spool_header *h, uint64_t size,
    uint64_t user_max)
{
	int r;

	spool_init(s);
	s->dir = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->dir < 0)
		return -errno;
	r = check_user(s->dir, h->uid, size, user_max);
	if (r == 0)
		r = make(s, h, size);
	if (r != 0)
		spool_remove(s);
	return r;
}

/* The frames count from here on. */
static int write_state(const struct spool *s)
{
	uint8_t p[SPOOL_STATE];

	spool_header_put_state(p, s->len, s->generation);
	return pwrite(s->fd, p, sizeof(p), SPOOL_STATE_AT) == (ssize_t)sizeof(p) ? 0 : -EIO;
}

int spool_begin(struct spool *s)
{
	s->len = 0;
	s->generation++;
	return write_state(s);
}

uint64_t spool_room(const struct spool *s)
{
	return s->size - s->len;
}

static int put(const struct spool *s, uint64_t at, const uint8_t *p, size_t len)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n, at += (uint64_t)n) {
		n = pwrite(s->fd, p, len, (off_t)(SPOOL_HEADER + at));
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return -errno;
	}
	return 0;
}

int spool_write(struct spool *s, const uint8_t *p, size_t len)
{
	int r;

	if (len > spool_room(s))
		return -ENOSPC;
	r = put(s, s->len, p, len);
	if (r != 0)
		return r;
	s->len += len;
	r = write_state(s);
	if (r != 0)
		s->len -= len;
	return r;
}

/* What tee(2) put into the pipe. */
static int copy(struct spool *s, int from, uint64_t have)
{
	uint8_t buf[COPY_SIZE];
	ssize_t n;
	int r = 0;

	while (have > 0 && r == 0) {
		n = read(from, buf, have < sizeof(buf) ? (size_t)have : sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EIO;
		r = spool_write(s, buf, (size_t)n);
		have -= (uint64_t)n;
	}
	return r;
}

int spool_snapshot(struct spool *s, int fifo)
{
	int p[2], left = 0, r = 0;
	ssize_t n;

	if (pipe2(p, O_CLOEXEC | O_NONBLOCK) != 0)
		return -errno;
	fcntl(p[1], F_SETPIPE_SZ, fcntl(fifo, F_GETPIPE_SZ));
	do
		n = tee(fifo, p[1], INT32_MAX, SPLICE_F_NONBLOCK);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		r = -errno;
	n = n < 0 ? 0 : n;
	/* a pipe smaller than the FIFO does not take all of it */
	if (r == 0 && (ioctl(fifo, FIONREAD, &left) != 0 || left > n))
		r = -EAGAIN;
	if (r == 0)
		r = copy(s, p[0], (uint64_t)n);
	close(p[0]);
	close(p[1]);
	return r;
}

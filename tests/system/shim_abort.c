/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into shellacd: counts the calls that change what is on disk and
 * aborts at number $SHIM_ABORT, before the call does anything; the count is kept
 * in the first 8 bytes of the file $SHIM_COUNT.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static uint64_t *count, limit;

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("SHIM_COUNT"), *at = getenv("SHIM_ABORT");
	void *p;
	int fd;

	if (path == NULL || at == NULL)
		return;
	limit = strtoull(at, NULL, 10);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		abort();
	p = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		abort();
	close(fd);
	count = p;
}

static void step(void)
{
	if (count != NULL && ++*count == limit)
		abort();
}

static void *next(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f == NULL)
		abort();
	return f;
}

#define REAL(type, name, ...) type (*real)(__VA_ARGS__); *(void **)&real = next(name)

ssize_t write(int fd, const void *p, size_t len)
{
	REAL(ssize_t, "write", int, const void *, size_t);
	step();
	return real(fd, p, len);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	REAL(ssize_t, "writev", int, const struct iovec *, int);
	step();
	return real(fd, v, n);
}

ssize_t pwrite(int fd, const void *p, size_t len, off_t off)
{
	REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
	step();
	return real(fd, p, len, off);
}

ssize_t pwrite64(int fd, const void *p, size_t len, off64_t off)
{
	REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
	step();
	return real(fd, p, len, off);
}

int ftruncate(int fd, off_t len)
{
	REAL(int, "ftruncate", int, off_t);
	step();
	return real(fd, len);
}

int fdatasync(int fd)
{
	REAL(int, "fdatasync", int);
	step();
	return real(fd);
}

int fsync(int fd)
{
	REAL(int, "fsync", int);
	step();
	return real(fd);
}

int rename(const char *from, const char *to)
{
	REAL(int, "rename", const char *, const char *);
	step();
	return real(from, to);
}

int renameat(int fd, const char *from, int fd2, const char *to)
{
	REAL(int, "renameat", int, const char *, int, const char *);
	step();
	return real(fd, from, fd2, to);
}

int unlinkat(int fd, const char *name, int flags)
{
	REAL(int, "unlinkat", int, const char *, int);
	step();
	return real(fd, name, flags);
}

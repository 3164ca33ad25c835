/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into shellacd: it is killed in front of the $SHIM_DIE-th of its calls that
 * change what is on the disk, or in the middle of that one, where it writes and
 * $SHIM_HALF is set.  With $SHIM_WAIT calls count from the first connection on.  What it
 * would have been is in $SHIM_SAID.  Its children go on.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_long calls;
static atomic_int counts;
static long last;
static int half;
static pid_t self;

__attribute__((constructor)) static void begin(void)
{
	const char *n = getenv("SHIM_DIE");

	self = getpid();
	last = n != NULL ? strtol(n, NULL, 10) : 0;
	half = getenv("SHIM_HALF") != NULL;
	atomic_store(&counts, getenv("SHIM_WAIT") == NULL);
}

static void say(const char *what)
{
	const char *path = getenv("SHIM_SAID");
	FILE *f = path != NULL ? fopen(path, "we") : NULL;

	if (f == NULL)
		return;
	fputs(what, f);
	fclose(f);
}

/* Is this the last call?  Then it has been said. */
static int is_last(const char *what)
{
	if (!atomic_load(&counts) || getpid() != self || atomic_fetch_add(&calls, 1) + 1 != last)
		return 0;
	atomic_store(&counts, 0);
	say(what);
	return 1;
}

static void die(void)
{
	kill(self, SIGKILL);
	for (;;)
		pause();
}

#define REAL(fn) (*(void **)&real = dlsym(RTLD_NEXT, #fn), real)

#define DIES(type, fn, args, names) \
	type fn args \
	{ \
		type (*real) args; \
		if (is_last(#fn)) \
			die(); \
		return REAL(fn) names; \
	}

DIES(int, fdatasync, (int fd), (fd))
DIES(int, fsync, (int fd), (fd))
DIES(int, ftruncate, (int fd, off_t len), (fd, len))
DIES(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
DIES(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
DIES(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
    (a, from, b, to, flags))

ssize_t pwrite(int fd, const void *p, size_t len, off_t off)
{
	ssize_t (*real)(int, const void *, size_t, off_t);

	if (!is_last("pwrite"))
		return REAL(pwrite)(fd, p, len, off);
	if (half && REAL(pwrite)(fd, p, len / 2, off) < 0)
		say("pwrite fails");
	die();
	return -1;
}

ssize_t write(int fd, const void *p, size_t len)
{
	ssize_t (*real)(int, const void *, size_t);

	if (fd <= STDERR_FILENO || !is_last("write"))
		return REAL(write)(fd, p, len);
	if (half && REAL(write)(fd, p, len / 2) < 0)
		say("write fails");
	die();
	return -1;
}

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	int (*real)(int, struct sockaddr *, socklen_t *, int);

	atomic_store(&counts, last > 0);
	return REAL(accept4)(fd, addr, len, flags);
}

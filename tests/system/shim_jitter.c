/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into whatever a soak starts: in the programs of shellac one of $SHIM_JITTER
 * calls into the kernel waits up to 30 ms before it does its work, so that what comes in
 * between does.  By poll(2), which a confined keeper may call.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_MS 30

static _Thread_local uint64_t state;
static unsigned odds;

__attribute__((constructor)) static void begin(void)
{
	const char *n = getenv("SHIM_JITTER");

	if (n != NULL && strncmp(program_invocation_short_name, "shellac", 7) == 0)
		odds = (unsigned)strtoul(n, NULL, 10);
}

/* xorshift64, by G. Marsaglia */
static uint64_t draw(void)
{
	struct timespec t;

	if (state == 0) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		state = ((uint64_t)t.tv_nsec << 20 ^ (uint64_t)(uintptr_t)&state) | 1;
	}
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 20;
}

static void jitter(void)
{
	static int (*real)(struct pollfd *, nfds_t, int);
	int kept = errno;

	if (odds == 0 || draw() % odds != 0)
		return;
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "poll");
	real(NULL, 0, (int)(draw() % MOST_MS));
	errno = kept;
}

#define WAITS(type, fn, args, names) \
	type fn args \
	{ \
		static type (*real) args; \
		if (real == NULL) \
			*(void **)&real = dlsym(RTLD_NEXT, #fn); \
		jitter(); \
		return real names; \
	}

WAITS(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n))
WAITS(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
WAITS(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
WAITS(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
WAITS(ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags))
WAITS(ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags))
WAITS(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags))
WAITS(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags))
WAITS(ssize_t, tee, (int from, int to, size_t n, unsigned flags), (from, to, n, flags))
WAITS(ssize_t, splice, (int from, off64_t *a, int to, off64_t *b, size_t n, unsigned flags),
    (from, a, to, b, n, flags))
WAITS(int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags), (fd, a, n, flags))
WAITS(int, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
WAITS(int, epoll_wait, (int fd, struct epoll_event *e, int n, int ms), (fd, e, n, ms))
WAITS(int, poll, (struct pollfd *p, nfds_t n, int ms), (p, n, ms))
WAITS(int, fdatasync, (int fd), (fd))
WAITS(int, fsync, (int fd), (fd))
WAITS(int, ftruncate, (int fd, off_t n), (fd, n))
WAITS(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
WAITS(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
WAITS(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
    (a, from, b, to, flags))
WAITS(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options))

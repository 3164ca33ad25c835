/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into shellac-rec: CLOCK_MONOTONIC and CLOCK_BOOTTIME are what the 8
 * bytes at the start of the file $SHIM_CLOCK say, in nanoseconds.  No poll(2) with a
 * timeout lasts longer than TURN_MS, so that it is soon seen that they were set.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define TURN_MS 20

static volatile uint64_t *now;

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("SHIM_CLOCK");
	void *p;
	int fd;

	if (path == NULL || strcmp(program_invocation_short_name, "shellac-rec") != 0)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		abort();
	p = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		abort();
	close(fd);
	now = p;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	static int (*real)(clockid_t, struct timespec *);

	if (now != NULL && (id == CLOCK_MONOTONIC || id == CLOCK_BOOTTIME)) {
		t->tv_sec = (time_t)(*now / 1000000000);
		t->tv_nsec = (long)(*now % 1000000000);
		return 0;
	}
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	return real(id, t);
}

int poll(struct pollfd *p, nfds_t n, int ms)
{
	static int (*real)(struct pollfd *, nfds_t, int);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "poll");
	return real(p, n, now != NULL && ms > TURN_MS ? TURN_MS : ms);
}

/* SPDX-License-Identifier: ISC */
/*
 * slowdisk.so - preloaded into the collector: fdatasync(2) and fsync(2) take so
 * many microseconds longer as the file $SLOWDISK says, in decimal, at that moment.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int told = -1;

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("SLOWDISK");

	if (path != NULL)
		told = open(path, O_RDONLY | O_CLOEXEC);
}

static void wait_for_disk(void)
{
	char text[16] = "";
	useconds_t us;

	if (told < 0 || pread(told, text, sizeof text - 1, 0) <= 0)
		return;
	us = (useconds_t)strtoul(text, NULL, 10);
	if (us > 0) /* a sleep of nothing takes 50 us, the slack of timers */
		usleep(us);
}

int fdatasync(int fd)
{
	int (*real)(int);

	*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	wait_for_disk();
	return real(fd);
}

int fsync(int fd)
{
	int (*real)(int);

	*(void **)&real = dlsym(RTLD_NEXT, "fsync");
	wait_for_disk();
	return real(fd);
}

/* SPDX-License-Identifier: ISC */
/*
 * stormgen run START REPORT COUNT PROGRAM
 *     Waits until somebody opens the FIFO START for writing, then runs PROGRAM COUNT
 *     times, one after the other.  One line to REPORT: begin and end on CLOCK_MONOTONIC,
 *     CPU of itself and of all that it ran, in ns.
 * stormgen acct FILE
 *     Lets the kernel account to FILE; "off": to nothing.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t cpu_ns(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
	    (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static int run(const char *start, const char *report, long count, char *program)
{
	char *argv[] = { program, NULL };
	uint64_t begin, end;
	FILE *f;
	int fd = open(start, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 1;
	close(fd);
	begin = now_ns();
	for (long i = 0; i < count; i++) {
		int status;
		pid_t pid;

		if (posix_spawn(&pid, program, NULL, NULL, argv, environ) != 0 ||
		    waitpid(pid, &status, 0) != pid || status != 0)
			return 1;
	}
	end = now_ns();
	f = fopen(report, "w");
	if (f == NULL)
		return 1;
	fprintf(f, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", begin, end,
	    cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN));
	return fclose(f) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "acct") == 0)
		return acct(strcmp(argv[2], "off") == 0 ? NULL : argv[2]) == 0 ? 0 : 1;
	if (argc == 6 && strcmp(argv[1], "run") == 0)
		return run(argv[2], argv[3], atol(argv[4]), argv[5]);
	fprintf(stderr, "usage: stormgen run START REPORT COUNT PROGRAM | stormgen acct FILE|off\n");
	return 2;
}

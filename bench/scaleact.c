/* SPDX-License-Identifier: ISC */
/*
 * scaleact NUMBER - what bench/scaledrive records: does what the lines that are typed
 * to it say, and answers each with "=N=", before that work, and ".N." behind it.  It
 * begins with "=0=".
 *
 *   t N ...        nothing more
 *   b N KIB PROCS  a build: so many processes, each with its part of KIB lines
 *   r N FRAMES HZ  a program that redraws a part of its screen
 *   q N            ends
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS_DRAWN 12

extern char **environ;

static void say(const char *p, size_t len)
{
	ssize_t n;

	while (len > 0 && (n = write(1, p, len)) > 0) {
		p += n;
		len -= (size_t)n;
	}
}

static void mark(char c, long n)
{
	char text[32];

	say(text, (size_t)snprintf(text, sizeof(text), "%c%ld%c\n", c, n, c));
}

static void compile_one(long n, int file)
{
	char text[160], name[] = "true", *argv[] = {name, NULL};
	int len, status;
	pid_t pid;

	len = snprintf(text, sizeof(text), "  CC       part-%ld/module_of_some_length_%04d.o\n", n, file);
	say(text, (size_t)len);
	if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
}

static void build(long n, long kib, long procs)
{
	static const char warning[] =
	    "src/module.c:117:23: warning: comparison of integer expressions of different signedness\n";
	long i, at, share = procs > 0 ? kib * 1024 / procs : 0;

	for (i = 0; i < procs; i++) {
		compile_one(n, (int)i);
		for (at = 0; at < share; at += (long)sizeof(warning) - 1)
			say(warning, sizeof(warning) - 1);
	}
}

static void redraw(long frames, long hz)
{
	struct timespec pause = {.tv_nsec = 999999999 / (hz > 0 ? hz : 1)};
	char text[ROWS_DRAWN * 100 + 16];
	long i;
	int row, len;

	say("\033[?1049h\033[H\033[2J", 15);
	for (i = 0; i < frames; i++) {
		len = 0;
		for (row = 1; row <= ROWS_DRAWN; row++)
			len += snprintf(text + len, sizeof(text) - (size_t)len,
			    "\033[%d;1H\033[3%dm%7ld user %3d.%d %6ld K  process-%02d\033[m\033[K", row,
			    row % 7 + 1, 1000 + i * row % 8999, row * 3, (int)(i % 10), i * 37 % 99991, row);
		say(text, (size_t)len);
		nanosleep(&pause, NULL);
	}
	say("\033[?1049l", 8);
}

int main(void)
{
	char line[256], what;
	long n, a, b;
	ssize_t len;

	mark('=', 0);
	while ((len = read(0, line, sizeof(line) - 1)) > 0) {
		line[len] = '\0';
		n = a = b = 0;
		if (sscanf(line, "%c %ld %ld %ld", &what, &n, &a, &b) < 2)
			continue;
		mark('=', n);
		if (what == 'b')
			build(n, a, b);
		else if (what == 'r')
			redraw(a, b);
		else if (what == 'q')
			return 0;
		mark('.', n);
	}
	return 1;
}

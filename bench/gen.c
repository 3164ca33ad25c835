/* SPDX-License-Identifier: ISC */
/*
 * gen - deterministic terminal workloads.
 *
 *   gen corpus MB                        compiler-log text (for a file)
 *   gen [-s STAT] [-x] play FILE MB      FILE over and over, 64 KiB a write()
 *   gen [-s STAT] [-x] random MB         bytes that do not compress
 *   gen [-s STAT] [-x] small N           N writes of 1..100 bytes
 *   gen [-s STAT] [-x] redraw FRAMES     full-screen redraws, a frame a write()
 *   gen drip N US         N numbered lines of 40 bytes, one every US microseconds
 *   gen rawecho           raw terminal: READY, then every byte back, till ^D
 *   gen lines FIFO        READY, then for each line typed the time at which it was
 *                         here, CLOCK_MONOTONIC ns as 8 bytes, into FIFO, till ^D
 *
 * -x writes "\r\n" for "\n", what the terminal makes of it (to compare).
 * -s STAT leaves "user sys" seconds of this process in STAT at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 65536

static uint64_t seed = 88172645463325252ULL;
static int expand;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static unsigned below(unsigned n)
{
	return (unsigned)((next_random() >> 11) % n);
}

static void put(const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(1, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			perror("gen: write");
			exit(1);
		}
		p += n;
		len -= (size_t)n;
	}
}

/* with -x as the terminal's ONLCR would; len at most BLOCK */
static void out(const char *p, size_t len)
{
	static char wide[2 * BLOCK];
	size_t n = 0;

	if (!expand) {
		put(p, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\n')
			wide[n++] = '\r';
		wide[n++] = p[i];
	}
	put(wide, n);
}

static const char *word(void)
{
	static const char *const words[] = {"accept", "alloc", "array", "base", "batch", "bind",
	    "block", "buffer", "cache", "channel", "check", "chunk", "client", "clock", "codec",
	    "commit", "config", "context", "count", "cursor", "decode", "device", "digest", "drain",
	    "encode", "entry", "epoch", "error", "event", "field", "flush", "format", "frame",
	    "group", "handle", "hash", "header", "heap", "index", "iter", "key", "label", "lease",
	    "level", "limit", "link", "list", "lock", "log", "lookup", "map", "mask", "match",
	    "merge", "module", "node", "notify", "object", "offset", "option", "order", "owner",
	    "packet", "page", "parse", "path", "peer", "pipe", "pool", "prefix", "query", "queue",
	    "range", "record", "region", "remove", "replay", "request", "result", "retry", "ring",
	    "route", "scan", "schema", "search", "segment", "session", "shard", "signal", "slot",
	    "socket", "split", "stack", "state", "status", "stream", "string", "symbol", "table",
	    "thread", "timer", "token", "trace", "tree", "update", "user", "value", "vector",
	    "version", "view", "watch", "worker", "zone"};

	return words[below(sizeof words / sizeof *words)];
}

/* one compiled file of a build's log, warnings now and then */
static size_t build_step(char *p, size_t size, unsigned step)
{
	char dir[64], file[64];
	size_t n = 0;

	snprintf(dir, sizeof dir, "%s/%s", word(), word());
	snprintf(file, sizeof file, "%s_%s%u", word(), word(), below(40));
	n += (size_t)snprintf(p, size,
	    "[%3u%%] \033[32mBuilding C object src/%s/CMakeFiles/%s.dir/%s.c.o\033[0m\n",
	    step / 40 % 101, dir, word(), file);
	if (below(2))
		n += (size_t)snprintf(p + n, size - n,
		    "/usr/bin/cc -DHAVE_CONFIG_H -I. -I../include -I../src/%s -Wdate-time -g -O2 "
		    "-fstack-protector-strong -Wformat -fPIC -MT src/%s/%s.o -MD -MP -MF "
		    ".deps/%s.Tpo -c -o src/%s/%s.o ../src/%s/%s.c\n",
		    dir, dir, file, file, dir, file, dir, file);
	for (unsigned k = below(4); k > 0; k--)
		n += (size_t)snprintf(p + n, size - n,
		    "\033[01m\033[K../src/%s/%s.c:%u:%u:\033[m\033[K \033[01;35m\033[Kwarning: "
		    "\033[m\033[Kunused variable \xe2\x80\x98\033[01m\033[K%s_%s\033[m\033[K\xe2\x80"
		    "\x99 [\033[01;35m\033[K-Wunused-variable\033[m\033[K]\n"
		    " %4u | \tint \033[01;35m\033[K%s\033[m\033[K = %s_%s(%s->%s, %u);\n"
		    "      | \t%*s\033[01;35m\033[K^~~~~~~\033[m\033[K\n",
		    dir, file, 1 + below(4000), 1 + below(70), word(), word(), 1 + below(4000),
		    word(), word(), word(), word(), word(), below(9999), (int)below(30), "");
	if (below(9) == 0)
		n += (size_t)snprintf(p + n, size - n,
		    "test %s::%s ... \033[32mok\033[0m (%u.%03u ms) id=%08x%08x\n", dir, word(),
		    below(90), below(1000), below(UINT32_MAX), below(UINT32_MAX));
	return n;
}

static void corpus(size_t want)
{
	static char step[8192];

	for (unsigned i = 0; want > 0; i++) {
		size_t n = build_step(step, sizeof step, i);
		out(step, n);
		want -= n < want ? n : want;
	}
}

static void play(const char *file, size_t want)
{
	static char block[BLOCK];
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	while (want > 0) {
		ssize_t n = read(fd, block, want < BLOCK ? want : BLOCK);
		if (n < 0) {
			perror(file);
			exit(1);
		}
		if (n == 0)
			lseek(fd, 0, SEEK_SET);
		out(block, (size_t)n);
		want -= (size_t)n;
	}
}

static void random_bytes(size_t want)
{
	static char block[BLOCK];

	while (want > 0) {
		size_t n = want < BLOCK ? want : BLOCK;
		for (size_t i = 0; i < n; i++)
			block[i] = (char)(next_random() >> 23);
		out(block, n);
		want -= n;
	}
}

static void small(unsigned long writes)
{
	char line[101];

	for (int i = 0; i < 100; i++)
		line[i] = (char)('!' + i % 90);
	for (; writes > 0; writes--) {
		size_t n = 1 + below(100);
		line[n - 1] = '\n';
		out(line, n);
		line[n - 1] = (char)('!' + (n - 1) % 90);
	}
}

static void redraw(unsigned long frames)
{
	static char frame[BLOCK];

	for (; frames > 0; frames--) {
		size_t n = (size_t)snprintf(frame, sizeof frame, "\033[?25l\033[H");
		for (int row = 1; row <= 50; row++)
			n += (size_t)snprintf(frame + n, sizeof frame - n,
			    "\033[%d;1H\033[38;5;%um%7u %-10s\033[0m %3u \033[1m%6u\033[0m %c %5.1f "
			    "%4u:%02u.%02u \033[3%um%s-%s/%s\033[0m --%s=%u\033[K",
			    row, 16 + below(216), below(4000000), word(), below(40), below(99999),
			    "SRDI"[below(4)], below(1000) / 10.0, below(600), below(60), below(100),
			    below(8), word(), word(), word(), word(), below(5000));
		n += (size_t)snprintf(frame + n, sizeof frame - n, "\033[?25h");
		out(frame, n);
	}
}

static void drip(unsigned long lines, unsigned long gap_us)
{
	char line[64];

	for (unsigned long i = 0; i < lines; i++) {
		int n = snprintf(line, sizeof line, "line %06lu ..........................\n", i);
		out(line, (size_t)n);
		usleep((useconds_t)gap_us);
	}
}

static void raw_echo(void)
{
	struct termios old, raw;
	char buf[256];
	ssize_t n;

	tcgetattr(0, &old);
	raw = old;
	cfmakeraw(&raw);
	tcsetattr(0, TCSANOW, &raw);
	out("READY", 5);
	while ((n = read(0, buf, sizeof buf)) > 0 && memchr(buf, 4, (size_t)n) == NULL)
		out(buf, (size_t)n);
	tcsetattr(0, TCSANOW, &old);
}

static void stamp_lines(const char *fifo)
{
	char buf[256];
	struct timespec t;
	uint64_t ns;
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);

	if (fd < 0) {
		perror(fifo);
		exit(1);
	}
	out("READY", 5);
	while (read(0, buf, sizeof buf) > 0) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
		if (write(fd, &ns, sizeof ns) != sizeof ns)
			exit(1);
	}
}

static void leave_usage(const char *file)
{
	struct rusage ru;
	FILE *f = fopen(file, "w");

	getrusage(RUSAGE_SELF, &ru);
	if (f == NULL)
		return;
	fprintf(f, "%ld.%06ld %ld.%06ld\n", (long)ru.ru_utime.tv_sec, (long)ru.ru_utime.tv_usec,
	    (long)ru.ru_stime.tv_sec, (long)ru.ru_stime.tv_usec);
	fclose(f);
}

static int run(int argc, char **argv)
{
	const char *what = argc > 0 ? argv[0] : "";
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

	if (!strcmp(what, "corpus"))
		corpus(n * 1000000);
	else if (!strcmp(what, "play") && argc == 3)
		play(argv[1], strtoul(argv[2], NULL, 10) * 1000000);
	else if (!strcmp(what, "random"))
		random_bytes(n * 1000000);
	else if (!strcmp(what, "small"))
		small(n);
	else if (!strcmp(what, "redraw"))
		redraw(n);
	else if (!strcmp(what, "drip") && argc == 3)
		drip(n, strtoul(argv[2], NULL, 10));
	else if (!strcmp(what, "rawecho"))
		raw_echo();
	else if (!strcmp(what, "lines") && argc == 2)
		stamp_lines(argv[1]);
	else
		return 2;
	return 0;
}

int main(int argc, char **argv)
{
	const char *stat = NULL;
	int c, r;

	while ((c = getopt(argc, argv, "+s:x")) != -1) {
		if (c == 's')
			stat = optarg;
		else if (c == 'x')
			expand = 1;
		else
			return 2;
	}
	r = run(argc - optind, argv + optind);
	if (r != 0)
		fputs("gen: which workload?\n", stderr);
	if (stat)
		leave_usage(stat);
	return r;
}

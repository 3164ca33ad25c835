/* SPDX-License-Identifier: ISC */
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "cert.h"
#include "err.h"
#include "io.h"

#define STAT_MAX 4096 /* proc(5) stat: some 52 numbers and a name */
#define PATH_CHARS 64
#define BOOT_ID_CHARS 36

/* Reads a decimal number, a sign allowed, up to end or the byte behind it. */
static int get_number(const char **p, const char *end, int64_t *v)
{
	const char *s = *p;
	int minus = s < end && *s == '-';
	int64_t sum = 0;
	const char *first;

	s += minus;
	for (first = s; s < end && *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, *s - '0', &sum))
			return E_FORMAT;
	if (s == first)
		return E_FORMAT;
	*v = minus ? -sum : sum;
	*p = s;
	return 0;
}

/* The next field of stat: a space, then a number from low to high. */
static int get_field(const char **p, const char *end, int64_t low, int64_t high, int64_t *v)
{
	if (*p == end || *(*p)++ != ' ' || get_number(p, end, v) != 0)
		return E_FORMAT;
	return *v >= low && *v <= high ? 0 : E_FORMAT;
}

static int skip_fields(const char **p, const char *end, int n)
{
	for (; n > 0; n--) {
		if (*p == end || **p != ' ')
			return E_FORMAT;
		*p = memchr(*p + 1, ' ', (size_t)(end - *p) - 1);
		if (*p == NULL)
			return E_FORMAT;
	}
	return 0;
}

/* The kernel's new_encode_dev(): minor in bits 0-7 and 20-31, major in 8-19. */
static uint32_t tty_dev(int64_t nr)
{
	uint32_t n = (uint32_t)nr;
	uint32_t major = n >> 8 & 0xfff, minor = (n & 0xff) | (n >> 12 & 0xfff00);

	return major << 20 | minor;
}

int procfs_stat_parse(const char *text, size_t len, struct proc_stat *s)
{
	const char *end = text + len, *p = text, *comm, *close;
	int64_t pid, ppid, pgrp, session, tty, start;
	struct proc_stat got;
	size_t n;

	memset(&got, 0, sizeof(got));
	if (get_number(&p, end, &pid) != 0 || pid < 1 || pid > INT_MAX || end - p < 2 ||
	    memcmp(p, " (", 2) != 0)
		return E_FORMAT;
	comm = p + 2;
	/* the name may hold anything, ") S 1 " too; what follows it may not */
	close = memrchr(comm, ')', (size_t)(end - comm));
	if (close == NULL || end - close < 3 || close[1] != ' ')
		return E_FORMAT;
	got.state = close[2];
	p = close + 3;
	if (get_field(&p, end, -1, INT_MAX, &ppid) != 0 ||
	    get_field(&p, end, -1, INT_MAX, &pgrp) != 0 ||
	    get_field(&p, end, -1, INT_MAX, &session) != 0 ||
	    get_field(&p, end, INT_MIN, UINT32_MAX, &tty) != 0 ||
	    skip_fields(&p, end, 14) != 0 ||
	    get_field(&p, end, 0, INT64_MAX, &start) != 0)
		return E_FORMAT;
	/* a number that the end of the text may have cut is not believed */
	if (p == end || (*p != ' ' && *p != '\n'))
		return E_FORMAT;
	n = (size_t)(close - comm);
	memcpy(got.comm, comm, n < sizeof(got.comm) ? n : sizeof(got.comm) - 1);
	got.pid = (pid_t)pid;
	got.ppid = (pid_t)ppid;
	got.pgrp = (pid_t)pgrp;
	got.session = (pid_t)session;
	got.tty_dev = tty_dev(tty);
	got.start_ticks = (uint64_t)start;
	*s = got;
	return 0;
}

/* Reads at most size bytes of a file of proc(5).  Bytes or -errno. */
static ssize_t read_proc(const char *path, char *out, size_t size)
{
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = io_read_all(fd, out, size);
	close(fd);
	return n;
}

int procfs_stat(pid_t pid, struct proc_stat *s)
{
	char path[PATH_CHARS], text[STAT_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	n = read_proc(path, text, sizeof(text));
	return n < 0 ? (int)n : procfs_stat_parse(text, (size_t)n, s);
}

/* Two numbers, each behind a tab, of the line that begins with name.  Other lines
 * cannot look like it: the kernel escapes a line feed in the command's name. */
static int get_pair(const char *text, size_t len, const char *name, uint32_t v[2])
{
	const char *end = text + len, *p = memmem(text, len, name, strlen(name));
	int64_t n[2];
	int i;

	if (p == NULL)
		return E_FORMAT;
	p += strlen(name);
	for (i = 0; i < 2; i++) {
		if (p == end || *p++ != '\t' || get_number(&p, end, &n[i]) != 0 || n[i] < 0 ||
		    n[i] > UINT32_MAX)
			return E_FORMAT;
		v[i] = (uint32_t)n[i];
	}
	return p < end && *p == '\t' ? 0 : E_FORMAT;
}

int procfs_ids_parse(const char *text, size_t len, struct proc_ids *ids)
{
	uint32_t uid[2], gid[2];

	if (get_pair(text, len, "\nUid:", uid) != 0 || get_pair(text, len, "\nGid:", gid) != 0)
		return E_FORMAT;
	*ids = (struct proc_ids){ .uid = uid[0], .euid = uid[1], .gid = gid[0], .egid = gid[1] };
	return 0;
}

int procfs_ids(pid_t pid, struct proc_ids *ids)
{
	char path[PATH_CHARS], text[STAT_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	n = read_proc(path, text, sizeof(text));
	return n < 0 ? (int)n : procfs_ids_parse(text, (size_t)n, ids);
}

uint32_t procfs_number(pid_t pid, const char *file)
{
	char path[PATH_CHARS], text[32];
	const char *p = text;
	int64_t v;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	n = read_proc(path, text, sizeof(text));
	if (n <= 0 || get_number(&p, text + n, &v) != 0 || v < 0 || v > UINT32_MAX)
		return CERT_UNSET;
	return p == text + n || *p == '\n' ? (uint32_t)v : CERT_UNSET;
}

int procfs_link(pid_t pid, const char *link, char *out, size_t size)
{
	char path[PATH_CHARS];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, link);
	n = readlink(path, out, size - 1);
	if (n < 0)
		return -errno;
	out[n] = '\0';
	return 0;
}

int procfs_program(pid_t pid, dev_t *dev, ino_t *ino)
{
	char path[PATH_CHARS];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	if (stat(path, &st) < 0)
		return -errno;
	*dev = st.st_dev;
	*ino = st.st_ino;
	return 0;
}

int procfs_boot_id(uint8_t id[16])
{
	char text[BOOT_ID_CHARS + 2], digits[33];
	size_t i, d = 0;
	ssize_t n;

	n = read_proc("/proc/sys/kernel/random/boot_id", text, sizeof(text));
	if (n < 0)
		return (int)n;
	if (n < BOOT_ID_CHARS)
		return E_FORMAT;
	for (i = 0; i < BOOT_ID_CHARS && d < sizeof(digits) - 1; i++)
		if (text[i] != '-')
			digits[d++] = text[i];
	digits[d] = '\0';
	return hex_get(id, 16, digits);
}

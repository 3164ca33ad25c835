/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process_events_internal.h"
#include "procfs.h"

#define PATH_CHARS 32
#define FILE_MAX 4096 /* stat: a few hundred bytes */
#define LINK_MAX_BYTES 1023 /* of exe and of cwd, so that room is left for the arguments */

/* One read(2): the files of proc(5) that are read here give all in one.  Bytes or -errno. */
static ssize_t read_file(int dir, const char *name, char *out, size_t size)
{
	ssize_t n;
	int fd, r;

	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, out, size);
	r = errno;
	close(fd);
	return n < 0 ? -r : n;
}

static uint32_t read_number(int dir, const char *name)
{
	char text[32], *end;
	ssize_t n = read_file(dir, name, text, sizeof(text) - 1);
	unsigned long v;

	if (n <= 0)
		return CERT_UNSET;
	text[n] = '\0';
	if (text[0] < '0' || text[0] > '9')
		return CERT_UNSET;
	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno != 0 || v >= UINT32_MAX || (*end != '\n' && *end != '\0'))
		return CERT_UNSET;
	return (uint32_t)v;
}

/* Is dir that of the life that did the exec, and not of one that got the pid later?  No
 * pid is given out twice within a tick. */
static int read_stat(struct pevent *e, int dir, const char *name)
{
	char text[FILE_MAX];
	struct proc_stat s;
	ssize_t n = read_file(dir, name, text, sizeof(text));

	if (n <= 0 || procfs_stat_parse(text, (size_t)n, &s) != 0 ||
	    s.start_ticks > e->boot_ns / TICK_NS)
		return 0;
	e->start_ticks = s.start_ticks;
	e->tty_dev = s.tty_dev;
	e->sid = s.session > 0 ? (uint32_t)s.session : 0;
	e->exec.have |= EXEC_TTY;
	memcpy(e->comm, s.comm, sizeof(e->comm));
	return 1;
}

/* A link's path and a zero at p: the bytes, 1 where there is none. */
static size_t read_link(struct pevent *e, int dir, const char *name, uint8_t have, char *p)
{
	ssize_t n = readlinkat(dir, name, p, LINK_MAX_BYTES + 1);

	if (n > 0)
		e->exec.have |= have;
	if (n > LINK_MAX_BYTES) {
		e->exec.have |= EXEC_ARGS_CUT;
		n = LINK_MAX_BYTES;
	}
	if (n < 0)
		n = 0;
	p[n] = '\0';
	return (size_t)n + 1;
}

/* Arguments, each ended by a zero, into the room bytes at p: how many bytes. */
static size_t read_args(struct pevent *e, int dir, char *p, size_t room)
{
	ssize_t n = read_file(dir, "cmdline", p, room);

	if (n <= 0)
		return 0;
	e->exec.have |= EXEC_ARGS;
	if (p[n - 1] == '\0')
		return (size_t)n;
	e->exec.have |= EXEC_ARGS_CUT;
	if ((size_t)n == room)
		n--;
	p[n] = '\0';
	return (size_t)n + 1;
}

static void read_text(struct pevent *e, int dir, char *text)
{
	size_t len;

	len = read_link(e, dir, "exe", EXEC_EXE, text);
	len += read_link(e, dir, "cwd", EXEC_CWD, text + len);
	len += read_args(e, dir, text + len, EXEC_TEXT_MAX - len);
	e->exec.text_len = (uint32_t)len;
	e->text = text;
}

static void read_all(struct pevent *e, char *text)
{
	char path[PATH_CHARS];
	int dir;

	snprintf(path, sizeof(path), "/proc/%u", e->pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	if (read_stat(e, dir, "stat")) {
		read_text(e, dir, text);
		e->exec.audit_session = read_number(dir, "sessionid");
	}
	close(dir);
}

void events_read_exec(struct pevent *e, char *text, int with_text)
{
	char path[PATH_CHARS];

	e->exec.audit_session = CERT_UNSET;
	snprintf(path, sizeof(path), "/proc/%u/stat", e->pid);
	if (with_text)
		read_all(e, text);
	else
		read_stat(e, AT_FDCWD, path);
	e->exec.pid = e->pid;
	e->exec.uid = e->exec.euid = CERT_UNSET;
	e->exec.tty_dev = e->tty_dev;
	e->exec.boot_ns = e->boot_ns;
	memcpy(e->exec.comm, e->comm, sizeof(e->comm));
}

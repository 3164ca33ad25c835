/* SPDX-License-Identifier: ISC */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without O_NONBLOCK of our own, a write of so many bytes fits wherever poll(2)
 * says that a terminal can be written. */
#define SMALL_WRITE 256

#define MUCH 2048       /* so many bytes in one read are a program that prints */
#define GATHER_MAX 8192 /* further reads until so many are there */

static int is_nonblock(int fd)
{
	return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

/* An open file of our own on the terminal of fd: by the controlling terminal,
 * which needs no permission, or by /proc.  Else a plain descriptor. */
static int open_anew(int fd)
{
	char path[32];
	struct stat st;
	unsigned dev = 0;
	int own = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (own >= 0 && fstat(fd, &st) == 0 && ioctl(own, TIOCGDEV, &dev) == 0 &&
	    dev == (unsigned)st.st_rdev)
		return own;
	if (own >= 0)
		close(own);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return own >= 0 ? own : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static int open_outer(struct pty *p)
{
	struct stat in, out;

	if (fstat(STDIN_FILENO, &in) != 0 || fstat(STDOUT_FILENO, &out) != 0)
		return -errno;
	p->in = open_anew(STDIN_FILENO);
	if (p->in < 0)
		return -errno;
	p->out = in.st_rdev == out.st_rdev && is_nonblock(p->in) ? p->in :
	    open_anew(STDOUT_FILENO);
	if (p->out < 0)
		return -errno;
	p->out_own = is_nonblock(p->out);
	return 0;
}

/* As openpty(3), but no descriptor is ever one that an exec would hand on, and the
 * slave is that of this master whatever is mounted on /dev/pts. */
static int open_inner(struct pty *p)
{
	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->master < 0 || unlockpt(p->master) != 0)
		return -errno;
	p->slave = ioctl(p->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->slave < 0 || tcsetattr(p->slave, TCSANOW, &p->outer) != 0 ||
	    ioctl(p->slave, TIOCSWINSZ, &p->size) != 0)
		return -errno;
	return 0;
}

int pty_open(struct pty *p)
{
	int r;

	p->in = p->out = p->master = p->slave = -1;
	p->is_raw = 0;
	p->out_len = p->out_pos = p->in_len = p->in_pos = p->in_ok = p->early_len = 0;
	memset(&p->size, 0, sizeof(p->size));
	if (tcgetattr(STDIN_FILENO, &p->outer) != 0)
		return -errno;
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &p->size);
	if ((r = open_outer(p)) != 0 || (r = open_inner(p)) != 0)
		pty_release(p);
	return r;
}

void pty_started(struct pty *p)
{
	close(p->slave);
	p->slave = -1;
}

/* A read of a terminal in canonical mode ends with a line end, or where an end of
 * file was typed, which is given to the program as the key that it was. */
static void take_typed_lines(struct pty *p)
{
	struct pollfd f = { .fd = p->in, .events = POLLIN };
	const cc_t *cc = p->outer.c_cc;
	uint8_t *at, last;
	ssize_t n;

	if (!(p->outer.c_lflag & ICANON) || cc[VEOF] == _POSIX_VDISABLE)
		return;
	while (p->early_len < PTY_IN_MAX - 1 && poll(&f, 1, 0) > 0 && f.revents == POLLIN) {
		at = p->to_master + p->early_len;
		n = read(p->in, at, PTY_IN_MAX - 1 - p->early_len);
		if (n < 0)
			break;
		p->early_len += (size_t)n;
		last = n > 0 ? at[n - 1] : 0;
		if (n == 0 || (last != '\n' && last != cc[VEOL] && last != cc[VEOL2] &&
		    p->early_len < PTY_IN_MAX - 1))
			p->to_master[p->early_len++] = cc[VEOF];
	}
}

void pty_raw(struct pty *p)
{
	struct termios t = p->outer;

	take_typed_lines(p);
	cfmakeraw(&t);
	p->is_raw = 1;
	tcsetattr(p->in, TCSANOW, &t);
	ioctl(p->in, TIOCEXCL);
}

void pty_restore(struct pty *p)
{
	if (!p->is_raw || p->in < 0)
		return;
	p->is_raw = 0;
	tcsetattr(p->in, TCSANOW, &p->outer);
}

void pty_let_open(const struct pty *p)
{
	if (p->in >= 0)
		ioctl(p->in, TIOCNXCL);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void pty_release(struct pty *p)
{
	if (p->out == p->in)
		p->out = -1;
	close_fd(&p->in);
	close_fd(&p->out);
	close_fd(&p->slave);
	close_fd(&p->master);
}

/* 0 bytes from a terminal in raw mode mean that it has hung up. */
static ssize_t read_some(int fd, uint8_t *buf, size_t size)
{
	ssize_t n = read(fd, buf, size);

	if (n > 0)
		return n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -EIO;
}

/* The line discipline gives about 4 KiB at a time and has the next ready by then:
 * where much comes, several reads make one record and one write. */
ssize_t pty_read_master(struct pty *p, const uint8_t **bytes)
{
	uint8_t *to;
	ssize_t n, more;
	size_t len;

	if (p->out_len > PTY_AHEAD_MAX) { /* no room for a whole read behind it */
		p->out_len -= p->out_pos;
		memmove(p->to_outer, p->to_outer + p->out_pos, p->out_len);
		p->out_pos = 0;
	}
	to = p->to_outer + p->out_len;
	n = more = read_some(p->master, to, PTY_OUT_MAX);
	if (n <= 0)
		return n;
	len = (size_t)n;
	while (more >= MUCH && len <= GATHER_MAX) {
		more = read_some(p->master, to + len, PTY_OUT_MAX - len);
		len += more > 0 ? (size_t)more : 0;
	}
	p->out_len += len;
	*bytes = to;
	return (ssize_t)len;
}

size_t pty_show(struct pty *p, const char *text, size_t len, const uint8_t **bytes)
{
	uint8_t *to = p->to_outer + p->out_len, *at = to;

	for (; len > 0; len--, text++) {
		if (*text == '\n')
			*at++ = '\r';
		*at++ = (uint8_t)*text;
	}
	p->out_len += (size_t)(at - to);
	*bytes = to;
	return (size_t)(at - to);
}

int pty_wants_output(const struct pty *p)
{
	return p->out_len - p->out_pos <= PTY_AHEAD_MAX;
}

int pty_wants_input(const struct pty *p)
{
	return p->in_pos == p->in_ok && p->in_len < PTY_IN_MAX;
}

ssize_t pty_read_outer(struct pty *p, const uint8_t **bytes)
{
	ssize_t n = (ssize_t)p->early_len;

	*bytes = p->to_master + p->in_len;
	p->early_len = 0;
	if (n == 0)
		n = read_some(p->in, p->to_master + p->in_len, PTY_IN_MAX - p->in_len);
	p->in_len += n > 0 ? (size_t)n : 0;
	return n;
}

void pty_let_input(struct pty *p, size_t len)
{
	p->in_ok += len < p->in_len - p->in_ok ? len : p->in_len - p->in_ok;
}

int pty_has_output(const struct pty *p)
{
	struct pollfd f = { .fd = p->master, .events = POLLIN };

	return poll(&f, 1, 0) > 0 && (f.revents & POLLIN) != 0;
}

static int push(int fd, const uint8_t *buf, size_t *pos, size_t *len, size_t most)
{
	size_t n = *len - *pos < most ? *len - *pos : most;
	ssize_t w;

	if (n == 0)
		return 0;
	w = write(fd, buf + *pos, n);
	if (w < 0 && errno != EAGAIN && errno != EINTR) {
		*pos = *len = 0;
		return -errno;
	}
	if (w > 0)
		*pos += (size_t)w;
	if (*pos < *len)
		return 1;
	*pos = *len = 0;
	return 0;
}

int pty_push_outer(struct pty *p)
{
	struct pollfd f = { .fd = p->out, .events = POLLOUT };

	if (p->out_own)
		return push(p->out, p->to_outer, &p->out_pos, &p->out_len, sizeof(p->to_outer));
	if (poll(&f, 1, 0) <= 0)
		return p->out_pos < p->out_len;
	return push(p->out, p->to_outer, &p->out_pos, &p->out_len, SMALL_WRITE);
}

int pty_push_master(struct pty *p)
{
	size_t rest = p->in_len - p->in_ok;
	int r;

	if (p->in_pos == p->in_ok)
		return 0;
	r = push(p->master, p->to_master, &p->in_pos, &p->in_ok, PTY_IN_MAX);
	if (r == 1)
		return 1;
	memmove(p->to_master, p->to_master + p->in_len - rest, rest);
	p->in_len = rest;
	return r;
}

int pty_modes(const struct pty *p, struct termios *t)
{
	return tcgetattr(p->master, t) == 0 ? 0 : -errno;
}

int pty_new_size(struct pty *p)
{
	struct winsize w;

	if (ioctl(p->out, TIOCGWINSZ, &w) != 0 || memcmp(&w, &p->size, sizeof(w)) == 0)
		return 0;
	p->size = w;
	return 1;
}

void pty_set_size(const struct pty *p)
{
	ioctl(p->master, TIOCSWINSZ, &p->size);
}

void pty_signal(const struct pty *p, int sig)
{
	ioctl(p->master, TIOCSIG, sig);
}

void pty_hang_up(struct pty *p)
{
	close_fd(&p->master);
	p->in_len = p->in_pos = p->in_ok = 0;
}

/* SPDX-License-Identifier: ISC */
#include "replay/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define KEY_PARTS_MS 50 /* between the bytes of one key */

static int set_raw(struct terminal *t)
{
	struct termios raw;

	if (t->keys < 0 || tcgetattr(t->keys, &t->saved) != 0)
		return -errno;
	raw = t->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(t->keys, TCSADRAIN, &raw) != 0)
		return -errno;
	t->raw = 1;
	return 0;
}

static void set_back(struct terminal *t)
{
	if (t->raw)
		tcsetattr(t->keys, TCSAFLUSH, &t->saved);
	t->raw = 0;
}

static void our_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGQUIT);
	sigaddset(set, SIGTSTP);
	sigaddset(set, SIGWINCH);
}

int terminal_open(struct terminal *t)
{
	sigset_t set;

	memset(t, 0, sizeof *t);
	t->keys = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? STDIN_FILENO : -1;
	our_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (t->signals < 0)
		return -errno;
	if (t->keys >= 0 && set_raw(t) != 0)
		t->keys = -1; /* it plays without keys */
	return 0;
}

void terminal_close(struct terminal *t)
{
	sigset_t set;

	set_back(t);
	if (t->signals >= 0)
		close(t->signals);
	t->signals = -1;
	our_signals(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void terminal_stop(struct terminal *t)
{
	sigset_t stop;

	set_back(t);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP); /* blocked until here; nobody stops where no shell would wake them */
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	if (t->keys >= 0 && set_raw(t) != 0)
		t->keys = -1;
}

static int read_signal(struct terminal *t)
{
	struct signalfd_siginfo si;

	if (read(t->signals, &si, sizeof si) != (ssize_t)sizeof si)
		return 0;
	return TERMINAL_SIGNAL + (int)si.ssi_signo;
}

static void read_keys(struct terminal *t)
{
	ssize_t got = read(t->keys, t->typed + t->len, sizeof t->typed - t->len);

	if (got > 0)
		t->len += (size_t)got;
	else if (got == 0 || (errno != EINTR && errno != EAGAIN))
		t->keys = -1; /* hung up: never to be polled again */
}

/* The final byte of a sequence with these parameters' last one. */
static int named(uint8_t final, unsigned first, unsigned last)
{
	int shift = last == 2 && first == 1;

	switch (final) {
	case 'A': case 'B': case 'C': case 'D':
		return (shift ? KEY_SHIFT_UP : KEY_UP) + (final - 'A');
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		return first == 1 || first == 7 ? KEY_HOME : first == 4 || first == 8 ? KEY_END :
		    first == 5 ? KEY_PAGE_UP : first == 6 ? KEY_PAGE_DOWN : KEY_OTHER;
	default:
		return KEY_OTHER;
	}
}

size_t terminal_key(const uint8_t *p, size_t len, int *key)
{
	unsigned number[2] = { 0, 0 };
	size_t i, n = 0;

	*key = p[0];
	if (p[0] != 0x1b)
		return 1;
	if (len < 2 || (len < 3 && (p[1] == '[' || p[1] == 'O')))
		return 0;
	if (p[1] != '[' && p[1] != 'O')
		return 1; /* an escape, and then another key */
	for (i = 2; i < len && p[i] >= 0x20 && p[i] < 0x40; i++) {
		if (p[i] == ';' && n < 1)
			n++;
		else if (p[i] >= '0' && p[i] <= '9' && number[n] < 1000)
			number[n] = number[n] * 10 + (p[i] - (unsigned)'0');
	}
	if (i == len)
		return 0;
	*key = named(p[i], number[0], number[1]);
	return i + 1;
}

/* Whether there is more to read within ms. */
static int more(const struct terminal *t, int ms)
{
	struct pollfd p = { .fd = t->keys, .events = POLLIN };

	return t->keys >= 0 && t->len < sizeof t->typed && poll(&p, 1, ms) > 0;
}

static int next_key(struct terminal *t)
{
	size_t n;
	int key;

	if (t->len == 0)
		return 0;
	while ((n = terminal_key(t->typed, t->len, &key)) == 0 && more(t, KEY_PARTS_MS)) {
		size_t before = t->len;

		read_keys(t);
		if (t->len == before)
			break;
	}
	if (n == 0)
		n = 1; /* an escape alone */
	t->len -= n;
	memmove(t->typed, t->typed + n, t->len);
	return key;
}

int terminal_wait(struct terminal *t, uint64_t ns)
{
	struct pollfd fds[2] = {
		{ .fd = t->signals, .events = POLLIN },
		{ .fd = t->keys, .events = POLLIN },
	};
	struct timespec limit = {
		.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000),
	};

	if (t->len > 0)
		return next_key(t);
	if (ppoll(fds, 2, &limit, NULL) <= 0)
		return 0;
	if (fds[0].revents != 0)
		return read_signal(t);
	if (fds[1].revents != 0)
		read_keys(t);
	return next_key(t);
}

int terminal_size(uint16_t *rows, uint16_t *cols)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
		return 0;
	*rows = w.ws_row;
	*cols = w.ws_col;
	return 1;
}

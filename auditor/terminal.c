/* SPDX-License-Identifier: ISC */
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

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

static void stop_here(struct terminal *t)
{
	set_back(t);
	kill(getpid(), SIGSTOP);
	if (t->keys >= 0 && set_raw(t) != 0)
		t->keys = -1;
}

static int read_signal(struct terminal *t)
{
	struct signalfd_siginfo si;

	if (read(t->signals, &si, sizeof si) != (ssize_t)sizeof si)
		return 0;
	if (si.ssi_signo != SIGTSTP)
		return TERMINAL_SIGNAL + (int)si.ssi_signo;
	stop_here(t);
	return 0;
}

static int read_key(struct terminal *t)
{
	unsigned char key;
	ssize_t got = read(t->keys, &key, 1);

	if (got == 1)
		return key;
	if (got == 0 || (errno != EINTR && errno != EAGAIN))
		t->keys = -1; /* hung up: never to be polled again */
	return 0;
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

	if (ppoll(fds, 2, &limit, NULL) <= 0)
		return 0;
	if (fds[0].revents != 0)
		return read_signal(t);
	return fds[1].revents != 0 ? read_key(t) : 0;
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

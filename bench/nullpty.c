/* SPDX-License-Identifier: ISC */
/*
 * nullpty CMD [ARG...] - the smallest pty proxy: it records nothing.
 *
 * What a terminal costs that passes through a second one, so that a recorder's
 * own cost can be told from it.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t window_changed;

static void on_winch(int signo)
{
	(void)signo;
	window_changed = 1;
}

static int put(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* one read and one write; 0 at the end of the source */
static int move(int from, int to)
{
	static char buf[65536];
	ssize_t n = read(from, buf, sizeof buf);

	if (n < 0)
		return errno == EINTR;
	return n > 0 && put(to, buf, (size_t)n) == 0;
}

static void relay(int master)
{
	struct pollfd p[2] = {{.fd = master, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
	struct winsize ws;

	for (;;) {
		if (window_changed && ioctl(0, TIOCGWINSZ, &ws) == 0)
			ioctl(master, TIOCSWINSZ, &ws);
		window_changed = 0;
		if (poll(p, 2, -1) < 0) {
			if (errno != EINTR)
				return;
			continue;
		}
		if (p[1].revents && !move(0, master)) {
			p[1].fd = -1;
			put(master, "\4", 1);
		}
		if (p[0].revents && !move(master, 1))
			return;
	}
}

int main(int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = on_winch};
	struct termios old, raw;
	struct winsize ws = {0};
	int tty = tcgetattr(0, &old) == 0, master, status = 0;
	pid_t child;

	if (argc < 2) {
		fputs("usage: nullpty CMD [ARG...]\n", stderr);
		return 2;
	}
	ioctl(0, TIOCGWINSZ, &ws);
	child = forkpty(&master, NULL, tty ? &old : NULL, &ws);
	if (child < 0) {
		perror("nullpty: forkpty");
		return 2;
	}
	if (child == 0) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (tty) {
		raw = old;
		cfmakeraw(&raw);
		tcsetattr(0, TCSADRAIN, &raw);
	}
	sigaction(SIGWINCH, &sa, NULL);
	relay(master);
	waitpid(child, &status, 0);
	if (tty)
		tcsetattr(0, TCSADRAIN, &old);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

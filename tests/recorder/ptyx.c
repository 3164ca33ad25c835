/* SPDX-License-Identifier: ISC */
/*
 * ptyx: runs a command on a fresh pty and plays its user.
 *
 *	ptyx [-r] [-q] [-s ROWSxCOLS] [-o FILE] [-t SECONDS] [-f FILE]
 *	     [-e ACTION]... -- COMMAND ARG...
 *
 *	-r	the pty is raw from the start
 *	-q	do not print the line about the end
 *	-s	window size, 24x80 without
 *	-o	all that the terminal showed goes to FILE (- for stdout)
 *	-t	end with status 3 after so many seconds (60)
 *	-f	one action a line from FILE (- for stdin), before those of -e
 *	-e	an action; they are done in order
 *
 * Actions:
 *	send TEXT	type TEXT; \r \n \t \e \\ \xHH \0 are understood
 *	file NAME	type the bytes of a file
 *	wait TEXT	wait until TEXT is shown, behind what the last wait saw
 *	sleep MS	let the time pass, reading on
 *	stall MS	let the time pass without reading
 *	resize R C	new window size
 *	signal NUMBER	to the command's process
 *	modes NAME	print "modes NAME <iflag> <oflag> <cflag> <lflag>"
 *	close		close the master: the user's terminal hangs up
 *	exit		wait for the command to exit (also done at the end)
 *
 * At the end the last line on stdout is "exit N" or "signal N".  Its own status
 * is 0, 1 when a wait was in vain, 2 for usage, 3 after the time-out.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#define ACTIONS_MAX 1000

static struct {
	int master;
	pid_t pid;
	int exited, status, failed;
	FILE *out;
	char *seen;
	size_t seen_len, seen_size, wait_pos;
	uint64_t end_ms;
} px = { .master = -1 };

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void die(int status, const char *what)
{
	fprintf(stderr, "ptyx: %s\n", what);
	if (px.pid > 0 && !px.exited)
		kill(px.pid, SIGKILL);
	exit(status);
}

/* Keeps what was shown. */
static void keep(const char *p, size_t n)
{
	if (px.seen_len + n > px.seen_size) {
		px.seen_size = (px.seen_len + n) * 2;
		px.seen = realloc(px.seen, px.seen_size);
		if (px.seen == NULL)
			die(3, "no memory");
	}
	memcpy(px.seen + px.seen_len, p, n);
	px.seen_len += n;
	if (px.out != NULL) {
		fwrite(p, 1, n, px.out);
		fflush(px.out);
	}
}

/* Reads for at most ms; 0 when the terminal is gone or nothing came. */
static int pump(int ms)
{
	static char buf[65536];
	struct pollfd p = { .fd = px.master, .events = POLLIN };
	ssize_t n;

	if (now_ms() > px.end_ms)
		die(3, "time-out");
	if (px.master < 0) {
		usleep((useconds_t)ms * 1000);
		return 0;
	}
	if (poll(&p, 1, ms) <= 0)
		return 0;
	n = read(px.master, buf, sizeof(buf));
	if (n <= 0) {
		if (ms > 0)
			usleep(1000);
		return 0;
	}
	keep(buf, (size_t)n);
	return 1;
}

static int has_exited(void)
{
	if (!px.exited && waitpid(px.pid, &px.status, WNOHANG) == px.pid)
		px.exited = 1;
	return px.exited;
}

static void act_exit(void)
{
	while (!has_exited())
		pump(5);
	while (pump(20))
		;
}

static void act_sleep(int ms)
{
	uint64_t end = now_ms() + (uint64_t)ms;

	while (now_ms() < end)
		pump((int)(end - now_ms()));
}

/* Replaces escapes in place; returns the length. */
static size_t unescape(char *s)
{
	char *o = s, *start = s;
	unsigned x;

	for (; *s != '\0'; s++) {
		if (*s != '\\' || s[1] == '\0') {
			*o++ = *s;
			continue;
		}
		switch (*++s) {
		case 'r': *o++ = '\r'; break;
		case 'n': *o++ = '\n'; break;
		case 't': *o++ = '\t'; break;
		case 'e': *o++ = '\033'; break;
		case '0': *o++ = '\0'; break;
		case 'x':
			if (sscanf(s + 1, "%2x", &x) != 1)
				die(2, "\\x wants two digits");
			*o++ = (char)x;
			s += 2;
			break;
		default: *o++ = *s;
		}
	}
	return (size_t)(o - start);
}

/* Types, reading meanwhile so that neither side waits for the other. */
static void type_bytes(const char *p, size_t n)
{
	struct pollfd f = { .fd = px.master, .events = POLLIN | POLLOUT };
	ssize_t w;

	while (n > 0 && px.master >= 0 && !has_exited()) {
		if (poll(&f, 1, 100) < 0)
			continue;
		if (f.revents & POLLIN)
			pump(0);
		if (f.revents & POLLOUT) {
			w = write(px.master, p, n < 256 ? n : 256);
			if (w < 0 && errno != EAGAIN && errno != EINTR)
				return;
			if (w > 0) {
				p += w;
				n -= (size_t)w;
			}
		}
		if (now_ms() > px.end_ms)
			die(3, "time-out while typing");
	}
}

static void act_file(const char *name)
{
	static char buf[65536];
	FILE *f = fopen(name, "rb");
	size_t n;

	if (f == NULL)
		die(2, "cannot read the file to type");
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		type_bytes(buf, n);
	fclose(f);
}

static void act_wait(char *text)
{
	size_t n = unescape(text);
	char *hit;

	for (;;) {
		hit = px.seen_len > px.wait_pos ?
		    memmem(px.seen + px.wait_pos, px.seen_len - px.wait_pos, text, n) : NULL;
		if (hit != NULL) {
			px.wait_pos = (size_t)(hit - px.seen) + n;
			return;
		}
		if (has_exited() && !pump(50)) {
			fprintf(stderr, "ptyx: never shown: %s\n", text);
			px.failed = 1;
			return;
		}
		pump(20);
	}
}

static void act_resize(const char *arg)
{
	struct winsize w = { 0 };

	if (sscanf(arg, "%hu %hu", &w.ws_row, &w.ws_col) != 2)
		die(2, "resize wants rows and columns");
	ioctl(px.master, TIOCSWINSZ, &w);
}

static void act_modes(const char *name)
{
	struct termios t;

	if (tcgetattr(px.master, &t) != 0)
		die(3, "cannot read the modes");
	printf("modes %s %x %x %x %x\n", name, t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
}

static void act(char *line)
{
	char *arg = strchr(line, ' ');

	if (arg != NULL)
		*arg++ = '\0';
	else
		arg = line + strlen(line);
	if (strcmp(line, "send") == 0)
		type_bytes(arg, unescape(arg));
	else if (strcmp(line, "file") == 0)
		act_file(arg);
	else if (strcmp(line, "wait") == 0)
		act_wait(arg);
	else if (strcmp(line, "sleep") == 0)
		act_sleep(atoi(arg));
	else if (strcmp(line, "stall") == 0)
		usleep((useconds_t)atoi(arg) * 1000);
	else if (strcmp(line, "resize") == 0)
		act_resize(arg);
	else if (strcmp(line, "signal") == 0)
		kill(px.pid, atoi(arg));
	else if (strcmp(line, "modes") == 0)
		act_modes(arg);
	else if (strcmp(line, "close") == 0) {
		close(px.master);
		px.master = -1;
	} else if (strcmp(line, "exit") == 0)
		act_exit();
	else if (*line != '\0' && *line != '#')
		die(2, "unknown action");
}

static void start(char **argv, const struct winsize *w, int raw)
{
	struct termios t;
	int slave;

	if (openpty(&px.master, &slave, NULL, NULL, w) != 0)
		die(3, "no pty");
	if (raw && tcgetattr(slave, &t) == 0) {
		cfmakeraw(&t);
		tcsetattr(slave, TCSANOW, &t);
	}
	fcntl(px.master, F_SETFD, FD_CLOEXEC);
	fcntl(px.master, F_SETFL, O_NONBLOCK);
	px.pid = fork();
	if (px.pid < 0)
		die(3, "no process");
	if (px.pid == 0) {
		if (login_tty(slave) != 0)
			_exit(126);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(slave);
}

static void run_file(const char *name)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (f == NULL)
		die(2, "cannot read the actions");
	while ((n = getline(&line, &size, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		act(line);
	}
	free(line);
	if (f != stdin)
		fclose(f);
}

int main(int argc, char **argv)
{
	char *actions[ACTIONS_MAX];
	struct winsize w = { .ws_row = 24, .ws_col = 80 };
	const char *file = NULL;
	int n = 0, raw = 0, quiet = 0, seconds = 60, c, i;

	while ((c = getopt(argc, argv, "+rqs:o:t:f:e:")) != -1) {
		if (c == 'r')
			raw = 1;
		else if (c == 'q')
			quiet = 1;
		else if (c == 's' && sscanf(optarg, "%hux%hu", &w.ws_row, &w.ws_col) == 2)
			continue;
		else if (c == 'o')
			px.out = strcmp(optarg, "-") == 0 ? stdout : fopen(optarg, "wb");
		else if (c == 't')
			seconds = atoi(optarg);
		else if (c == 'f')
			file = optarg;
		else if (c == 'e' && n < ACTIONS_MAX)
			actions[n++] = optarg;
		else
			die(2, "usage: see the head of ptyx.c");
	}
	if (optind >= argc)
		die(2, "usage: see the head of ptyx.c");
	px.end_ms = now_ms() + (uint64_t)seconds * 1000;
	start(argv + optind, &w, raw);
	if (file != NULL)
		run_file(file);
	for (i = 0; i < n; i++)
		act(actions[i]);
	act_exit();
	if (!quiet)
		printf("%s %d\n", WIFSIGNALED(px.status) ? "signal" : "exit",
		    WIFSIGNALED(px.status) ? WTERMSIG(px.status) : WEXITSTATUS(px.status));
	if (px.out != NULL)
		fclose(px.out);
	free(px.seen);
	return px.failed;
}

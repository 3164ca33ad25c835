/* SPDX-License-Identifier: ISC */
#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "../feed.h"
#include "io.h"
#include "log.h"

#define TERM_MS 1500
#define KILL_MS 3000

struct waiting {
	uint64_t seq, upto; /* upto: those behind it that did not pass, too */
};

struct pass {
	pid_t pid; /* 0: ended */
	int status, acks;
	int pidfd, to, from; /* -1: closed */
	uint64_t acked;
	struct waiting waiting[PASS_WAITING]; /* a ring */
	size_t first, count;
	size_t out_at, out_len; /* of out, which holds one line */
	size_t in_len;
	int skipping; /* the rest of a line that is too long */
	char out[FEED_LINE_MAX], in[FEED_LINE_MAX];
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

_Noreturn static void run(char *const argv[], int in, int out)
{
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execv(argv[0], argv);
	log_error("%s: cannot be run: %s", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int start(struct pass *p, char *const argv[])
{
	int to[2] = {-1, -1}, from[2] = {-1, -1};

	if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0 || (p->pid = fork()) < 0) {
		int r = -errno;

		for (int i = 0; i < 2; i++) {
			close_fd(&to[i]);
			close_fd(&from[i]);
		}
		p->pid = 0;
		return r;
	}
	if (p->pid == 0)
		run(argv, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	p->to = to[1];
	p->from = from[0];
	p->pidfd = pidfd_open(p->pid, 0);
	if (p->pidfd < 0 || fcntl(p->to, F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(p->from, F_SETFL, O_NONBLOCK) != 0)
		return -errno;
	return 0;
}

int pass_open(struct pass **out, char *const argv[], int acks)
{
	struct pass *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL)
		return -ENOMEM;
	p->acks = acks;
	p->status = p->pidfd = p->to = p->from = -1;
	if ((r = start(p, argv)) != 0) {
		pass_finish(p);
		pass_close(p);
		return r;
	}
	*out = p;
	return 0;
}

static struct waiting *last(struct pass *p)
{
	return &p->waiting[(p->first + p->count - 1) % PASS_WAITING];
}

/* The program has taken all up to seq. */
static void took(struct pass *p, uint64_t seq)
{
	while (p->count > 0 && p->waiting[p->first].seq <= seq) {
		p->acked = p->waiting[p->first].upto;
		p->first = (p->first + 1) % PASS_WAITING;
		p->count--;
	}
}

/* Writes what can be written of the line. */
static void push(struct pass *p)
{
	ssize_t n;

	while (p->to >= 0 && p->out_at < p->out_len) {
		n = write(p->to, p->out + p->out_at, p->out_len - p->out_at);
		if (n > 0)
			p->out_at += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			return;
		else if (n < 0 && errno != EINTR)
			close_fd(&p->to);
	}
	if (p->to >= 0 && !p->acks)
		took(p, UINT64_MAX);
}

int pass_has_room(const struct pass *p)
{
	return p->to >= 0 && p->out_at == p->out_len && p->count < PASS_WAITING;
}

void pass_give(struct pass *p, const char *line, size_t len, uint64_t seq)
{
	memcpy(p->out, line, len);
	p->out[len] = '\n';
	p->out_at = 0;
	p->out_len = len + 1;
	if (seq != 0) {
		p->count++;
		*last(p) = (struct waiting){seq, seq};
	}
	push(p);
}

void pass_skip(struct pass *p, uint64_t seq)
{
	if (seq == 0)
		return;
	if (p->count > 0)
		last(p)->upto = seq;
	else
		p->acked = seq;
}

/* A line that the program wrote, with its LF: an acknowledgement is for us, actions and
 * events for the dispatcher. */
static void hear(struct pass *p, char *line, size_t len)
{
	unsigned long long seq;
	int end = 0;

	if (line[0] == '{' || strncmp(line, "ACTION ", 7) == 0) {
		if (io_write_all(STDOUT_FILENO, line, len) != 0)
			close_fd(&p->to);
		return;
	}
	line[len - 1] = '\0';
	if (strlen(line) == len - 1 && line[0] == 'A' && line[4] >= '0' && line[4] <= '9' &&
	    sscanf(line, "ACK %19llu%n", &seq, &end) == 1 && line[end] == '\0')
		took(p, seq);
	else
		log_warn("the program says what is no answer: %.200s", line);
}

static void hear_all(struct pass *p)
{
	char *line = p->in, *lf;

	while ((lf = memchr(line, '\n', p->in_len - (size_t)(line - p->in))) != NULL) {
		if (!p->skipping)
			hear(p, line, (size_t)(lf + 1 - line));
		p->skipping = 0;
		line = lf + 1;
	}
	p->in_len -= (size_t)(line - p->in);
	memmove(p->in, line, p->in_len);
	if (p->in_len == sizeof(p->in)) {
		log_warn("a line of the program of more than %zu bytes is left out", sizeof(p->in));
		p->skipping = 1;
		p->in_len = 0;
	}
}

/* Reads once; 0 where there was nothing. */
static int pull(struct pass *p)
{
	ssize_t n = read(p->from, p->in + p->in_len, sizeof(p->in) - p->in_len);

	if (n > 0) {
		p->in_len += (size_t)n;
		hear_all(p);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close_fd(&p->from);
	}
	return n > 0;
}

static void reap(struct pass *p)
{
	if (p->pid > 0 && waitpid(p->pid, &p->status, WNOHANG) == p->pid)
		p->pid = 0;
}

nfds_t pass_poll(const struct pass *p, struct pollfd fds[PASS_POLL])
{
	fds[0] = (struct pollfd){.fd = p->to, .events = p->out_at < p->out_len ? POLLOUT : 0};
	fds[1] = (struct pollfd){.fd = p->from, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = p->pid > 0 ? p->pidfd : -1, .events = POLLIN};
	return PASS_POLL;
}

void pass_turn(struct pass *p, const struct pollfd fds[PASS_POLL])
{
	if (fds[0].revents & (POLLERR | POLLHUP))
		close_fd(&p->to);
	else if (fds[0].revents != 0)
		push(p);
	if (fds[1].revents != 0)
		pull(p);
	if (fds[2].revents != 0)
		reap(p);
}

int pass_over(const struct pass *p)
{
	return p->pid == 0 || p->to < 0;
}

uint64_t pass_acked(const struct pass *p)
{
	return p->acked;
}

/* What it has said before it ended stands in the pipe; what a child of its may still say is
 * nobody's answer. */
static void pull_rest(struct pass *p)
{
	for (int i = 0; p->from >= 0 && i < 64; i++)
		if (!pull(p))
			break;
}

void pass_finish(struct pass *p)
{
	uint64_t begun = clock_mono();
	int sent = 0;

	while (p->pid > 0) {
		struct pollfd fds[PASS_POLL];
		uint64_t ms = (clock_mono() - begun) / 1000000;

		if (p->out_at == p->out_len)
			close_fd(&p->to);
		if (ms >= TERM_MS && sent == 0)
			kill(p->pid, sent = SIGTERM);
		if (ms >= KILL_MS && sent == SIGTERM)
			kill(p->pid, sent = SIGKILL);
		if (poll(fds, pass_poll(p, fds), 100) > 0)
			pass_turn(p, fds);
		reap(p);
	}
	pull_rest(p);
}

int pass_close(struct pass *p)
{
	int status;

	if (p == NULL)
		return -1;
	status = p->pid == 0 ? p->status : -1;
	close_fd(&p->to);
	close_fd(&p->from);
	close_fd(&p->pidfd);
	free(p);
	return status;
}

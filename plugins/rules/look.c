/* SPDX-License-Identifier: ISC */
#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "hit.h"
#include "io.h"
#include "log.h"

#define SECOND_NS UINT64_C(1000000000)
#define EVENT_MAX 32768

struct looking {
	struct ended_session *session;
	pid_t pid;
	int fd;
	size_t len;
	char buf[2 * EVENT_MAX];
};

_Noreturn static void run(const struct look *l, uint64_t n, int out)
{
	const char *argv[16];
	char number[24];
	int i = 0, null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	snprintf(number, sizeof(number), "%" PRIu64, n);
	argv[i++] = l->shellac;
	if (l->dir != NULL) {
		argv[i++] = "-d";
		argv[i++] = l->dir;
	}
	argv[i++] = "--reason=rules that a plugin watches for";
	argv[i++] = "rules";
	argv[i++] = "--json";
	argv[i++] = "--session";
	argv[i++] = number;
	if (l->rules != NULL) {
		argv[i++] = "--rules";
		argv[i++] = l->rules;
	}
	argv[i] = NULL;
	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execv(l->shellac, (char **)(uintptr_t)argv);
	log_error("%s: cannot be run: %s", l->shellac, strerror(errno));
	_exit(127);
}

static int start(struct looking *k, const struct look *l)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -errno;
	k->pid = fork();
	if (k->pid == 0)
		run(l, k->session->n, fds[1]);
	close(fds[1]);
	k->fd = fds[0];
	return k->pid < 0 ? -errno : 0;
}

/* The text of a hit may be as long as a line of a screen: then its begin is enough. */
static char *dump(json_t *event)
{
	char *text = json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (text != NULL && strlen(text) > EVENT_MAX) {
		free(text);
		json_object_del(event, "message");
		json_object_set_new(json_object_get(json_object_get(event, "shellac"), "rule"), "matched",
		    json_string("(too long)"));
		text = json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII);
	}
	return text;
}

static int send_hit(struct ended_session *s, const char *line, size_t len)
{
	json_t *event = hit_event(line, len);
	uint8_t key[HASH_SIZE];
	char *text;
	int r = -ENOMEM;

	if (event == NULL) {
		log_warn("a line of shellac rules is no hit: %.*s", (int)(len < 200 ? len : 200), line);
		return 0;
	}
	text = dump(event);
	hit_key(key, event); /* of what is sent */
	s->sent++;
	if (text != NULL && ended_is_back(s, key)) {
		r = 0;
	} else if (text != NULL) {
		len = strlen(text);
		text[len] = '\n'; /* the zero's place */
		r = io_write_all(STDOUT_FILENO, text, len + 1);
	}
	free(text);
	json_decref(event);
	return r;
}

static int take_lines(struct looking *k)
{
	char *line = k->buf, *lf;
	int r = 0;

	while (r == 0 && (lf = memchr(line, '\n', k->len - (size_t)(line - k->buf))) != NULL) {
		r = send_hit(k->session, line, (size_t)(lf - line));
		line = lf + 1;
	}
	k->len -= (size_t)(line - k->buf);
	memmove(k->buf, line, k->len);
	if (k->len == sizeof(k->buf)) {
		log_warn("a hit of session %" PRIu64 " is too long; it is left out", k->session->n);
		k->len = 0;
	}
	return r;
}

/* There is some: take_lines() leaves no full buffer. */
static size_t room(const struct looking *k)
{
	return k->len < sizeof(k->buf) ? sizeof(k->buf) - k->len : 0;
}

/* 0 at the end of what it says. */
static int read_all(struct looking *k, struct feed *f, uint64_t until_ns)
{
	int r = 0;

	while (r == 0) {
		struct pollfd fd = {.fd = k->fd, .events = POLLIN};
		uint64_t now = clock_mono();
		ssize_t n;

		if (feed_stopped(f))
			return -ECANCELED;
		if (now >= until_ns)
			return E_REFUSED;
		if (feed_pause(f, &fd, 1, (int)((until_ns - now) / 1000000 + 1)) <= 0)
			continue;
		n = read(k->fd, k->buf + k->len, room(k));
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		k->len += n > 0 ? (size_t)n : 0;
		r = take_lines(k);
	}
	return r;
}

/* A finding about the session (1) is no hindrance. */
static int end(struct looking *k, int r)
{
	int status = 0;

	close(k->fd);
	if (r != 0)
		kill(k->pid, SIGKILL);
	while (waitpid(k->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) > 1))
		r = E_REFUSED;
	return r;
}

int look_at(const struct look *l, struct feed *f, struct ended_session *s)
{
	static struct looking k;
	int r;

	k.session = s;
	k.len = 0;
	s->sent = 0;
	if ((r = start(&k, l)) != 0)
		return r;
	return end(&k, read_all(&k, f, clock_mono() + l->timeout_s * SECOND_NS));
}

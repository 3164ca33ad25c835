/* SPDX-License-Identifier: ISC */
/* The collector: it runs, and recorders reach it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/check.h"
#include "host/alerts.h"
#include "message.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define ANSWER_S 5

void check_collector(struct check *k)
{
	const char *version = check_text(k, "version");

	if (k->status == NULL) {
		check_fail(k, k->start,
		    "%s (%s/control.sock)", alerts[ALERT_SILENT].words, k->paths.run);
		return;
	}
	if (strcmp(version, PACKAGE_VERSION) != 0)
		check_warn(k, "start shellacd again", "the collector is version %s, this is %s",
		    version, PACKAGE_VERSION);
	else
		check_fine(k, "pid %lld, %lld sessions", (long long)check_number(k, "pid"),
		    (long long)check_number(k, "sessions"));
}

/* Knocks as a recorder does, whose uid this process has by now.  1 if it is let in. */
static int knock(const char *path)
{
	const struct timeval limit = { .tv_sec = ANSWER_S };
	const struct message ask = { .type = MSG_PROBE };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	uint8_t buf[MESSAGE_MAX];
	struct message m;
	size_t len;
	ssize_t n;
	int fd;

	if (strlen(path) >= sizeof(a.sun_path))
		return 0;
	memcpy(a.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return 0;
	len = message_put(buf, &ask);
	if (send(fd, buf, len, MSG_NOSIGNAL) != (ssize_t)len)
		return 0;
	n = recv(fd, buf, sizeof(buf), 0);
	close(fd);
	return n > 0 && message_parse(buf, (size_t)n, &m) == 0 && m.type == MSG_READY;
}

void check_registration(struct check *k)
{
	char path[PATH_MAX + 32];
	int st = -1;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/register.sock", k->paths.run);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && k->have_users &&
		    setresuid(k->recorder, k->recorder, k->recorder) < 0)
			_exit(1);
		_exit(knock(path) ? 0 : 1);
	}
	if (pid > 0)
		while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
			;
	if (pid > 0 && st == 0)
		check_fine(k, "%s lets recorders in", path);
	else
		check_fail(k, "start shellacd again, and see its log",
		    "%s does not let recorders in", path);
}

/* SPDX-License-Identifier: ISC */
#include "control.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "custody.h"
#include "ledger.h"
#include "listen.h"
#include "log.h"
#include "metrics.h"
#include "processes.h"
#include "session.h"
#include "status.h"

#define SOCKET_NAME "control.sock"
#define LINE_MAX_LEN 24576 /* a note in base64, and what is around it */

enum wait { WAIT_NOT, WAIT_CLOSED, WAIT_EPOCH, WAIT_LATER };

struct client {
	LIST_ENTRY(client) link;
	struct control *k;
	int fd;
	struct source source;
	char line[LINE_MAX_LEN];
	size_t len;
	enum wait waits;
	uint64_t seq;       /* answered when all closings up to it, or so many epochs, are done */
	struct timer due;   /* to speak, or to be answered */
};

struct control {
	struct collector *c;
	int fd;
	struct source source;
	LIST_HEAD(, client) clients;
	unsigned used;
};

static void drop(struct client *cl)
{
	struct control *k = cl->k;

	if (cl->waits == WAIT_LATER)
		custody_forget(k->c, cl);
	loop_del(&k->c->loop, &cl->source);
	loop_timer_clear(&cl->due);
	close(cl->fd);
	LIST_REMOVE(cl, link);
	k->used--;
	free(cl);
}

/* A line fits into a socket's buffer, or who asked gets no half of one. */
static void answer(struct client *cl, const char *line)
{
	size_t len = strlen(line);

	if (send(cl->fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len)
		drop(cl);
	else
		loop_timer(&cl->k->c->loop, &cl->due, CONTROL_WAIT_MS);
}

void control_answer(struct client *cl, const char *line)
{
	if (cl->waits == WAIT_LATER)
		custody_forget(cl->k->c, cl);
	cl->waits = WAIT_NOT;
	answer(cl, line);
}

void control_later(struct client *cl)
{
	cl->waits = WAIT_LATER;
	loop_timer(&cl->k->c->loop, &cl->due, CONTROL_LATER_MS);
}

int control_closed_up_to(const struct collector *c, uint64_t seq)
{
	const struct session *s;

	LIST_FOREACH(s, &c->registry.sessions, link)
		if (s->end != END_NOT && s->close_seq <= seq)
			return 0;
	return 1;
}

/* What a FIFO holds now is at most one pipe full; of small chunks a turn takes
 * some of it. */
#define TURNS_MAX 64

static void drain_session(struct session *s)
{
	int i = 0;

	do
		session_turn(s);
	while (s->is_ready && ++i < TURNS_MAX);
}

static void wait_for(struct client *cl, enum wait what, uint64_t seq)
{
	cl->waits = what;
	cl->seq = seq;
	loop_timer(&cl->k->c->loop, &cl->due, CONTROL_WAIT_MS);
	control_check(cl->k);
}

void control_drain(struct collector *c)
{
	struct session *s;

	LIST_FOREACH(s, &c->registry.sessions, link)
		drain_session(s);
	processes_drain(c->processes);
}

static void ask_sync(struct client *cl)
{
	struct collector *c = cl->k->c;

	control_drain(c);
	wait_for(cl, WAIT_CLOSED, c->close_seq);
}

static void wait_for_epoch(struct client *cl)
{
	struct collector *c = cl->k->c;
	uint64_t epoch = ledger_epochs(c->ledger);

	if (ledger_epoch_now(c->ledger) != 0)
		answer(cl, "failed\n");
	else
		wait_for(cl, WAIT_EPOCH, epoch + 1);
}

static void ask_rotate(struct client *cl)
{
	accounting_rotate_now(cl->k->c->acct);
	wait_for_epoch(cl);
}

/* Its checkpoint is the first that the new key signs. */
static void ask_rotate_key(struct client *cl)
{
	if (ledger_new_key(cl->k->c->ledger) != 0)
		answer(cl, "failed\n");
	else
		wait_for_epoch(cl);
}

static void ask_coverage(struct client *cl)
{
	json_t *rows = processes_unrecorded(cl->k->c->processes);
	char *text = json_dumps(rows, JSON_COMPACT | JSON_ENSURE_ASCII), *line = NULL;

	json_decref(rows);
	if (text == NULL || asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	answer(cl, line != NULL ? line : "failed\n");
	free(line);
}

/* Text of many lines, as one. */
static void ask_metrics(struct client *cl)
{
	json_t *status = status_object(cl->k->c), *o = NULL;
	char *text = status != NULL ? metrics_text(status, clock_wall()) : NULL, *line = NULL;

	if (text != NULL)
		o = json_pack("{s:s}", "openmetrics", text);
	json_decref(status);
	free(text);
	text = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (text == NULL || asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	answer(cl, line != NULL ? line : "failed\n");
	free(line);
}

static void ask(struct client *cl, const char *line)
{
	char *status;

	if (strcmp(line, "sync") == 0) {
		ask_sync(cl);
	} else if (strcmp(line, "rotate") == 0) {
		ask_rotate(cl);
	} else if (strcmp(line, "rotate-key") == 0) {
		ask_rotate_key(cl);
	} else if (strcmp(line, "status") == 0) {
		status = status_line(cl->k->c);
		answer(cl, status != NULL ? status : "{}\n");
		free(status);
	} else if (strcmp(line, "metrics") == 0) {
		ask_metrics(cl);
	} else if (strcmp(line, "coverage") == 0) {
		ask_coverage(cl);
	} else if (!custody_ask(cl->k->c, cl, line)) {
		answer(cl, "unknown\n");
	}
}

static void client_event(void *arg, uint32_t events)
{
	struct client *cl = arg;
	char line[LINE_MAX_LEN], *end;
	ssize_t n;

	(void)events;
	n = recv(cl->fd, cl->line + cl->len, sizeof(cl->line) - cl->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || cl->waits != WAIT_NOT) {
		drop(cl);
		return;
	}
	cl->len += (size_t)n;
	end = memchr(cl->line, '\n', cl->len);
	if (end == NULL) {
		if (cl->len == sizeof(cl->line))
			drop(cl);
		return;
	}
	memcpy(line, cl->line, (size_t)(end - cl->line));
	line[end - cl->line] = '\0';
	cl->len = 0;
	ask(cl, line);
}

static void client_due(void *arg)
{
	struct client *cl = arg;

	if (cl->waits != WAIT_NOT)
		control_answer(cl, "late\n");
	else
		drop(cl);
}

static int is_done(const struct client *cl)
{
	const struct collector *c = cl->k->c;

	return (cl->waits == WAIT_CLOSED && control_closed_up_to(c, cl->seq)) ||
	    (cl->waits == WAIT_EPOCH && ledger_epochs(c->ledger) >= cl->seq);
}

void control_check(struct control *k)
{
	struct client *cl, *next;

	for (cl = LIST_FIRST(&k->clients); cl != NULL; cl = next) {
		next = LIST_NEXT(cl, link);
		if (!is_done(cl))
			continue;
		cl->waits = WAIT_NOT;
		answer(cl, "ok\n");
	}
}

static int allowed(int fd)
{
	struct ucred uc;
	socklen_t len = sizeof(uc);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &uc, &len) == 0 &&
	    (uc.uid == 0 || uc.uid == geteuid());
}

static void accept_event(void *arg, uint32_t events)
{
	struct control *k = arg;
	struct client *cl;
	int fd;

	(void)events;
	fd = listen_accept(k->fd);
	if (fd < 0)
		return;
	cl = k->used < CONTROL_CLIENTS_MAX && allowed(fd) ? calloc(1, sizeof(*cl)) : NULL;
	if (cl == NULL || loop_add(&k->c->loop, &cl->source, fd, EPOLLIN, client_event, cl) != 0) {
		log_warn("a client of %s is turned away", SOCKET_NAME);
		free(cl);
		close(fd);
		return;
	}
	cl->k = k;
	cl->fd = fd;
	cl->due.fn = client_due;
	cl->due.arg = cl;
	loop_timer(&k->c->loop, &cl->due, CONTROL_WAIT_MS);
	LIST_INSERT_HEAD(&k->clients, cl, link);
	k->used++;
}

int control_open(struct control **out, struct collector *c)
{
	struct control *k;
	int r;

	k = calloc(1, sizeof(*k));
	if (k == NULL)
		return -ENOMEM;
	k->c = c;
	LIST_INIT(&k->clients);
	r = k->fd = listen_unix(c->paths.run, SOCKET_NAME, SOCK_STREAM);
	if (r >= 0)
		r = loop_add(&c->loop, &k->source, k->fd, EPOLLIN, accept_event, k);
	if (r < 0) {
		if (k->fd >= 0)
			close(k->fd);
		free(k);
		return r;
	}
	*out = k;
	return 0;
}

void control_close(struct control *k)
{
	if (k == NULL)
		return;
	while (!LIST_EMPTY(&k->clients))
		drop(LIST_FIRST(&k->clients));
	loop_del(&k->c->loop, &k->source);
	listen_remove(k->c->paths.run, SOCKET_NAME);
	close(k->fd);
	free(k);
}

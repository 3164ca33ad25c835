/* SPDX-License-Identifier: ISC */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "access_client.h"
#include "control.h"
#include "err.h"
#include "io.h"
#include "ledger_file.h"
#include "listen.h"
#include "log.h"

struct access {
	struct collector *c;
	int fd;    /* -1: closed to all */
	gid_t gid; /* of conf.auditors */
	char group[CONF_GROUP_MAX + 1];
	struct source source;
	struct access_clients clients;
	unsigned used;
};

static void drop(struct access *a, struct access_client *cl)
{
	LIST_REMOVE(cl, link);
	access_client_free(cl);
	a->used--;
}

static void client_event(void *arg, uint32_t events)
{
	struct access_client *cl = arg;

	(void)events;
	if (access_client_turn(cl) != 0)
		drop(cl->access, cl);
}

/* May the peer read the store, by what the kernel says that it is?  1 or 0. */
static int allowed(const struct access *a, int fd, uid_t *uid)
{
	struct ucred uc;
	socklen_t len = sizeof(uc);
	gid_t *list;
	size_t i, count;
	int yes;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &uc, &len) < 0)
		return 0;
	*uid = uc.uid;
	if (uc.uid == 0 || uc.uid == geteuid() || uc.gid == a->gid)
		return 1;
	len = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 || errno != ERANGE)
		return 0;
	list = malloc(len);
	if (list == NULL || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, list, &len) < 0)
		len = 0;
	count = len / sizeof(*list);
	for (i = 0, yes = 0; i < count && !yes; i++)
		yes = list[i] == a->gid;
	free(list);
	return yes;
}

static void accept_event(void *arg, uint32_t events)
{
	struct access *a = arg;
	struct access_client *cl = NULL;
	uid_t uid;
	int fd;

	(void)events;
	fd = listen_accept(a->fd);
	if (fd < 0)
		return;
	if (a->used < ACCESS_CLIENTS_MAX && allowed(a, fd, &uid))
		cl = access_client_new(a, a->c, fd, uid);
	if (cl == NULL || loop_add(&a->c->loop, &cl->source, fd, EPOLLIN, client_event, cl) != 0) {
		log_warn("a client of %s is turned away", ACCESS_SOCKET);
		if (cl != NULL)
			access_client_free(cl);
		else
			close(fd);
		return;
	}
	LIST_INSERT_HEAD(&a->clients, cl, link);
	a->used++;
}

/* Plugins are not let in by the group. */
static void shut(struct access *a)
{
	struct access_client *cl, *next;

	for (cl = LIST_FIRST(&a->clients); cl != NULL; cl = next) {
		next = LIST_NEXT(cl, link);
		if (!cl->is_plugin)
			drop(a, cl);
	}
	if (a->fd < 0)
		return;
	loop_del(&a->c->loop, &a->source);
	listen_remove(a->c->paths.run, ACCESS_SOCKET);
	close(a->fd);
	a->fd = -1;
	a->group[0] = '\0';
}

int access_make_folder(const struct store *s)
{
	int up, fd;

	up = io_make_dir(s->dir, LEDGER_DIR, 0700);
	if (up < 0)
		return up;
	fd = io_make_dir(up, LEDGER_ACCESS, 0700);
	if (fd >= 0) {
		close(fd);
		fd = fsync(up) < 0 ? -errno : 0;
	}
	close(up);
	return fd;
}

int access_write_text(const struct store *s, uint64_t index, const char *who, const char *what,
    const char *reason)
{
	char name[24], *text;
	int dir, len, r;

	dir = openat(s->dir, LEDGER_DIR "/" LEDGER_ACCESS,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	snprintf(name, sizeof(name), "%" PRIu64, index);
	len = asprintf(&text, "who %s\nwhat %s\nreason %s\n", who, what, reason);
	r = len < 0 ? -ENOMEM : io_replace_file(dir, name, 0600, text, (size_t)len);
	if (len >= 0)
		free(text);
	close(dir);
	return r;
}

/* Listens for the group that is configured. */
static int let_in(struct access *a)
{
	const char *name = a->c->conf.auditors;
	const struct group *gr;
	int r;

	if (name[0] == '\0')
		return 0;
	gr = getgrnam(name);
	if (gr == NULL) {
		log_error("auditors: there is no group %s: nobody but root reads the store", name);
		return 0;
	}
	a->gid = gr->gr_gid;
	if ((r = access_make_folder(&a->c->store)) != 0)
		return r;
	r = a->fd = listen_unix(a->c->paths.run, ACCESS_SOCKET, SOCK_SEQPACKET);
	if (r >= 0)
		r = listen_grant_group(a->c->paths.run, ACCESS_SOCKET, a->gid);
	if (r == 0)
		r = loop_add(&a->c->loop, &a->source, a->fd, EPOLLIN, accept_event, a);
	if (r == 0)
		snprintf(a->group, sizeof(a->group), "%s", name);
	else
		shut(a);
	return r;
}

int access_open(struct access **out, struct collector *c)
{
	struct access *a = calloc(1, sizeof(*a));
	int r;

	if (a == NULL)
		return -ENOMEM;
	a->c = c;
	a->fd = -1;
	LIST_INIT(&a->clients);
	r = let_in(a);
	if (r != 0)
		log_error("auditors cannot be let in: %s", err_text(r));
	*out = a;
	return 0;
}

void access_configured(struct access *a)
{
	int r;

	if (a->fd >= 0 && strcmp(a->group, a->c->conf.auditors) == 0)
		return;
	shut(a);
	r = let_in(a);
	if (r != 0)
		log_error("auditors cannot be let in: %s", err_text(r));
}

int access_plugin(struct access *a, const char *plugin, int *fd,
    void (*done)(void *arg, int error), void *arg)
{
	struct access_client *cl;
	int pair[2], r;

	if ((r = access_make_folder(&a->c->store)) != 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	cl = access_client_new(a, a->c, pair[0], geteuid());
	r = cl == NULL ? -ENOMEM : loop_add(&a->c->loop, &cl->source, pair[0], EPOLLIN, client_event,
	    cl);
	if (r == 0)
		r = access_client_grant(cl, plugin, done, arg);
	if (r != 0) {
		if (cl != NULL)
			access_client_free(cl);
		else
			close(pair[0]);
		close(pair[1]);
		return r;
	}
	LIST_INSERT_HEAD(&a->clients, cl, link);
	a->used++;
	*fd = pair[1];
	return 0;
}

void access_forget(struct access *a, const void *arg)
{
	struct access_client *cl;

	LIST_FOREACH(cl, &a->clients, link)
		if (cl->granted_arg == arg)
			cl->granted = NULL;
}

void access_check(struct access *a)
{
	struct access_client *cl, *next;

	for (cl = LIST_FIRST(&a->clients); cl != NULL; cl = next) {
		next = LIST_NEXT(cl, link);
		if (access_client_synced(cl) != 0)
			drop(a, cl);
	}
}

void access_gone(struct access_client *cl)
{
	drop(cl->access, cl);
}

void access_close(struct access *a)
{
	if (a == NULL)
		return;
	while (!LIST_EMPTY(&a->clients))
		drop(a, LIST_FIRST(&a->clients));
	shut(a);
	free(a);
}

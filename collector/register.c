/* SPDX-License-Identifier: ISC */
#include "register.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admit.h"
#include "clock.h"
#include "err.h"
#include "identity.h"
#include "listen.h"
#include "log.h"

#define SOCKET_NAME "register.sock"
#define PAUSE_MS 1000 /* without descriptors for new connections */

struct peer {
	TAILQ_ENTRY(peer) link;
	struct register_server *server;
	struct peer_id id;
	int fd;
	struct source source;
	uint64_t due_ns;
};

struct register_server {
	struct collector *c;
	int fd;
	struct source source;
	TAILQ_HEAD(, peer) peers; /* oldest first, so the first is due first */
	unsigned used;
	struct timer deadline, pause;
};

void register_refuse(int sock, enum refused_code code, const char *text)
{
	struct message m = {.type = MSG_REFUSED, .code = (uint16_t)code};
	uint8_t p[MESSAGE_MAX];

	snprintf(m.text, sizeof(m.text), "%s", text);
	if (send(sock, p, message_put(p, &m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

void register_ready(int sock)
{
	const struct message m = {.type = MSG_READY};
	uint8_t p[MESSAGE_MAX];

	if (send(sock, p, message_put(p, &m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

/* Forgets the peer; its socket is closed unless a session has it now. */
static void drop(struct peer *p, int keep_socket)
{
	struct register_server *r = p->server;

	loop_del(&r->c->loop, &p->source);
	if (!keep_socket)
		close(p->fd);
	TAILQ_REMOVE(&r->peers, p, link);
	r->used--;
	free(p);
}

static void refuse(struct peer *p, enum refused_code code, const char *text)
{
	register_refuse(p->fd, code, text);
	drop(p, 0);
}

/* A keeper that was taken over can be nobody but whom it records. */
static int check_claim(struct peer *p, const struct ucred *said)
{
	const struct collector *c = p->server->c;
	int r;

	r = identity_claim(&p->id, said, c->set_user_id ? c->recorder_uid : (uid_t)-1);
	if (r == 0)
		return 0;
	log_warn("pid %ld registers as pid %ld, uid %lu, gid %lu, which it is not, or its login has "
	    "ended (%s): refused",
	    (long)p->id.pid, (long)said->pid, (unsigned long)said->uid, (unsigned long)said->gid,
	    err_text(r));
	return r;
}

/* Not asked in a version that is spoken here.  1 if so, and *code and text for the peer.
 * The first version's recorders know no code for that: what they do when there is no
 * room, to use their spool, is right here too. */
static int other_version(const struct peer *p, const struct message *m, enum refused_code *code,
    char text[MESSAGE_TEXT_MAX + 1])
{
	enum version_fit fit = message_fit(m, MESSAGE_OLDEST, MESSAGE_VERSION);

	if (fit == VERSION_FITS)
		return 0;
	snprintf(text, MESSAGE_TEXT_MAX + 1, "shellacd " PACKAGE_VERSION " takes versions %u to %u of "
	    "the registration, shellac-rec speaks %u to %u", MESSAGE_OLDEST, MESSAGE_VERSION,
	    m->oldest, m->version);
	*code = fit == VERSION_NEWER ? REFUSED_NEWER : m->version < 2 ? REFUSED_NO_ROOM :
	    REFUSED_VERSION;
	if (fit != VERSION_NEWER)
		log_warn("the recorder of pid %ld, uid %lu is too %s: %s: refused; %s",
		    (long)p->id.pid, (unsigned long)p->id.uid, fit == VERSION_TOO_NEW ? "new" : "old",
		    text, fit == VERSION_TOO_NEW ? "start the shellacd that was installed with it" :
		    "its session is in its spool, and is taken in when it is over");
	return 1;
}

static void handle(struct peer *p, const struct message *m)
{
	struct collector *c = p->server->c;
	struct source source = p->source;
	char versions[MESSAGE_TEXT_MAX + 1];
	enum refused_code code;
	const char *text = "";
	int r;

	if (m->type == MSG_PROBE) {
		register_ready(p->fd);
		return;
	}
	if (other_version(p, m, &code, versions)) {
		refuse(p, code, versions);
		return;
	}
	/* the socket may get a session as its owner: it is watched once */
	loop_del(&c->loop, &p->source);
	r = m->type == MSG_REGISTER ? admit_new(c, &p->id, m, p->fd, &text) :
	    admit_again(c, &p->id, m, p->fd, &text);
	p->source = source;
	p->source.added = 0;
	if (r == 0 || (put_off_may(m, (enum refused_code)r) &&
	    put_off_add(&c->put_off, &p->id, m, p->fd) == 0))
		drop(p, 1);
	else
		refuse(p, (enum refused_code)r, text);
}

/* One whole message of a kind that a peer may send. */
static int read_message(struct message *m, const uint8_t *buf, size_t len)
{
	int r;

	r = message_parse(buf, len, m);
	return r == 0 && m->type != MSG_PROBE && m->type != MSG_REGISTER && m->type != MSG_RESUME ?
	    E_FORMAT : r;
}

static void peer_event(void *arg, uint32_t events)
{
	uint8_t buf[MESSAGE_MAX + 1]; /* one more: a longer record shows as malformed */
	struct peer *p = arg;
	struct message m;
	struct ucred said;
	ssize_t n;
	int r;

	(void)events;
	n = identity_receive(p->fd, buf, sizeof(buf), &said);
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		drop(p, 0);
		return;
	}
	/* only the recorder's program is, effectively, the recorders' user */
	if (p->id.uid != p->server->c->recorder_uid) {
		log_warn("pid %ld, uid %lu on %s is no recorder of this host: refused",
		    (long)p->id.pid, (unsigned long)p->id.uid, SOCKET_NAME);
		refuse(p, REFUSED_PEER, "not a recorder of this host");
		return;
	}
	r = read_message(&m, buf, (size_t)n);
	if (r != 0) {
		log_warn("pid %ld, uid %lu sent a malformed message on %s (%s): refused",
		    (long)p->id.pid, (unsigned long)p->id.uid, SOCKET_NAME, err_text(r));
		refuse(p, REFUSED_MALFORMED, "malformed message");
	} else if (m.type == MSG_REGISTER && check_claim(p, &said) != 0) {
		refuse(p, REFUSED_PEER, "credentials do not agree");
	} else {
		handle(p, &m);
	}
}

static void arm(struct register_server *r)
{
	uint64_t now = clock_mono();
	struct peer *p = TAILQ_FIRST(&r->peers);

	if (p != NULL)
		loop_timer(&r->c->loop, &r->deadline,
		    p->due_ns <= now ? 0 : (unsigned)((p->due_ns - now) / 1000000 + 1));
}

static void deadline(void *arg)
{
	struct register_server *r = arg;
	struct peer *p;

	while ((p = TAILQ_FIRST(&r->peers)) != NULL && p->due_ns <= clock_mono()) {
		log_warn("pid %ld, uid %lu connected and did not register: connection closed",
		    (long)p->id.pid, (unsigned long)p->id.uid);
		drop(p, 0);
	}
	arm(r);
}

static void greet(struct register_server *r, int fd)
{
	struct peer_id id;
	struct peer *p;
	int e;

	e = identity_peer(fd, &id);
	if (e != 0) {
		log_warn("a peer on %s cannot be identified (%s): refused", SOCKET_NAME, err_text(e));
		register_refuse(fd, REFUSED_INTERNAL, "the kernel does not say who you are");
		close(fd);
		return;
	}
	if (r->used >= REGISTER_PEERS_MAX)
		drop(TAILQ_FIRST(&r->peers), 0);
	p = calloc(1, sizeof(*p));
	if (p == NULL || loop_add(&r->c->loop, &p->source, fd, EPOLLIN, peer_event, p) != 0) {
		free(p);
		close(fd);
		return;
	}
	p->server = r;
	p->id = id;
	p->fd = fd;
	p->due_ns = clock_mono() + (uint64_t)REGISTER_DEADLINE_MS * 1000000;
	TAILQ_INSERT_TAIL(&r->peers, p, link);
	r->used++;
	if (!r->deadline.set)
		arm(r);
}

static void pause_over(void *arg)
{
	struct register_server *r = arg;

	loop_mod(&r->c->loop, &r->source, EPOLLIN);
}

/* Messages are to come with what the kernel knows of their sender. */
static int pass_credentials(int fd)
{
	const int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ? -errno : 0;
}

static void accept_event(void *arg, uint32_t events)
{
	struct register_server *r = arg;
	int fd;

	(void)events;
	fd = listen_accept(r->fd);
	if (fd >= 0) {
		/* who connected before a given socket was ours has not inherited it */
		if (pass_credentials(fd) == 0)
			greet(r, fd);
		else
			close(fd);
	} else if (fd != -EAGAIN) {
		log_error("%s: accept fails (%s), waiting a second", SOCKET_NAME, err_text(fd));
		loop_mod(&r->c->loop, &r->source, 0);
		loop_timer(&r->c->loop, &r->pause, PAUSE_MS);
	}
}

/* The socket, with what it takes to know who speaks. */
static int listen_for_recorders(const struct collector *c)
{
	int fd, e;

	fd = listen_unix(c->paths.run, SOCKET_NAME, SOCK_SEQPACKET);
	if (fd < 0)
		return fd;
	/* before the first connection: it inherits the option */
	e = pass_credentials(fd);
	if (e == 0 && c->set_user_id)
		e = listen_grant(c->paths.run, SOCKET_NAME, c->recorder_uid);
	if (e == 0)
		return fd;
	close(fd);
	return e;
}

int register_open(struct register_server **out, struct collector *c)
{
	struct register_server *r;
	int e;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return -ENOMEM;
	r->c = c;
	TAILQ_INIT(&r->peers);
	r->deadline = (struct timer){.fn = deadline, .arg = r};
	r->pause = (struct timer){.fn = pause_over, .arg = r};
	e = r->fd = listen_for_recorders(c);
	if (e >= 0)
		e = loop_add(&c->loop, &r->source, r->fd, EPOLLIN, accept_event, r);
	if (e < 0) {
		if (r->fd >= 0)
			close(r->fd);
		free(r);
		return e;
	}
	*out = r;
	return 0;
}

int register_socket(const struct register_server *r)
{
	return r->fd;
}

void register_close(struct register_server *r)
{
	if (r == NULL)
		return;
	while (!TAILQ_EMPTY(&r->peers))
		drop(TAILQ_FIRST(&r->peers), 0);
	loop_timer_clear(&r->deadline);
	loop_timer_clear(&r->pause);
	loop_del(&r->c->loop, &r->source);
	listen_remove(r->c->paths.run, SOCKET_NAME);
	close(r->fd);
	free(r);
}

/* SPDX-License-Identifier: ISC */
#include "put_off.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admit.h"
#include "collector.h"
#include "register.h"

#define AGAIN_MS 1000

struct put_off_peer {
	TAILQ_ENTRY(put_off_peer) link;
	struct put_off *all;
	struct peer_id id;
	struct message m;
	int sock;
	struct source source;
};

/* Its socket is closed unless somebody else has it now. */
static void drop(struct put_off_peer *p, int keep_socket)
{
	loop_del(&p->all->c->loop, &p->source);
	if (!keep_socket)
		close(p->sock);
	TAILQ_REMOVE(&p->all->peers, p, link);
	p->all->used--;
	free(p);
}

/* A recorder whose session has ended meanwhile is in a hurry, which changes nothing.
 * It has nothing else to say before it is answered. */
static void peer_event(void *arg, uint32_t events)
{
	struct put_off_peer *p = arg;
	uint8_t buf[MESSAGE_MAX];
	struct message m;
	ssize_t n;

	(void)events;
	n = recv(p->sock, buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || message_parse(buf, (size_t)n, &m) != 0 || m.type != MSG_HURRY)
		drop(p, 0);
}

int put_off_may(const struct message *m, enum refused_code code)
{
	return m->type == MSG_REGISTER && (m->flags & CERT_F_LATE) != 0 &&
	    (code == REFUSED_TOO_MANY || code == REFUSED_NO_ROOM || code == REFUSED_RATE);
}

/* 0, or the code it was put off or refused with. */
static int try(struct put_off_peer *p)
{
	struct collector *c = p->all->c;
	const char *text = "";
	int r;

	/* the session watches the socket, if there will be one */
	loop_del(&c->loop, &p->source);
	r = admit_new(c, &p->id, &p->m, p->sock, &text);
	if (r == 0) {
		drop(p, 1);
	} else if (!put_off_may(&p->m, (enum refused_code)r) ||
	    loop_add(&c->loop, &p->source, p->sock, EPOLLIN, peer_event, p) != 0) {
		register_refuse(p->sock, (enum refused_code)r, text);
		drop(p, 0);
	}
	return r;
}

static void again(void *arg)
{
	struct put_off *w = arg;
	struct put_off_peer *p, *next;
	int r = 0;

	/* what one user has too many of another may not */
	for (p = TAILQ_FIRST(&w->peers); p != NULL && r != REFUSED_TOO_MANY &&
	    r != REFUSED_NO_ROOM; p = next) {
		next = TAILQ_NEXT(p, link);
		r = try(p);
	}
	if (!TAILQ_EMPTY(&w->peers))
		loop_timer(&w->c->loop, &w->again, AGAIN_MS);
}

void put_off_init(struct put_off *w, struct collector *c)
{
	*w = (struct put_off){.c = c, .again = {.fn = again, .arg = w}};
	TAILQ_INIT(&w->peers);
}

void put_off_release(struct put_off *w)
{
	while (!TAILQ_EMPTY(&w->peers))
		drop(TAILQ_FIRST(&w->peers), 0);
	loop_timer_clear(&w->again);
}

int put_off_add(struct put_off *w, const struct peer_id *p, const struct message *m, int sock)
{
	struct put_off_peer *n;
	int r;

	if (w->used >= w->c->conf.max_sessions)
		return -EMFILE;
	n = calloc(1, sizeof(*n));
	if (n == NULL)
		return -ENOMEM;
	n->all = w;
	n->id = *p;
	n->m = *m;
	n->sock = sock;
	r = loop_add(&w->c->loop, &n->source, sock, EPOLLIN, peer_event, n);
	if (r != 0) {
		free(n);
		return r;
	}
	TAILQ_INSERT_TAIL(&w->peers, n, link);
	w->used++;
	if (!w->again.set)
		loop_timer(&w->c->loop, &w->again, AGAIN_MS);
	return 0;
}

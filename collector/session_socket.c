/* SPDX-License-Identifier: ISC */
/* A session's recorder: its socket, and the acks that go there. */
#include "session_socket.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "identity.h"
#include "log.h"
#include "register.h"
#include "session_spool.h"
#include "spool_park.h"

#define SLOW_NS UINT64_C(1000000000) /* between two SLOW */
#define PARTIAL_NS UINT64_C(15000000000) /* for the rest of a frame */

void session_detach(struct session *s)
{
	if (s->sock < 0)
		return;
	loop_del(&s->c->loop, &s->sock_source);
	close(s->sock);
	s->sock = -1;
	s->ack_blocked = 0;
	s->wait[ACK_PROMPT].unacked_ns = s->wait[ACK_CALM].unacked_ns = 0;
}

void session_refused(struct session *s, enum refused_code code, const char *text)
{
	if (s->sock >= 0)
		register_refuse(s->sock, code, text);
	session_detach(s);
}

static void count_ack(struct session *s)
{
	uint64_t now = clock_mono();
	unsigned i;

	s->c->count.acks++;
	for (i = 0; i < 2; i++) {
		if (s->wait[i].unacked_ns != 0)
			histogram_add(&s->c->ack_latency[i], now - s->wait[i].unacked_ns);
		s->wait[i].unacked_ns = 0;
	}
}

void session_ack(struct session *s)
{
	struct message m = {.type = MSG_ACK, .frame = s->synced};
	uint8_t p[MESSAGE_MAX];
	int blocked;

	if (s->sock < 0)
		return;
	blocked = send(s->sock, p, message_put(p, &m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
	    errno == EAGAIN;
	if (!blocked)
		count_ack(s);
	if (blocked != s->ack_blocked) /* an ack says all before it: one is enough later */
		loop_mod(&s->c->loop, &s->sock_source, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
	s->ack_blocked = blocked;
}

void session_slow(struct session *s)
{
	const struct message m = {.type = MSG_SLOW};
	uint64_t now = clock_mono();
	uint8_t p[MESSAGE_MAX];

	if (s->sock < 0 || (s->slow_ns != 0 && now - s->slow_ns < SLOW_NS))
		return;
	s->slow_ns = now;
	if (send(s->sock, p, message_put(p, &m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return; /* it is full of others, or gone, which epoll says */
}

int session_tell(struct session *s, enum message_type what)
{
	const struct message m = {.type = (uint8_t)what};
	uint8_t p[MESSAGE_MAX];

	if (s->sock < 0)
		return -ENOTCONN;
	if (send(s->sock, p, message_put(p, &m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	if (what != MSG_HANG_UP)
		s->held = what == MSG_HOLD;
	return 0;
}

void session_hung_up(struct session *s)
{
	session_detach(s);
	if (s->stopped)
		spool_park(s);
	collector_tick_soon(s->c);
	session_ready(s);
}

static void spooled(struct session *s, const struct message *m)
{
	int r = session_spooled(s, m->length, m->generation);

	if (r == 0)
		return;
	log_warn("session %" PRIu64 ": its spool cannot be taken in (%s); connection closed", s->name.n,
	    err_text(r));
	session_refused(s, REFUSED_INTERNAL, "the spool cannot be taken in");
	session_hung_up(s);
}

static void sock_event(void *arg, uint32_t events)
{
	struct session *s = arg;
	uint8_t p[MESSAGE_MAX];
	struct message m;
	ssize_t n;

	if (events & EPOLLOUT)
		session_ack(s);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
		return;
	n = recv(s->sock, p, sizeof(p), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		session_hung_up(s);
		return;
	}
	if (message_parse(p, (size_t)n, &m) == 0) {
		if (m.type == MSG_HURRY) {
			session_ready(s);
			return;
		}
		if (m.type == MSG_SPOOLED) {
			spooled(s, &m);
			return;
		}
		if (m.type == MSG_PROBE) {
			register_ready(s->sock);
			return;
		}
	}
	log_warn("session %" PRIu64 ": its recorder sent a message that has no place here; "
	    "connection closed", s->name.n);
	session_refused(s, REFUSED_MALFORMED, "already registered");
	session_hung_up(s);
}

void session_attach(struct session *s, int sock)
{
	session_detach(s);
	s->sock = sock;
	s->slow_ns = 0;
	if (loop_add(&s->c->loop, &s->sock_source, sock, EPOLLIN, sock_event, s) != 0)
		session_hung_up(s);
	if (s->held)
		session_tell(s, MSG_HOLD);
}

void session_tick(struct session *s)
{
	uint64_t now = clock_mono();

	if (s->end != END_NOT)
		return;
	if (s->sock < 0 && !s->gone)
		s->gone = !identity_alive(&s->in.chain.cert, s->c->boot_id);
	if (s->partial_ns != 0 && now - s->partial_ns > PARTIAL_NS) {
		log_warn("session %" PRIu64 ": stopped inside a frame, at offset %" PRIu64
		    ": refused, cut", s->name.n, s->in.chain.offset);
		session_refused(s, REFUSED_MALFORMED, "stopped inside a frame");
		session_close(s, END_REFUSED);
		return;
	}
	if (s->gone || s->stalled || s->waiting || (s->sock < 0 && !s->writer_seen && s->grace_ns <= now))
		session_ready(s);
	if (s->sock < 0 || s->stalled || s->waiting || s->partial_ns != 0)
		collector_tick_soon(s->c);
}

/* SPDX-License-Identifier: ISC */
#include "admit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "id_name.h"
#include "lift.h"
#include "gate.h"
#include "log.h"
#include "notary.h"
#include "notary_keep.h"
#include "notice.h"
#include "processes.h"
#include "register.h"
#include "session.h"
#include "session_ledger.h"
#include "session_socket.h"

int register_fifo(int fifo_dir, const uint8_t id[ID_SIZE], uid_t owner, const char **why)
{
	char name[FIFO_NAME_SIZE];
	struct stat st;
	int fd;

	fifo_name_format(name, id);
	fd = openat(fifo_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		*why = "it cannot be opened";
		return -errno;
	}
	if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
		*why = "it is not a FIFO";
	else if (st.st_uid != owner)
		*why = "it is somebody else's";
	else if ((st.st_mode & 07777 & ~(mode_t)0640) != 0)
		*why = "its mode is wider than 0640";
	else if (st.st_nlink != 1)
		*why = "it has another name";
	else
		return fd;
	close(fd);
	return -EPERM;
}

/* What whoever sits at the terminal is about to be shown.  Why a notice cannot be
 * read was said when the configuration was. */
static void add_notice(const struct collector *c, struct cert *cert)
{
	struct notice n;

	if (c->conf.notice[0] == '\0' || (cert->flags & CERT_F_TERMINAL) == 0 ||
	    (cert->flags & CERT_F_LATE) != 0 || notice_load(&n, c->conf.notice) != 0)
		return;
	cert->flags |= CERT_F_NOTICE;
	memcpy(cert->notice, n.hash, HASH_SIZE);
}

/* Everything that a certificate says, but for what it says of the session: signed, as
 * frame 0.  Its size or an error. */
static int sign_cert(struct collector *c, struct cert *cert, uint8_t frame0[FRAME_MAX])
{
	size_t len;
	int r;

	cert->n = c->store.number + 1;
	memcpy(cert->host_id, c->host_id, ID_SIZE);
	memcpy(cert->policy, c->policy, HASH_SIZE);
	memcpy(cert->checkpoint, c->witnessed, HASH_SIZE);
	snprintf(cert->host, sizeof(cert->host), "%s", c->host);
	r = cert_put_body(frame0 + FRAME_HEADER, cert);
	if (r < 0)
		return r;
	len = (size_t)r;
	r = notary_cert(c->notary, frame0 + FRAME_HEADER, len);
	if (r == -EPIPE && notary_keep_again(c) == 0)
		r = notary_cert(c->notary, frame0 + FRAME_HEADER, len);
	if (r != 0)
		return r;
	frame_put_header(frame0, FRAME_CERT, (uint16_t)(len + SIG_SIZE), 0);
	return FRAME_HEADER + (int)len + SIG_SIZE;
}

static int fill_cert(const struct collector *c, const struct peer_id *p, const struct message *m,
    struct cert *cert)
{
	*cert = (struct cert){.flags = m->flags};
	memcpy(cert->id, m->id, ID_SIZE);
	memcpy(cert->pk, m->pk, PK_SIZE);
	memcpy(cert->boot_id, c->boot_id, BOOT_ID_SIZE);
	add_notice(c, cert);
	return identity_fill(cert, p);
}

/* The ledger does not take it: it never was. */
static int take_back(struct session *s, int error)
{
	struct collector *c = s->c;
	struct session_name name = s->name;
	char day[STORE_DAY_MAX];
	int r;

	memcpy(day, s->day, sizeof(day));
	session_free(s);
	r = store_uncreate(&c->store, day, &name);
	if (r != 0)
		log_error("session %" PRIu64 " is not in the ledger, and its file cannot be removed "
		    "(%s): no session begins until the next start", name.n, err_text(r));
	return error;
}

/* The session whose file begins, and for now ends, with its certificate. */
static int make_session(struct collector *c, const uint8_t *frame0, size_t size, int fifo,
    struct session **out, int *folder)
{
	struct session_name name = {.state = SESSION_LIVE};
	char day[STORE_DAY_MAX];
	struct chain chain;
	struct frame f;
	int r, file, dirfd;

	chain_init(&chain);
	r = frame_parse(frame0, size, &f);
	if (r > 0)
		r = chain_frame(&chain, &f, frame0, NULL, NULL);
	if (r != 0)
		goto fail;
	chain.certified = 1; /* we have just signed it */
	name.n = chain.cert.n;
	memcpy(name.id, chain.cert.id, ID_SIZE);
	store_day(day, chain.cert.wall_ns);
	file = store_create(&c->store, day, &name, frame0, size, &dirfd);
	if (file < 0) {
		r = file;
		goto fail;
	}
	*out = session_new(c, &name, day, file, &chain, fifo);
	if (*out == NULL) {
		close(dirfd);
		return -ENOMEM;
	}
	r = session_ledger_open(*out);
	if (r != 0) {
		close(dirfd);
		return take_back(*out, r);
	}
	*folder = dirfd;
	return 0;
fail:
	if (fifo >= 0)
		close(fifo);
	return r;
}

int admit_cert(struct collector *c, struct cert *cert, int fifo, struct session **out, int *folder)
{
	uint8_t frame0[FRAME_MAX];
	int size = sign_cert(c, cert, frame0);

	if (size >= 0)
		return make_session(c, frame0, (size_t)size, fifo, out, folder);
	if (fifo >= 0)
		close(fifo);
	return size;
}

static int refuse_room(const struct peer_id *p, int again, int r, const char **text)
{
	if (!again)
		log_error("registration of pid %ld, uid %lu fails: %s", (long)p->pid,
		    (unsigned long)p->uid, err_text(r));
	*text = "the collector cannot begin a session";
	if (r == -EPIPE)
		return REFUSED_NO_ROOM; /* later */
	return r == -ENOSPC || r == -EDQUOT || r == -EMFILE || r == -ENFILE ? REFUSED_NO_ROOM :
	    REFUSED_INTERNAL;
}

static void announce(struct collector *c, const struct session *s)
{
	const struct cert *cert = &s->in.chain.cert;
	char id[2 * ID_SIZE + 1];
	int r;

	c->count.registered++;
	hex_put(id, cert->id, ID_SIZE);
	log_info("session %" PRIu64 " %s: %s, pid %" PRIu32 ", uid %" PRIu32 ", tty %s, from %s",
	    cert->n, id, cert->user, cert->pid, cert->uid, cert->tty[0] != '\0' ? cert->tty : "-",
	    cert->from[0] != '\0' ? cert->from : "-");
	r = processes_add_keeper(c->processes, cert);
	if (r != 0)
		log_error("session %" PRIu64 ": its processes cannot be joined (%s)", cert->n,
		    err_text(r));
}

/* Before the certificate goes out, and so before the program runs, which gives
 * itself its user's limits again. */
static void lift(struct collector *c, pid_t pid)
{
	int r = lift_limits(pid);

	if (r == 0 || r == -ESRCH || !c->set_user_id || c->lift_failed)
		return;
	c->lift_failed = 1;
	log_warn("hard limits of recorders cannot be lifted (%s): a user's own, such as"
		 " ulimit -t, can cut a session", err_text(r));
}

/* The keeper that registered.  That it is a recorder is known; its real user has
 * changed since. */
static int is_peer(const struct peer_id *p, uint32_t pid, uint64_t start_ticks)
{
	return (uint32_t)p->pid == pid && p->start_ticks == start_ticks;
}

/* One that began without us asks again: it did not live to see the certificate. */
static int admit_same(struct session *s, const struct peer_id *p, const struct message *m, int sock)
{
	const struct cert *cert = &s->in.chain.cert;

	if ((m->flags & CERT_F_LATE) == 0 || memcmp(cert->pk, m->pk, PK_SIZE) != 0 ||
	    !is_peer(p, cert->pid, cert->start_ticks))
		return -EEXIST;
	session_attach(s, sock);
	s->version = m->version;
	s->gone = 0;
	if (!s->opening && session_send_cert(s) != 0)
		session_hung_up(s);
	return 0;
}

int admit_new(struct collector *c, const struct peer_id *p, const struct message *m, int sock,
    const char **text)
{
	struct cert cert;
	struct session *s;
	const char *why;
	int fifo, folder, r;

	s = registry_find(&c->registry, m->id);
	if (s != NULL && admit_same(s, p, m, sock) == 0)
		return 0;
	r = gate_admit(c, p, m->flags & CERT_F_LATE, text);
	if (r != 0)
		return r;
	if (s != NULL || registry_closed(&c->registry, m->id) != NULL) {
		log_warn("pid %ld, uid %lu refused: its session id is taken", (long)p->pid,
		    (unsigned long)p->uid);
		*text = "session id is taken";
		return REFUSED_MALFORMED;
	}
	fifo = register_fifo(c->fifo_dir, m->id, c->recorder_uid, &why);
	if (fifo < 0) {
		log_warn("pid %ld, uid %lu refused: FIFO: %s", (long)p->pid, (unsigned long)p->uid,
		    why);
		*text = why;
		return REFUSED_FIFO;
	}
	r = fill_cert(c, p, m, &cert);
	if (r == 0)
		r = admit_cert(c, &cert, fifo, &s, &folder);
	else
		close(fifo);
	if (r != 0)
		return refuse_room(p, m->flags & CERT_F_LATE, r, text);
	session_attach(s, sock);
	s->version = m->version;
	session_begin(s, folder);
	/* while the disk is busy */
	lift(c, p->pid);
	announce(c, s);
	return 0;
}

/* A session that was closed while its recorder was not connected. */
static int acknowledge_closed(const struct closed_session *e, const struct peer_id *p, int sock)
{
	const struct message ack = {.type = MSG_ACK, .frame = e->frame};
	uint8_t buf[MESSAGE_MAX];

	if (!is_peer(p, e->pid, e->start_ticks))
		return REFUSED_NOT_YOURS;
	if (send(sock, buf, message_put(buf, &ack), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("pid %ld is gone", (long)p->pid);
	close(sock);
	return 0;
}

int admit_again(struct collector *c, const struct peer_id *p, const struct message *m, int sock,
    const char **text)
{
	const struct closed_session *closed = registry_closed(&c->registry, m->id);
	struct session *s = registry_find(&c->registry, m->id);
	const struct cert *cert = s != NULL ? &s->in.chain.cert : NULL;
	int r = 0;

	if (s == NULL && closed == NULL)
		r = REFUSED_UNKNOWN;
	else if (s == NULL)
		r = acknowledge_closed(closed, p, sock);
	else if (!is_peer(p, cert->pid, cert->start_ticks))
		r = REFUSED_NOT_YOURS;
	if (r != 0) {
		*text = r == REFUSED_UNKNOWN ? "no such session" : "not your session";
		log_warn("resume by pid %ld, uid %lu refused: %s", (long)p->pid,
		    (unsigned long)p->uid, *text);
		return r;
	}
	if (s != NULL) {
		session_attach(s, sock);
		s->version = m->version;
		s->gone = 0;
		session_ack(s);
		session_ready(s);
	}
	return 0;
}

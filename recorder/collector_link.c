/* SPDX-License-Identifier: ISC */
#include "collector_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cert.h"
#include "err.h"
#include "id_name.h"

#define RETRY_MIN_NS UINT64_C(100000000)
#define SLOW_NS UINT64_C(5000000000) /* it says so each second */
#define RETRY_MAX_NS UINT64_C(1000000000)
#define RETRY_VERSION_NS UINT64_C(60000000000) /* until somebody has installed another */

int link_open(struct collector_link *l, const char *run)
{
	char path[PATH_MAX];
	int n;

	memset(l, 0, sizeof(*l));
	l->fd = l->session_dir = -1;
	l->version = MESSAGE_VERSION;
	n = snprintf(l->socket, sizeof(l->socket), "%s/register.sock", run);
	if (n < 0 || (size_t)n >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return -ENAMETOOLONG;
	snprintf(path, sizeof(path), "%.*s/session", n, run);
	l->session_dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return l->session_dir < 0 ? -errno : 0;
}

void link_release(struct collector_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->session_dir >= 0)
		close(l->session_dir);
	l->fd = l->session_dir = -1;
}

static void be_patient(int fd, int option, int seconds)
{
	const struct timeval t = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, option, &t, sizeof(t));
}

static int link_connect(struct collector_link *l, int patience_s)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, err;

	memcpy(sa.sun_path, l->socket, strlen(l->socket) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | (patience_s == 0 ? SOCK_NONBLOCK : 0), 0);
	if (fd < 0)
		return -errno;
	if (patience_s > 0) {
		be_patient(fd, SO_SNDTIMEO, patience_s);
		be_patient(fd, SO_RCVTIMEO, patience_s);
	}
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		err = errno;
		close(fd);
		return -err;
	}
	l->fd = fd;
	return 0;
}

static int link_send(const struct collector_link *l, const struct message *m)
{
	uint8_t buf[MESSAGE_MAX];
	size_t len = message_put(buf, m);

	return send(l->fd, buf, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -errno;
}

/* With our real user as who is to be recorded; the kernel lets nobody claim more
 * than is true, unix(7). */
static int link_send_claim(const struct collector_link *l, const struct message *m)
{
	const struct ucred self = { .pid = getpid(), .uid = getuid(), .gid = getgid() };
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control = { .bytes = { 0 } };
	uint8_t buf[MESSAGE_MAX];
	struct iovec iov = { .iov_base = buf, .iov_len = message_put(buf, m) };
	const struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);

	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS,
		.cmsg_len = CMSG_LEN(sizeof(self)) };
	memcpy(CMSG_DATA(c), &self, sizeof(self));
	return sendmsg(l->fd, &h, MSG_NOSIGNAL) == (ssize_t)iov.iov_len ? 0 : -errno;
}

/* Waits for one message; m points into buf (MESSAGE_MAX). */
static int link_receive(const struct collector_link *l, uint8_t *buf, struct message *m)
{
	ssize_t n = recv(l->fd, buf, MESSAGE_MAX, 0);

	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (n == 0)
		return -ECONNRESET;
	return message_parse(buf, (size_t)n, m);
}

int link_probe(struct collector_link *l)
{
	const struct message ask = { .type = MSG_PROBE };
	struct message m;
	uint8_t buf[MESSAGE_MAX];
	int r;

	if ((r = link_connect(l, LINK_ANSWER_S)) != 0 || (r = link_send(l, &ask)) != 0 ||
	    (r = link_receive(l, buf, &m)) != 0)
		return r;
	return m.type == MSG_READY ? 0 : E_FORMAT;
}

int link_make_fifo(struct collector_link *l, const uint8_t id[ID_SIZE])
{
	char name[FIFO_NAME_SIZE];
	mode_t old;
	int fd, r;

	memcpy(l->id, id, ID_SIZE);
	fifo_name_format(name, l->id);
	old = umask(0137); /* the collector's group may read */
	r = mkfifoat(l->session_dir, name, 0640) == 0 ? 0 : -errno;
	umask(old);
	if (r != 0)
		return r;
	fd = openat(l->session_dir, name, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	r = -errno;
	link_unlink_fifo(l);
	return r;
}

void link_unlink_fifo(const struct collector_link *l)
{
	char name[FIFO_NAME_SIZE];

	fifo_name_format(name, l->id);
	unlinkat(l->session_dir, name, 0);
}

static int is_ours(const struct message *m, const struct collector_link *l, const uint8_t *pk)
{
	struct cert c;

	return m->type == MSG_CERTIFICATE && cert_parse(m->cert, m->cert_len, &c) == 0 &&
	    memcmp(c.id, l->id, ID_SIZE) == 0 && memcmp(c.pk, pk, PK_SIZE) == 0;
}

/* Room comes back, and other sessions end: who is refused for want of them asks
 * again, until it is refused for good. */
static void link_refused(struct collector_link *l, const struct message *m)
{
	int later = m->code == REFUSED_TOO_MANY || m->code == REFUSED_NO_ROOM ||
	    m->code == REFUSED_RATE;

	memcpy(l->text, m->text, sizeof(l->text));
	l->put_off = later ? m->code : 0;
	l->refused = later ? 0 : m->code;
}

/* REGISTER or RESUME of this session. */
static struct message question(const struct collector_link *l, enum message_type type)
{
	struct message m = { .type = (uint8_t)type, .flags = l->flags, .version = l->version,
		.oldest = MESSAGE_OLDEST };

	memcpy(m.id, l->id, ID_SIZE);
	memcpy(m.pk, l->pk, PK_SIZE);
	return m;
}

/* The first version's collectors knew no other, and took this for malformed. */
static int ask_in_older(struct collector_link *l, const struct message *m)
{
	if (m->type != MSG_REFUSED || l->version == MESSAGE_OLDEST ||
	    (m->code != REFUSED_NEWER && m->code != REFUSED_MALFORMED))
		return 0;
	l->version--;
	l->lowered = 1;
	return 1;
}

static int ask_to_register(struct collector_link *l)
{
	const struct message ask = question(l, MSG_REGISTER);
	int r = link_connect(l, LINK_ANSWER_S);

	return r != 0 ? r : link_send_claim(l, &ask);
}

int link_register(struct collector_link *l, const uint8_t pk[PK_SIZE], uint16_t flags)
{
	memcpy(l->pk, pk, PK_SIZE);
	l->flags = flags;
	return ask_to_register(l);
}

int link_certificate(struct collector_link *l, uint8_t *cert, size_t *len)
{
	uint8_t buf[MESSAGE_MAX];
	struct message m;
	int r;

	while ((r = link_receive(l, buf, &m)) == 0 && ask_in_older(l, &m)) {
		close(l->fd);
		l->fd = -1;
		if ((r = ask_to_register(l)) != 0)
			return r;
	}
	if (r != 0)
		return r;
	if (m.type == MSG_REFUSED) {
		link_refused(l, &m);
		return E_REFUSED;
	}
	if (!is_ours(&m, l, l->pk))
		return E_FORMAT;
	if (fcntl(l->fd, F_SETFL, O_NONBLOCK) != 0)
		return -errno;
	l->answered = 1;
	l->lowered = 0;
	memcpy(cert, m.cert, m.cert_len);
	*len = m.cert_len;
	return 0;
}

void link_register_late(struct collector_link *l, const uint8_t pk[PK_SIZE], uint16_t flags)
{
	struct message ask;

	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->late = 1;
	l->delay_ns = RETRY_MIN_NS;
	l->flags = flags | CERT_F_LATE;
	l->version = MESSAGE_VERSION;
	l->lowered = 0;
	memcpy(l->pk, pk, PK_SIZE);
	ask = question(l, MSG_REGISTER);
	if (link_connect(l, 0) == 0 && link_send_claim(l, &ask) != 0) {
		close(l->fd);
		l->fd = -1;
	}
}

int link_is_up(const struct collector_link *l)
{
	return l->fd >= 0 && l->answered;
}

uint64_t link_slow_until(const struct collector_link *l)
{
	return l->slow_ns != 0 ? l->slow_ns + SLOW_NS : 0;
}

void link_tell_spooled(struct collector_link *l, uint64_t length, uint64_t generation)
{
	const struct message m = { .type = MSG_SPOOLED, .length = length,
		.generation = generation };

	l->drained = 0;
	l->spooled = l->fd >= 0 && link_send(l, &m) == 0;
}

int link_drained(struct collector_link *l)
{
	int r = l->drained;

	l->drained = 0;
	return r;
}

static void link_lost(struct collector_link *l, uint64_t now_ns)
{
	close(l->fd);
	l->fd = -1;
	if (!l->lowered) /* the next to answer may be a newer one */
		l->version = MESSAGE_VERSION;
	l->lowered = 0;
	l->answered = l->spooled = l->drained = l->held = 0;
	if (l->delay_ns == 0)
		l->delay_ns = RETRY_MIN_NS;
	l->retry_ns = now_ns + l->delay_ns;
}

/* 0: the message has no place here, or ends the connection. */
static int link_take(struct collector_link *l, const struct message *m, uint64_t now_ns)
{
	if (m->type == MSG_REFUSED) {
		if (!ask_in_older(l, m))
			link_refused(l, m);
		return 0;
	}
	if (m->type == MSG_CERTIFICATE) {
		if (!l->late || !is_ours(m, l, l->pk))
			return 0;
		l->late = 0;
	} else if (m->type == MSG_SLOW) {
		l->slow_ns = now_ns;
	} else if (m->type == MSG_HANG_UP) {
		l->hang_up = 1;
	} else if (m->type == MSG_HOLD || m->type == MSG_GO_ON) {
		l->held = m->type == MSG_HOLD;
	} else if (m->type == MSG_DRAINED) {
		l->drained = l->spooled;
	} else if (m->type != MSG_ACK) {
		return 0;
	} else if (m->frame >= l->acked) {
		l->acked = m->frame + 1;
	}
	l->answered = 1;
	l->lowered = 0;
	l->delay_ns = 0;
	l->refused = l->put_off = 0;
	return 1;
}

void link_turn(struct collector_link *l, uint64_t now_ns)
{
	struct message m;
	uint8_t buf[MESSAGE_MAX];
	ssize_t n;

	while ((n = recv(l->fd, buf, sizeof(buf), 0)) > 0) {
		if (message_parse(buf, (size_t)n, &m) != 0 || !link_take(l, &m, now_ns))
			break;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	link_lost(l, now_ns);
}

void link_hurry(const struct collector_link *l)
{
	const struct message m = { .type = MSG_HURRY };

	if (l->fd >= 0 && link_send(l, &m) != 0)
		return; /* hung up, which poll says; or full, and then it looks anyway */
}

void link_retry(struct collector_link *l, uint64_t now_ns)
{
	const uint64_t most = l->refused == REFUSED_VERSION ? RETRY_VERSION_NS : RETRY_MAX_NS;
	struct message ask;

	if (l->fd >= 0 || now_ns < l->retry_ns)
		return;
	l->delay_ns = l->delay_ns * 2 < most ? l->delay_ns * 2 : most;
	l->retry_ns = now_ns + l->delay_ns;
	if (link_connect(l, 0) != 0) {
		l->version = MESSAGE_VERSION;
		return;
	}
	ask = question(l, l->late ? MSG_REGISTER : MSG_RESUME);
	if (link_send(l, &ask) != 0)
		link_lost(l, now_ns);
}

int link_is_gone(const struct collector_link *l)
{
	struct stat st;

	return fstat(l->session_dir, &st) == 0 && st.st_nlink == 0;
}

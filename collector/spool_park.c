/* SPDX-License-Identifier: ISC */
#include "spool_park.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "log.h"
#include "session_socket.h"
#include "session_spool.h"

#define FLAGS (O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* A spool as the recorder would have made it, of its user. */
static int make(const struct session *s, const char *name, struct spool_header *h)
{
	const struct cert *cert = &s->in.chain.cert;
	uint8_t head[SPOOL_HEADER];
	int fd, r;

	*h = (struct spool_header){
		.flags = cert->flags & CERT_F_TERMINAL, .uid = cert->uid, .gid = cert->gid,
		.pid = cert->pid, .start_ticks = cert->start_ticks, .tty_dev = cert->tty_dev,
		.wall_ns = cert->wall_ns, .boot_ns = cert->boot_ns,
		/* another than that of one which its recorder removed, and which was read */
		.generation = s->spool_generation,
	};
	memcpy(h->id, cert->id, ID_SIZE);
	memcpy(h->pk, cert->pk, PK_SIZE);
	memcpy(h->boot_id, cert->boot_id, BOOT_ID_SIZE);
	spool_header_put(head, h);
	fd = openat(s->c->spool_dir, name, FLAGS | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return -errno;
	r = io_pwrite_all(fd, head, sizeof(head), 0);
	if (r == 0 && fchown(fd, s->c->recorder_uid, (gid_t)-1) != 0)
		r = -errno;
	if (r == 0)
		return fd;
	unlinkat(s->c->spool_dir, name, 0);
	close(fd);
	return r;
}

/* A descriptor for writing, or -errno, -EWOULDBLOCK: its recorder lives. */
static int open_spool(const struct session *s, struct spool_header *h)
{
	char name[SPOOL_NAME_SIZE];
	int fd, r;

	spool_name_format(name, s->name.id);
	fd = openat(s->c->spool_dir, name, FLAGS);
	if (fd < 0)
		return errno == ENOENT ? make(s, name, h) : -errno;
	r = session_spool_header(s->c, fd, h);
	if (r == 0 && memcmp(h->id, s->name.id, ID_SIZE) != 0)
		r = E_CHAIN;
	if (r == 0 && flock(fd, LOCK_EX | LOCK_NB) != 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* The held bytes of the FIFO begin with all that the spool has: its recorder was killed while
 * it copied them. */
static int is_part(const struct session *s, int fd, const struct spool_header *h, size_t held)
{
	uint8_t buf[4096];
	uint64_t at = 0, left;
	ssize_t n;

	while (at < h->length && h->length < held) {
		left = h->length - at;
		n = io_pread_all(fd, buf, left < sizeof(buf) ? (size_t)left : sizeof(buf),
		    SPOOL_HEADER + at);
		if (n <= 0 || memcmp(buf, s->c->drain.buf + at, (size_t)n) != 0)
			return 0;
		at += (uint64_t)n;
	}
	return at < held && at == h->length;
}

/* As its recorder does: first the frames, then that they count, and only then they go
 * from where they were.  0 or an error. */
static int move(struct session *s, int fd, struct spool_header *h)
{
	struct fifo_drain *d = &s->c->drain;
	uint8_t state[SPOOL_STATE];
	ssize_t n;
	int r;

	h->generation++;
	h->length = 0;
	while ((n = fifo_drain_peek(d, s->fifo)) > 0) {
		spool_header_put_state(state, h->length + (uint64_t)n, h->generation);
		if ((r = io_pwrite_all(fd, d->buf, (size_t)n, SPOOL_HEADER + h->length)) != 0 ||
		    (r = io_pwrite_all(fd, state, sizeof(state), SPOOL_STATE_AT)) != 0 ||
		    (r = fifo_drain_consume(d, s->fifo, (size_t)n)) != 0)
			return r;
		h->length += (uint64_t)n;
	}
	return (int)n;
}

void spool_park(struct session *s)
{
	struct spool_header h;
	ssize_t held;
	int fd, r;

	if (s->parked || s->fifo < 0 || s->spooling || session_has_writers(s) ||
	    (held = fifo_drain_peek(&s->c->drain, s->fifo)) <= 0)
		return;
	s->parked = 1;
	fd = open_spool(s, &h);
	r = fd < 0 ? fd : 0;
	if (r == 0 && is_part(s, fd, &h, (size_t)held)) {
		r = move(s, fd, &h);
		s->writer_seen = s->gone = 1;
		if (r == 0)
			log_warn("session %" PRIu64 ": its recorder is gone: %" PRIu64 " bytes that "
			    "cannot be stored now wait in its spool", s->name.n, h.length);
	}
	if (fd >= 0)
		close(fd);
	if (s->spool >= 0) /* perhaps of a file that its recorder removed */
		close(s->spool);
	s->spool = -1;
	if (r != 0)
		log_error("session %" PRIu64 ": its recorder is gone, what it left cannot be stored "
		    "now, and its spool does not take it (%s): what waits in the FIFO ends with this "
		    "collector",
		    s->name.n, err_text(r));
}

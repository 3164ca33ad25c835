/* SPDX-License-Identifier: ISC */
#include "session_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "ledger.h"
#include "io.h"
#include "log.h"
#include "session_socket.h"

#define KEPT_SUFFIX ".refused"

int session_spool_header(const struct collector *c, int fd, struct spool_header *h)
{
	uint8_t head[SPOOL_HEADER];
	struct stat st;
	ssize_t n;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != c->recorder_uid || (st.st_mode & 07177) != 0 ||
	    st.st_nlink != 1)
		return -EPERM;
	n = io_pread_all(fd, head, sizeof(head), 0);
	if (n < (ssize_t)sizeof(head))
		return n < 0 ? (int)n : E_SHORT;
	r = spool_header_parse(head, h);
	if (r == 0 && h->length > (uint64_t)st.st_size - SPOOL_HEADER)
		r = E_RANGE;
	return r;
}

int session_spool_open(const struct collector *c, const char *name, struct spool_header *h)
{
	int fd, r;

	fd = openat(c->spool_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = session_spool_header(c, fd, h);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* The session's own, opened once.  0, or why not. */
static int find(struct session *s, struct spool_header *h)
{
	char name[SPOOL_NAME_SIZE];
	int r;

	if (s->spool >= 0)
		return session_spool_header(s->c, s->spool, h);
	spool_name_format(name, s->name.id);
	r = session_spool_open(s->c, name, h);
	if (r < 0)
		return r;
	s->spool = r;
	return memcmp(h->id, s->name.id, ID_SIZE) == 0 ? 0 : E_CHAIN;
}

/* Up to length there is something to be taken; where it begins may be known. */
static int begin(struct session *s, uint64_t length, uint64_t generation)
{
	if (generation != s->spool_generation)
		s->spool_off = 0;
	if (length < s->spool_off)
		return E_RANGE;
	s->spool_generation = generation;
	s->spool_len = length;
	s->spooling = 1;
	s->drained_due = 0;
	session_ready(s);
	return 0;
}

int session_spooled(struct session *s, uint64_t length, uint64_t generation)
{
	struct spool_header h;
	int r;

	if (s->stopped)
		return 0; /* the next collector is told again */
	r = find(s, &h);
	if (r == 0 && h.generation == generation && h.length < length)
		r = E_RANGE;
	return r != 0 ? r : begin(s, length, generation);
}

/* A spool that ends inside its header was in the making. */
int session_spool_left(struct session *s)
{
	struct spool_header h;
	int r = find(s, &h);

	if (r != 0 && r != -ENOENT && r != E_SHORT)
		log_warn("session %" PRIu64 ": its spool cannot be read (%s)", s->name.n, err_text(r));
	if (r != 0 || h.length == 0 ||
	    (h.generation == s->spool_generation && h.length <= s->spool_off))
		return 0;
	return begin(s, h.length, h.generation) == 0;
}

void session_drop_rest(struct session *s)
{
	ssize_t n;

	while (s->fifo >= 0 && (n = fifo_drain_peek(&s->c->drain, s->fifo)) > 0)
		if (fifo_drain_consume(&s->c->drain, s->fifo, (size_t)n) != 0)
			break;
	s->partial_ns = 0;
}

static void drained(struct session *s)
{
	s->spooling = 0;
	session_drop_rest(s);
	if (s->gone || s->fifo < 0) {
		/* it may have written more than it came to tell of */
		if (!session_spool_left(s))
			session_ended_by_writer(s, 0);
		return;
	}
	s->drained_due = s->sock >= 0;
	session_dirty(s, 1);
}

void session_spool_turn(struct session *s)
{
	struct collector *c = s->c;
	uint64_t left = s->spool_len - s->spool_off;
	struct intake_result r;
	ssize_t n;

	if (left == 0) {
		drained(s);
		return;
	}
	intake_again(&s->in);
	n = io_pread_all(s->spool, c->drain.buf, left < DRAIN_SIZE ? (size_t)left : DRAIN_SIZE,
	    SPOOL_HEADER + s->spool_off);
	if (n <= 0) {
		session_refuse(s, n < 0 ? (int)n : E_SHORT);
		return;
	}
	if (!session_take_in(s, (size_t)n, &r))
		return;
	s->spool_off += r.take;
	if (r.error != 0)
		session_refuse(s, r.error);
	else if (s->in.chain.ended)
		session_close(s, END_CLOSED);
	else if (r.take == 0 && s->gone)
		session_ended_by_writer(s, (size_t)n);
	else if (r.take == 0)
		session_refuse(s, E_SHORT);
	else
		session_ready(s);
}

void session_spool_synced(struct session *s)
{
	const struct message m = {.type = MSG_DRAINED, .frame = s->in.chain.frame};
	uint8_t p[MESSAGE_MAX];

	if (!s->drained_due || s->sock < 0 || s->sync_failed || !session_is_quiet(s))
		return;
	s->drained_due = 0;
	/* it connects again and asks again */
	if (send(s->sock, p, message_put(p, &m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		session_hung_up(s);
}

void session_spool_keep_aside(const struct collector *c, const char *name, const char *why)
{
	char kept[SPOOL_NAME_SIZE + sizeof(KEPT_SUFFIX)];

	ledger_fail(c->ledger, FAIL_SPOOL, E_REFUSED, 0, why);
	snprintf(kept, sizeof(kept), "%s" KEPT_SUFFIX, name);
	if (renameat(c->spool_dir, name, c->spool_dir, kept) == 0)
		log_warn("spool/%s cannot be taken in (%s); kept as %s", name, why, kept);
	else
		log_error("spool/%s cannot be taken in (%s), nor renamed to %s (%s)", name, why, kept,
		    err_text(-errno));
}

/* NULL: all that can be of use is in the session's file. */
static const char *of_use(struct session *s)
{
	struct spool_header h;
	int r;

	if (s->spool >= 0) /* perhaps of a file that its recorder removed */
		close(s->spool);
	s->spool = -1;
	r = find(s, &h);
	if (r == -ENOENT || r == E_SHORT || (r == 0 && h.length == 0))
		return NULL;
	if (r != 0)
		return err_text(r);
	if (s->end == END_REFUSED)
		return "its session was refused";
	if (s->sync_failed)
		return "its session may not be on the disk";
	return s->in.chain.ended || h.generation == s->spool_generation ? NULL :
	    "its session ended without it";
}

void session_spool_finish(struct session *s)
{
	char name[SPOOL_NAME_SIZE];
	const char *why = of_use(s);

	spool_name_format(name, s->name.id);
	if (why == NULL)
		unlinkat(s->c->spool_dir, name, 0);
	else
		session_spool_keep_aside(s->c, name, why);
}

/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "events.h"
#include "id_name.h"
#include "gate.h"
#include "ledger.h"
#include "log.h"
#include "processes.h"
#include "session_ledger.h"
#include "session_socket.h"
#include "session_spool.h"
#include "spool_park.h"

static int watch_fifo(struct session *s, int fifo)
{
	struct stat st;

	if (fifo < 0)
		return 0;
	if (fstat(fifo, &st) < 0)
		return -errno;
	s->fifo_dev = st.st_dev;
	s->fifo_ino = st.st_ino;
	s->fifo_size = fifo_drain_grow(fifo);
	return loop_add(&s->c->loop, &s->fifo_source, fifo, EPOLLIN | EPOLLET,
	    session_fifo_event, s);
}

/* 0: it is not known, which no file system is. */
static dev_t device_of(int file)
{
	struct stat st;

	return fstat(file, &st) == 0 ? st.st_dev : 0;
}

struct session *session_new(struct collector *c, const struct session_name *name, const char *day,
    int file, const struct chain *chain, int fifo)
{
	struct session *s;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		goto fail;
	s->c = c;
	s->user = quota_user(&c->quota, chain->cert.uid, clock_mono());
	if (s->user == NULL)
		goto fail;
	s->console = gate_is_console(chain->cert.uid, chain->cert.tty_dev);
	s->name = *name;
	snprintf(s->day, sizeof(s->day), "%s", day);
	intake_init(&s->in, file, chain);
	s->fifo = fifo;
	s->sock = s->spool = -1;
	s->job.owner = s;
	s->job.done = session_synced;
	s->job.fd = file;
	s->dev = device_of(file);
	if (session_vouch_begin(s) != 0 || watch_fifo(s, fifo) != 0)
		goto fail;
	s->user->live++;
	registry_add(&c->registry, s);
	return s;
fail:
	free(s);
	close(file);
	if (fifo >= 0)
		close(fifo);
	return NULL;
}

static void leave_fifo(struct session *s)
{
	idle_leave(s);
	loop_del(&s->c->loop, &s->fifo_source);
	session_unready(s);
}

static void close_fifo(struct session *s)
{
	leave_fifo(s);
	if (s->fifo >= 0)
		close(s->fifo);
	s->fifo = -1;
}

void session_free(struct session *s)
{
	if (s->stopped && s->end == END_NOT)
		spool_park(s);
	close_fifo(s);
	session_detach(s);
	session_clean(s);
	heartbeat_leave(s);
	if (s->ledger_busy)
		ledger_forget(s->c->ledger, s);
	registry_remove(&s->c->registry, s);
	s->user->live--;
	close(s->in.fd);
	if (s->spool >= 0)
		close(s->spool);
	free(s);
}

/* Only the FIFO that we opened is removed, not one that took its name. */
static void unlink_fifo(const struct session *s)
{
	char name[FIFO_NAME_SIZE];
	struct stat st;

	if (s->fifo_ino == 0)
		return;
	fifo_name_format(name, s->name.id);
	if (fstatat(s->c->fifo_dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == s->fifo_dev && st.st_ino == s->fifo_ino)
		unlinkat(s->c->fifo_dir, name, 0);
}

void session_close(struct session *s, enum session_end end)
{
	if (s->end != END_NOT)
		return;
	s->end = end;
	s->close_seq = ++s->c->close_seq;
	if (end == END_REFUSED) {
		s->c->count.refused++;
		close_fifo(s); /* who still writes there learns it */
	}
	idle_leave(s);
	loop_del(&s->c->loop, &s->fifo_source);
	session_dirty(s, 1);
}

/* Each step can be done again by the next start: a live file that ends with END
 * is closed then, a FIFO without a session removed, a plain file packed. */
void session_finish(struct session *s)
{
	struct collector *c = s->c;
	int whole = s->end == END_CLOSED;
	int r;

	session_spool_finish(s);
	session_ledger_close(s);
	events_session_end(c->events, s);
	processes_session_ended(c->processes, s->name.n);
	r = store_rename(&c->store, s->day, &s->name, whole ? SESSION_CLOSED : SESSION_CUT);
	if (r != 0) {
		log_error("session %" PRIu64 ": its file cannot be given its final name (%s); the next "
		    "start does it", s->name.n, err_text(r));
	} else {
		/* its recorder is not to wait for an ack that cannot be given */
		if (!s->sync_failed)
			registry_remember(&c->registry, &s->in.chain.cert, s->synced);
		unlink_fifo(s);
		if (c->conf.compress)
			packer_add(c->packer, s->day, &s->name);
	}
	if (whole)
		c->count.closed++;
	else
		c->count.cut++;
	log_info("session %" PRIu64 " %s, %" PRIu64 " bytes", s->name.n, whole ? "closed" : "cut",
	    s->in.chain.offset);
	session_free(s);
}

void session_stop(struct session *s)
{
	/* it stays open: while this process is there its recorder writes there, and may be killed */
	leave_fifo(s);
	if (s->end == END_NOT)
		spool_park(s);
	s->stopped = 1;
	s->spooling = 0;
	s->partial_ns = 0;
	if (s->in.chain.offset > 0)
		session_dirty(s, 1);
}

/* SPDX-License-Identifier: ISC */
/* A session and the disk: what is to be synced, and what may be said then. */
#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "events.h"
#include "ledger.h"
#include "log.h"
#include "session.h"
#include "session_ledger.h"
#include "session_socket.h"
#include "session_spool.h"

/* What came in until now is in the sync that is handed in. */
static void covered(struct session *s)
{
	struct ack_wait *w;

	session_vouch(s);
	for (w = s->wait; w < s->wait + 2; w++) {
		if (w->syncing_ns == 0)
			w->syncing_ns = w->sealed_ns;
		w->sealed_ns = 0;
	}
}

void session_clean(struct session *s)
{
	if (s->dirty)
		TAILQ_REMOVE(&s->c->dirty, s, dirty_link);
	s->dirty = 0;
}

void session_submit(struct session *s)
{
	if (!s->dirty || s->job_busy)
		return;
	s->job_busy = 1;
	session_clean(s);
	covered(s);
	sync_add(s->c->syncer, &s->job, s->in.chain.sealed_frame, s->urgent);
	s->urgent = 0;
}

void session_dirty(struct session *s, int urgent)
{
	struct collector *c = s->c;

	heartbeat_leave(s);
	if (s->job_busy && sync_join(c->syncer, &s->job, s->in.chain.sealed_frame, urgent)) {
		covered(s);
		return;
	}
	if (!s->dirty)
		TAILQ_INSERT_TAIL(&c->dirty, s, dirty_link);
	s->dirty = 1;
	s->urgent |= urgent;
	if (s->urgent)
		session_submit(s);
	else if (!c->sync_timer.set)
		loop_timer(&c->loop, &c->sync_timer, c->conf.sync_ms);
}

int session_is_quiet(const struct session *s)
{
	return !s->job_busy && !s->folder_busy && !s->ledger_busy && !s->dirty &&
	    s->heartbeat == HEARTBEAT_NOT;
}

void session_begin(struct session *s, int folder)
{
	struct stat st;

	s->opening = 1;
	s->folder_busy = 1;
	s->folder_job.owner = s;
	s->folder_job.done = session_synced;
	s->folder_job.fd = folder;
	s->folder_job.folder = fstat(folder, &st) == 0 ? st.st_ino : 0;
	sync_add(s->c->syncer, &s->folder_job, 0, 1);
	session_dirty(s, 1);
}

int session_send_cert(const struct session *s)
{
	uint8_t frame0[FRAME_MAX], p[MESSAGE_MAX];
	struct message m = {.type = MSG_CERTIFICATE};
	struct frame f;
	ssize_t n;

	n = pread(s->in.fd, frame0, sizeof(frame0), 0);
	if (n < 0)
		return -errno;
	if (frame_parse(frame0, (size_t)n, &f) <= 0)
		return -EIO;
	m.cert = f.body;
	m.cert_len = f.len;
	return send(s->sock, p, message_put(p, &m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The file, its name and OPEN are on disk, or will never be, which keeps a session from
 * beginning, but not one that has begun. */
static void opened(struct session *s)
{
	s->opening = 0;
	events_session_start(s->c->events, s);
	if (s->end != END_NOT || s->sock < 0)
		return;
	if (s->sync_failed && (s->in.chain.cert.flags & CERT_F_LATE) == 0) {
		session_refused(s, REFUSED_INTERNAL, "the collector's disk fails");
		session_close(s, END_CUT);
	} else if (session_send_cert(s) != 0) {
		session_hung_up(s); /* what it has shown already may be in its spool */
	} else {
		session_rest(s);
	}
}

static void sync_failed(struct session *s, int error)
{
	log_error("session %" PRIu64 ": it cannot be synced (%s): what is on disk is not known; "
	    "nothing of it is acknowledged from here on", s->name.n, err_text(error));
	s->sync_failed = 1;
	s->c->count.sync_errors++;
	ledger_fail(s->c->ledger, FAIL_SYNC, error, s->name.n, "what is on disk is not known");
}

static void synced_up_to(struct session *s, uint64_t frame)
{
	struct ack_wait *w;

	for (w = s->wait; w < s->wait + 2; w++) {
		if (w->unacked_ns == 0 && s->sock >= 0)
			w->unacked_ns = w->syncing_ns;
		w->syncing_ns = 0;
	}
	if (frame > s->in.chain.sealed_frame) /* that SEAL turned out to be nobody's */
		frame = s->in.chain.sealed_frame;
	if (s->sync_failed || frame <= s->synced)
		return;
	s->synced = frame;
	session_ack(s);
}

/* What waited for the disk goes on.  May free s. */
static void settle(struct session *s)
{
	if (s->opening && !s->job_busy && !s->folder_busy && !s->ledger_busy)
		opened(s);
	if (session_is_quiet(s) && s->end != END_NOT)
		session_finish(s);
}

void session_logged(void *session, int error)
{
	struct session *s = session;

	s->ledger_busy = 0;
	if (error != 0 && !s->sync_failed)
		sync_failed(s, error);
	settle(s);
}

void session_synced(void *session, struct sync_job *j)
{
	struct session *s = session;

	s->c->count.syncs++;
	if (j->error != 0 && !s->sync_failed)
		sync_failed(s, j->error);
	if (j == &s->folder_job) {
		s->folder_busy = 0;
		close(j->fd);
	} else {
		s->job_busy = 0;
		j->what = SYNC_DATA;
		session_vouched(s);
		synced_up_to(s, j->frame);
	}
	if (s->dirty)
		session_dirty(s, s->urgent);
	session_spool_synced(s);
	settle(s);
}

void session_heartbeat_sent(struct session *s)
{
	covered(s);
	s->heartbeat_frame = s->in.chain.sealed_frame;
}

void session_heartbeat_synced(struct session *s)
{
	s->c->count.syncs++;
	session_vouched(s);
	synced_up_to(s, s->heartbeat_frame);
	session_spool_synced(s);
	settle(s);
}

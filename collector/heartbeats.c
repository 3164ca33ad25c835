/* SPDX-License-Identifier: ISC */
#include "heartbeats.h"

#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "session.h"

#define MS UINT64_C(1000000)
#define LONG_NS (500 * MS)    /* so long others' data alone takes */
#define PAUSE_NS (60000 * MS) /* and so long they are left alone then */

/* Before that syncfs(2) is silent about what could not be written. */
#define LINUX_MAJOR 5u
#define LINUX_MINOR 8u

static int kernel_tells(void)
{
	unsigned major, minor;
	struct utsname u;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return major > LINUX_MAJOR || (major == LINUX_MAJOR && minor >= LINUX_MINOR);
}

/* Those of which it is known that syncfs(2) does for a file what fdatasync(2) does, errors
 * included: of an overlay it tells none. */
static int is_known(int dir)
{
	struct statfs fs;

	return fstatfs(dir, &fs) == 0 && (fs.f_type == EXT4_SUPER_MAGIC || fs.f_type == XFS_SUPER_MAGIC);
}

static void put_on_disk(struct heartbeats *h)
{
	struct session *s;

	TAILQ_FOREACH(s, &h->waiting, heartbeat_link) {
		s->heartbeat = HEARTBEAT_SYNCS;
		session_heartbeat_sent(s);
	}
	TAILQ_CONCAT(&h->syncing, &h->waiting, heartbeat_link);
	h->count = 0;
	h->busy = 1;
	sync_add(h->c->syncer, &h->job, 0, 0);
}

/* Each alone; of what is known of its inode: sync.h. */
static void let_go(struct heartbeat_list *list, enum sync_what what)
{
	struct session *s;

	while ((s = TAILQ_FIRST(list)) != NULL) {
		s->job.what = what;
		session_dirty(s, 0);
	}
}

static void due(void *arg)
{
	struct heartbeats *h = arg;

	if (h->busy)
		return;
	if (h->count >= HEARTBEATS_FEW && clock_mono() >= h->not_until_ns)
		put_on_disk(h);
	else
		let_go(&h->waiting, SYNC_DATA);
}

static void synced(void *arg, struct sync_job *j)
{
	struct heartbeats *h = arg;
	struct session *s;

	h->busy = 0;
	if (j->error != 0)
		log_warn("the store's file system tells of an error, which may be of another's file "
		    "(%s): heartbeats are synced each by itself for a minute", err_text(j->error));
	if (j->error != 0 || j->took_ns > LONG_NS)
		h->not_until_ns = clock_mono() + PAUSE_NS;
	if (j->error != 0)
		let_go(&h->syncing, SYNC_ANEW);
	while ((s = TAILQ_FIRST(&h->syncing)) != NULL) {
		heartbeat_leave(s);
		session_heartbeat_synced(s);
	}
	if (h->count > 0 && !h->timer.set)
		due(h);
}

void heartbeats_init(struct heartbeats *h, struct collector *c)
{
	struct stat st;

	*h = (struct heartbeats){.c = c, .timer = {.fn = due, .arg = h},
		.job = {.owner = h, .done = synced, .fd = c->store.dir, .what = SYNC_FILE_SYSTEM}};
	TAILQ_INIT(&h->waiting);
	TAILQ_INIT(&h->syncing);
	h->usable = kernel_tells() && is_known(c->store.dir) && fstat(c->store.dir, &st) == 0;
	if (h->usable)
		h->dev = st.st_dev;
}

int heartbeat_take(struct session *s)
{
	struct heartbeats *h = &s->c->heartbeats;

	if (!h->usable || s->c->registry.live < IDLE_MANY || s->dev != h->dev ||
	    s->dirty || s->job_busy || s->sync_failed)
		return 0;
	if (s->heartbeat == HEARTBEAT_WAITS)
		return 1;
	heartbeat_leave(s);
	s->heartbeat = HEARTBEAT_WAITS;
	TAILQ_INSERT_TAIL(&h->waiting, s, heartbeat_link);
	h->count++;
	if (!h->timer.set)
		loop_timer(&s->c->loop, &h->timer, HEARTBEATS_MS);
	return 1;
}

void heartbeat_leave(struct session *s)
{
	struct heartbeats *h = &s->c->heartbeats;

	if (s->heartbeat == HEARTBEAT_WAITS) {
		TAILQ_REMOVE(&h->waiting, s, heartbeat_link);
		h->count--;
	} else if (s->heartbeat == HEARTBEAT_SYNCS) {
		TAILQ_REMOVE(&h->syncing, s, heartbeat_link);
	}
	s->heartbeat = HEARTBEAT_NOT;
}

/* SPDX-License-Identifier: ISC */
/* Session files into a backup, and what a backup has that is no longer in the store. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backup/backup.h"
#include "container.h"
#include "err.h"
#include "frame.h"
#include "io.h"
#include "segment.h"

#define PIECE ((size_t)64 * FRAME_MAX)

/* Bytes of whole frames: the last one of a session that goes on may be half written. */
static uint64_t whole_frames(int fd)
{
	static uint8_t buf[PIECE];
	uint64_t at = 0;
	int sealed;

	for (;;) {
		ssize_t n = io_pread_all(fd, buf, sizeof buf, at);
		size_t whole = n > 0 ? segment_frames(buf, (size_t)n, 0, &sealed) : 0;

		if (whole == 0)
			return at;
		at += whole;
	}
}

static int is_purged(int fd)
{
	uint8_t start[sizeof PURGED_START];

	return io_pread_all(fd, start, sizeof start, 0) == (ssize_t)sizeof start &&
	    memcmp(start, PURGED_START, sizeof start) == 0;
}

/* One stream, run by run. */
struct stream {
	struct container *c;
	const uint8_t *p;
	size_t len;
};

/* 1 there are bytes, 0 the end, negative */
static int more(struct stream *s)
{
	uint64_t off, where;

	return s->len > 0 ? 1 : container_next(s->c, &s->p, &s->len, &off, &where);
}

/* Does all of a stand at the begin of b? */
static int is_at_begin(struct stream *a, struct stream *b)
{
	int r;

	while ((r = more(a)) > 0) {
		size_t n;

		if (more(b) <= 0)
			return 0;
		n = a->len < b->len ? a->len : b->len;
		if (memcmp(a->p, b->p, n) != 0)
			return 0;
		a->p += n;
		b->p += n;
		a->len -= n;
		b->len -= n;
	}
	return r == 0;
}

/* Is the stream of kept, packed or not, the begin of that of now?  1 or 0; what cannot be read
 * is not. */
static int is_begin(int kept, int now)
{
	struct stream a = { 0 }, b = { 0 };
	uint64_t where;
	int r = container_open(&a.c, kept, &where) == 0 && container_open(&b.c, now, &where) == 0 &&
	    is_at_begin(&a, &b);

	container_free(a.c);
	container_free(b.c);
	return r;
}

/* What is kept of it, under whichever name: a descriptor, or -1. */
static int open_kept(const struct backup *b, const struct store_session *e, char *path)
{
	static const enum session_state all[] = { SESSION_CLOSED, SESSION_CUT, SESSION_LIVE };
	struct store_session was = *e;
	int fd = -1;

	for (size_t i = 0; i < sizeof all / sizeof all[0] && fd < 0; i++) {
		was.name.state = all[i];
		store_session_path(path, &was);
		fd = openat(b->dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	}
	return fd;
}

/* What is kept under the names that it had before. */
static void drop_earlier(const struct backup *b, const struct store_session *e)
{
	static const enum session_state all[] = { SESSION_CLOSED, SESSION_CUT, SESSION_LIVE };
	struct store_session was = *e;
	char path[STORE_PATH_MAX];

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		was.name.state = all[i];
		store_session_path(path, &was);
		if (all[i] != e->name.state)
			(void)unlinkat(b->dir, path, 0);
	}
}

/* May the store's take the place of what is kept?  1 or 0. */
static int may_replace(struct backup *b, const struct store_session *e, int now, int purged)
{
	char path[STORE_PATH_MAX];
	int kept = open_kept(b, e, path), r = 1;

	if (kept < 0)
		return 1;
	if (purged && !is_purged(kept)) {
		b->purged++;
		r = b->purge;
	} else if (!is_begin(kept, now)) {
		backup_found(b, path, "the store has something else; what was kept stays");
		r = 0;
	}
	close(kept);
	return r;
}

static int put_session(struct backup *b, struct store_session *e)
{
	struct backup_how how = { .kind = BACKUP_WHOLE, .limit = UINT64_MAX };
	char path[STORE_PATH_MAX];
	int fd = store_open_session(&b->a->store, e), r = 0;

	store_session_path(path, e);
	if (fd < 0) {
		complain("%s/%s: %s", b->a->store_path, path, err_text(fd));
		return fd;
	}
	if (e->name.state == SESSION_LIVE)
		how.limit = whole_frames(fd);
	if (may_replace(b, e, fd, is_purged(fd)) && (r = backup_fd(b, path, fd, &how)) == 0)
		drop_earlier(b, e);
	close(fd);
	return r;
}

static int compare(const struct store_session *a, const struct store_session *b)
{
	if (a->name.n != b->name.n)
		return a->name.n < b->name.n ? -1 : 1;
	return memcmp(a->name.id, b->name.id, ID_SIZE);
}

/* Both are in the same order. */
static void say_gone(struct backup *b)
{
	const struct store *now = &b->a->store;
	struct store kept;
	char path[STORE_PATH_MAX];
	size_t i, at = 0;

	if (store_open(&kept, b->path) != 0)
		return;
	for (i = store_walk(&kept) == 0 ? 0 : kept.sessions; i < kept.sessions; i++) {
		while (at < now->sessions && compare(&now->session[at], &kept.session[i]) < 0)
			at++;
		if (at < now->sessions && compare(&now->session[at], &kept.session[i]) == 0)
			continue;
		store_session_path(path, &kept.session[i]);
		backup_found(b, path, "the store no longer has it; what was kept stays");
	}
	store_close(&kept);
}

int backup_sessions(struct backup *b)
{
	struct store *s = &b->a->store;
	size_t i;
	int r = 0;

	for (i = 0; i < s->sessions && r == 0; i++) {
		if (b->next_n != 0 && s->session[i].name.n >= b->next_n)
			continue; /* it began behind the ledger that is copied */
		r = put_session(b, &s->session[i]);
		b->sessions += r == 0;
	}
	if (r == 0)
		say_gone(b);
	return r;
}

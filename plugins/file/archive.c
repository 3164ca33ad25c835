/* SPDX-License-Identifier: ISC */
#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_past.h"
#include "clock.h"
#include "io.h"
#include "log.h"

#define BUFFER (4u * FEED_LINE_MAX)
#define SECOND INT64_C(1000000000)

struct archive {
	const struct archive_options *o;
	struct tidy *tidy;
	int dir, fd;           /* fd: the file that is written to, or -1 */
	struct file_name name; /* of it, or of the last one before */
	uint64_t size, synced; /* of it, without what is in buf; on disk */
	uint64_t last;         /* number of the last event here or in buf */
	int proven;            /* what is not above last is here, no need to look */
	size_t held;           /* bytes in buf */
	char buf[BUFFER];
};

int archive_full(int r)
{
	return r == -ENOSPC || r == -EDQUOT;
}

static int open_folder(const char *path)
{
	int dir = io_make_dir(AT_FDCWD, path, 0700), r = 0;
	struct stat st;

	if (dir < 0)
		return dir;
	if (fstat(dir, &st) < 0)
		r = -errno;
	else if (st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		r = -EPERM;
	else if (flock(dir, LOCK_EX | LOCK_NB) < 0)
		r = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (r == 0)
		return dir;
	close(dir);
	return r;
}

static int go_on(struct archive *a)
{
	struct archive_past past;
	int r = archive_past_read(&past, a->dir);

	if (r != 0)
		return r;
	a->name = past.newest;
	a->last = past.last;
	a->fd = past.fd;
	a->size = a->synced = past.size;
	return 0;
}

int archive_open(struct archive **out, const struct archive_options *o)
{
	struct archive *a = calloc(1, sizeof(*a));
	int r;

	if (a == NULL)
		return -ENOMEM;
	a->o = o;
	a->fd = -1;
	a->dir = open_folder(o->folder);
	if (a->dir < 0) {
		r = a->dir;
		goto out;
	}
	if ((r = go_on(a)) != 0 || (r = tidy_new(&a->tidy, a->dir, &o->tidy)) != 0)
		goto out;
	tidy_look(a->tidy, a->fd >= 0 ? &a->name : NULL);
	*out = a;
	return 0;
out:
	archive_close(a);
	return r;
}

void archive_close(struct archive *a)
{
	if (a == NULL)
		return;
	tidy_free(a->tidy);
	if (a->fd >= 0) {
		if (a->size > a->synced && ftruncate(a->fd, (off_t)a->synced) < 0)
			log_warn("the last file ends with events that come again: %m");
		close(a->fd);
	}
	if (a->dir >= 0)
		close(a->dir);
	free(a);
}

/* All of buf or nothing of it: no reader of the file finds half a line for long. */
static int write_held(struct archive *a)
{
	int r = a->held > 0 ? io_write_all(a->fd, a->buf, a->held) : 0;

	if (r != 0) {
		if (ftruncate(a->fd, (off_t)a->size) < 0)
			return -EIO;
		return r;
	}
	a->size += a->held;
	a->held = 0;
	return 0;
}

/* After a failed fdatasync(2) nobody knows what is on the disk, and the next one would say 0. */
static int write_to_disk(struct archive *a)
{
	struct stat st;

	if (fdatasync(a->fd) < 0)
		return archive_full(-errno) ? -EIO : -errno;
	if (fstat(a->fd, &st) < 0)
		return -errno;
	a->synced = a->size;
	return st.st_nlink > 0 ? 0 : -ESTALE;
}

int archive_sync(struct archive *a)
{
	int r = a->fd >= 0 ? write_held(a) : 0;

	return r == 0 && a->size > a->synced ? write_to_disk(a) : r;
}

static int finish_file(struct archive *a)
{
	int r;

	if (a->fd < 0)
		return 0;
	r = archive_sync(a);
	if (r != 0)
		return r;
	close(a->fd);
	a->fd = -1;
	a->size = a->synced = 0;
	tidy_look(a->tidy, NULL);
	return 0;
}

/* A clock that was put back does not put the order of names back. */
static struct file_name next_name(const struct archive *a, uint64_t first)
{
	struct file_name n = {.date_s = clock_wall() / SECOND, .first = first};

	if (n.date_s < a->name.date_s)
		n.date_s = a->name.date_s;
	if (n.date_s == a->name.date_s && first <= a->name.first)
		n.date_s++;
	return n;
}

static int begin_file(struct archive *a, uint64_t first)
{
	struct file_name n = next_name(a, first);
	char name[FILE_NAME_SIZE];
	int fd, r;

	tidy_look(a->tidy, &n);
	fd = openat(a->dir, file_name_put(name, &n),
	    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, a->o->mode) < 0 || fsync(a->dir) < 0) {
		r = -errno;
		unlinkat(a->dir, name, 0);
		close(fd);
		return r;
	}
	a->fd = fd;
	a->name = n;
	a->size = a->synced = 0;
	return 0;
}

/* Is the event one that came again?  Numbers that begin anew, with a new journal, are told
 * from it by the event itself. */
static int is_here(struct archive *a, const struct feed_event *e)
{
	int r;

	if (e->seq == 0 || e->seq > a->last)
		return 0;
	if (a->proven || archive_past_is_loss(e))
		return 1;
	r = archive_past_has(a->dir, e);
	if (r < 0)
		return r;
	if (r == 0) {
		log_notice("events are numbered anew, from %" PRIu64 ": a new file is begun", e->seq);
		r = finish_file(a);
		if (r == 0)
			a->last = 0;
		return r;
	}
	a->proven = 1;
	return 1;
}

int archive_append(struct archive *a, const struct feed_event *e)
{
	int r = is_here(a, e);

	if (r != 0)
		return r > 0 ? 0 : r;
	if (a->fd >= 0 && a->size + a->held > 0 && a->size + a->held + e->len + 1 > a->o->size &&
	    (r = finish_file(a)) != 0)
		return r;
	if (a->fd < 0 && (r = begin_file(a, e->seq)) != 0)
		return r;
	if (sizeof(a->buf) - a->held < e->len + 1 && (r = write_held(a)) != 0)
		return r;
	memcpy(a->buf + a->held, e->line, e->len);
	a->buf[a->held + e->len] = '\n';
	a->held += e->len + 1;
	if (e->seq > 0)
		a->last = e->seq;
	a->proven |= e->seq > 0;
	return 0;
}

int archive_turn_ms(const struct archive *a)
{
	int64_t age, every = (int64_t)a->o->every_s;

	if (a->fd < 0 || every == 0 || a->size + a->held == 0)
		return -1;
	age = clock_wall() / SECOND - a->name.date_s;
	return age >= every ? 0 : every - age < 3600 ? (int)(every - age) * 1000 : 3600000;
}

int archive_turn(struct archive *a)
{
	return archive_turn_ms(a) == 0 ? finish_file(a) : 0;
}

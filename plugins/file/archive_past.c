/* SPDX-License-Identifier: ISC */
#include "archive_past.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_lines.h"
#include "log.h"

/* A regular file of our own, with one name; what is not is left alone: -EINVAL. */
static int open_ours(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? -EINVAL : -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 && st.st_uid == geteuid())
		return fd;
	close(fd);
	return -EINVAL;
}

struct last {
	uint64_t seq, end; /* of the last line that has a number; behind the last line */
};

static int note_last(void *arg, const char *line, size_t len, uint64_t off)
{
	struct last *l = arg;
	uint64_t seq = feed_sequence(line, len);

	if (seq > 0)
		l->seq = seq;
	l->end = off + len + 1;
	return 0;
}

static int cut_tail(int fd, uint64_t end, const char *name)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((uint64_t)st.st_size > end) {
		log_notice("%s ends within an event, which is cut off and comes again", name);
		if (ftruncate(fd, (off_t)end) < 0)
			return -errno;
	}
	return fdatasync(fd) < 0 ? -errno : 0;
}

static int read_newest(struct archive_past *p, int dir, const struct file_name *n)
{
	char name[FILE_NAME_SIZE];
	struct last l = {0};
	int fd, r;

	p->newest = *n;
	fd = open_ours(dir, file_name_put(name, n), n->packed ? O_RDONLY : O_RDWR | O_APPEND);
	if (fd == -EINVAL) {
		log_warn("%s is no file of this plugin's: what it holds may be written again", name);
		return 0;
	}
	if (fd < 0)
		return fd;
	r = file_lines(fd, n->packed, note_last, &l);
	/* one that has no event yet follows those before its number */
	p->last = l.seq > 0 || n->first == 0 ? l.seq : n->first - 1;
	if (r == 0 && !n->packed)
		r = cut_tail(fd, l.end, name);
	if (r == 0 && !n->packed) {
		p->fd = fd;
		p->size = l.end;
		return 0;
	}
	close(fd);
	return r;
}

int archive_past_read(struct archive_past *p, int dir)
{
	struct file_names l;
	int r = file_names_list(&l, dir);

	*p = (struct archive_past){.fd = -1};
	if (r == 0 && l.count > 0)
		r = read_newest(p, dir, &l.name[l.count - 1]);
	file_names_release(&l);
	return r;
}

static int is_line(void *arg, const char *line, size_t len, uint64_t off)
{
	const struct feed_event *e = arg;

	(void)off;
	return len == e->len && memcmp(line, e->line, len) == 0;
}

static int file_has(int dir, const struct file_name *n, const struct feed_event *e)
{
	struct feed_event wanted = *e;
	char name[FILE_NAME_SIZE];
	int fd = open_ours(dir, file_name_put(name, n), O_RDONLY), r;

	if (fd < 0)
		return fd == -EINVAL || fd == -ENOENT ? 0 : fd;
	r = file_lines(fd, n->packed, is_line, &wanted);
	close(fd);
	return r;
}

/* Newest first: with numbers that began anew, an older file may hold the same. */
int archive_past_has(int dir, const struct feed_event *e)
{
	struct file_names l;
	unsigned i;
	int r = file_names_list(&l, dir);

	for (i = l.count; r == 0 && i > 0; i--) {
		if (l.name[i - 1].first > e->seq)
			continue;
		r = file_has(dir, &l.name[i - 1], e);
		if (i == 1 || l.name[i - 1].first != l.name[i - 2].first)
			break;
	}
	file_names_release(&l);
	return r;
}

int archive_past_is_loss(const struct feed_event *e)
{
	const char *action = json_string_value(json_object_get(json_object_get(e->json, "event"),
	    "action"));

	return action != NULL && strcmp(action, "events-lost") == 0;
}

/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "clock.h"
#include "forward.h"
#include "sessions_internal.h"

#define SECOND UINT64_C(1000000000)
#define SCAN_NS (60 * SECOND)      /* of all days */
#define LIVE_NS (2 * SECOND)       /* during a long round */
#define KEPT_OPEN_MAX 200

static size_t find(const struct forward *f, uint64_t n)
{
	if (f->items > 0 && f->item[f->items - 1].name.n < n)
		return f->items;
	return ARRAY_FIRST(f->item, f->items, name.n, n);
}

static struct item *item_of(const struct forward *f, uint64_t n)
{
	size_t i = find(f, n);

	return i < f->items && f->item[i].name.n == n ? &f->item[i] : NULL;
}

void session_path(char *out, size_t size, const struct item *it)
{
	char name[STORE_NAME_MAX];

	store_name_format(name, &it->name);
	snprintf(out, size, "session/%s/%s", it->day, name);
}

/* So long as its file says that it has. */
static void look_size(struct forward *f, struct item *it)
{
	char path[SESSION_PATH_MAX];
	struct stat st;
	int fd;

	session_path(path, sizeof(path), it);
	fd = place_file(&f->place, path);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0)
		it->size = (uint64_t)st.st_size;
	close(fd);
}

static int add(struct forward *f, const struct session_name *name, const char *day,
    const struct cursor_mark *m)
{
	size_t i = find(f, name->n);

	if (array_room(&f->item, f->items, &f->item_room, sizeof(*f->item)) != 0)
		return -ENOMEM;
	memmove(f->item + i + 1, f->item + i, (f->items - i) * sizeof(*f->item));
	f->items++;
	f->item[i] = (struct item){.name = *name, .seq = m->seq, .off = m->off, .row = m->seq > 0,
		.fd = -1};
	snprintf(f->item[i].day, sizeof(f->item[i].day), "%s", day);
	look_size(f, &f->item[i]);
	return 0;
}

static int is_purged(const struct forward *f, uint64_t n)
{
	size_t i;

	for (i = 0; i < f->purges; i++)
		if (f->purge[i] == n)
			return 1;
	return 0;
}

/* All of its chunks were sent: what stays of it is news. */
static int add_purged(struct forward *f, const struct session_name *name, const char *day)
{
	struct cursor_mark m = {.seq = INT64_MAX};
	int r = add(f, name, day, &m);

	if (r == 0)
		item_of(f, name->n)->purge = 1;
	return r;
}

static int take_name(struct forward *f, const char *day, const char *text)
{
	struct cursor_mark m = {0};
	struct session_name name;
	struct item *it;

	if (store_name_parse(&name, text) != 0)
		return 0;
	it = item_of(f, name.n);
	if (it != NULL) {
		if (memcmp(it->name.id, name.id, ID_SIZE) != 0)
			return 0; /* a second file of that number: verify finds it */
		if (name.state != SESSION_LIVE)
			it->name.state = name.state;
		return 0;
	}
	if (!cursor_session(&f->cursor, name.n, &m) || !m.done)
		return add(f, &name, day, &m);
	return is_purged(f, name.n) ? add_purged(f, &name, day) : 0;
}

static int list(struct forward *f, const char *path, int depth)
{
	static const size_t width[] = {4, 2, 2};
	const struct dirent *e;
	char below[64];
	int fd = place_folder(&f->place, path), r = 0;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (depth == 3) {
			r = take_name(f, path + strlen("session/"), e->d_name);
		} else if (strspn(e->d_name, "0123456789") == strlen(e->d_name) &&
		    strlen(e->d_name) == width[depth]) {
			snprintf(below, sizeof(below), "%.40s/%.4s", path, e->d_name);
			r = list(f, below, depth + 1);
		}
	}
	closedir(d);
	return r;
}

/* Today's folder, and yesterday's; all of them now and then. */
static int scan(struct forward *f)
{
	uint64_t now = clock_boot();
	char day[STORE_DAY_MAX], path[64];
	int i, r = 0;

	if (f->scanned_ns == 0 || now - f->scanned_ns > SCAN_NS) {
		f->scanned_ns = now;
		r = list(f, "session", 0);
		f->purges = 0;
		return r;
	}
	for (i = 0; r == 0 && i < 2; i++) {
		store_day(day, clock_wall() - i * 86400 * (int64_t)SECOND);
		snprintf(path, sizeof(path), "session/%s", day);
		r = list(f, path, 3);
	}
	return r;
}

static void shut(struct forward *f, struct item *it)
{
	if (it->fd < 0)
		return;
	close(it->fd);
	it->fd = -1;
	f->kept_open--;
}

int session_open(struct forward *f, struct item *it)
{
	static const enum session_state states[] = {SESSION_LIVE, SESSION_CLOSED, SESSION_CUT};
	enum session_state was = it->name.state;
	char path[SESSION_PATH_MAX];
	size_t i;
	int fd;

	if (it->fd >= 0 && was == SESSION_LIVE)
		return it->fd;
	shut(f, it);
	session_path(path, sizeof(path), it);
	fd = place_file(&f->place, path);
	for (i = 0; fd == -ENOENT && i < 3; i++) {
		it->name.state = states[i];
		session_path(path, sizeof(path), it);
		fd = place_file(&f->place, path);
	}
	if (fd < 0) {
		it->name.state = was;
	} else if (it->name.state == SESSION_LIVE && f->kept_open < KEPT_OPEN_MAX) {
		it->fd = fd;
		f->kept_open++;
	}
	return fd;
}

/* Live ones alone. */
static int send_live(struct forward *f)
{
	size_t i;
	int r = 0;

	f->looked_ns = clock_boot();
	for (i = 0; r == 0 && i < f->items; i++)
		if (f->item[i].name.state == SESSION_LIVE && !f->item[i].done &&
		    clock_boot() >= f->item[i].retry_ns)
			r = session_send(f, &f->item[i]);
	return r;
}

/* Those that are done need no place any more; what is left counts as behind. */
static void tidy(struct forward *f)
{
	size_t i, to = 0;

	f->behind_sessions = f->behind_bytes = 0;
	for (i = 0; i < f->items; i++) {
		if (f->item[i].done) {
			shut(f, &f->item[i]);
			continue;
		}
		if (f->item[i].name.state != SESSION_LIVE)
			f->behind_sessions++;
		if (f->item[i].size > f->item[i].off)
			f->behind_bytes += f->item[i].size - f->item[i].off;
		f->item[to++] = f->item[i];
	}
	f->items = to;
}

int forward_sessions(struct forward *f)
{
	size_t i;
	int r = scan(f);

	tidy(f);
	if (r == 0)
		notice_changes(f);
	if (r == 0)
		r = send_live(f);
	for (i = 0; r == 0 && i < f->items; i++) {
		if (f->item[i].name.state == SESSION_LIVE || f->item[i].done ||
		    clock_boot() < f->item[i].retry_ns)
			continue;
		r = session_send(f, &f->item[i]);
		if (r == 0 && clock_boot() - f->looked_ns > LIVE_NS)
			r = send_live(f);
		if (r == 0)
			r = notice_beat(f);
	}
	tidy(f);
	return r;
}

void sessions_rewind(struct forward *f)
{
	struct cursor_mark m;
	size_t i;

	for (i = 0; i < f->items; i++) {
		struct item *it = &f->item[i];

		m = (struct cursor_mark){0};
		cursor_session(&f->cursor, it->name.n, &m);
		if (it->purge)
			continue;
		it->seq = m.seq;
		it->off = m.off;
		it->row = m.seq > 0;
		it->done = m.done;
	}
	f->scanned_ns = 0; /* those that were done and not committed are looked for again */
}

void sessions_release(struct forward *f)
{
	size_t i;

	for (i = 0; i < f->items; i++)
		shut(f, &f->item[i]);
	free(f->item);
	free(f->purge);
}

void sessions_closed(struct forward *f, uint64_t n)
{
	struct item *it = item_of(f, n);

	if (it != NULL)
		shut(f, it); /* it has another name soon */
}

int sessions_purged(struct forward *f, uint64_t n)
{
	struct cursor_mark m;

	if (item_of(f, n) != NULL || !cursor_session(&f->cursor, n, &m) || !m.done)
		return 0; /* its file will say it */
	if (array_room(&f->purge, f->purges, &f->purge_room, sizeof(*f->purge)) != 0)
		return -ENOMEM;
	f->purge[f->purges++] = n;
	f->scanned_ns = 0;
	return 0;
}

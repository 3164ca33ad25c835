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
#include "err.h"
#include "forward.h"
#include "log.h"
#include "pieces.h"

#define SECOND UINT64_C(1000000000)
#define RETRY_NS (60 * SECOND)
#define SCAN_NS (60 * SECOND)      /* of all days */
#define LIVE_NS (2 * SECOND)       /* during a long round */
#define KEPT_OPEN_MAX 200
#define FILE_MAX (16 << 20)

static size_t find(const struct forward *f, uint64_t n)
{
	size_t low = 0, high = f->items;

	if (high > 0 && f->item[high - 1].name.n < n)
		return high;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->item[mid].name.n < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct item *item_of(const struct forward *f, uint64_t n)
{
	size_t i = find(f, n);

	return i < f->items && f->item[i].name.n == n ? &f->item[i] : NULL;
}

static void path_of(char *out, size_t size, const struct item *it)
{
	char name[STORE_NAME_MAX];

	store_name_format(name, &it->name);
	snprintf(out, size, "session/%s/%s", it->day, name);
}

/* So long as its file says that it has. */
static void look_size(struct forward *f, struct item *it)
{
	char path[STORE_NAME_MAX + 32];
	struct stat st;
	int fd;

	path_of(path, sizeof(path), it);
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

/* Under the name that it has by now. */
static int open_item(struct forward *f, struct item *it)
{
	static const enum session_state states[] = {SESSION_LIVE, SESSION_CLOSED, SESSION_CUT};
	enum session_state was = it->name.state;
	char path[STORE_NAME_MAX + 32];
	size_t i;
	int fd;

	if (it->fd >= 0 && was == SESSION_LIVE)
		return it->fd;
	shut(f, it);
	path_of(path, sizeof(path), it);
	fd = place_file(&f->place, path);
	for (i = 0; fd == -ENOENT && i < 3; i++) {
		it->name.state = states[i];
		path_of(path, sizeof(path), it);
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

static void say_trouble(struct item *it, int r)
{
	if (!it->trouble && r != -EAGAIN)
		log_warn("session %llu cannot be forwarded, and is tried again each minute: %s",
		    (unsigned long long)it->name.n, err_text(r));
	it->trouble = 1;
	it->retry_ns = clock_boot() + RETRY_NS;
}

/* What is known of one while it is sent. */
struct sending {
	struct forward *f;
	struct item *it;
	struct cert cert;
	int have_cert, have_last;
	struct seal last;
	uint64_t chunks, size;
	const char *state;
};

static int put_row(struct sending *s, const char *state)
{
	struct sender_session row = {.n = s->it->name.n, .day = s->it->day, .state = state,
		.cert = s->have_cert ? &s->cert : NULL, .last = s->have_last ? &s->last : NULL,
		.chunks = s->chunks, .size = s->size};

	memcpy(row.id, s->it->name.id, ID_SIZE);
	s->it->row = 1;
	return sender_put_session(s->f->sender, &row);
}

static void take_cert(struct sending *s, const uint8_t *p, size_t len)
{
	struct frame frame;

	s->have_cert = frame_parse(p, len, &frame) > 0 && frame.type == FRAME_CERT &&
	    cert_parse(frame.body, frame.len, &s->cert) == 0;
}

static void take_seal(struct sending *s, const struct piece *p)
{
	s->size = p->off + p->len;
	if (!p->sealed)
		return;
	s->last = p->seal;
	s->have_last = 1;
	s->chunks = p->seq + 1;
}

static int mark(struct sending *s, int done)
{
	struct cursor_mark m = {.what = CURSOR_SESSION, .done = done, .n = s->it->name.n,
		.seq = s->it->seq, .off = s->it->off};

	return sender_mark(s->f->sender, &m);
}

static int put_piece(struct sending *s, const struct piece *p)
{
	struct sender *to = s->f->sender;
	int r = 0;

	if (p->seq == 0)
		take_cert(s, p->p, p->len);
	take_seal(s, p);
	if (!s->it->row)
		r = put_row(s, "live");
	if (r == 0)
		r = sender_put_chunk(to, s->it->name.n, p->seq, p->p, p->len);
	s->it->seq = p->seq + 1;
	s->it->off = p->off + p->len;
	if (r == 0)
		r = mark(s, 0);
	return r == 0 && sender_due(to) ? sender_commit(to) : r;
}

/* The end of one whose pieces were all sent by an earlier process: what its last SEAL was. */
static int read_last(struct sending *s, int fd)
{
	struct pieces p;
	struct piece one;
	int r = pieces_open(&p, fd, 1, 0, 0);

	while (r == 0 && (r = pieces_next(&p, &one)) == 1) {
		if (one.seq == 0)
			take_cert(s, one.p, one.len);
		take_seal(s, &one);
		r = 0;
	}
	pieces_release(&p);
	return r;
}

static int finish(struct sending *s, const char *state)
{
	int r = put_row(s, state);

	if (r == 0)
		r = mark(s, 1);
	s->it->done = 1;
	return r;
}

static int put_whole_file(struct sending *s)
{
	char path[STORE_NAME_MAX + 32];
	uint8_t *p;
	size_t len;
	int r;

	path_of(path, sizeof(path), s->it);
	if (place_read(&s->f->place, path, FILE_MAX, &p, &len) != 0)
		return 0;
	r = sender_put_file(s->f->sender, path, p, len);
	free(p);
	return r;
}

static int put_lost(struct sending *s, const char *why)
{
	s->f->lost++;
	log_warn("session %llu is not here to be forwarded from chunk %llu on: %s",
	    (unsigned long long)s->it->name.n, (unsigned long long)s->it->seq, why);
	return sender_put_lost(s->f->sender, s->it->name.n, s->it->seq, why);
}

/* What stays of one: certificate and seals, as a small file. */
static int put_purged(struct sending *s, int fd)
{
	struct container *c;
	const uint8_t *p;
	uint64_t off, where, chunks = 0;
	size_t len, at;
	struct frame frame;
	int n, r = container_open(&c, fd, &where);

	if (r != 0)
		return r;
	while ((r = container_next(c, &p, &len, &off, &where)) == 1)
		for (at = 0; (n = frame_parse(p + at, len - at, &frame)) > 0; at += (size_t)n)
			if (frame.type == FRAME_CERT)
				take_cert(s, p + at, (size_t)n);
			else if (frame.type == FRAME_SEAL &&
			    seal_parse(frame.body, frame.len, &s->last) == 0)
				s->have_last = 1, chunks++;
	container_free(c);
	s->chunks = chunks;
	s->size = s->it->off;
	if (r == 0 && s->it->seq < chunks)
		r = put_lost(s, "its payload was purged before it was forwarded");
	if (r == 0)
		r = put_whole_file(s);
	return r == 0 ? finish(s, "purged") : r;
}

/* A file that is no container, though it begins as one: as it is. */
static int put_damaged(struct sending *s, int error)
{
	int r = put_lost(s, err_text(error));

	if (r == 0)
		r = put_whole_file(s);
	return r == 0 ? finish(s, s->state) : r;
}

static int is_damage(int r)
{
	return r == E_FORMAT || r == E_RANGE || r == E_SHORT || r == E_DIGEST || r == E_END;
}

static int send_pieces(struct sending *s, int fd, int final, int *read_error)
{
	struct pieces p;
	struct piece one;
	int r = 0, e = pieces_open(&p, fd, final, s->it->seq, s->it->off);

	if (e == 0 && p.purged)
		r = put_purged(s, fd);
	else if (e == 0 && s->it->purge)
		e = -EAGAIN; /* the proof has not taken its place yet */
	while (e == 0 && r == 0 && !p.purged && (e = pieces_next(&p, &one)) == 1) {
		e = 0;
		r = put_piece(s, &one);
	}
	if (e == 0 && r == 0 && final && !p.purged) {
		if (!s->have_last)
			e = read_last(s, fd);
		if (e == 0)
			r = finish(s, s->state);
	}
	pieces_release(&p);
	*read_error = e;
	return r;
}

static int send_item(struct forward *f, struct item *it)
{
	static const char *const words[] = {[SESSION_CLOSED] = "closed", [SESSION_LIVE] = "live",
		[SESSION_CUT] = "cut"};
	struct sending s = {.f = f, .it = it};
	struct stat st;
	int final, e = 0, r = 0, fd = open_item(f, it);

	if (fd < 0) {
		say_trouble(it, fd);
		return 0;
	}
	final = it->name.state != SESSION_LIVE;
	s.state = words[it->name.state];
	if (fstat(fd, &st) == 0)
		it->size = (uint64_t)st.st_size;
	/* what was not on disk yet could come out differently after a crash of the host */
	if ((final || it->size > it->off) && fdatasync(fd) == 0 &&
	    (r = sender_prepare(f->sender, it->day)) == 0)
		r = send_pieces(&s, fd, final, &e);
	if (r == 0 && is_damage(e) && final)
		r = put_damaged(&s, e);
	else if (r == 0 && e != 0)
		say_trouble(it, e);
	if (it->fd != fd)
		close(fd);
	return r;
}

int forward_live(struct forward *f)
{
	size_t i;
	int r = 0;

	f->looked_ns = clock_boot();
	for (i = 0; r == 0 && i < f->items; i++)
		if (f->item[i].name.state == SESSION_LIVE && !f->item[i].done &&
		    clock_boot() >= f->item[i].retry_ns)
			r = send_item(f, &f->item[i]);
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
		r = forward_live(f);
	for (i = 0; r == 0 && i < f->items; i++) {
		if (f->item[i].name.state == SESSION_LIVE || f->item[i].done ||
		    clock_boot() < f->item[i].retry_ns)
			continue;
		r = send_item(f, &f->item[i]);
		if (r == 0 && clock_boot() - f->looked_ns > LIVE_NS)
			r = forward_live(f);
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

/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "pieces.h"
#include "sessions_internal.h"

#define RETRY_NS UINT64_C(60000000000)
#define FILE_MAX (16 << 20)

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
	char path[SESSION_PATH_MAX];
	uint8_t *p;
	size_t len;
	int r;

	session_path(path, sizeof(path), s->it);
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

/* What was not on disk yet could come out differently after a crash of the host; but what is
 * packed was synced before it got its name, and has digests. */
static int settle(const struct pieces *p)
{
	return p->container != NULL || fdatasync(p->fd) == 0 ? 0 : -errno;
}

static int send_pieces(struct sending *s, int fd, int final, int *read_error)
{
	struct pieces p;
	struct piece one;
	int r = 0, e = pieces_open(&p, fd, final, s->it->seq, s->it->off);

	if (e == 0)
		e = settle(&p);
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

int session_send(struct forward *f, struct item *it)
{
	static const char *const words[] = {[SESSION_CLOSED] = "closed", [SESSION_LIVE] = "live",
		[SESSION_CUT] = "cut"};
	struct sending s = {.f = f, .it = it};
	struct stat st;
	int final, e = 0, r = 0, fd = session_open(f, it);

	if (fd < 0) {
		say_trouble(it, fd);
		return 0;
	}
	final = it->name.state != SESSION_LIVE;
	s.state = words[it->name.state];
	if (fstat(fd, &st) == 0)
		it->size = (uint64_t)st.st_size;
	if ((final || it->size > it->off) && (r = sender_prepare(f->sender, it->day)) == 0)
		r = send_pieces(&s, fd, final, &e);
	if (r == 0 && is_damage(e) && final)
		r = put_damaged(&s, e);
	else if (r == 0 && e != 0)
		say_trouble(it, e);
	if (it->fd != fd)
		close(fd);
	return r;
}

/* SPDX-License-Identifier: ISC */
#include "verify/shown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"

/* A chunk's events, until its seal has verified. */
struct held {
	struct shown_event *event;
	size_t events, room;
	size_t used;        /* of data */
	shown_fn *take;
	void *arg;
	uint8_t data[CHUNK_PAYLOAD_MAX];
};

/* f is an event of the open chunk, whose payload is at most what data has room for: the
 * chain refuses a longer one. */
static int hold(struct held *h, const struct judge *j, const struct frame *f,
    const struct event *e)
{
	const struct chain *c = &j->file.chain;
	struct shown_event *x;
	int r = array_room(&h->event, h->events, &h->room, sizeof *h->event);

	if (r != 0)
		return r;
	x = &h->event[h->events++];
	*x = (struct shown_event){ .e = *e, .at_ns = c->elapsed_ns, .frame = f->number,
		.chunk = (int64_t)c->chunk };
	if (f->type == FRAME_BEGIN) {
		x->e.salt = memcpy(h->data + h->used, e->salt, EVENT_SALT);
		h->used += EVENT_SALT;
	} else if (f->type == FRAME_OUTPUT || f->type == FRAME_INPUT || f->type == FRAME_META) {
		x->e.data = memcpy(h->data + h->used, e->data, e->len);
		h->used += e->len;
	}
	return 0;
}

static int let_go(struct held *h, int sealed)
{
	size_t i;
	int r = 0;

	for (i = 0; i < h->events && r == 0; i++) {
		h->event[i].sealed = sealed;
		r = h->take(h->arg, &h->event[i]);
	}
	h->events = h->used = 0;
	return r;
}

static int read_all(struct held *h, struct judge *j)
{
	struct frame f;
	struct event e;
	int r;

	while ((r = judge_next(j, &f, &e)) > 0) {
		if (f.type == FRAME_SEAL)
			r = let_go(h, 1);
		else
			r = f.type < FRAME_BEGIN ? 0 : hold(h, j, &f, &e);
		if (r != 0)
			return r;
	}
	if (r == 0 && judge_verdict(j)->shown_frames == j->file.chain.frame)
		r = let_go(h, 0); /* unsealed, but nothing wrong with it */
	return r;
}

int shown_file(int fd, const struct store_session *entry, const struct judge_how *how,
    shown_fn *take, void *arg, struct verdict *v)
{
	struct held *h = calloc(1, sizeof *h);
	struct judge j;
	int r;

	if (h == NULL)
		return -ENOMEM;
	h->take = take;
	h->arg = arg;
	r = judge_open(&j, fd, entry, how);
	if (r == 0)
		r = read_all(h, &j);
	if (r == 0)
		*v = *judge_verdict(&j);
	judge_close(&j);
	free(h->event);
	free(h);
	return r;
}

int shown_session(const struct store *s, struct store_session *e, const struct judge_how *how,
    shown_fn *take, void *arg, struct verdict *v)
{
	int fd = store_open_session(s, e), r;

	if (fd < 0)
		return fd;
	r = shown_file(fd, e, how, take, arg, v);
	close(fd);
	/* its collector may have been in the middle of a frame */
	if (r == 0 && v->status == STATUS_TORN && e->name.state == SESSION_LIVE)
		r = judge_session(s, e, how, v);
	return r;
}

/* SPDX-License-Identifier: ISC */
#include "ledger_session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "session_file.h"

#define PIECE 4096

void ledger_session_open(struct entry *e, const struct cert *cert, const uint8_t *body, size_t len)
{
	*e = (struct entry){.type = ENTRY_OPEN};
	if (cert->flags & CERT_F_LATE)
		e->flags |= ENTRY_F_LATE;
	if (cert->flags & CERT_F_CLAIMED)
		e->flags |= ENTRY_F_UNCERTIFIED;
	e->u.open.n = cert->n;
	memcpy(e->u.open.id, cert->id, ID_SIZE);
	hash_of(e->u.open.cert, body, len);
}

static void fill_close(struct entry *e, const struct chain *chain, int whole,
    const uint8_t begun[HASH_SIZE])
{
	*e = (struct entry){.type = ENTRY_CLOSE};
	e->u.close.n = chain->cert.n;
	memcpy(e->u.close.id, chain->cert.id, ID_SIZE);
	e->u.close.end = whole ? ENTRY_END_WHOLE : ENTRY_END_CUT;
	e->u.close.chunks = chain->chunk;
	memcpy(e->u.close.head, chain->chunk > 0 ? chain->prev : begun, HASH_SIZE);
	e->u.close.sealed = chain->chunk > 0 ? chain->sealed_offset : 0;
	e->u.close.size = chain->offset;
}

static int hash_tail(uint8_t out[HASH_SIZE], int fd, uint64_t from, uint64_t to)
{
	uint8_t buf[PIECE];
	struct hash h;
	size_t want;
	ssize_t n;

	hash_begin(&h);
	while (from < to) {
		want = to - from < sizeof(buf) ? (size_t)(to - from) : sizeof(buf);
		n = io_pread_all(fd, buf, want, from);
		if (n < (ssize_t)want)
			return n < 0 ? (int)n : E_SHORT;
		hash_add(&h, buf, want, NULL, 0);
		from += want;
	}
	hash_get(&h, out);
	return 0;
}

int ledger_session_close(struct entry *e, const struct chain *chain, int whole,
    const uint8_t begun[HASH_SIZE], int fd)
{
	struct entry made;
	int r;

	fill_close(&made, chain, whole, begun);
	r = hash_tail(made.u.close.tail, fd, made.u.close.sealed, made.u.close.size);
	if (r == 0)
		*e = made;
	return r;
}

static int is_session(const struct chain *chain, const struct session_name *name)
{
	return chain->certified && chain->cert.n == name->n &&
	    memcmp(chain->cert.id, name->id, ID_SIZE) == 0;
}

static int read_stream(struct session_file *f, const struct session_name *name,
    const struct host_chain *keys, struct entry *begin, struct entry *end)
{
	struct event event;
	struct frame frame;
	struct hash tail;
	int r;

	hash_begin(&tail);
	while ((r = session_file_next(f, NULL, &frame, &event)) > 0) {
		if (frame.type == FRAME_CERT)
			f->chain.certified = host_chain_signer(keys, frame.body, frame.len) != NULL;
		if (!is_session(&f->chain, name))
			return E_CHAIN;
		if (frame.type == FRAME_CERT)
			ledger_session_open(begin, &f->chain.cert, frame.body, frame.len);
		/* the body follows its header in the stream's bytes */
		hash_add(&tail, frame.body - FRAME_HEADER, FRAME_HEADER + (size_t)frame.len, NULL, 0);
		if (frame.type == FRAME_SEAL)
			hash_begin(&tail);
	}
	if (r != 0)
		return r;
	if (!f->chain.have_cert)
		return E_SHORT;
	fill_close(end, &f->chain, name->state == SESSION_CLOSED, begin->u.open.cert);
	hash_get(&tail, end->u.close.tail);
	return (name->state == SESSION_CLOSED) == f->chain.ended ? 0 : E_FORMAT;
}

int ledger_session_read(const struct store *s, const char *day, const struct session_name *name,
    const struct host_chain *keys, struct entry *begin, struct entry *end)
{
	char text[STORE_NAME_MAX];
	struct session_file f;
	int dir, fd, r;

	*begin = (struct entry){.type = ENTRY_OPEN, .u.open.n = name->n};
	memcpy(begin->u.open.id, name->id, ID_SIZE);
	dir = store_day_open(s, day, 0);
	if (dir < 0)
		return dir;
	store_name_format(text, name);
	fd = openat(dir, text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	r = fd < 0 ? -errno : 0;
	close(dir);
	if (r != 0)
		return r;
	r = session_file_open(&f, fd);
	if (r == 0)
		r = read_stream(&f, name, keys, begin, end);
	session_file_release(&f);
	close(fd);
	return r;
}

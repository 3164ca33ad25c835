/* SPDX-License-Identifier: ISC */
#include "session_ledger.h"

#include <inttypes.h>
#include <string.h>

#include "err.h"
#include "io.h"
#include "ledger.h"
#include "ledger_session.h"
#include "log.h"

/* The body of frame 0, as it is in the file. */
static int read_cert(const struct session *s, uint8_t frame0[FRAME_MAX], struct frame *f)
{
	ssize_t n = io_pread_all(s->in.fd, frame0, FRAME_MAX, 0);
	int r;

	if (n < 0)
		return (int)n;
	r = frame_parse(frame0, (size_t)n, f);
	return r < 0 ? r : 0;
}

int session_ledger_open(struct session *s)
{
	uint8_t frame0[FRAME_MAX];
	struct frame f;
	struct entry e;
	int r;

	r = read_cert(s, frame0, &f);
	if (r != 0)
		return r;
	ledger_session_open(&e, &s->in.chain.cert, f.body, f.len);
	r = ledger_add(s->c->ledger, &e, session_logged, s);
	if (r == 0)
		s->ledger_busy = 1;
	return r;
}

void session_ledger_close(struct session *s)
{
	struct ledger *l = s->c->ledger;
	struct entry e;
	int r;

	if (l == NULL || !ledger_is_open(l, s->name.n))
		return;
	r = ledger_session_close(&e, &s->in.chain, s->end == END_CLOSED, s->begun.head, s->in.fd);
	if (r == 0)
		ledger_say(l, &e);
	else
		log_error("session %" PRIu64 ": its file cannot be read (%s); the next start enters "
		    "its end in the ledger", s->name.n, err_text(r));
}

void session_ledger_gap(struct session *s, const struct intake_result *r)
{
	struct entry e = {.type = ENTRY_GAP};

	if (r->lost == 0 || s->c->ledger == NULL || !ledger_is_open(s->c->ledger, s->name.n))
		return;
	e.u.gap.n = s->name.n;
	memcpy(e.u.gap.id, s->name.id, ID_SIZE);
	e.u.gap.chunk = r->gap_chunk;
	e.u.gap.lost = r->lost;
	e.u.gap.reason = r->gap_reason;
	ledger_say(s->c->ledger, &e);
}

void session_ledger_stalled(const struct collector *c, int error)
{
	const struct session *s;

	LIST_FOREACH(s, &c->registry.sessions, link)
		if (s->stalled)
			return;
	ledger_fail(c->ledger, FAIL_STORE, error, 0, "sessions cannot be stored");
}

void session_vouch(struct session *s)
{
	const struct chain *chain = &s->in.chain;

	s->sent = s->begun;
	if (chain->chunk == 0)
		return;
	s->sent.chunks = chain->chunk;
	memcpy(s->sent.head, chain->prev, HASH_SIZE);
}

void session_vouched(struct session *s)
{
	if (!s->sync_failed)
		s->vouched = s->sent;
}

int session_vouch_begin(struct session *s)
{
	uint8_t frame0[FRAME_MAX];
	struct frame f;
	int r;

	r = read_cert(s, frame0, &f);
	if (r != 0)
		return r;
	s->begun.chunks = 0;
	hash_of(s->begun.head, f.body, f.len);
	session_vouch(s);
	s->vouched = s->sent;
	return 0;
}

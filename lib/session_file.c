/* SPDX-License-Identifier: ISC */
#include "session_file.h"

#include <stdio.h>
#include <string.h>

#include "err.h"

/* What a code of err.h is called in a finding. */
static const char *kind_of(int code)
{
	static const struct {
		int code;
		const char *kind;
	} kinds[] = {
		{ E_FORMAT, "format" }, { E_SHORT, "format" }, { E_RANGE, "format" },
		{ E_END, "format" }, { E_CHAIN, "chain" }, { E_SIGNATURE, "signature" },
		{ E_DIGEST, "digest" }, { E_TOTALS, "totals" },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].code == code)
			return kinds[i].kind;
	return "io";
}

static int find(struct session_file *s, int code, const char *kind, int64_t chunk, uint64_t off)
{
	struct finding *f = &s->finding;

	f->code = code;
	f->kind = kind;
	f->chunk = chunk;
	f->offset = off;
	snprintf(f->text, sizeof(f->text), "%s", err_text(code));
	return code;
}

/* A failure of the container, or of reading. */
static int find_container(struct session_file *s, int code, int64_t chunk, uint64_t off)
{
	const char *kind = kind_of(code);

	find(s, code, strcmp(kind, "io") == 0 ? kind : "container", chunk, off);
	if (code == E_DIGEST)
		snprintf(s->finding.text, sizeof(s->finding.text),
		    "the bytes are not those that their digest is of");
	else if (code == E_SHORT)
		snprintf(s->finding.text, sizeof(s->finding.text), "the file ends too early");
	return code;
}

/* Where the frame is that is next. */
static uint64_t here(const struct session_file *s)
{
	return container_packed(s->container) ? s->run_off : s->run_off + s->run_pos;
}

/* A failure at the frame that is next. */
static int find_here(struct session_file *s, int code)
{
	return find(s, code, kind_of(code), (int64_t)s->chain.chunk, here(s));
}

int session_file_open(struct session_file *s, int fd)
{
	uint64_t where;
	int r;

	memset(s, 0, sizeof(*s));
	chain_init(&s->chain);
	r = container_open(&s->container, fd, &where);
	if (r != 0)
		return find_container(s, r, -1, where);
	s->purged = s->chain.purged = container_purged(s->container, &s->was);
	return 0;
}

void session_file_release(struct session_file *s)
{
	container_free(s->container);
	s->container = NULL;
}

static int next_run(struct session_file *s)
{
	uint64_t where;
	int64_t chunk;
	int r;

	s->run_pos = s->run_len = 0;
	r = container_next(s->container, &s->run, &s->run_len, &s->run_off, &where);
	if (r >= 0)
		return r;
	chunk = container_packed(s->container) ? container_given(s->container) :
	    (int64_t)s->chain.chunk;
	return find_container(s, r, chunk, where);
}

/* At the end of a purged file: is it as long as its seals say?  Behind the last one
 * of a session that was cut more may have been. */
static int check_length(struct session_file *s)
{
	const struct chain *c = &s->chain;

	if (!s->purged || s->was.length == c->offset || (!c->ended && s->was.length > c->offset))
		return 0;
	return find_container(s, E_TOTALS, -1, s->run_off);
}

int session_file_next(struct session_file *s, const uint8_t *host_pk, struct frame *f,
    struct event *e)
{
	struct frame next;
	const uint8_t *raw;
	int n, r;

	if (s->finding.code != 0)
		return s->finding.code;
	if (s->run_pos == s->run_len && (r = next_run(s)) <= 0)
		return r < 0 ? r : check_length(s);
	raw = s->run + s->run_pos;
	if (s->chain.ended)
		return find_here(s, E_END);
	n = frame_parse(raw, s->run_len - s->run_pos, &next);
	if (n == E_SHORT) {
		find_here(s, E_SHORT);
		s->finding.kind = "torn";
		snprintf(s->finding.text, sizeof(s->finding.text),
		    "the file ends inside a frame");
		return E_SHORT;
	}
	r = n < 0 ? n : chain_frame(&s->chain, &next, raw, host_pk, e);
	if (r != 0)
		return find_here(s, r);
	s->frame_off = here(s);
	s->run_pos += (size_t)n;
	*f = next;
	return 1;
}

void session_file_mark(const struct session_file *s, struct session_mark *m)
{
	m->chain = s->chain;
	m->at = container_tell(s->container);
	if (!container_packed(s->container))
		m->at.off -= s->run_len - s->run_pos;
}

void session_file_seek(struct session_file *s, const struct session_mark *m)
{
	s->chain = m->chain;
	s->run_len = s->run_pos = 0;
	memset(&s->finding, 0, sizeof(s->finding));
	container_seek(s->container, &m->at);
}

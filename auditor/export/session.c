/* SPDX-License-Identifier: ISC */
#include "export/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"

#define COPY 65536
#define TORN_LOOKS 5          /* at a live file that seems torn: it is being written */
#define TORN_WAIT_NS 50000000 /* between them */
#define ENOUGH 1              /* what was judged is given */

struct limited {
	shown_fn *take;
	void *arg;
	uint64_t frames; /* the first so many were judged */
};

static int take_limited(void *arg, const struct shown_event *x)
{
	struct limited *l = arg;

	return x->frame < l->frames ? l->take(l->arg, x) : ENOUGH;
}

/* A session that goes on has grown; any other is what it was, or there was no verdict. */
static int each(void *ctx, shown_fn *take, void *arg)
{
	struct export_session *x = ctx;
	const struct verdict *was = &x->source.verdict;
	struct limited l = { .take = take, .arg = arg, .frames = was->shown_frames };
	struct verdict *v = malloc(sizeof *v);
	int r = v == NULL ? -ENOMEM :
	    shown_file(x->fd, &x->source.entry, &x->how, take_limited, &l, v);

	if (r == 0 && (v->shown_frames < was->shown_frames ||
	    (was->status != STATUS_LIVE && v->status != was->status)))
		r = -ESTALE;
	free(v);
	return r == ENOUGH && was->status == STATUS_LIVE ? 0 : r;
}

static int judge_it(struct export_session *x)
{
	static const struct timespec wait = { .tv_nsec = TORN_WAIT_NS };
	struct verdict *v = &x->source.verdict;
	int looks = 0, r;

	while ((r = judge_whole(x->fd, &x->source.entry, &x->how, v)) == 0 &&
	    v->status == STATUS_TORN && x->source.entry.name.state == SESSION_LIVE &&
	    ++looks < TORN_LOOKS)
		nanosleep(&wait, NULL);
	return r;
}

/* Of a session that goes on: as far as it was judged. */
static int digest(struct export_session *x)
{
	const struct verdict *v = &x->source.verdict;
	uint64_t limit = v->status == STATUS_LIVE ? v->chain.offset : UINT64_MAX, at = 0;
	uint8_t buf[COPY];
	struct hash h;
	ssize_t n;

	hash_begin(&h);
	while (at < limit) {
		n = io_pread_all(x->fd, buf, limit - at < COPY ? (size_t)(limit - at) : COPY, at);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		hash_add(&h, buf, (size_t)n, NULL, 0);
		at += (uint64_t)n;
	}
	hash_get(&h, x->source.digest);
	x->source.digest_bytes = at;
	return 0;
}

static void name_key(struct export_source *s, const struct auditor *a)
{
	struct note_key k;

	if (a->have_key && note_key_make(&k, a->key.name, NOTE_ED25519, a->key.pk) == 0)
		snprintf(s->key, sizeof s->key, "%s+%08x", k.name, k.id);
}

static void ask_ledger(struct export_session *x, const struct auditor *a)
{
	struct verify *l = &x->ledger;

	x->how = (struct judge_how){ .host_pk = auditor_pk(a), .keys = &a->keys };
	l->host_pk = auditor_pk(a);
	if (l->host_pk == NULL || verify_begin(l, &a->store, 0) != 0)
		return;
	if (evidence_expect(&l->evidence, x->source.entry.name.n, &x->expect))
		x->how.expect = &x->expect;
}

static void grade(struct export_session *x, const struct store_session *e)
{
	struct verdict *v = &x->source.verdict;
	struct grade g = { .why = NULL };

	if (x->ledger.have_evidence)
		verify_grade(&x->ledger, e, x->how.expect, v, &g);
	if (v->level >= 0 && v->level < VERIFY_LEVELS - 1)
		x->source.level_why = g.why;
	x->finding = !verdict_good(v) && !(g.purged != NULL && v->status == STATUS_PURGED);
}

int export_session_open(struct export_session *x, const struct auditor *a,
    struct store_session *e)
{
	int r;

	x->fd = store_open_session(&a->store, e);
	x->source.entry = *e;
	x->source.each = each;
	x->source.ctx = x;
	name_key(&x->source, a);
	ask_ledger(x, a);
	if (x->ledger.cannot)
		return AUDIT_CANNOT;
	r = x->fd < 0 ? x->fd : judge_it(x);
	if (r == 0)
		r = digest(x);
	if (r == 0) {
		grade(x, e);
		r = export_facts_read(&x->source);
	}
	if (r == 0)
		return AUDIT_OK;
	complain("session %llu: %s", (unsigned long long)e->name.n, r == -ESTALE ?
	    "it was changed while it was read; try again" : err_text(r));
	return AUDIT_CANNOT;
}

void export_session_close(struct export_session *x)
{
	if (x->fd >= 0)
		close(x->fd);
	x->fd = -1;
	if (x->ledger.have_evidence)
		evidence_release(&x->ledger.evidence);
}
